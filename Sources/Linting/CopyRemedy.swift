import Content
import Document
import FluxModel
import Generation
import Rendering
import Text

/// The copy operations that bring what an artifact lacks, as they would be written in its generator: with the
/// captures of its path pattern.
struct CopyRemedy {
  let source: LintInput.Source
  /// Of the source.
  let alias: String
  let files: ArtifactFiles
  /// The artifact, and what it was made of.
  let request: ArtifactRequest
  let template: OutputArtifact
  /// What the path pattern says of the source; nil where it is about another one.
  let pattern: TreePath?

  /// - Parameter position: Of the artifact in the plan.
  init?(
    _ input: LintInput, _ generator: Int, _ position: Int, alias: String, files: ArtifactFiles
  ) {
    let owner = input.generators[generator]
    guard let source = input.source(generator, alias), case .success(let plan)? = owner.plan else {
      return nil
    }
    self.source = source
    self.alias = alias
    self.files = files
    request = plan.artifacts[position].request
    template = owner.generator.spec.artifacts[owner.template(of: position)]
    let parts = owner.generator.spec.pathPatternParts
    pattern = parts.flatMap { $0.alias == alias ? TreePath($0.pattern).cleaned : nil }
  }

  /// Something in the source, and where the artifact should have it.
  private struct Copy {
    let path: TreePath
    let kind: LintInput.Source.Kind
    let target: TreePath
  }

  /// Kustomizations that are followed in the source.
  private static let mostFollowed = 100

  /// What to do about something that a kustomization refers to.
  ///
  /// - Parameters:
  ///   - target: In the artifact; nil where it cannot be there, because it would be above the root.
  ///   - origin: Of the kustomization.
  /// - Returns: nil where the paths would be patterns.
  func text(
    for wanted: TreePath, _ kind: LintInput.Source.Kind, to target: TreePath?,
    from origin: Provenance
  ) -> String? {
    let directory = origin.source.directory
    guard !CopyRules.containsGlobCharacters(wanted.bytes + directory.bytes) else { return nil }
    guard let target else {
      let own = layout(of: origin)
      let all = [own] + missing(Copy(path: wanted, kind: kind, target: wanted)).map(operation)
      return
        "keep the layout of the source: \(Self.list(all)), and set the path of its consumers to "
        + "./\(directory.isRoot ? "" : "\(directory)")"
    }
    return "add "
      + Self.list(missing(Copy(path: wanted, kind: kind, target: target)).map(operation))
  }

  /// - Returns: `a, b and c`.
  private static func list(_ texts: [String]) -> String {
    guard texts.count > 1, let last = texts.last else { return texts.joined() }
    return texts.dropLast().joined(separator: ", ") + " and " + last
  }

  /// The operation that brought a file, with a destination that keeps the layout of the source.
  private func layout(of origin: Provenance) -> String {
    let directory = origin.source.directory
    let operations = request.artifact.copy
    guard operations.indices.contains(origin.operation) else {
      return operation(Copy(path: directory, kind: .directory, target: directory))
    }
    let own = operations[origin.operation]
    let written = template.copy[origin.operation]
    // Only these strip what is before the end.
    guard let pattern = try? CopyRules.source(of: own).pattern, pattern.hasSuffix("/**") else {
      return operation(
        Copy(path: directory, kind: .directory, target: directory), excluding: own.exclude)
    }
    let base = TreePath(pattern.bytes.dropLast("/**".utf8.count)).cleaned
    guard !CopyRules.containsGlobCharacters(base.bytes) else {
      return operation(
        Copy(path: directory, kind: .directory, target: directory), excluding: own.exclude)
    }
    return Self.text(
      from: written.from, to: "@artifact/\(templated(base))/", excluding: own.exclude)
  }

  private func operation(_ copy: Copy) -> String { operation(copy, excluding: []) }

  private func operation(_ copy: Copy, excluding exclude: [String]) -> String {
    let path = templated(copy.path)
    let target = copy.path == copy.target ? path : templated(target: copy.target)
    switch copy.kind {
    case .file:
      return Self.text(from: "@\(alias)/\(path)", to: "@artifact/\(target)", excluding: exclude)
    case .directory:
      return Self.text(
        from: copy.path.isRoot ? "@\(alias)/**" : "@\(alias)/\(path)/**",
        to: copy.target.isRoot ? "@artifact/" : "@artifact/\(target)/", excluding: exclude)
    }
  }

