import FluxModel
import Generation

/// Finds the revisions that artifacts take from their sources (`setArtifactRevisions` in
/// `artifactgenerator_controller.go`).
struct BuildRevisions {
  private let revisions: [SourceMapping]
  private let originRevisions: [SourceMapping]
  private let plans: BuildPlanning.Plans
  private let sources: BuildSources

  /// - Throws: `OperationError` where an artifact's revision is its source's and unknown.
  init(
    request: BuildRequest, plans: BuildPlanning.Plans, sources: BuildSources
  ) throws(OperationError) {
    self.sources = sources
    revisions = request.revisions
    originRevisions = request.originRevisions
    self.plans = plans
    guard request.needsRevisions else { return }
    for index in request.inputs.indices {
      guard case .success(let planned)? = plans[index] else { continue }
      for artifact in planned.plan.artifacts {
        guard let alias = artifact.request.artifact.revisionAlias,
          planned.upstream[alias] == nil, revision(of: alias, planned) == nil
        else { continue }
        throw OperationError(
          .invalidArgument,
          "artifact \(planned.plan.namespace)/\(artifact.name) uses the revision of "
            + "source '\(alias)': add --revision \(alias)=REVISION, for example main@sha1:<commit>")
      }
    }
  }

  /// Nil for what is not built, and for an unknown revision of a source.
  func revision(
    of key: BuildPlanning.Upstream,
    archives: BuildArtifacts.Archives
  ) -> String? {
    guard case .success(let archived)? = archives[key] else { return nil }
    guard let (planned, artifact) = planned(key),
      let alias = artifact.request.artifact.revisionAlias
    else { return "latest@\(archived.archive.digest)" }
    return observed(alias, of: planned, archives: archives)
  }

  /// The source's own origin where it has one, else its revision; `nil` where neither is known.
  func originRevision(
    of key: BuildPlanning.Upstream,
    archives: BuildArtifacts.Archives
  ) -> String? {
    guard let (planned, artifact) = planned(key),
      let alias = artifact.request.artifact.originRevisionAlias,
      planned.plan.generator.spec.sources.contains(where: { $0.alias == alias })
    else { return nil }
    if let upstream = planned.upstream[alias] {
      return originRevision(of: upstream, archives: archives)
        ?? revision(of: upstream, archives: archives)
    }
    return given(originRevisions, alias, planned) ?? read(alias, planned)?.originRevision
      ?? fetched(alias, planned)?.artifact.originRevision ?? revision(of: alias, planned)
  }

  /// What a flag sets, else that of the source itself.
  private func revision(
    of alias: String, _ planned: BuildPlanning.PlannedGenerator
  ) -> String? {
    given(revisions, alias, planned) ?? read(alias, planned)?.revision
      ?? fetched(alias, planned)?.artifact.revision
  }

  private func fetched(
    _ alias: String, _ planned: BuildPlanning.PlannedGenerator
  ) -> ClusterContent.Fetched? {
    planned.plan.generator.spec.sources.first { $0.alias == alias }.flatMap {
      try? sources.fetched(for: $0, in: planned.plan.namespace)
    }
  }

  private func read(
    _ alias: String, _ planned: BuildPlanning.PlannedGenerator
  ) -> ReadSource? {
    let namespace = planned.plan.namespace
    guard let source = planned.plan.generator.spec.sources.first(where: { $0.alias == alias }),
      let mapping = sources.mappings.of(source, in: namespace)
    else { return nil }
    return try? sources.published(mapping, for: source, in: namespace)
  }

  /// What the command line says of the source behind an alias.
  private func given(
    _ values: [SourceMapping],
    _ alias: String,
    _ planned: BuildPlanning.PlannedGenerator
  ) -> String? {
    planned.plan.generator.spec.sources.first { $0.alias == alias }
      .flatMap { values.of($0, in: planned.plan.namespace)?.value }
  }

  private func observed(
    _ alias: String,
    of planned: BuildPlanning.PlannedGenerator,
    archives: BuildArtifacts.Archives
  ) -> String? {
    if let upstream = planned.upstream[alias] {
      return revision(of: upstream, archives: archives)
    }
    return revision(of: alias, planned)
  }

  private func planned(
    _ key: BuildPlanning.Upstream
  ) -> (BuildPlanning.PlannedGenerator, PlannedArtifact)? {
    guard case .success(let planned)? = plans[key.generator],
      planned.plan.artifacts.indices.contains(key.artifact)
    else { return nil }
    return (planned, planned.plan.artifacts[key.artifact])
  }
}
