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
  /// What brought objects and is gone: which ones is not known.
  private(set) var lostMakers: [String] = []
  /// False where more than lists of files decides what is applied.
  let isCertain: Bool

  /// Of objects that were rendered.
  init(objects: [Removed], isCertain: Bool) {
    self.objects = objects
    self.isCertain = isCertain
  }

  /// - Parameters:
  ///   - old: What it applied so far.
  ///   - new: What it will apply; nil for nothing at all, because the Kustomization goes away.
  /// - Throws: `PathError` for a file that cannot be read.
  init(from old: AppliedContent, to new: AppliedContent?) throws {
    let before = try AppliedFiles(old)
    let after = try new.map(AppliedFiles.init)
    isCertain =
      before.isExact && after?.isExact != false && old.place.isExact
      && new?.place.isExact != false
    let digests = Dictionary(
      (new?.files ?? []).map { ($0.path, $0.digest) }, uniquingKeysWith: { $1 })
    let appliedAfter = after?.applied ?? []
    // It fails before it deletes anything.
    if after?.hasNoStart == true { return }
    if let after, after.missing.isEmpty {
      lostMakers = before.makers.subtracting(after.makers).sorted()
    }
    let renamed = try after.map { try Self.renamed(before, $0) } ?? [:]
    let patchedAway = after?.patchedAway.subtracting(before.patchedAway) ?? []
    // What is there as before takes no object away, unless it now goes to another namespace.
    let lost =
      new.map { $0.place.targetNamespace != old.place.targetNamespace } ?? true
      || !renamed.isEmpty || !patchedAway.isEmpty
      || old.files.contains { side in
        before.applied.contains(side.path)
          && !(appliedAfter.contains(side.path) && digests[side.path] == side.digest)
      }
    guard lost else { return }
    let remaining = try Self.manifests(new?.files ?? [], appliedAfter)
    let unreadable = Set(remaining.unreadable.map(\.path))
    var found: Set<ObjectID> = []
    for case .object(let id) in remaining.manifests.map(\.identity) {
      found.insert(new?.place.applied(id) ?? id)
    }
    let all = ObjectComparison.changes(
      from: try Self.manifests(old.files, before.applied), to: ManifestSet([]))
    objects = all.compactMap { change in
      // What is in a file that cannot be read may still be there.
      guard !unreadable.contains(change.path) else { return nil }
      return Self.removed(change, old.place) { id in
        guard found.contains(id) else { return false }
        if let isRenamed = renamed[change.path], isRenamed || KustomizationPlace.isNamespaced(id) {
          return false
        }
        return !patchedAway.contains(AppliedFiles.PatchTarget(kind: id.kind, name: id.name))
      }
    }.sorted { $0.id < $1.id }
  }

  /// The files whose objects kustomizations put into another namespace, or (true) give another name.
  private static func renamed(
    _ before: AppliedFiles, _ after: AppliedFiles
  ) throws -> [TreePath: Bool] {
    var result: [TreePath: Bool] = [:]
    for directory in Set(before.naming.keys).union(after.naming.keys) {
      let old = before.naming[directory] ?? AppliedFiles.Naming()
      let new = after.naming[directory] ?? AppliedFiles.Naming()
      guard old != new else { continue }
      let isAll = new.renamesAll(against: old)
      for path in try before.applied(through: directory) {
        result[path] = isAll || result[path] == true
      }
    }
    return result
  }

  private static func manifests(
    _ sides: [FileSide], _ applied: Set<TreePath>
  ) throws -> ManifestSet {
    ManifestSet(
      try sides.filter { applied.contains($0.path) && $0.size <= ComparedFiles.largestManifest }
        .map { ($0.path, try $0.wholeContent()) })
  }

  private static func removed(
    _ change: ObjectChange, _ place: KustomizationPlace, isFound: (ObjectID) -> Bool
  ) -> Removed? {
    guard case .object(let own) = change.identity else { return nil }
    let id = place.applied(own)
    guard !isFound(id), let object = change.shown().old?.value,
      // kustomize leaves it out of what it builds.
      object.annotations["config.kubernetes.io/local-config"] != "true"
    else { return nil }
    return Removed(
      id: id, isKept: place.keepsAll || isKept(object), legacy: legacy(of: object, id.fluxKind))
  }

  /// Labels and annotations, in any case of the value (`AnyInMetadata` of fluxcd/pkg/ssa, as
  /// kustomize-controller calls it to prune).
  static func isKept(_ object: Value) -> Bool {
    [("prune", "disabled"), ("reconcile", "disabled"), ("ssa", "Ignore")].contains {
      isMarked(object, "\(markGroup)/\($0)", $1)
    }
  }

  static let markGroup = "kustomize.toolkit.fluxcd.io"

  /// Whether a label or an annotation has a value, in any case.
  static func isMarked(_ object: Value, _ name: String, _ value: String) -> Bool {
    ["labels", "annotations"].contains {
      object["metadata", $0, name]?.string?.lowercased() == value.lowercased()
    }
  }

  /// `spec.deletionPolicy`, which counts when the Kustomization itself is deleted.
  static func legacy(of object: Value, _ kind: FluxKind?) -> Legacy {
    guard kind == .kustomization else { return .none }
    if Suspension.isSuspended(object, kind: kind) { return .orphaned }
    switch object["spec", "deletionPolicy"]?.filled ?? "MirrorPrune" {
    case "Orphan": return .orphaned
    case "Delete", "WaitForTermination": return .deleted
    default: return object["spec", "prune"]?.bool == true ? .deleted : .orphaned
    }
  }
}
