import Differences
import Document
import FluxModel
import Objects
import Rendering

/// Compares what a consumer applies with the objects of a cluster.
///
/// What changes is what differs between the cluster and the new side, without what has only drifted: fields
/// in which the cluster differs from the old side, and in which both sides are the same.
struct LiveComparison {
  private(set) var changes: [ObjectChange] = []
  /// From the old side to the cluster.
  private(set) var drift: [ObjectChange] = []

  private let state: LiveState
  private let isRelease: Bool
  private let base: [ObjectID: AppliedObject]
  private let known: SecretTexts

  /// - Parameters:
  ///   - knowsBase: whether the old side could be rendered.
  ///   - known: what is secret anywhere in the run.
  init(
    state: LiveState, isRelease: Bool, noise: NoiseFilter, knowsBase: Bool, known: SecretTexts
  ) {
    self.state = state
    self.known = known
    self.isRelease = isRelease
    base = Self.byID(state.before)
    if knowsBase { drift = drifted(noise) }
    let wanted = Dictionary(
      ObjectComparison.changes(
        from: ManifestSet(made: state.before.map(\.made)),
        to: ManifestSet(made: state.after.map(\.made)), noise: noise
      ).map { ($0.identity, $0) }, uniquingKeysWith: { one, _ in one })
    let drifted = Dictionary(drift.map { ($0.identity, $0) }, uniquingKeysWith: { one, _ in one })
    changes = compared(noise).compactMap {
      $0.without(drift: drifted[$0.identity], wanted: wanted[$0.identity])
    }
  }

  private static func byID(_ objects: [AppliedObject]) -> [ObjectID: AppliedObject] {
    var result: [ObjectID: AppliedObject] = [:]
    for object in objects {
      if let id = ObjectID(of: object.value) { result[id] = object }
    }
    return result
  }

  private func compared(_ noise: NoiseFilter) -> [ObjectChange] {
    var old: [ManifestSet.Made] = []
    var new: [ManifestSet.Made] = []
    let after = Self.byID(state.after)
    for object in state.after {
      guard let id = ObjectID(of: object.value) else { continue }
      guard object.isComparable, let live = state.objects[id] else {
        // What the cluster has of it says nothing: the old side stands for that.
        if !object.isComparable, let before = base[id] { old.append(before.made) }
        new.append(object.made)
        continue
      }
      if let answer = state.answers[id] {
        old.append(made(Self.content(of: live), id, after: object))
        new.append(made(Self.content(of: answer), id, after: object))
      } else {
        let projection = LiveProjection(of: live, owners: owners(of: object.value))
        let value = projection.projected(onto: object.value, base: base[id]?.value)
        old.append(made(value, id, after: object))
        new.append(object.made)
      }
    }
    // A release of an older helm-controller keeps no inventory.
    for id in state.inventory ?? (isRelease ? base.keys.sorted() : []) where after[id] == nil {
      guard base[id]?.role != .hook, let live = state.objects[id] else { continue }
      old.append(ManifestSet.Made(live, shown: name(of: live, id)))
    }
    for object in state.before where object.role == .hook {
      if let id = ObjectID(of: object.value), after[id] == nil { old.append(object.made) }
    }
    return changes(from: old, to: new, noise, pairsHashes: true)
  }

  private func drifted(_ noise: NoiseFilter) -> [ObjectChange] {
    // Where it was never applied, nothing can have drifted.
    guard state.consumer != nil else { return [] }
    var old: [ManifestSet.Made] = []
    var new: [ManifestSet.Made] = []
    for object in state.before where object.isComparable && !object.isLeftAlone {
      guard let id = ObjectID(of: object.value), object.type != nil else { continue }
      if let live = state.objects[id] {
        if object.role == .definition(isUpdated: false) || RenderedComparison.isLeftAlone(live) {
          continue
        }
        let value = LiveProjection(of: live, owners: owners(of: object.value))
          .projected(onto: object.value, base: nil)
        new.append(made(value, id, after: nil))
      }
      old.append(object.made)
    }
    return changes(from: old, to: new, noise, pairsHashes: false)
  }

  private func changes(
    from old: [ManifestSet.Made], to new: [ManifestSet.Made], _ noise: NoiseFilter,
    pairsHashes: Bool
  ) -> [ObjectChange] {
    let (old, new) = (ManifestSet(made: old), ManifestSet(made: new))
    return ObjectComparison(
      from: old, to: new, noise: noise, pairsHashes: pairsHashes,
      known: SecretTexts(of: [old, new]).or(known)
    ).changes
  }

  /// An object of the cluster, with what of it may be shown.
  private func made(_ value: Value, _ id: ObjectID, after: AppliedObject?) -> ManifestSet.Made {
    let rendered = [after, base[id]].compactMap(\.self).map { ($0.value, $0.shown) }
    let shown = SecretShadow(rendered, isOpen: state.isOpen).shown(of: value)
    return ManifestSet.Made(value, shown: shown == value ? nil : shown)
  }

  /// What may be shown of an object that goes away: that it does.
  private func name(of live: Value, _ id: ObjectID) -> Value {
    let shown = base[id]?.shown
    var metadata: Object = [:]
    for key in ["name", "namespace"] { metadata[key] = (shown ?? live)["metadata", key] }
    var result: Object = ["metadata": .object(metadata)]
    for key in ["apiVersion", "kind"] { result[key] = live[key] }
    return .object(result)
  }

  /// An object without what the server writes by itself.
  private static func content(of object: Value) -> Value {
    guard var fields = object.object, var metadata = fields["metadata"]?.object else {
      return object
    }
    for key in [
      "managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink",
      "deletionTimestamp", "deletionGracePeriodSeconds",
    ] {
      metadata[key] = nil
    }
    fields["metadata"] = .object(metadata)
    fields["status"] = nil
    return .object(fields)
  }

  /// Whose fields the controller takes for its own.
  private func owners(of object: Value) -> FieldOwners {
    // `kube.ManagedFieldsManager` in main.go of helm-controller.
    guard !isRelease else { return FieldOwners(["helm-controller"]) }
    let key = "\(AppliedRemovals.markGroup)/ssa"
    guard !AppliedRemovals.isMarked(object, key, "Merge") else {
      return FieldOwners(["kustomize-controller"])
    }
    // It takes over what kubectl wrote before it applies (`apply` of kustomize-controller).
    return FieldOwners(
      ["kustomize-controller", "before-first-apply"], prefixes: ["kubectl"])
  }
}
