package import Document
package import Objects
import Text

/// The merge patches that suspend and resume an object.
package enum SuspensionChange {
  /// The record of another user is kept, and the new one is added.
  ///
  /// - Parameters:
  ///   - object: The version that the patch is for.
  ///   - record: Of the user as the server knows him. Where it leaves out the reason, that of an
  ///     earlier record of his stays, as long as the object is suspended.
  ///   - overwrites: Whether the new record takes the place of all that is there.
  package static func suspend(
    _ object: Value, kind: FluxKind?, _ form: SuspensionForm, _ record: SuspensionRecord,
    overwrites: Bool = false
  ) -> Value {
    let keepsOthers = !overwrites && Suspension.isSuspended(object, kind: kind)
    let earlier = keepsOthers ? SuspensionRecord(of: object).each : []
    let records = adding(record, to: earlier)
    var annotations = Object()
    if records.first != earlier.first {
      annotations[SuspensionRecord.by] = text(records.first?.by)
      annotations[SuspensionRecord.at] = text(records.first?.at?.rfc3339)
      // A reason of an earlier suspension must not outlive it.
      annotations[SuspensionRecord.reason] = text(records.first?.reason)
      set(SuspensionRecord.until, records.first?.until?.rfc3339, of: object, in: &annotations)
    }
    let others = records.dropFirst().map(\.document)
    let also = others.isEmpty ? nil : JSON.string(.array(others), style: .compact)
    set(SuspensionRecord.also, also, of: object, in: &annotations)
    var patch = Object()
    switch form {
    case .spec: patch["spec"] = ["suspend": true]
    case .annotation(let name): annotations[name] = "disabled"
    }
    patch["metadata"] = ["annotations": .object(annotations)]
    return .object(patch)
  }

  private static func text(_ text: String?) -> Value { text.map { .string($0) } ?? .null }

  /// Sets an annotation, or takes it away where the object has it.
  private static func set(
    _ name: String, _ value: String?, of object: Value, in annotations: inout Object
  ) {
    if value != nil || object.annotations[name] != nil { annotations[name] = text(value) }
  }

  /// A user has one record at most.
  private static func adding(
    _ record: SuspensionRecord, to earlier: [SuspensionRecord]
  ) -> [SuspensionRecord] {
    var records = earlier
    // A suspension without a record has no owner.
    if records.first?.isEmpty == true { records.removeFirst() }
    let isUnknownAgain = { (other: SuspensionRecord) in
      other.by == nil && record.by == nil && other.reason == record.reason
    }
    if let place = records.firstIndex(where: { $0.isOf(record.by) || isUnknownAgain($0) }) {
      records[place] = SuspensionRecord(
        by: record.by, at: record.at, reason: record.reason ?? records[place].reason,
        until: record.until)
    } else {
      records.append(record)
    }
    return records
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

  /// Whether kustomize-controller is told by the object not to apply it
  /// (`kustomize.toolkit.fluxcd.io/reconcile: disabled`, and `ssa: Ignore`).
  private static func isLeftAlone(_ object: Value, by manager: String) -> Bool {
    guard manager == "kustomize-controller" else { return false }
    let group = FluxKind.kustomization.resource.group
    return object.annotations["\(group)/reconcile"]?.lowercased() == "disabled"
      || object.annotations["\(group)/ssa"]?.lowercased() == "ignore"
  }
}
