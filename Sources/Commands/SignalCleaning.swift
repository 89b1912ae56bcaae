import Dispatch
import Operations
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Removes unfinished files when a signal ends the process.
///
/// A handler may not do it, because it may neither allocate nor lock: it wakes a thread that does.
enum SignalCleaning {
  /// What the handler writes to; -1 while nothing is to be removed, and once it is being removed.
  private static let wake = Atomic<Int32>(-1)
  /// The signal that ends the process.
  private static let ending = Atomic<Int32>(0)
  /// What is removed when a deadline ends the process.
  private static let files = Mutex<UnfinishedFiles?>(nil)
  /// Nobody waits longer for a signal to have its effect.
  private static let limitInMicroseconds: UInt32 = 150_000

  private final class Waiting: Sendable {
    let files: UnfinishedFiles
    let descriptor: Int32

    init(_ files: UnfinishedFiles, on descriptor: Int32) {
      self.files = files
      self.descriptor = descriptor
    }

    func run() {
      var byte: UInt8 = 0
      while read(descriptor, &byte, 1) < 0, errno == EINTR {}
      ualarm(SignalCleaning.limitInMicroseconds, 0)
      files.removeAll { SignalCleaning.end() }
    }
  }

  /// Makes sure that no handler is the first to touch what it reads.
  static func prepare() {
    wake.store(-1, ordering: .releasing)
    ending.store(0, ordering: .releasing)
  }

  /// From now on, SIGINT, SIGTERM and SIGHUP remove these files first; where that is not possible,
  /// they end the process as they did.
  static func start(for files: UnfinishedFiles) {
    Self.files.withLock { $0 = files }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    let context = Unmanaged.passRetained(Waiting(files, on: ends[0]))
    var thread = pthread_t()
    let code = pthread_create(
      &thread,
      nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Waiting>.fromOpaque(context).takeRetainedValue().run()
        return nil
      },
      context.toOpaque()
    )
    guard code == 0 else {
      context.release()
      return
    }
    wake.store(ends[1], ordering: .releasing)
    signal(SIGALRM) { _ in SignalCleaning.end() }
    for number in [SIGTERM, SIGHUP] {
      let before = signal(number) { number in
        if !SignalCleaning.take(number) {
          SignalCleaning.end(by: number)
        }
      }
      // `nohup` stays what it is.
      if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
  }

  /// Leaves a signal to the thread; called by handlers.
  ///
  /// - Returns: false where the process has to end at once: nothing is to be removed, or this is the
  ///   second signal.
  static func take(_ number: Int32) -> Bool {
    let descriptor = wake.exchange(-1, ordering: .acquiringAndReleasing)
    guard descriptor >= 0 else { return false }
    ending.store(number, ordering: .releasing)
    var byte: UInt8 = 0
    return write(descriptor, &byte, 1) == 1
  }

  /// Removes the files, as far as that goes quickly, and ends the process with a status.
  static func end(with status: Int32) {
    if let files = files.withLock({ $0 }) {
      let done = DispatchSemaphore(value: 0)
      DispatchQueue(label: "cleaning").async { files.removeAll { done.signal() } }
      _ = done.wait(timeout: .now() + .microseconds(Int(limitInMicroseconds)))
    }
    _exit(status)
  }

  private static func end() {
    end(by: ending.load(ordering: .acquiring))
  }

  /// Ends the process: after SIGINT with the status that a shell would report, else by the signal.
  private static func end(by number: Int32) {
    if number != SIGINT {
      signal(number, SIG_DFL)
      kill(getpid(), number)
      // Blocked while its handler runs: it comes when that returns.
      return
    }
    _exit(Signals.interrupted)
  }
}
