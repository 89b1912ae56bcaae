import KubeAPI

/// One result of a check.
package struct CheckFinding: Sendable, Hashable {
  package enum Severity: String, Sendable, Hashable, CaseIterable {
    /// Nothing to do.
    case ok
    /// A snapshot does not include what the check needs.
    case unknown
    /// Works, but could be better.
    case info
    /// Could not be read, or may be wrong.
    case warning
    /// Does not work.
    case error
  }

  package let severity: Severity
  /// A word for programs, such as `feature-gate`; stable.
  package let check: String
  /// The object or address that it is about.
  package let resource: String
  package let message: String
  /// Why it matters; empty for `ok`.
  package let reason: String
  /// How to fix it; empty for `ok`.
  package let fix: String

  package init(
    _ severity: Severity, _ check: String, _ message: String, at resource: String,
    reason: String = "", fix: String = ""
  ) {
    self.severity = severity
    self.check = check
    self.resource = resource
    self.message = message
    self.reason = reason
    self.fix = fix
  }

  /// Something that could not be read.
  ///
  /// - Parameters:
  ///   - message: The beginning of the message; the error follows it.
  ///   - fix: How to get permission to read it; not used for a snapshot.
  init(
    unread error: any Error, _ check: String, _ message: String, at resource: String,
    reason: String, fix: String
  ) {
    if (error as? APIError)?.kind == .notCaptured {
      self.init(.unknown, check, "\(error)", at: resource)
    } else {
      self.init(
        .warning, check, "\(message): \(error)", at: resource, reason: reason, fix: fix)
    }
  }
}
