import Content
import FluxModel
import Generation
import Objects

/// Finds the artifacts of consumers: what `--source` gives, what a generator of the input makes, or what
/// the cluster publishes.
///
/// Used by one task: the trees that it returns are read while they are used.
final class RenderArtifacts {
  private let request: BuildRequest
  private let known: [ReadSource.Identity: Known]
  private let spool: SpoolProvider
  private var built: (sources: BuildSources, plan: BuildArtifacts.Plan)?
  private var found: [ReadSource.Identity: Found] = [:]
  private var revisions: [ReadSource.Identity: String] = [:]
  /// What is good to know of them, each once.
  private(set) var notes: [String] = []

  /// - Parameter known: artifacts that were built already, and their revisions.
  init(_ request: BuildRequest, known: [ReadSource.Identity: Known] = [:]) {
    self.request = request
    self.known = known
    spool = SpoolProvider(folder: request.temporaryFolder)
  }

  /// An artifact that was built already.
  struct Known: Sendable {
    let content: StagedArtifact
    let revision: String?
  }

  /// What stands for an artifact.
  private struct Found {
    let tree: FileTree
    let revision: Revision
  }

  private enum Revision {
    /// Nil where nothing says it.
    case known(String?)
    /// It is that of the tree as source-watcher would archive it.
    case archived
    /// The same of what a generator makes, if the revision is not that of one of its sources.
    case planned(PlannedContent, BuildRevisions)
  }

  /// The tree of the artifact that a consumer applies.
  ///
  /// - Parameter namespace: of the consumer.
  /// - Throws: where there is none, or where it cannot be read or built.
  func tree(of identity: ReadSource.Identity, for namespace: String) async throws -> FileTree {
    try await artifact(identity, for: namespace).tree
  }

  /// The revision of the artifact: what `--revision` says, or its own; nil where it is not known.
  ///
  /// - Throws: as ``tree(of:for:)``.
  func revision(
    of identity: ReadSource.Identity, for namespace: String
  ) async throws -> String? {
    if let given = request.revisions.of(Self.source(identity), in: namespace) {
      return given.value
    }
    if let known = revisions[identity] { return known }
    let found = try await artifact(identity, for: namespace)
    let revision: String?
    switch found.revision {
    case .known(let known): revision = known
    case .archived:
      let archive = try archived(StagedArtifact(name: identity.name, tree: found.tree))
      revision = "latest@\(archive.digest)"
    case .planned(let planned, let all):
      let archive = BuildArtifacts.Archived(
        archive: try archived(planned.staged), path: nil, warning: nil)
      revision = all.revision(of: planned.key, archives: [planned.key: .success(archive)])
    }
    if revision == nil {
      note([
        "the revision of \(identity.text) is unknown, so it is not in the chart's version: set "
          + "--revision \(identity.key)=REVISION"
      ])
    }
    revisions[identity] = revision
    return revision
  }

  private func archived(_ artifact: StagedArtifact) throws -> ArchivedArtifact {
    try ArtifactArchiver(
      compressor: request.compressor, algorithm: request.algorithm, listsFiles: false
    ).archive(artifact) { _ in }
  }

  private func artifact(
    _ identity: ReadSource.Identity, for namespace: String
  ) async throws -> Found {
    if let known = found[identity] { return known }
    let artifact = try await find(identity, for: namespace)
    found[identity] = artifact
    return artifact
  }

  private static func source(_ identity: ReadSource.Identity) -> ArtifactGenerator.SourceReference {
    ArtifactGenerator.SourceReference(
      alias: "", kind: identity.kind, name: identity.name, namespace: identity.namespace)
  }

  private func find(
    _ identity: ReadSource.Identity, for namespace: String
  ) async throws -> Found {
    if let known = known[identity] {
      return Found(tree: try Self.tree(of: known.content), revision: .known(known.revision))
    }
    let source = Self.source(identity)
    let isArtifact = identity.kind == FluxKind.externalArtifact.resource.kind
    if let mapping = request.mappings.of(source, in: namespace) ?? mapping(of: identity) {
      let read = try await SourceReader(request).read(mapping, as: identity)
      note((read?.warnings ?? []) + (read?.notes ?? []))
      let key = BuildSources.Key(mapping: mapping, identity: identity)
      let sources = BuildSources(
        mappings: [mapping], read: [key: .success(read)], sizeLimit: request.sizeLimit)
      // An ExternalArtifact has the revision of what source-watcher archived.
      let revision = isArtifact ? nil : read?.revision
      return Found(
        tree: try sources.tree(mapping, for: source, in: namespace, spool: spool).tree,
        revision: revision.map { .known($0) } ?? .archived)
    }
    if isArtifact, !request.inputs.isEmpty, let planned = try await planned(identity) {
      return planned
    }
    if let content = request.content,
      let kind = ClusterContent.kinds.first(where: { $0.resource.kind == identity.kind })
    {
      let (tree, revision) = try await content.tree(
        ObjectID(kind.resource, namespace: identity.namespace, name: identity.name))
      return Found(tree: tree, revision: .known(revision))
    }
    throw OperationError(
      .notFound,
      "its source \(identity.text) is unknown: set --source \(identity.key)=SPEC"
        + (isArtifact ? ", or name the generator that publishes it with -f" : "")
        + ", or use --from-cluster")
  }

  /// What `--source` says of the alias that a generator of the input has for a source.
  private func mapping(of identity: ReadSource.Identity) -> SourceMapping? {
    for input in request.inputs {
      for source in input.generator.spec.sources
      where BuildSources.identity(of: source, in: input.namespace) == identity {
        if let mapping = request.mappings.of(source, in: input.namespace) { return mapping }
      }
    }
    return nil
  }

  private func note(_ texts: [String]) {
    for text in texts where !notes.contains(text) { notes.append(text) }
  }

  /// What a generator of the input makes; nil where none does.
  private func planned(_ identity: ReadSource.Identity) async throws -> Found? {
    let build = BuildArtifacts(request)
    let sources: BuildSources
    let plan: BuildArtifacts.Plan
    if let built {
      (sources, plan) = built
    } else {
      sources = try await build.sources()
      plan = try build.plan(sources)
      built = (sources, plan)
      note(plan.report.warnings + plan.report.notes)
    }
    do {
      let planned = try build.planned(
        identity.name, namespace: identity.namespace, from: sources, plan)
      return Found(
        tree: try Self.tree(of: planned.staged), revision: .planned(planned, plan.revisions))
    } catch let error as OperationError where error.kind == .notFound {
      return nil
    }
  }

  private static func tree(of artifact: StagedArtifact) throws -> FileTree {
    let tree = FileTree()
    for entry in artifact.entries where !entry.path.isRoot && !entry.isIgnored {
      switch entry.kind {
      case .directory:
        if tree.plainNode(at: entry.path) == nil {
          try tree.place(FileTree.newDirectory(), at: entry.path)
        }
      case .file(let content, let mode):
        try tree.place(FileTree.newFile(content, mode: mode), at: entry.path)
      }
    }
    return tree
  }
}
