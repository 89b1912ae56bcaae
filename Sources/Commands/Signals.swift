import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How the process takes signals.
enum Signals {
  /// The status that a shell reports for a process that SIGINT ended.
  static let interrupted: Int32 = 130
  /// The address of a C string that the handler writes; 0 for none.
  ///
  /// A handler may neither allocate nor lock. Each text is a new string, and the old one is never
  /// freed: the handler may be reading it. A command sets a handful of them.
  private static let lastWords = Atomic<UInt>(0)

  /// Call once, before anything is written.
  static func prepare() {
    // A closed pipe then is an error of `write`, which we tell from others. A handler instead of
    // SIG_IGN, which credential plugins would inherit: they find the signal as they expect it.
    signal(SIGPIPE) { _ in }
    // Makes sure that the handler is not the first to touch it.
    setLastWords("")
    SignalCleaning.prepare()
    // Nothing that we do must be finished, and nothing may delay the end: no unwinding, no
    // flushing. Unfinished files are the one exception.
    signal(SIGINT) { number in
      if SignalCleaning.take(number) {
        return
      }
      if let text = UnsafePointer<CChar>(bitPattern: Signals.lastWords.load(ordering: .acquiring)) {
        _ = write(STDERR_FILENO, text, strlen(text))
      }
      _exit(Signals.interrupted)
    }
  }

  /// What to say on SIGINT.
  static func setLastWords(_ text: String) {
    let copy = text.isEmpty ? 0 : UInt(bitPattern: strdup(text))
    lastWords.store(copy, ordering: .releasing)
  }
}
