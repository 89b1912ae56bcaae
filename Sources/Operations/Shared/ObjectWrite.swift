import Document
import FluxModel
import KubeAPI
import Objects

/// Brings one change to an object that others change, too: which requests that takes, as a pure
/// value.
///
/// Every write carries the `resourceVersion` of what it was decided on: if the object has changed
/// since, the server refuses, and the decision is made anew (the steps of client-go's
/// `retry.DefaultBackoff`, with more of them: source-watcher writes its status several times an
/// attempt).
struct ObjectWrite: Sendable {
  enum Step: Sendable {
    case send(ActRequest)
    /// Written, to the version `before`.
    case written(before: Value, after: Value)
    case refused(any Error)
  }

  private enum Phase {
    case reading
    case clearing
    case writing
  }

  /// Attempts to write to one version or the next.
  private static let attempts = 8
  /// How often a fingerprint is taken away before we give in.
  private static let rounds = 5

  let token: String
  private let target: ActTarget
  private let change: ActChange
  private let isDryRun: Bool
  /// As it was last read or written.
  private var object: Value
  private var phase = Phase.reading
  private var conflicts = 0
  private var clearings = 0

  /// - Parameters:
  ///   - target: As it was when the change was planned.
  ///   - object: The newest state of it that is known.
  init(
    _ target: ActTarget, _ change: ActChange, on object: Value, token: String, isDryRun: Bool
  ) {
    self.target = target
    self.change = change
    self.object = object
    self.token = token
    self.isDryRun = isDryRun
  }

  mutating func begin() -> Step {
    if let planned = target.object.uid, object.uid != planned {
      return .refused(
        OperationError(.precondition, "\(target.id) was deleted and recreated in the meantime"))
    }
    // A write to the status triggers nothing, so the request comes second; and it must come on the very
    // version whose fingerprint is gone.
    if change.clearsFingerprint(of: target.kind),
      object["status", "observedSourcesDigest"]?.string != nil
    {
      return clear()
    }
    phase = .writing
    do {
      return patch(try change.patch(object, target, token: token), subresource: nil)
    } catch {
      return .refused(error)
    }
  }

  mutating func take(_ answer: Result<Value, any Error>) -> Step {
    switch (answer, phase) {
    case (.success(let read), .reading):
      object = read
      return begin()
    case (.success(let cleared), .clearing):
      object = cleared
      conflicts = 0
      return begin()
    case (.success(let after), .writing):
      return .written(before: object, after: after)
    case (.failure(let error as APIError), .clearing), (.failure(let error as APIError), .writing):
      guard error.isConflict, conflicts < Self.attempts - 1 else { return .refused(error) }
      phase = .reading
      conflicts += 1
      return .send(request(.get(after: .milliseconds(10 << (conflicts - 1)))))
    case (.failure(let error), _):
      return .refused(error)
    }
  }

  private mutating func clear() -> Step {
    guard clearings < Self.rounds else {
      return .refused(
        OperationError(.precondition, "the controller keeps updating its status; try again"))
    }
    clearings += 1
    phase = .clearing
    return patch(["status": ["observedSourcesDigest": .null]], subresource: "status")
  }

  private func patch(_ change: Value, subresource: String?) -> Step {
    let guarded =
      object.resourceVersion.map {
        MergePatch.apply(["metadata": ["resourceVersion": .string($0)]], to: change)
      } ?? change
    return .send(
      request(.patch(guarded, WriteOptions(dryRun: isDryRun, subresource: subresource))))
  }

  private func request(_ method: ActRequest.Method) -> ActRequest {
    ActRequest(resource: target.resource, id: target.id, method: method)
  }
}
