package import Document
import FluxModel
package import Objects

/// One object to reconcile, and what has to come before it.
package struct ReconcileNode: Sendable {
  package var target: ActTarget
  /// Objects of the same plan that have to end first.
  package var after: [ObjectID]
  /// Whether they also have to end well.
  package var needsSuccess = true
  /// Whether to make the controller act even where it sees nothing to do.
  package var force: Bool
  /// What the request consists of, for a version of the object.
  ///
  /// It throws where nothing must be requested.
  package var request: @Sendable (Value, _ token: String) throws -> Value

  package var reference: ObjectID { target.reference }

  package init(
    _ target: ActTarget, after: [ObjectID] = [], force: Bool = false,
    request: (@Sendable (Value, String) throws -> Value)? = nil
  ) {
    self.target = target
    self.after = after
    self.force = force
    let kind = target.kind
    let reference = target.reference
    self.request =
      request ?? { object, token in
        guard !Suspension.isSuspended(object, kind: kind) else {
          throw OperationError(.precondition, "\(reference) was suspended meanwhile")
        }
        return Self.annotations(
          token, forced: force && (kind == .helmRelease || kind == .fluxInstance))
      }
  }

  /// helm-controller and the Flux Operator take a forced attempt from an annotation of its own,
  /// which has to equal the request.
  static func annotations(_ token: String, forced: Bool) -> Value {
    var annotations: Value = [:]
    annotations = MergePatch.apply(
      .object([AttemptTracker.annotation: .string(token)]), to: annotations)
    if forced {
      annotations = MergePatch.apply(
        .object(["reconcile.fluxcd.io/forceAt": .string(token)]), to: annotations)
    }
    return ["metadata": ["annotations": annotations]]
  }
}