  private static func text(from: String, to: String, excluding exclude: [String]) -> String {
    var fields = ["from: \(from.goQuoted)", "to: \(to.goQuoted)"]
    if !exclude.isEmpty {
      fields.append("exclude: [\(exclude.map(\.goQuoted).joined(separator: ", "))]")
    }
    return "{\(fields.joined(separator: ", "))}"
  }

  // MARK: - Templates

  /// A path of the source with the captures of the path pattern, as far as it is in the directory that the
  /// pattern matched.
  private func templated(_ path: TreePath) -> TreePath {
    guard let pattern, let matched = request.matchedDirectory else { return path }
    return Self.replaced(matched, by: pattern, in: path)
  }

  /// The same for a path of the artifact, by the destinations of its operations.
  private func templated(target: TreePath) -> TreePath {
    for (own, written) in zip(request.artifact.copy, template.copy) where own.to != written.to {
      guard let place = try? CopyRules.destination(of: own).path.cleaned,
        let pattern = try? CopyRules.destination(of: written).path.cleaned
      else { continue }
      let found = Self.replaced(place, by: pattern, in: target)
      if found != target { return found }
    }
    return target
  }

  private static func replaced(
    _ directory: TreePath, by pattern: TreePath, in path: TreePath
  ) -> TreePath {
    let (parts, own, wanted) = (path.components, directory.components, pattern.components)
    guard own.count == wanted.count else { return path }
    var result = parts
    for (index, part) in parts.enumerated() {
      guard own.indices.contains(index), part.elementsEqual(own[index]) else { break }
      result[index] = wanted[index]
    }
    return TreePath(result.joined(separator: [TreePath.slash]))
  }

  // MARK: - What hangs on it

  /// Something that is missing, and all that it refers to and that is missing then.
  private func missing(_ first: Copy) -> [Copy] {
    var copies = [first]
    var pending = first.kind == .directory ? [(first.path, first.target)] : []
    var seen: Set<TreePath> = []
    while let (directory, target) = pending.popLast(), seen.count < Self.mostFollowed {
      guard seen.insert(target).inserted else { continue }
      for path in references(in: directory) {
        let wanted = directory.joined(TreePath(path))
        let place = target.joined(TreePath(path))
        guard !wanted.leavesRoot, !place.leavesRoot, let kind = source.kind(wanted),
          !CopyRules.containsGlobCharacters(wanted.bytes)
        else { continue }
        if !isBrought(wanted, to: place, by: copies), files.file(place) == nil,
          !files.isDirectory(place)
        {
          copies.append(Copy(path: wanted, kind: kind, target: place))
        }
        if kind == .directory { pending.append((wanted, place)) }
      }
    }
    return copies
  }

  private func isBrought(_ path: TreePath, to target: TreePath, by copies: [Copy]) -> Bool {
    copies.contains { copy in
      if copy.path == path, copy.target == target { return true }
      guard copy.kind == .directory else { return false }
      let inner =
        copy.path.isRoot ? path.bytes[...] : path.bytes.dropFirst(copy.path.bytes.count + 1)
      return (copy.path.isRoot || path.bytes.starts(with: copy.path.bytes + [TreePath.slash]))
        && copy.target.joined(TreePath(inner)) == target
    }
  }

  /// What the kustomization of a directory of the source refers to in the source.
  private func references(in directory: TreePath) -> [String] {
    for name in KustomizationFile.names {
      guard let content = source.content(directory.child(name)),
        let bytes = try? content.readAll(limit: KustomizationWalk.largestFile)
      else { continue }
      guard let document = (try? YAML.parse(bytes, as: .kustomize))?.first,
        !AliasBudget.isExceeded(by: [document], in: bytes)
      else { return [] }
      return (KustomizationFile(document)?.paths ?? []).filter { path in
        path.utf8.first != TreePath.slash && !KustomizeReference.isRemote(path)
      }
    }
    return []
  }
}
