#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The three descriptors that every program takes for granted.
enum StandardDescriptors {
  /// Opens those that whoever started us has closed, as Go does: otherwise the next file or connection
  /// gets the number of standard output, and our output with it.
  static func fill() {
    for descriptor in STDIN_FILENO...STDERR_FILENO
    where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest number that is free, so this one.
      _ = open("/dev/null", O_RDWR)
    }
  }
}
