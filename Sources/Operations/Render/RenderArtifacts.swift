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
  private let spool: SpoolProvider
  private var built: (sources: BuildSources, plan: BuildArtifacts.Plan)?
  private var trees: [ReadSource.Identity: FileTree] = [:]
  /// What is good to know of them, each once.
  private(set) var notes: [String] = []

  init(_ request: BuildRequest) {
    self.request = request
    spool = SpoolProvider(folder: request.temporaryFolder)
  }

  /// The tree of the artifact that a consumer applies.
  ///
  /// - Parameter namespace: of the consumer.
  /// - Throws: where there is none, or where it cannot be read or built.
  func tree(of identity: ReadSource.Identity, for namespace: String) async throws -> FileTree {
    if let known = trees[identity] { return known }
    let tree = try await find(identity, for: namespace)
    trees[identity] = tree
    return tree
  }

  private func find(
    _ identity: ReadSource.Identity, for namespace: String
  ) async throws -> FileTree {
    let source = ArtifactGenerator.SourceReference(
      alias: "", kind: identity.kind, name: identity.name, namespace: identity.namespace)
    if let mapping = request.mappings.of(source, in: namespace) {
      let read = try await SourceReader(request).read(mapping, as: identity)
      note((read?.warnings ?? []) + (read?.notes ?? []))
      let key = BuildSources.Key(mapping: mapping, identity: identity)
      let sources = BuildSources(
        mappings: [mapping], read: [key: .success(read)], sizeLimit: request.sizeLimit)
      return try sources.tree(mapping, for: source, in: namespace, spool: spool).tree
    }
    let isArtifact = identity.kind == FluxKind.externalArtifact.resource.kind
    if isArtifact, !request.inputs.isEmpty, let staged = try await planned(identity) {
      return try Self.tree(of: staged)
    }
    if let content = request.content,
      let kind = ClusterContent.kinds.first(where: { $0.resource.kind == identity.kind })
    {
      return try await content.tree(
        ObjectID(kind.resource, namespace: identity.namespace, name: identity.name))
    }
    throw OperationError(
      .notFound,
      "its source \(identity.text) is unknown: set --source \(identity.key)=SPEC"
        + (isArtifact ? ", or name the generator that publishes it with -f" : "")
        + ", or use --from-cluster")
  }

  private func note(_ texts: [String]) {
    for text in texts where !notes.contains(text) { notes.append(text) }
  }

  /// What a generator of the input makes; nil where none does.
  private func planned(_ identity: ReadSource.Identity) async throws -> StagedArtifact? {
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
      return try build.planned(
        identity.name, namespace: identity.namespace, from: sources, plan
      ).staged
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
