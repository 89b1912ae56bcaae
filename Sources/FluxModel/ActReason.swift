/// Why an action on an object ended as it did.
package enum ActReason: Sendable, Hashable {
  /// The reason of the Ready condition.
  case reported(String)
  case deleted
  /// Deleted and made anew.
  case replaced
  case suspended
  /// Another user has suspended it for a reason.
  case heldByOther
  case stuck
  case notRequested
  case notWritten
  /// The server took the change and dropped it.
  case notKept
  case watchFailed
  case timeout
  /// Not so at the only look.
  case notMet

  /// The word for programs.
  package var word: String {
    switch self {
    case .reported(let reason): reason
    case .deleted: "Deleted"
    case .replaced: "Replaced"
    case .suspended: "Suspended"
    case .heldByOther: "SuspendedByOther"
    case .stuck: "Stuck"
    case .notRequested: "NotRequested"
    case .notWritten: "NotWritten"
    case .notKept: "NotKept"
    case .watchFailed: "WatchFailed"
    case .timeout: "Timeout"
    case .notMet: "NotMet"
    }
  }
}
