import Document
package import FluxModel
package import Objects

/// One object to change, and what has to come before it.
package struct ActNode: Sendable {
  package var target: ActTarget
  package var change = ActChange.request(force: false)
  /// Objects of the same plan that have to end first.
  package var after: [ObjectID] = []
  /// Whether they also have to end well.
  package var needsSuccess = true
  /// Everything of a lower stage ends first, too, well or not.
  package var stage = 0
  /// What to say about a request that cannot be followed; else nil.
  package var farewell: String?

  package var id: ObjectID { target.id }
}

/// What is to be written to an object.
package enum ActChange: Sendable, Hashable {
  /// A request for a reconciliation; by force, even if the controller sees nothing to do.
  case request(force: Bool)
  case resume(SuspensionRelease)
  /// - Parameter overwrites: Whether records of others are replaced.
  case suspend(SuspensionForm, SuspensionRecord, overwrites: Bool = false)

  /// The merge patch for a version of the object.
  ///
  /// - Throws: ``OperationError`` where nothing must be written to that version.
  func patch(_ object: Value, _ target: ActTarget, token: String) throws(OperationError) -> Value {
    switch self {
    case .request(let force):
      guard !Suspension.isSuspended(object, kind: target.kind) else {
        throw OperationError(.precondition, "\(target.id) was suspended in the meantime")
      }
      return Self.request(token, forced: force && target.kind.takesForce)
    case .resume(let release):
      if let hold = release.hold(in: SuspensionRecord(of: object)) {
        throw OperationError(.precondition, "\(target.id) was \(hold.history) in the meantime")
      }
      return SuspensionChange.resume(object, kind: target.kind, requestedAt: token)
    case .suspend(let form, let record, let overwrites):
      return SuspensionChange.suspend(
        object, kind: target.kind, form, record, overwrites: overwrites)
    }
  }

  /// helm-controller and the Flux Operator take a forced attempt from an annotation of its own,
  /// which has to equal the request.
  private static func request(_ token: String, forced: Bool) -> Value {
    var annotations: Object = [AttemptTracker.annotation: .string(token)]
    if forced { annotations["reconcile.fluxcd.io/forceAt"] = .string(token) }
    return ["metadata": ["annotations": .object(annotations)]]
  }

  /// Whether the fingerprint of the sources is taken away first: only source-watcher keeps one that
  /// stands in the way of an attempt.
  func clearsFingerprint(of kind: FluxKind?) -> Bool {
    self == .request(force: true) && kind == .artifactGenerator
  }

  /// What is going on while it is written.
  var progress: String {
    if case .suspend = self { "not yet confirmed by the server" } else { "being requested" }
  }

  /// What it is called when it could not be written.
  var refusal: ActReason {
    if case .suspend = self { .notWritten } else { .notRequested }
  }
}

extension FluxKind? {
  fileprivate var takesForce: Bool { self == .helmRelease || self == .fluxInstance }
}
