import Synchronization
import SystemPackage

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// How the process takes signals.
///
/// A signal ends it at once, wherever it is: nothing that we do must be finished, and nothing may
/// delay the end. Unfinished files and children are the exception (``LastDuties``).
package enum Signals {
  /// The address of a C string that the handler writes; 0 for none.
  ///
  /// A handler may neither allocate nor lock. Each text is a new string, and the old one is never
  /// freed: the handler may be reading it. A command sets a handful of them.
  private static let lastWords = Atomic<UInt>(0)

  /// Call once, before anything is written.
  package static func prepare() {
    // A closed pipe then is an error of `write`, which we tell from others. A handler instead of
    // SIG_IGN, which children would inherit: they find the signal as they expect it.
    signal(SIGPIPE) { _ in }
    // Makes sure that no handler is the first to touch what it reads.
    setLastWords("")
    LastDuties.prepare()
    signal(SIGINT) { number in
      if !LastDuties.take(number) { Signals.end(by: number) }
    }
  }

  /// What to say on SIGINT.
  package static func setLastWords(_ text: String) {
    let copy = text.isEmpty ? 0 : UInt(bitPattern: strdup(text))
    lastWords.store(copy, ordering: .releasing)
  }

  /// Ends the process: after SIGINT with the status that a shell would report, else by the signal.
  static func end(by number: Int32) {
    if number != SIGINT {
      signal(number, SIG_DFL)
      kill(getpid(), number)
      // Blocked while its handler runs: it comes when that returns.
      return
    }
    if let text = UnsafePointer<CChar>(bitPattern: lastWords.load(ordering: .acquiring)) {
      _ = write(STDERR_FILENO, text, strlen(text))
    }
    _exit(128 + SIGINT)
  }
}

/// What is done before a signal ends the process: children are ended, unfinished files removed.
///
/// A handler may do neither, because it may neither allocate nor lock: it wakes a thread that does.
package enum LastDuties {
  /// Does something, and calls its argument, which ends the process.
  package typealias Duty = @Sendable (_ end: () -> Void) -> Void

  private struct State {
    /// The way to the thread, which has nothing to do before there is one.
    var pipe: Pipe?
    var duties: [Duty] = []
    /// Before all others: what still writes is ended before what it wrote is removed.
    var first: Duty?
  }

  private static let state = Mutex(State())
  /// What the handler writes to; -1 while there is nothing to do.
  private static let wake = Atomic<Int32>(-1)
  /// In the place of a descriptor, once it is being done.
  private static let isUnderWay: Int32 = -2
  /// The signal that ends the process.
  private static let ending = Atomic<Int32>(0)
  /// The longest time until a signal takes effect.
  private static let limitInMicroseconds: UInt32 = 150_000

  static func prepare() {
    wake.store(-1, ordering: .releasing)
    ending.store(0, ordering: .releasing)
  }

  /// From now on, SIGINT, SIGTERM, SIGHUP and SIGQUIT do this first; where that is not possible, they end the
  /// process as they did.
  package static func add(_ duty: @escaping Duty) {
    change { $0.duties.append(duty) }
  }

  /// As ``add(_:)``, for the one duty that comes before all others.
  static func addFirst(_ duty: @escaping Duty) {
    change { $0.first = duty }
  }

  private static func change(_ list: (inout State) -> Void) {
    state.withLock { state in
      list(&state)
      guard state.pipe == nil, let pipe = try? Pipe(), let reading = pipe.reading?.rawValue,
        let writing = pipe.writing?.rawValue, startThread({ waitForSignal(on: reading) }) == 0
      else { return }
      state.pipe = pipe
      wake.store(writing, ordering: .releasing)
      signal(SIGALRM) { _ in LastDuties.end() }
      for number in [SIGTERM, SIGHUP, SIGQUIT] {
        let before = signal(number) { number in
          if !LastDuties.take(number) { Signals.end(by: number) }
        }
        // `nohup` stays what it is.
        if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
          signal(number, SIG_IGN)
        }
      }
    }
  }

  private static func waitForSignal(on descriptor: Int32) {
    var byte: UInt8 = 0
    while read(descriptor, &byte, 1) < 0, errno == EINTR {}
    ualarm(limitInMicroseconds, 0)
    perform { end() }
  }

  /// Ends the process with a status, after what has to be done first.
  package static func end(status: Int32) -> Never {
    _ = startThread { perform { _exit(status) } }
    usleep(limitInMicroseconds)
    _exit(status)
  }

  /// Each calls the next: all locks are held at the end.
  private static func perform(then end: @escaping () -> Void) {
    var all = end
    for duty in state.withLock({ $0.duties + [$0.first].compactMap(\.self) }) {
      let next = all
      all = { duty(next) }
    }
    all()
  }

  /// Leaves a signal to the thread; called by handlers.
  ///
  /// A further signal changes nothing: the end has its limit, and `timeout` sends one to the process and
  /// one to its group.
  ///
  /// - Returns: false where the process has to end at once, because there is nothing to do.
  static func take(_ number: Int32) -> Bool {
    var descriptor = wake.load(ordering: .acquiring)
    while descriptor >= 0 {
      let (isOurs, found) = wake.compareExchange(
        expected: descriptor, desired: isUnderWay, ordering: .acquiringAndReleasing)
      if isOurs {
        ending.store(number, ordering: .releasing)
        var byte: UInt8 = 0
        return write(descriptor, &byte, 1) == 1
      }
      descriptor = found
    }
    return descriptor == isUnderWay
  }

  private static func end() {
    Signals.end(by: ending.load(ordering: .acquiring))
  }
}
