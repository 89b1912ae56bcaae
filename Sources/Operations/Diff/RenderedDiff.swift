package import Differences
import Document
import FluxModel
package import Objects
import Rendering

/// What changes in the objects that a consumer applies.
package struct RenderedDiff: Sendable {
  package let id: ObjectID
  /// Whether it applies nothing until it is resumed.
  package internal(set) var isSuspended: Bool
  package internal(set) var objects: [Object] = []
  /// Objects of which only the label `helm.sh/chart` changes, which every artifact of a chart brings.
  package internal(set) var relabeled: [Object] = []
  /// How live objects differ from what the old side applies: changed, or removed for those that are not
  /// there; empty where no cluster was asked.
  package internal(set) var drift: [ObjectChange] = []
  /// What the API server says of objects that it would not accept, or was not asked.
  package internal(set) var refusals: [Refusal] = []
  /// How many fields were left out as noise although they differ.
  package internal(set) var noiseCount = 0
  /// Why it has no objects on the new side, without secrets; nil where it has.
  package internal(set) var failure: String?
  /// The same of the old side.
  package internal(set) var oldFailure: String?
  /// Whether its controller will fail with it, and did not before.
  package internal(set) var breaks = false
  /// Why nothing could be rendered here, such as a missing program; nil where it could.
  package internal(set) var unavailable: String?
  /// Whether nobody here can tell what its controller makes of the new side: we do not render that, or
  /// something is missing.
  package internal(set) var isUnknown = false
  /// What is missing on either side, and what else limits what is shown, a sentence each.
  package internal(set) var notes: [String] = []
  /// Whether variables or values are not known.
  package internal(set) var isPartial = false
  /// What goes away, and what becomes of that; nil where one of the sides is not known.
  var removals: AppliedRemovals?
  /// The artifact that it applies.
  var source: ObjectID?
  /// What may not be read or tried in the cluster.
  var missing: [ActRight] = []

  package struct Refusal: Sendable {
    /// As it may be shown.
    package let id: ObjectID
    /// Without secrets.
    package let reason: String
    /// Whether the consumer fails with it.
    package let breaks: Bool
  }

  /// The names are those of output.
  package enum Fate: String, Sendable, CaseIterable {
    case created
    case changed
    case deleted
    /// Nothing manages it any longer, and it stays.
    case orphaned
    /// It has another hash in its name: the old one goes, a new one comes.
    case renamed
    /// Its controller leaves it alone.
    case notApplied
  }

  package struct Object: Sendable {
    package let change: ObjectChange
    package let fate: Fate
    /// Why it is orphaned or not applied, a clause.
    package var reason: String?
    /// Whether kustomize-controller deletes the object and creates it again where a field cannot change
    /// (`spec.force`, or the object's own mark).
    package var isForced = false

    /// Fields that cannot change in place.
    package var fixedFields: [String] { fate == .changed ? change.fixedFields : [] }

    /// What becomes of the object because of these, a sentence; nil where there are none.
    package var replacement: String? {
      guard !fixedFields.isEmpty, case .object(let id) = change.identity else { return nil }
      return
        "\(id.kind)/\(id.name): \(fixedFields.joined(separator: ", ")) cannot change in place: "
        + (isForced
          ? "it is deleted and created again (force)" : "the API server refuses the change")
    }

    package var dangers: [ObjectDanger] {
      switch fate {
      case .created, .changed, .deleted: change.dangers
      case .orphaned, .renamed, .notApplied: []
      }
    }
  }

  /// Whether it has no objects on the new side that could be compared, and not because it breaks.
  package var isUnrendered: Bool { isUnknown || (failure != nil && !breaks) }

  /// Whether anything in the cluster changes, or may.
  package var hasChanges: Bool {
    !objects.isEmpty || !relabeled.isEmpty || (failure != nil && oldFailure == nil)
      || refusals.contains(where: \.breaks)
  }
}

/// Compares what a consumer applies on both sides.
struct RenderedComparison {
  /// The objects of the consumer itself; nil where there is none.
  let old: Value?
  let new: Value?
  let noise: NoiseFilter
  let id: ObjectID
  /// What is secret anywhere in the run.
  let known: SecretTexts

