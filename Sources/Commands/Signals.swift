#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How the process takes signals.
enum Signals {
  /// The status that a shell reports for a process that SIGINT ended.
  private static let interrupted: Int32 = 130

  /// Call once, before anything is written.
  static func prepare() {
    // A closed pipe then is an error of `write`, which we tell from others.
    signal(SIGPIPE, SIG_IGN)
    // Nothing that we do must be finished, and nothing may delay the end: no unwinding, no flushing.
    signal(SIGINT) { _ in _exit(Signals.interrupted) }
  }
}
