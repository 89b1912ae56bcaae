import KubeAPI

/// One thing that a check found out.
package struct CheckFinding: Sendable, Hashable {
  package enum Level: String, Sendable, Hashable, CaseIterable {
    case ok
    /// A snapshot does not tell.
    case unknown
    /// Works, and could be better.
    case advice
    /// Could not be looked at, or may be wrong.
    case warning
    /// Does not work.
    case broken
  }

  package let level: Level
  /// A word for programs, such as `feature-gate`; stable.
  package let check: String
  package let what: String
  /// The object or address that it is about.
  package let place: String
  /// Why it matters; empty for what is well.
  package let why: String
  /// How to mend it; empty for what is well.
  package let mend: String

  package init(
    _ level: Level, _ check: String, _ what: String, at place: String, why: String = "",
    mend: String = ""
  ) {
    self.level = level
    self.check = check
    self.what = what
    self.place = place
    self.why = why
    self.mend = mend
  }

  /// Something that could not be looked at.
  ///
  /// - Parameters:
  ///   - what: What to say of it before the reason.
  ///   - mend: How to be allowed to look; a snapshot stays as it is.
  init(
    unread error: any Error, _ check: String, _ what: String, at place: String, why: String,
    mend: String
  ) {
    if (error as? APIError)?.kind == .notCaptured {
      self.init(.unknown, check, "\(error)", at: place)
    } else {
      self.init(.warning, check, "\(what): \(error)", at: place, why: why, mend: mend)
    }
  }
}