  /// Compares both sides with each other.
  ///
  /// - Parameters:
  ///   - before: nil where nothing was applied.
  ///   - after: nil where nothing will be.
  func fill(
    _ diff: inout RenderedDiff, from before: RenderedConsumer?, to after: RenderedConsumer?
  ) {
    guard take(&diff, before, after) else { return }
    let sides = [before, after].map { ($0?.objects ?? []).map(AppliedObject.init) }
    let roles = (Self.roles(sides[0]), Self.roles(sides[1]))
    var changes: [ObjectChange] = []
    for (old, new) in parts(sides[0], sides[1]) {
      let comparison = ObjectComparison(
        from: ManifestSet(made: old.map(\.made)), to: ManifestSet(made: new.map(\.made)),
        noise: noise, pairsHashes: true, known: known)
      changes += comparison.changes
      diff.noiseCount += comparison.noiseCount
    }
    add(changes, to: &diff) { change, id in
      object(change, (change.new ? roles.1[id] : roles.0[id]) ?? .applied)
    }
    if diff.oldFailure != nil { diff.removals = nil }
  }

  private typealias Sides = (old: [AppliedObject], new: [AppliedObject])

  /// What is compared with what.
  ///
  /// Of a release that is uninstalled before another one is installed, no object becomes one of the other; what
  /// is no part of it stays.
  private func parts(_ before: [AppliedObject], _ after: [AppliedObject]) -> [Sides] {
    guard let old, let new, isRelease,
      ReleaseRendering(old, namespace: id.namespace)
        .isReplaced(by: ReleaseRendering(new, namespace: id.namespace))
    else { return [(before, after)] }
    return [
      (before.filter { $0.role != .applied }, after.filter { $0.role != .applied }),
      (before.filter { $0.role == .applied }, []), ([], after.filter { $0.role == .applied }),
    ]
  }

  /// Compares the new side with what a cluster has.
  func fill(
    _ diff: inout RenderedDiff, from before: RenderedConsumer?, to after: RenderedConsumer?,
    on state: LiveState
  ) {
    guard take(&diff, before, after) else { return }
    if let consumer = state.consumer {
      diff.isSuspended =
        diff.isSuspended || Suspension.isSuspended(consumer, kind: diff.id.fluxKind)
    }
    diff.refusals = state.refusals.map {
      RenderedDiff.Refusal(id: $0.id, reason: $0.reason, breaks: $0.breaks)
    }
    let live = LiveComparison(
      state: state, isRelease: isRelease, noise: noise, knowsBase: diff.oldFailure == nil,
      known: known)
    diff.drift = live.drift
    let roles = (Self.roles(state.before), Self.roles(state.after))
    add(live.changes, to: &diff) { change, id in
      let role = (change.new ? roles.1[id] : roles.0[id]) ?? .applied
      if change.kind != .added, change.new, let found = state.objects[id],
        let reason = Self.mark(of: found, besides: ["IfNotPresent"]), !isRelease
      {
        return RenderedDiff.Object(change: change, fate: .notApplied, reason: reason)
      }
      return object(change, role)
    }
  }

  /// Whether both sides are known well enough.
  private func take(
    _ diff: inout RenderedDiff, _ before: RenderedConsumer?, _ after: RenderedConsumer?
  ) -> Bool {
    for consumer in [before, after] {
      guard let consumer else { continue }
      diff.isPartial = diff.isPartial || consumer.isPartial
      for note in consumer.warnings.map({ "\(consumer.phrase): \($0)" })
        + [consumer.partialNote].compactMap(\.self) where !diff.notes.contains(note)
      {
        diff.notes.append(note)
      }
    }
    // What an old side that is not known had is not new.
    return diff.failure == nil && (diff.oldFailure == nil || after != nil)
  }

  private func add(
    _ changes: [ObjectChange], to diff: inout RenderedDiff,
    _ outcome: (ObjectChange, ObjectID) -> RenderedDiff.Object?
  ) {
    var removed: [AppliedRemovals.Removed] = []
    for change in changes {
      guard case .object(let id) = change.identity, let object = outcome(change, id) else {
        continue
      }
      if change.chartLabelChange != nil, object.fate == .changed {
        diff.relabeled.append(object)
      } else {
        diff.objects.append(object)
      }
      switch object.fate {
      case .deleted, .orphaned:
        removed.append(
          AppliedRemovals.Removed(
            id: id, isKept: object.fate == .orphaned,
            legacy: change.sides { AppliedRemovals.legacy(of: $0, id.fluxKind) }.old ?? .none))
      case .created, .changed, .renamed, .notApplied: break
      }
    }
    diff.removals = AppliedRemovals(
      objects: removed.sorted { $0.id < $1.id }, isCertain: !diff.isPartial)
  }

