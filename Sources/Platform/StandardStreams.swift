package import SystemPackage

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The three streams that every program takes for granted.
package enum StandardStreams {
  /// Opens those that our parent process has closed, as Go does: otherwise the next file or
  /// connection gets the number of standard output, and our output with it.
  ///
  /// Go writes to `/dev/null` then, and kubectl ends well; with us, that is an error.
  package static func fill() {
    for descriptor in STDIN_FILENO...STDERR_FILENO
    where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest number that is free, so this one.
      _ = open("/dev/null", descriptor == STDOUT_FILENO ? O_RDONLY : O_RDWR)
    }
  }

  /// Turns standard error away for good, also that of children.
  package static func silenceErrors() {
    guard let nowhere = try? Disk.open("/dev/null", .writeOnly) else { return }
    dup2(nowhere.rawValue, STDERR_FILENO)
    try? nowhere.close()
  }

  package static func isTerminal(_ stream: FileDescriptor) -> Bool {
    isatty(stream.rawValue) == 1
  }

  /// The width of the terminal; 80 without one.
  package static var columns: Int {
    var size = winsize()
    for descriptor in [STDOUT_FILENO, STDERR_FILENO]
    where ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 {
      return Int(size.ws_col)
    }
    return 80
  }

  /// Writes all bytes, also if the stream was made non-blocking.
  ///
  /// - Throws: EPIPE when the reader is gone.
  package static func write(_ bytes: [UInt8], to stream: FileDescriptor) throws(Errno) {
    var rest = bytes[...]
    while !rest.isEmpty {
      do throws(Errno) {
        let written = try errnoOf { try rest.withUnsafeBytes { try stream.write($0) } }
        rest = rest.dropFirst(written)
      } catch .resourceTemporarilyUnavailable {
        var entry = pollfd(fd: stream.rawValue, events: Int16(POLLOUT), revents: 0)
        _ = poll(&entry, 1, -1)
      }
    }
  }
}
