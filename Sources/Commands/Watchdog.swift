import Dispatch
import Operations
import Synchronization

/// Ends the process soon after the time of a command is over, whatever keeps the command.
///
/// A command ends at its deadline by itself or because it is cancelled. This is for one that does
/// not hear it: it may wait for a disk or a pipe, and on all of Swift's threads at once. So nothing
/// here is a task, and no stream is waited for.
final class Watchdog: Sendable {
  /// For each stream that may be blocked.
  private static let patience = DispatchTimeInterval.milliseconds(100)

  private let isStopped = Atomic(false)
  private let hasSpoken = Atomic(false)

  /// - Parameters:
  ///   - failure: Says what went on, and the status to end with.
  init(
    _ deadline: Deadline, in surroundings: Surroundings, failure: @escaping @Sendable () -> Failure
  ) {
    let (seconds, attoseconds) = (deadline.left + surroundings.grace).components
    let delay = Double(seconds) + Double(attoseconds) / 1e18
    // A serial queue has a thread of its own when it needs one.
    DispatchQueue(label: "watchdog").asyncAfter(deadline: .now() + delay) { [weak self] in
      guard let self, !isStopped.load(ordering: .acquiring) else { return }
      let failure = failure()
      if takesTheWord() {
        Self.briefly { try? surroundings.output.flush() }
        Self.briefly { for message in failure.messages { surroundings.note(message) } }
      }
      surroundings.end(failure.status)
    }
  }

  /// Whoever asks first says why the command failed.
  func takesTheWord() -> Bool {
    !hasSpoken.exchange(true, ordering: .acquiringAndReleasing)
  }

  func stop() {
    isStopped.store(true, ordering: .releasing)
  }

  private static func briefly(_ body: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    DispatchQueue(label: "last words").async {
      body()
      done.signal()
    }
    _ = done.wait(timeout: .now() + patience)
  }
}
