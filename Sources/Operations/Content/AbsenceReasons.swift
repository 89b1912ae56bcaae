import Content
import FluxModel
import Generation
import Publishing

/// Why a path is not in what a generator publishes.
///
/// What the sources leave out is put back, and everything is copied once more: where the path appears
/// then, the copy operation and the rule of the source are known.
struct AbsenceReasons: Sendable {
  let build: BuildArtifacts
  let name: String
  let namespace: String?
  let planned: PlannedContent

  /// More are counted.
  private static let most = 5

  /// - Parameter path: in the artifact; where nothing would be there, as a source has it.
  /// - Returns: sentences without an end, at least one.
  func reasons(for path: TreePath) -> [String] {
    let possible = try? build.planned(
      name, namespace: namespace, from: planned.sources.unfiltered)
    let leftOut = planned.sources.leftOut(of: planned.input)
    var found = filtered(path)
    found += excluded(path, by: possible?.exclusions ?? planned.exclusions, leftOut)
    if let possible { found += lacking(path, in: possible.staged, leftOut) }
    if found.isEmpty { found = asSource(path, leftOut) }
    var reasons: [String] = []
    for reason in found where !reasons.contains(reason) { reasons.append(reason) }
    guard !reasons.isEmpty else {
      return ["no copy operation creates it, and no source has such a path"]
    }
    let more = reasons.count - AbsenceReasons.most
    return reasons.prefix(AbsenceReasons.most) + (more > 0 ? ["and \(more) more"] : [])
  }

  private typealias LeftOut = [(alias: String, left: PublishedTree.LeftOut)]

  /// Whether a path is another one, or is in it.
  private static func lies(_ inner: TreePath, in outer: TreePath) -> Bool {
    inner == outer || inner.bytes.starts(with: outer.bytes + [TreePath.slash])
  }

  // MARK: - As a path of the artifact

  /// What is copied, and dropped by the filter of every archive.
  private func filtered(_ path: TreePath) -> [String] {
    planned.staged.entries.compactMap { entry in
      guard let pattern = entry.ignoredBy, AbsenceReasons.lies(entry.path, in: path) else {
        return nil
      }
      let origin = entry.provenance.map { " from @\($0.alias)/\($0.source)" } ?? ""
      return "\(entry.path) is copied\(origin), and excluded from every archive by '\(pattern)'"
    }
  }

  private func excluded(
    _ path: TreePath, by exclusions: [Exclusion], _ leftOut: LeftOut
  ) -> [String] {
    exclusions.compactMap { exclusion in
      guard
        AbsenceReasons.lies(path, in: exclusion.target)
          || AbsenceReasons.lies(exclusion.target, in: path)
      else { return nil }
      let absence = reason(exclusion.source, of: exclusion.alias, leftOut)
      return "\(exclusion)"
        + (absence.map { ", and not in the source: \($0)" } ?? "")
    }
  }

  /// What would be copied there if the source had it.
  private func lacking(
    _ path: TreePath, in staged: StagedArtifact, _ leftOut: LeftOut
  ) -> [String] {
    staged.entries.compactMap { entry in
      guard AbsenceReasons.lies(entry.path, in: path), let provenance = entry.provenance,
        let absence = reason(provenance.source, of: provenance.alias, leftOut)
      else { return nil }
      return "copy[\(provenance.operation)] would copy @\(provenance.alias)/\(provenance.source), "
        + "which is not in the source: \(absence)"
    }
  }

  private func reason(_ path: TreePath, of alias: String, _ leftOut: LeftOut) -> String? {
    leftOut.first { $0.alias == alias && $0.left.path == path }?.left.text
  }

  // MARK: - As a path of a source

  private func asSource(_ path: TreePath, _ leftOut: LeftOut) -> [String] {
    planned.input.generator.spec.sources.flatMap { source -> [String] in
      let alias = source.alias
      var found = copies(of: path, from: alias)
      found += planned.exclusions.filter {
        $0.alias == alias && AbsenceReasons.lies(path, in: $0.source)
      }.map(\.description)
      let absence = leftOut.first { $0.alias == alias && $0.left.path == path }
      if let absence {
        found.append("@\(alias)/\(path) is not in the source: \(absence.left.text)")
      }
      if found.isEmpty, has(path, source) {
        found.append("no copy operation copies @\(alias)/\(path)")
      }
      return found
    }
  }

  private func has(_ path: TreePath, _ source: ArtifactGenerator.SourceReference) -> Bool {
    let namespace = planned.input.namespace
    guard let mapping = planned.sources.mappings.of(source, in: namespace),
      let tree = try? planned.sources.tree(
        mapping, for: source, in: namespace,
        spool: SpoolProvider(folder: build.request.temporaryFolder)
      ).tree
    else { return false }
    return tree.plainNode(at: path) != nil
  }

  /// Where a file of a source went, and what became of it there.
  private func copies(of path: TreePath, from alias: String) -> [String] {
    planned.staged.entries.compactMap { AbsenceReasons.copied(path, from: alias, as: $0) }
  }

  /// What became of a file of a source at an entry of an artifact; nil where it did not come there.
  static func copied(_ path: TreePath, from alias: String, as entry: StagedEntry) -> String? {
    guard let last = entry.provenance else { return nil }
    if last.alias == alias, last.source == path {
      let copy = "\(entry.path) (copy[\(last.operation)])"
      return entry.ignoredBy.map {
        "@\(alias)/\(path) is copied to \(copy), and excluded from every archive by '\($0)'"
      } ?? "@\(alias)/\(path) is published as \(copy)"
    }
    guard let earlier = last.earlier.last(where: { $0.alias == alias && $0.source == path })
    else { return nil }
    let verb = last.action == .merged ? "merged with" : "replaced by"
    return "@\(alias)/\(path) is copied to \(entry.path) by copy[\(earlier.operation)], and "
      + "\(verb) @\(last.alias)/\(last.source) by copy[\(last.operation)]"
  }
}
