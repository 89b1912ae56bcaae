package import Document
package import Objects
package import Text

/// Who suspended an object, when and why, as annotations of ours say.
package struct SuspensionRecord: Sendable, Hashable {
  package static let by = "artifactgen/suspended-by"
  package static let at = "artifactgen/suspended-at"
  package static let reason = "artifactgen/suspended-reason"
  package static let all = [by, at, reason]

  package let by: String?
  package let at: Timestamp?
  package let reason: String?

  package init(of object: Value) {
    let annotations = object["metadata", "annotations"]
    by = annotations?[Self.by]?.string
    at = annotations?[Self.at]?.string.flatMap(Timestamp.init(rfc3339:))
    reason = annotations?[Self.reason]?.string
  }

  /// `suspended by jane (incident 42)`, as far as that is known.
  package var phrase: String {
    "suspended" + (by.map { " by \($0)" } ?? "") + (reason.map { " (\($0))" } ?? "")
  }
}

/// The merge patches that suspend and resume an object.
package enum SuspensionChange {
  /// - Parameters:
  ///   - by: The user as the server knows him; nil if it does not say.
  ///   - at: RFC 3339.
  package static func suspend(
    _ form: SuspensionForm, by: String?, at: String, reason: String?
  ) -> Value {
    var annotations = Object()
    annotations[SuspensionRecord.by] = by.map { .string($0) } ?? .null
    annotations[SuspensionRecord.at] = .string(at)
    // A reason of an earlier suspension must not outlive it.
    annotations[SuspensionRecord.reason] = reason.map { .string($0) } ?? .null
    var patch = Object()
    switch form {
    case .spec: patch["spec"] = ["suspend": true]
    case .annotation(let name): annotations[name] = "disabled"
    }
    patch["metadata"] = ["annotations": .object(annotations)]
    return .object(patch)
  }

  /// Takes back every mark that the object carries, whichever way it was suspended, and asks for a
  /// reconciliation: removing an annotation alone wakes no controller.
  package static func resume(_ object: Value, kind: FluxKind?, requestedAt token: String) -> Value {
    var annotations = Object()
    annotations[AttemptTracker.annotation] = .string(token)
    for name in SuspensionRecord.all where object.annotations[name] != nil {
      annotations[name] = .null
    }
    for case .annotation(let name)? in [SuspensionForm(kind, generatorHasSuspend: false)]
    where object.annotations[name] != nil {
      annotations[name] = .null
    }
    var patch = Object()
    patch["metadata"] = ["annotations": .object(annotations)]
    // Flux's CLI writes false, too: it keeps the field's owner visible.
    if object["spec", "suspend"]?.bool == true { patch["spec"] = ["suspend": false] }
    return .object(patch)
  }
}

/// Who else writes the mark of a suspension.
package struct SuspensionOwner: Sendable, Hashable {
  /// The field manager, such as `kustomize-controller`.
  package let manager: String
  /// The Kustomization or HelmRelease behind it, as the labels of the object say.
  package let applier: ObjectID?

  /// The managers that apply the field, and so will write it again at their next turn.
  ///
  /// - Parameter form: The field that is going to be written.
  package static func appliers(of form: SuspensionForm, in object: Value) -> [SuspensionOwner] {
    let path: [String] =
      switch form {
      case .spec: ["f:spec", "f:suspend"]
      case .annotation(let name): ["f:metadata", "f:annotations", "f:\(name)"]
      }
    var found: [SuspensionOwner] = []
    for entry in object["metadata", "managedFields"]?.array ?? [] {
      guard entry["operation"]?.string == "Apply", let manager = entry["manager"]?.string,
        path.reduce(entry["fieldsV1"], { $0?[$1] }) != nil,
        !isLeftAlone(object, by: manager)
      else { continue }
      let applier = Ownership.appliers(of: object).map(ObjectID.init)
        .first { $0.fluxKind?.isConsumer == true }
      found.append(SuspensionOwner(manager: manager, applier: applier))
    }
    return found
  }

  /// Whether kustomize-controller was told by the object to apply it no more
  /// (`kustomize.toolkit.fluxcd.io/reconcile: disabled`, and `ssa: Ignore`).
  private static func isLeftAlone(_ object: Value, by manager: String) -> Bool {
    guard manager == "kustomize-controller" else { return false }
    let group = FluxKind.kustomization.resource.group
    return object.annotations["\(group)/reconcile"]?.lowercased() == "disabled"
      || object.annotations["\(group)/ssa"]?.lowercased() == "ignore"
  }
}
