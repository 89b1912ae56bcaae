import FluxModel
import Objects

/// The sources that a build takes from the cluster: those that nothing on the command line stands for.
struct ClusterSources {
  typealias Fetched = [ReadSource.Identity: Result<ClusterContent.Fetched, any Error>]

  let request: BuildRequest

  /// Fetches them, several in parallel.
  ///
  /// Whether one that fails is needed is not known yet.
  func fetch(from content: ClusterContent) async throws -> Fetched {
    var identities: [ReadSource.Identity] = []
    for input in request.inputs {
      for source in input.generator.spec.sources {
        let identity = BuildSources.identity(of: source, in: input.namespace)
        guard request.mappings.of(source, in: input.namespace) == nil, !isBuilt(identity),
          !identities.contains(identity)
        else { continue }
        identities.append(identity)
      }
    }
    let wanted = identities.compactMap { identity -> (ReadSource.Identity, ObjectID)? in
      let kind = ClusterContent.kinds.first { $0.resource.kind == identity.kind }
      return kind.map {
        (identity, ObjectID($0.resource, namespace: identity.namespace, name: identity.name))
      }
    }
    let results = await ClusterContent.each(wanted.map { $0.1 }) { try await content.fetch($0) }
    try Task.checkCancellation()
    return Dictionary(uniqueKeysWithValues: zip(wanted.map { $0.0 }, results))
  }

  /// Whether a generator of the input is known to make it.
  private func isBuilt(_ identity: ReadSource.Identity) -> Bool {
    identity.kind == FluxKind.externalArtifact.resource.kind
      && request.inputs.contains { input in
        input.namespace == identity.namespace
          && input.generator.spec.artifacts.contains { $0.name == identity.name }
      }
  }
}

extension BuildSources {
  /// What was fetched for a source; nil where nothing was asked for.
  ///
  /// - Throws: why it could not be.
  func fetched(
    for source: ArtifactGenerator.SourceReference, in namespace: String
  ) throws -> ClusterContent.Fetched? {
    guard mappings.of(source, in: namespace) == nil else { return nil }
    return try fetched[BuildSources.identity(of: source, in: namespace)]?.get()
  }

  /// What was fetched, for a report.
  var fetchedSummaries: [SourceSummary] {
    fetched.sorted { $0.key.key < $1.key.key }.compactMap { identity, result in
      guard case .success(let found) = result else { return nil }
      var summary = SourceSummary(name: identity.key, identity: identity, origin: .cluster)
      summary.revision = found.artifact.revision
      summary.digest = found.artifact.digest
      return summary
    }
  }
}
