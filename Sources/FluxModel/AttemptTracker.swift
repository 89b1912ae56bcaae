package import Document
import Objects

/// How a requested reconciliation stands.
package enum AttemptState: Sendable, Hashable {
  /// Not ended; the text says what is going on.
  case pending(String)
  /// Ended well. `changed` is false when the controller found nothing to do.
  case succeeded(message: String, changed: Bool)
  /// Ended badly, or will never end.
  case failed(ActReason, message: String)
  /// The controller has answered and left the object at Ready=Unknown. This is final if its sources
  /// are those it was built from: then source-watcher sees no drift and never looks again.
  case unknown(String)
}

/// Follows one requested reconciliation from the object's states alone.
///
/// Flux's controllers copy the annotation `reconcile.fluxcd.io/requestedAt` to
/// `status.lastHandledReconcileAt` when an attempt *ends*, also when it failed (source-watcher
/// `summarizeStatus`; `finalizeStatus` and its like elsewhere). So the verdict is that of the Ready
/// condition in the first state that carries our request, or a later one: somebody else's newer
/// request replaces ours in the annotation.
package struct AttemptTracker: Sendable {
  package static let annotation = "reconcile.fluxcd.io/requestedAt"
  /// Seconds after which source-watcher ends an attempt (its `--reconciliation-timeout`): nothing
  /// is in progress for longer.
  package static let longest: Int64 = 600

  private let kind: FluxKind?
  private let uid: String?
  private let readyBefore: Condition?
  private let outputBefore: [Value?]
  private let tokenBefore: String?
  /// Our request and those that replaced it since.
  private var tokens: Set<String>
  private var sawProgress = false

  /// - Parameters:
  ///   - before: The very version of the object that the request was written to: a request in a
  ///     later version that is neither in this one nor ours is newer than ours.
  ///   - baseline: What a change is measured against, if that is an earlier version: when the
  ///     source was reconciled first, the generator may have followed it before our request reached
  ///     it.
  ///   - token: What we wrote into the annotation.
  package init(kind: FluxKind?, before: Value, baseline: Value? = nil, token: String) {
    self.kind = kind
    uid = before.uid
    readyBefore = Conditions(of: baseline ?? before).ready
    outputBefore = Self.output(baseline ?? before)
    tokenBefore = before.annotations[Self.annotation]
    tokens = [token]
  }

  /// Takes the next state of the object.
  package mutating func observe(_ object: Value) -> AttemptState {
    if let uid, let now = object.uid, uid != now {
      return .failed(.replaced, message: "was deleted and recreated while waiting")
    }
    if object.deletionTimestamp != nil {
      return .failed(.deleted, message: "is being deleted")
    }
    let conditions = Conditions(of: object)
    if let now = object.annotations[Self.annotation], now != tokenBefore { tokens.insert(now) }
    if conditions.ready?.status == .unknown { sawProgress = true }
    if Suspension.isSuspended(object, kind: kind) {
      // A suspended generator reports the request as handled all the same.
      return .failed(.suspended, message: "was suspended while waiting")
    }
    guard let handled = object["status", "lastHandledReconcileAt"]?.string, tokens.contains(handled)
    else {
      return .pending(progress(conditions))
    }
    guard let ready = conditions.ready else {
      return .pending("handled, but Ready is not set yet")
    }
    switch ready.status {
    case .no where ready.isTransient: return .pending(ready.message)
    case .no: return .failed(.reported(ready.reason), message: ready.message)
    case .unknown:
      // An attempt for a newer request is under way, or nothing is.
      let answered = object.annotations[Self.annotation].map { $0 == handled } ?? true
      return answered ? .unknown(ready.message) : .pending(ready.message)
    case .yes:
      if let seen = ready.observedGeneration, let now = object.generation, seen < now {
        return .pending("Ready is for generation \(seen), but the object is at generation \(now)")
      }
      let changed = sawProgress || ready != readyBefore || Self.output(object) != outputBefore
      return .succeeded(message: ready.message, changed: changed)
    }
  }

  private func progress(_ conditions: Conditions) -> String {
    if let reconciling = conditions.reconciling, reconciling.status == .yes,
      !reconciling.message.isEmpty
    {
      return reconciling.message
    }
    return "the controller has not responded yet"
  }

  /// What the object contains: to recognise an attempt that changed something.
  private static func output(_ object: Value) -> [Value?] {
    ["inventory", "artifact", "lastAppliedRevision", "lastAttemptedRevision"].map {
      object["status", $0]
    }
  }
}
