package import Document
import Objects
package import Text

/// What a Flux object reports about itself, in the order in which its controller evaluates it.
///
/// The rules are those of Flux's runtime for every kind: an object that is being deleted is only
/// that, and a suspended one is left alone; a condition speaks of the generation that it names, so
/// that one of an earlier generation says nothing of the spec that is there (`kstatus`, which `flux`
/// waits with: an object whose generation has not been observed is in progress).
package enum ObjectHealth: Sendable, Hashable {
  case deleting(since: Timestamp?)
  /// - Parameter ready: The condition from before the suspension.
  case suspended(SuspensionRecord, ready: Condition?)
  case stalled(Condition)
  case failing(Condition)
  /// Ready is Unknown, or a reconciliation is in progress.
  case working(Condition)
  /// No controller has looked at it yet.
  case neverObserved(created: Timestamp?)
  /// Its spec has changed, and no controller has looked at it since.
  case changed
  case ready(Condition)

  package init(of object: Value, kind: FluxKind?) {
    let conditions = Conditions(of: object)
    if object.deletionTimestamp != nil {
      self = .deleting(
        since: object.deletionTimestamp.flatMap(Timestamp.init(rfc3339:)))
    } else if Suspension.isSuspended(object, kind: kind) {
      self = .suspended(SuspensionRecord(of: object), ready: conditions.ready)
    } else if let stalled = conditions.stalled, stalled.status == .yes,
      stalled.isCurrent(of: object)
    {
      self = .stalled(stalled)
    } else if let ready = conditions.ready {
      let reconciling = conditions.reconciling.flatMap { $0.status == .yes ? $0 : nil }
      switch ready.status {
      case .unknown: self = .working(ready)
      case _ where !ready.isCurrent(of: object): self = .changed
      case .no: self = .failing(ready)
      case .yes: self = reconciling.map(Self.working) ?? .ready(ready)
      }
    } else if kind == .helmRepository, object["spec", "type"]?.string == "oci" {
      // One of the type oci has no status at all: nothing is fetched for it (source-controller).
      self = .ready(Condition(type: "Ready", status: .yes))
    } else if let reconciling = conditions.reconciling, reconciling.status == .yes {
      self = .working(reconciling)
    } else {
      self = .neverObserved(
        created: object.creationTimestamp.flatMap(Timestamp.init(rfc3339:)))
    }
  }

  /// Since when, as the condition says that it comes from; nil for what has none.
  var since: Timestamp? {
    switch self {
    case .deleting(let since): since
    case .stalled(let condition), .failing(let condition), .working(let condition):
      condition.lastTransition
    case .neverObserved(let created): created
    case .suspended, .changed, .ready: nil
    }
  }

  package var isSuspended: Bool {
    if case .suspended = self { true } else { false }
  }
}
