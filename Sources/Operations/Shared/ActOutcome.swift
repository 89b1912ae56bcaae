package import Document
package import FluxModel
package import Objects

/// How an action on one object ended.
package struct ActOutcome: Sendable {
  /// In the order in which they are counted.
  package enum Result: String, Sendable, Hashable, CaseIterable {
    /// Reconciled, and something changed.
    case reconciled
    /// Reconciled; the controller found nothing to do.
    case unchanged
    /// Requested; the result is not awaited.
    case requested
    case suspended
    case resumed
    /// Was in the wanted state before.
    case already
    /// What was waited for is so.
    case met
    case skipped
    case failed
    /// The controller leaves the object at Ready=Unknown and does not retry.
    case stuck
    case timedOut

    package var isFailure: Bool {
      switch self {
      case .failed, .stuck, .timedOut: true
      default: false
      }
    }
  }

  package let id: ObjectID
  package let resource: ResourceType
  package let result: Result
  package let reason: ActReason?
  package let message: String
  /// The revision that the object has now.
  package let revision: String?
  /// Our request, if one was made.
  package let requestedAt: String?
  /// The record of the suspension in which the object was found; nil if it was not suspended, or
  /// nobody said anything.
  package let suspension: SuspensionRecord?
  /// The record for which it is left suspended.
  package let hold: SuspensionRecord?

  /// - Parameter object: The newest state that is known; nil for the one that the target was read
  ///   in.
  package init(
    _ target: ActTarget, _ result: Result, reason: ActReason? = nil, message: String = "",
    object: Value? = nil, requestedAt: String? = nil, hold: SuspensionRecord? = nil
  ) {
    id = target.id
    resource = target.resource
    self.result = result
    self.reason = reason
    self.message = message
    revision = (object ?? target.object).currentRevision
    self.requestedAt = requestedAt
    self.hold = hold
    let record = target.isSuspended ? SuspensionRecord(of: target.object) : nil
    suspension = record.flatMap { $0.isEmpty ? nil : $0 }
  }
}

extension Value {
  /// The revision of what a Flux object contains: its artifact, or what it applied.
  package var currentRevision: String? {
    self["status", "artifact", "revision"]?.string ?? self["status", "lastAppliedRevision"]?.string
      ?? self["status", "lastAttemptedRevision"]?.string
  }
}
