import Synchronization

/// What the watches of one client have said of the connections that they lost.
///
/// A server that goes away ends all of them at once, and each tries again and again: that is said
/// once.
final class Outages: Sendable {
  /// When something of a kind failed the last time.
  private let last = Mutex<[String: ContinuousClock.Instant]>([:])

  /// Notes a failure.
  ///
  /// - Parameters:
  ///   - kind: what fails: all connections do so together, refusals for one resource.
  ///   - wider: of what else this may be a part: a server that starts again refuses for a while.
  ///   - working: when the watch last worked; nil for never.
  /// - Returns: whether no failure of this kind has occurred since then.
  func isNew(
    _ kind: String, within wider: String, since working: ContinuousClock.Instant?
  ) -> Bool {
    last.withLock { last in
      let before = [last[kind], last[wider]]
      last[kind] = .now
      return before.allSatisfy { before in
        guard let before else { return true }
        return working.map { $0 > before } ?? false
      }
    }
  }
}
