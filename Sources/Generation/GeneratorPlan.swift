package import Content
package import FluxModel

/// What one ArtifactGenerator would publish, before anything is compressed.
package struct GeneratorPlan: Sendable {
  package let generator: ArtifactGenerator
  /// Where the generator and its artifacts live.
  package let namespace: String
  /// In the controller's order.
  package let artifacts: [PlannedArtifact]
  package let warnings: [PlanWarning]
}

/// What is to be said of a plan that works.
package struct PlanWarning: Sendable, CustomStringConvertible {
  package enum Topic: Sendable {
    /// An artifact has the name of an alias.
    case aliasName
    /// The path pattern matches no directory.
    case noDirectory
    /// What an artifact's files become.
    case content
  }

  package let topic: Topic
  /// The artifact that it is about; nil for the generator.
  package let artifact: String?
  package let description: String
}

/// One artifact of a plan.
package struct PlannedArtifact: Sendable {
  /// With placeholders filled in.
  package let request: ArtifactRequest
  package let outcome: Result<StagedArtifact, BuildFailure>
  /// The artifact whose failure stops the controller before it comes to this one.
  package let blockedBy: String?
  /// What `exclude` kept out; empty unless it was asked for.
  package let exclusions: [Exclusion]
  /// Aliases of sources that it is made of and that are not known, in the order of its copy operations.
  ///
  /// With any, the outcome is no content: it is a failure where the artifact fails whatever is in them, and
  /// empty where that is not known.
  package var lacking: [String] = []

  package var name: String {
    request.artifact.name
  }

  /// Files that are staged and that the archive leaves out.
  package var ignored: [IgnoredFile] {
    guard case .success(let staged) = outcome else { return [] }
    return staged.entries.compactMap { entry in
      guard let pattern = entry.ignoredBy, case .file = entry.kind else { return nil }
      return IgnoredFile(path: entry.path, pattern: pattern, provenance: entry.provenance)
    }
  }
}

/// A file that was copied and that the controller's archive filter drops.
package struct IgnoredFile: Sendable {
  package let path: TreePath
  /// The pattern of the filter.
  package let pattern: String
  package let provenance: Provenance?
}

/// Plans generators in the order of the controller's own steps: validation, expansion of the path
/// pattern, then artifact after artifact (`reconcile` in `artifactgenerator_controller.go`).
package struct GeneratorPlanner {
  package let forbidsCrossNamespace: Bool
  /// Where archives are unpacked to, if there are any.
  package let spool: SpoolProvider

  /// Whether plans say what was excluded.
  package let explains: Bool

  package init(forbidsCrossNamespace: Bool, spool: SpoolProvider, explains: Bool) {
    self.forbidsCrossNamespace = forbidsCrossNamespace
    self.spool = spool
    self.explains = explains
  }

  /// - Parameters:
  ///   - generator: what to plan.
  ///   - namespace: where it lives.
  ///   - sources: the trees by alias. An artifact with the name of an alias changes that tree for those
  ///     behind it, as it does in the controller's workspace: in a copy.
  ///   - absences: what is not in them, by alias, for hints.
  ///   - unknown: aliases of sources whose content is not known, none of them in `sources` or in the path
  ///     pattern. Artifacts that need one are planned in part (``PlannedArtifact/lacking``).
  /// - Throws: `GeneratorFailure` where no artifact would be built.
  package func plan(
    _ generator: ArtifactGenerator,
    in namespace: String,
    sources: [String: FileTree],
    absences: [String: [SourceAbsence]] = [:],
    unknown: Set<String> = []
  ) throws(GeneratorFailure) -> GeneratorPlan {
    try validate(generator, in: namespace)
    var sources = sources
    for alias in unknown { sources[alias] = FileTree() }
    let requests = try generator.artifactRequests { [sources] in sources[$0] }
    var warnings: [PlanWarning] = []
    var artifacts: [PlannedArtifact] = []
    var failed: String?
    var changed: Set<String> = []
    for request in requests {
      let name = request.artifact.name
      if let shared = sources[name] {
        if changed.insert(name).inserted { sources[name] = shared.copy() }
        warnings.append(
          PlanWarning(
            topic: .aliasName, artifact: name,
            description:
              "\(name): the artifact has the same name as a source alias: the controller publishes the "
              + "whole source together with the copied files; rename the artifact or the alias"))
      }
      let lacking = request.artifact.aliases(in: unknown)
      var planner = CopyPlanner(
        sources: sources,
        staging: sources[name] ?? FileTree(),
        artifact: name,
        spool: spool,
        explains: explains,
        absences: absences
      )
      let outcome =
        lacking.isEmpty
        ? planner.stage(request.artifact.copy)
        : planner.certainFailure(of: request.artifact.copy, unknown: unknown).map { .failure($0) }
          ?? .success(StagedArtifact(name: name, entries: []))
      warnings += planner.warnings.map {
        PlanWarning(topic: .content, artifact: name, description: $0)
      }
      artifacts.append(
        PlannedArtifact(
          request: request,
          outcome: outcome,
          blockedBy: failed,
          exclusions: planner.exclusions,
          lacking: lacking
        )
      )
      if failed == nil, case .failure = outcome {
        failed = name
      }
    }
    if requests.isEmpty {
      warnings.append(
        PlanWarning(
          topic: .noDirectory, artifact: nil,
          description:
            "\(generator.name): pathPattern \(generator.spec.pathPattern ?? "") matches no directory: "
            + "the controller would delete every artifact of this generator"))
    }
    return GeneratorPlan(
      generator: generator, namespace: namespace, artifacts: artifacts, warnings: warnings)
  }

  /// Only what the controller itself checks, in its words.
  package func validate(
    _ generator: ArtifactGenerator,
    in namespace: String
  ) throws(GeneratorFailure) {
    try generator.validate(
      namespace: namespace, allowsOtherNamespaces: !forbidsCrossNamespace)
  }
}

extension OutputArtifact {
  /// Those of some aliases that it is made of: by a copy operation, or because it has the name of one.
  fileprivate func aliases(in some: Set<String>) -> [String] {
    guard !some.isEmpty else { return [] }
    var found: [String] = []
    for alias in copy.compactMap({ try? CopyRules.source(of: $0).alias }) + [name]
    where some.contains(alias) && !found.contains(alias) {
      found.append(alias)
    }
    return found
  }
}

extension CopyPlanner {
  /// Why the operations fail whatever is in the sources that are not known.
  ///
  /// Each of the others is tried by itself: what hangs on what is there before it is not known either.
  fileprivate func certainFailure(
    of operations: [CopyOperation], unknown: Set<String>
  ) -> BuildFailure? {
    for operation in operations {
      if let source = try? CopyRules.source(of: operation), unknown.contains(source.alias),
        (try? CopyRules.destination(of: operation)) != nil,
        (try? ExcludeRules(operation.exclude)) != nil
      {
        continue
      }
      var alone = CopyPlanner(
        sources: sources, staging: FileTree(), artifact: artifact, spool: spool, explains: false,
        absences: absences)
      if case .failure(let failure) = alone.stage([operation]) { return failure }
    }
    return nil
  }

  mutating func stage(_ operations: [CopyOperation]) -> Result<StagedArtifact, BuildFailure> {
    do throws(BuildFailure) {
      try apply(operations)
      return .success(try StagedArtifact(name: artifact, tree: staging))
    } catch {
      return .failure(error)
    }
  }
}
