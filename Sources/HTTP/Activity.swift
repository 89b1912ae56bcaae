import Synchronization

/// What is being waited for, for the message at the deadline.
package final class Activity: Sendable {
  private struct State {
    var next = 0
    var running: [Int: String] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// Of several things that go on, the one that began first.
  package var text: String? {
    state.withLock { state in state.running.min { $0.key < $1.key }?.value }
  }

  /// - Parameter text: Goes on a sentence: `reading standard input`.
  package func during<Result, Failure: Error>(
    _ text: String, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let number = begin(text)
    defer { end(number) }
    return try body()
  }

  package func during<Result, Failure: Error>(
    _ text: String, _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    let number = begin(text)
    defer { end(number) }
    return try await body()
  }

  /// Something in progress until its mark is released.
  package final class Mark: Sendable {
    private let activity: Activity
    private let number: Int

    fileprivate init(_ activity: Activity, _ text: String) {
      self.activity = activity
      number = activity.begin(text)
    }

    deinit { activity.end(number) }
  }

  package func mark(_ text: String) -> Mark { Mark(self, text) }

  private func begin(_ text: String) -> Int {
    state.withLock { state in
      state.next += 1
      state.running[state.next] = text
      return state.next
    }
  }

  private func end(_ number: Int) {
    state.withLock { _ = $0.running.removeValue(forKey: number) }
  }
}