  private static func roles(_ objects: [AppliedObject]) -> [ObjectID: RenderedObject.Role] {
    var roles: [ObjectID: RenderedObject.Role] = [:]
    for object in objects where object.role != .applied {
      if let id = ObjectID(of: object.value) { roles[id] = object.role }
    }
    return roles
  }

  // MARK: - Fates

  private var isRelease: Bool { (new ?? old)?.kind == "HelmRelease" }

  /// - Returns: nil for what is no news: helm runs a hook at each upgrade, whatever its chart is called.
  private func object(
    _ change: ObjectChange, _ role: RenderedObject.Role
  ) -> RenderedDiff.Object? {
    func result(_ fate: RenderedDiff.Fate, _ reason: String? = nil) -> RenderedDiff.Object {
      RenderedDiff.Object(change: change, fate: fate, reason: reason)
    }
    if change.kind == .removed {
      let reason = isRelease ? keptByHelm(change, role) : keptByKustomize(change)
      return reason.map { result(.orphaned, $0) } ?? result(.deleted)
    }
    if role == .hook {
      return change.chartLabelChange == nil
        ? result(.notApplied, "a hook, which helm runs at its time") : nil
    }
    if case .definition(isUpdated: false) = role, change.kind != .added {
      return result(.notApplied, "CRDs in crds/ are only created (spec.upgrade.crds)")
    }
    if !isRelease, let reason = notApplied(change) { return result(.notApplied, reason) }
    if change.oldName != nil { return result(.renamed) }
    var object = result(change.kind == .added ? .created : .changed)
    let isMarked = change.sides {
      AppliedRemovals.isMarked($0, "\(AppliedRemovals.markGroup)/force", "enabled")
    }
    object.isForced =
      !isRelease && (new?["spec", "force"]?.bool == true || isMarked.new == true)
    return object
  }

  /// Why the controller leaves an object alone.
  private func notApplied(_ change: ObjectChange) -> String? {
    change.sides { Self.mark(of: $0, besides: change.kind == .added ? ["IfNotPresent"] : []) }.new
      ?? nil
  }

  /// The mark by which kustomize-controller leaves an object alone (`AnyInMetadata` of fluxcd/pkg/ssa).
  private static func mark(of object: Value, besides others: [String] = []) -> String? {
    for (name, value) in [("reconcile", "disabled"), ("ssa", "Ignore"), ("ssa", "IfNotPresent")]
    where !others.contains(value) {
      let key = "\(AppliedRemovals.markGroup)/\(name)"
      if AppliedRemovals.isMarked(object, key, value) { return "\(key): \(value)" }
    }
    return nil
  }

  /// Whether kustomize-controller does nothing with an object, whoever has the mark: the cluster or the
  /// artifact.
  static func isLeftAlone(_ object: Value) -> Bool {
    mark(of: object, besides: ["IfNotPresent"]) != nil
  }

  private func keptByKustomize(_ change: ObjectChange) -> String? {
    if let new {
      guard new["spec", "prune"]?.bool == true else { return "prune is off" }
    } else if let old, AppliedRemovals.legacy(of: old, .kustomization) != .deleted {
      return "the Kustomization leaves its objects"
    }
    if change.sides(AppliedRemovals.isKept).old == true { return "it is excluded from prune" }
    let isOwned = change.sides { object in
      object.labels["\(AppliedRemovals.markGroup)/name"] == id.name
        && object.labels["\(AppliedRemovals.markGroup)/namespace"] == id.namespace
    }.old
    return isOwned == true ? nil : "it does not have the labels of the Kustomization"
  }

  private func keptByHelm(_ change: ObjectChange, _ role: RenderedObject.Role) -> String? {
    switch role {
    case .definition: return "CRDs in crds/ are never deleted"
    case .hook: return "hooks are not part of the release"
    case .applied: break
    }
    if let old, new == nil, Suspension.isSuspended(old, kind: .helmRelease) {
      return "the HelmRelease is suspended"
    }
    // `pkg/kube/resource_policy.go` of helm.
    let keeps = change.sides { $0.annotations["helm.sh/resource-policy"] == "keep" }.old
    return keeps == true ? "helm.sh/resource-policy: keep" : nil
  }
}

extension ObjectChange {
  /// Whether there is a new side.
  fileprivate var new: Bool { sides { _ in true }.new == true }
}
