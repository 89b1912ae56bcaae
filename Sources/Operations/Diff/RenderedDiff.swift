package import Differences
import Document
import FluxModel
package import Objects
import Rendering

/// What changes in the objects that a consumer applies.
package struct RenderedDiff: Sendable {
  package let id: ObjectID
  /// Whether it applies nothing until it is resumed.
  package let isSuspended: Bool
  package internal(set) var objects: [Object] = []
  /// Objects of which only the label `helm.sh/chart` changes, which every artifact of a chart brings.
  package internal(set) var relabeled: [Object] = []
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
  /// What is missing on either side, and what else limits what is shown, a sentence each.
  package internal(set) var notes: [String] = []
  /// Whether variables or values are not known.
  package internal(set) var isPartial = false
  /// What goes away, and what becomes of that; nil where one of the sides is not known.
  var removals: AppliedRemovals?
  /// The artifact that it applies.
  var source: ObjectID?

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

    /// Fields that cannot change in place.
    package var fixedFields: [String] { fate == .changed ? change.fixedFields : [] }
    package var dangers: [ObjectDanger] {
      switch fate {
      case .created, .changed, .deleted: change.dangers
      case .orphaned, .renamed, .notApplied: []
      }
    }
  }

  /// Whether anything in the cluster changes, or may.
  package var hasChanges: Bool {
    !objects.isEmpty || !relabeled.isEmpty || (failure != nil && oldFailure == nil)
  }
}

/// Compares what a consumer applies on both sides.
struct RenderedComparison {
  /// The objects of the consumer itself; nil where there is none.
  let old: Value?
  let new: Value?
  let noise: NoiseFilter

  /// - Parameters:
  ///   - before: nil where nothing was applied.
  ///   - after: nil where nothing will be.
  func fill(
    _ diff: inout RenderedDiff, from before: RenderedConsumer?, to after: RenderedConsumer?
  ) {
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
    guard diff.failure == nil, diff.oldFailure == nil || after != nil else { return }
    let comparison = ObjectComparison(
      from: Self.set(before), to: Self.set(after), noise: noise, pairsHashes: true)
    diff.noiseCount = comparison.noiseCount
    let roles = (Self.roles(before), Self.roles(after))
    var removed: [AppliedRemovals.Removed] = []
    for change in comparison.changes {
      guard case .object(let id) = change.identity else { continue }
      let role = change.new ? roles.1[id] : roles.0[id]
      let object = object(change, role ?? .applied)
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
    guard diff.oldFailure == nil else { return }
    diff.removals = AppliedRemovals(
      objects: removed.sorted { $0.id < $1.id }, isCertain: !diff.isPartial)
  }

  private static func set(_ consumer: RenderedConsumer?) -> ManifestSet {
    ManifestSet(
      made: (consumer?.objects ?? []).map { object in
        ManifestSet.Made(object.value, shown: object.shown == object.value ? nil : object.shown)
      })
  }

  private static func roles(_ consumer: RenderedConsumer?) -> [ObjectID: RenderedObject.Role] {
    var roles: [ObjectID: RenderedObject.Role] = [:]
    for object in consumer?.objects ?? [] where object.role != .applied {
      if let id = ObjectID(of: object.value) { roles[id] = object.role }
    }
    return roles
  }

  // MARK: - Fates

  private func object(
    _ change: ObjectChange, _ role: RenderedObject.Role
  ) -> RenderedDiff.Object {
    func result(_ fate: RenderedDiff.Fate, _ reason: String? = nil) -> RenderedDiff.Object {
      RenderedDiff.Object(change: change, fate: fate, reason: reason)
    }
    let isRelease = (new ?? old)?.kind == "HelmRelease"
    if change.kind == .removed {
      let reason = isRelease ? keptByHelm(change, role) : keptByKustomize(change)
      return reason.map { result(.orphaned, $0) } ?? result(.deleted)
    }
    if case .definition(isUpdated: false) = role, change.kind != .added {
      return result(.notApplied, "CRDs in crds/ are only created (spec.upgrade.crds)")
    }
    if !isRelease, let reason = notApplied(change) { return result(.notApplied, reason) }
    if change.oldName != nil { return result(.renamed) }
    return result(change.kind == .added ? .created : .changed)
  }

  /// Why the controller leaves an object alone (`AnyInMetadata` of fluxcd/pkg/ssa).
  private func notApplied(_ change: ObjectChange) -> String? {
    let names = [("reconcile", "disabled"), ("ssa", "Ignore"), ("ssa", "IfNotPresent")]
    for (name, value) in names {
      let key = "\(AppliedRemovals.markGroup)/\(name)"
      guard change.sides({ AppliedRemovals.isMarked($0, key, value) }).new == true else { continue }
      if value == "IfNotPresent", change.kind == .added { continue }
      return "\(key): \(value)"
    }
    return nil
  }

  private func keptByKustomize(_ change: ObjectChange) -> String? {
    if let new {
      guard new["spec", "prune"]?.bool == true else { return "prune is off" }
    } else if let old, AppliedRemovals.legacy(of: old, .kustomization) != .deleted {
      return "the Kustomization leaves its objects"
    }
    return change.sides(AppliedRemovals.isKept).old == true ? "it is excluded from prune" : nil
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
