import Content
import Document
import FluxModel
import Generation
import Publishing

/// The paths of a repository that a build can depend on: while they stay the same, so does what it
/// publishes.
struct HistoryPaths {
  let request: BuildRequest
  /// In whose repository they are.
  let commit: BaseCommit

  /// - Returns: Paths from the root of the repository, sorted, none below another.
  func all() async throws -> [TreePath] {
    var found: Set<TreePath> = []
    for input in request.inputs {
      for source in input.generator.spec.sources {
        guard let mapping = request.mappings.of(source, in: input.namespace),
          let place = try await place(of: mapping)
        else { continue }
        guard place.isRoot, await isPlain(source, in: input.namespace) else {
          found.formUnion(Self.withIgnoreFiles(place))
          continue
        }
        for path in Self.copied(from: source.alias, by: input.generator) {
          found.formUnion(Self.withIgnoreFiles(path))
        }
      }
    }
    return found.filter { !Self.isBelowAny(of: found, $0) }.sorted()
  }

  /// Where a source begins in the repository; nil for one that is elsewhere.
  private func place(of mapping: SourceMapping) async throws -> TreePath? {
    switch SourceSpec(mapping.value) {
    case .git(let directory, _), .push(let directory, _):
      return try await commit.isOwn(directory) ? .root : nil
    case .folder(let path), .path(let path):
      return commit.relative(path)
    }
  }

  /// Whether what a source publishes below a path depends on no file elsewhere, but for `.sourceignore`
  /// files above it.
  private func isPlain(
    _ source: ArtifactGenerator.SourceReference, in namespace: String
  ) async -> Bool {
    guard source.kind == "GitRepository" else { return false }
    do {
      let found = try await request.objects.find(
        kind: source.kind, namespace: source.namespace ?? namespace, name: source.name)
      guard let spec = found?.object["spec"] else { return true }
      return spec["recurseSubmodules"]?.bool != true && spec["include"]?.array?.isEmpty != false
        && spec["sparseCheckout"]?.array?.isEmpty != false
    } catch {
      return false
    }
  }

  /// The files and directories that a generator reads of a source: the literal beginning of each pattern.
  private static func copied(
    from alias: String, by generator: ArtifactGenerator
  ) -> Set<TreePath> {
    var found: Set<TreePath> = []
    if let pattern = generator.spec.pathPattern { found.formUnion(beginning(of: pattern, alias)) }
    for artifact in generator.spec.artifacts {
      // The controller publishes the whole source then.
      if artifact.name == alias { return [.root] }
      for operation in artifact.copy { found.formUnion(beginning(of: operation.from, alias)) }
    }
    return found
  }

  /// The directories and file of `@alias/pattern` in front of its first special character; none for another
  /// source.
  private static func beginning(of text: String, _ alias: String) -> [TreePath] {
    // What cannot be read fails, whatever is in the source.
    guard let source = try? CopyRules.source(of: text), source.alias == alias else {
      return []
    }
    let special = Array("*?[]{}\\".utf8)
    let path = source.pattern.cleaned
    let literal = path.components.prefix { part in !part.contains { special.contains($0) } }
      .filter { !$0.isEmpty && !$0.elementsEqual(".".utf8) }
    guard !literal.contains(where: { $0.elementsEqual("..".utf8) }), !literal.isEmpty else {
      return [.root]
    }
    return [TreePath(literal.joined(separator: [TreePath.slash]))]
  }

  /// A path with the files above it that say what is left out of a source.
  private static func withIgnoreFiles(_ path: TreePath) -> [TreePath] {
    var result = [path]
    var folder = path
    while !folder.isRoot {
      folder = folder.directory
      result.append(folder.child(IgnoreRules.fileName))
    }
    return result
  }

  private static func isBelowAny(of folders: Set<TreePath>, _ path: TreePath) -> Bool {
    var folder = path
    while !folder.isRoot {
      folder = folder.directory
      if folders.contains(folder) { return true }
    }
    return false
  }
}
