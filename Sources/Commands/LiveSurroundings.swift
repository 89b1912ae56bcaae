import FluxModel
import FoundationEssentials
import Text

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Surroundings {
  /// The process's own streams, environment and clock, and real clusters.
  package static func live(for tool: (some Tool).Type) -> Surroundings {
    let environment = ProcessInfo.processInfo.environment
    let errors = OutputStream(capacity: 0) { try writeAll($0, to: STDERR_FILENO) }
    let userAgent = "\(tool.executable)/\(BuildInfo.version) (linux/\(architecture))"
    var surroundings = Surroundings(
      output: OutputStream(capacity: 1 << 16) { try writeAll($0, to: STDOUT_FILENO) },
      errors: errors,
      readInput: { try readAll(from: STDIN_FILENO) },
      environment: environment,
      now: { Timestamp(seconds: Int64(time(nil))) },
      terminal: Terminal(
        outputIsTerminal: isatty(STDOUT_FILENO) == 1,
        errorsAreTerminal: isatty(STDERR_FILENO) == 1,
        columns: terminalColumns()),
      connect: { request in
        try LiveConnection(environment: environment, errors: errors, userAgent: userAgent)
          .open(request)
      },
      end: { SignalCleaning.end(with: $0) })
    surroundings.nanoseconds = {
      let moment = Date().timeIntervalSince1970
      return Int((moment - moment.rounded(.down)) * 1e9)
    }
    surroundings.interruptNote = { Signals.setLastWords($0) }
    surroundings.removeOnSignal = { SignalCleaning.start(for: $0) }
    return surroundings
  }

  /// As Go names it, because servers' logs are read with that in mind.
  private static var architecture: String {
    #if arch(x86_64)
      "amd64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }

  private static func terminalColumns() -> Int {
    var size = winsize()
    for descriptor in [STDOUT_FILENO, STDERR_FILENO]
    where ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 {
      return Int(size.ws_col)
    }
    return 80
  }
}

private func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws {
  try bytes.withUnsafeBytes { buffer in
    var rest = buffer[...]
    while !rest.isEmpty {
      let written = write(
        descriptor,
        UnsafeRawBufferPointer(rebasing: rest).baseAddress,
        rest.count
      )
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno == EPIPE {
        throw OutputClosed()
      } else if errno == EAGAIN {
        // Somebody made the stream non-blocking: wait until it takes more.
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&entry, 1, -1)
      } else if errno != EINTR {
        throw StreamError(action: "write output", code: errno)
      }
    }
  }
}

private func readAll(from descriptor: Int32) throws -> [UInt8] {
  var result: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    if count > 0 {
      result += chunk[..<count]
    } else if count == 0 {
      return result
    } else if errno != EINTR {
      throw StreamError(action: "read standard input", code: errno)
    }
  }
}

/// A standard stream that cannot be read or written.
struct StreamError: Error, CustomStringConvertible {
  let action: String
  let code: Int32

  var description: String {
    "cannot \(action): \(String(cString: strerror(code)))"
  }
}
