import Content
import Differences
import Document
import FluxModel
import Objects

/// The objects that a Kustomization applied from the old side of an artifact and does not find in the
/// new one.
struct AppliedRemovals: Sendable {
  struct Removed: Sendable, Hashable {
    let id: ObjectID
    /// Whether it says itself that it is not to be deleted.
    let isKept: Bool
    /// What becomes of everything that it applied, if it is a Kustomization.
    let legacy: Legacy
  }

  enum Legacy: Sendable, Hashable {
    case none
    case deleted
    case orphaned
  }

  private(set) var objects: [Removed] = []
  /// False where more than lists of files decides what is applied.
  let isCertain: Bool

  /// - Parameter path: `spec.path` of the Kustomization.
  /// - Throws: `PathError` for a file that cannot be read.
  init(at path: String, from old: [FileSide], to new: [FileSide]) throws {
    let before = try AppliedFiles(at: path, of: old)
    let after = try AppliedFiles(at: path, of: new)
    isCertain = before.isExact && after.isExact
    let digests = Dictionary(new.map { ($0.path, $0.digest) }, uniquingKeysWith: { $1 })
    // What is there as before takes no object away.
    let lost = old.contains { side in
      before.applied.contains(side.path)
        && !(after.applied.contains(side.path) && digests[side.path] == side.digest)
    }
    guard lost else { return }
    let changes = ObjectComparison.changes(
      from: try Self.manifests(old, before.applied), to: try Self.manifests(new, after.applied))
    objects = changes.compactMap(Self.removed).sorted { $0.id < $1.id }
  }

  private static func manifests(
    _ sides: [FileSide], _ applied: Set<TreePath>
  ) throws -> ManifestSet {
    ManifestSet(
      try sides.filter { applied.contains($0.path) && $0.size <= ArtifactChanges.largestManifest }
        .map { ($0.path, try $0.wholeContent()) })
  }

  private static func removed(_ change: ObjectChange) -> Removed? {
    guard change.kind == .removed, case .object(let id) = change.identity,
      let object = change.shown().old?.value,
      // kustomize leaves it out of what it builds.
      object.annotations["config.kubernetes.io/local-config"] != "true"
    else { return nil }
    return Removed(id: id, isKept: isKept(object), legacy: legacy(of: object, id.fluxKind))
  }

  /// Labels and annotations, in any case of the value (`AnyInMetadata` of fluxcd/pkg/ssa, as
  /// kustomize-controller calls it to prune).
  private static func isKept(_ object: Value) -> Bool {
    let group = "kustomize.toolkit.fluxcd.io"
    return [("prune", "disabled"), ("reconcile", "disabled"), ("ssa", "ignore")].contains {
      name, value in
      ["labels", "annotations"].contains {
        object["metadata", $0, "\(group)/\(name)"]?.string?.lowercased() == value
      }
    }
  }

  /// `spec.deletionPolicy`, which counts when the Kustomization itself is deleted.
  private static func legacy(of object: Value, _ kind: FluxKind?) -> Legacy {
    guard kind == .kustomization else { return .none }
    if Suspension.isSuspended(object, kind: kind) { return .orphaned }
    switch object["spec", "deletionPolicy"]?.filled ?? "MirrorPrune" {
    case "Orphan": return .orphaned
    case "Delete", "WaitForTermination": return .deleted
    default: return object["spec", "prune"]?.bool == true ? .deleted : .orphaned
    }
  }
}
