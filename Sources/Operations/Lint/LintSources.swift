import Content
import FluxModel
import Generation
import Linting
import Objects
import Platform
import Publishing

/// The files of the sources of an input by their paths: of each source one index, made when it is asked
/// for, however many generators use it.
final class LintSources {
  private let inputs: [GeneratorInput]
  private let sources: BuildSources
  private let plans: BuildPlanning.Plans
  private var indices: [Key: Index?] = [:]

  private enum Key: Hashable {
    case mapping(BuildSources.Key)
    case artifact(BuildPlanning.Upstream)
  }

  /// The files below a root; nil for a directory.
  private struct Index {
    var files: [TreePath: FileContent?] = [:]
    /// A folder that is read as it is, in place of the files.
    var tree: FileTree?
    var leftOut: [PublishedTree.LeftOut] = []
    /// Where the files are on disk.
    var folder: String?

    func isLink(_ path: TreePath) -> Bool {
      leftOut.contains { left in
        if case .link = left.reason { left.path == path } else { false }
      }
    }
  }

  init(_ inputs: [GeneratorInput], _ sources: BuildSources, _ plans: BuildPlanning.Plans) {
    self.inputs = inputs
    self.sources = sources
    self.plans = plans
  }

  func source(_ generator: Int, _ alias: String) -> LintInput.Source? {
    index(generator, alias).map(source)
  }

  /// What `--source` gives for an object, whoever uses it.
  func given(_ id: ObjectID) -> LintInput.Source? {
    for input in inputs {
      for source in input.generator.spec.sources where source.isOf(id, in: input.namespace) {
        if let index = mapped(source, in: input.namespace) { return self.source(index) }
      }
    }
    return mapped(ArtifactGenerator.SourceReference(id), in: id.namespace).map(self.source)
  }

  private func source(_ index: Index) -> LintInput.Source {
    LintInput.Source(
      kind: { path in
        if path.isRoot { return .directory }
        if let tree = index.tree {
          guard let node = try? tree.node(at: path) else { return nil }
          return node.kind == .directory ? .directory : .file
        }
        guard let found = index.files[path] else { return nil }
        return found == nil ? .directory : .file
      },
      absence: { path in
        index.leftOut.first { left in
          left.path == path || path.bytes.starts(with: left.path.bytes + [TreePath.slash])
        }.map { "\($0.path) is excluded: \($0.text)" }
      },
      content: { path in
        if let tree = index.tree {
          guard let node = try? tree.node(at: path), node.kind == .file else { return nil }
          return node.content
        }
        return index.files[path] ?? nil
      })
  }

  /// Where a file of a source is on disk, and what the source publishes of it; nil where it is nowhere.
  ///
  /// A file of an artifact of another generator is where that one copied it from.
  func file(_ generator: Int, _ alias: String, _ path: TreePath) -> (name: String, FileContent)? {
    if let upstream = upstream(generator, alias), let origin = staged(upstream)?.origin(of: path) {
      return file(upstream.generator, origin.alias, origin.source)
    }
    guard let index = index(generator, alias), let folder = index.folder else { return nil }
    let name = (folder.hasSuffix("/") ? folder : folder + "/") + String(nativeBytes: path.bytes)
    // What a link leads to is no part of the source.
    if index.isLink(path) { return (name, .empty) }
    guard Disk.isFile(name) else { return nil }
    if let tree = index.tree {
      return (try? tree.node(at: path)).map { (name, $0.content) }
    }
    // Whatever leaves it out, as `.sourceignore` itself.
    let onDisk = FileContent.disk(DiskDirectory(path: Array(".".utf8)), name: name.nativeBytes)
    return (name, (index.files[path] ?? nil) ?? onDisk)
  }

  private func index(_ generator: Int, _ alias: String) -> Index? {
    guard inputs.indices.contains(generator),
      let source = inputs[generator].generator.spec.sources.first(where: { $0.alias == alias })
    else { return nil }
    if let index = mapped(source, in: inputs[generator].namespace) { return index }
    guard let upstream = upstream(generator, alias), let staged = staged(upstream) else {
      return nil
    }
    return remember(.artifact(upstream)) {
      var index = Index()
      for entry in staged.entries where !entry.isIgnored {
        switch entry.kind {
        case .directory: index.files[entry.path] = .some(nil)
        case .file(let content, _): index.files[entry.path] = content
        }
      }
      return index
    }
  }

  private func mapped(
    _ source: ArtifactGenerator.SourceReference, in namespace: String
  ) -> Index? {
    guard let mapping = sources.mappings.of(source, in: namespace) else { return nil }
    let key = BuildSources.Key(
      mapping: mapping, identity: BuildSources.identity(of: source, in: namespace))
    return remember(.mapping(key)) { index(of: mapping, source, in: namespace) }
  }

  /// The artifact of another generator that an alias stands for.
  private func upstream(_ generator: Int, _ alias: String) -> BuildPlanning.Upstream? {
    guard case .success(let plan)? = plans[generator] else { return nil }
    return plan.upstream[alias]
  }

  private func staged(_ upstream: BuildPlanning.Upstream) -> StagedArtifact? {
    guard case .success(let producer)? = plans[upstream.generator],
      case .success(let staged) = producer.plan.artifacts[upstream.artifact].outcome
    else { return nil }
    return staged
  }

  private func remember(_ key: Key, _ make: () -> Index?) -> Index? {
    if let known = indices[key] { return known }
    let index = make()
    indices[key] = .some(index)
    return index
  }

  private func index(
    of mapping: SourceMapping, _ source: ArtifactGenerator.SourceReference, in namespace: String
  ) -> Index? {
    let isFolder = (try? Disk.status(of: mapping.path))?.kind == .directory
    var index = Index(folder: isFolder ? mapping.path : nil)
    guard let published = try? sources.published(mapping, for: source, in: namespace) else {
      guard isFolder, let resolved = try? Disk.resolved(mapping.path) else { return nil }
      index.tree = FileTree(disk: resolved)
      return index
    }
    for entry in published.published.entries {
      switch entry.kind {
      case .directory: index.files[entry.path] = .some(nil)
      case .file(let content): index.files[entry.path] = content
      }
    }
    index.leftOut = published.published.leftOut
    return index
  }
}

extension StagedArtifact {
  /// Where a file was copied from as it is; nil for any other.
  fileprivate func origin(of path: TreePath) -> Provenance? {
    guard let origin = entries.first(where: { $0.path == path })?.provenance,
      origin.action == .copied
    else { return nil }
    return origin
  }
}
