import Content
import FluxModel
import Generation

/// An artifact of a generator before it is archived.
struct PlannedContent: Sendable {
  let staged: StagedArtifact
  let exclusions: [Exclusion]
  let input: GeneratorInput
  let sources: BuildSources
  /// What is to be said of it.
  let warnings: [String]
  let notes: [String]
}

extension BuildArtifacts {
  /// The artifact of a name.
  ///
  /// - Throws: `OperationError` where no generator makes it, or where its build fails.
  func planned(_ name: String, namespace: String?) async throws -> PlannedContent {
    try planned(name, namespace: namespace, from: try await sources())
  }

  /// The same from sources that have been read.
  func planned(
    _ name: String, namespace: String?, from sources: BuildSources
  ) throws -> PlannedContent {
    let plan = try plan(sources)
    for (index, input) in request.inputs.enumerated() {
      guard namespace.map({ $0 == input.namespace }) ?? true else { continue }
      switch plan.plans[index] {
      case .failure(let failure)?:
        let isNamed = input.generator.spec.artifacts.contains { $0.name == name }
        guard isNamed || input.generator.spec.pathPattern != nil else { continue }
        throw OperationError(
          .invalidInput,
          "\(input.namespace)/\(input.generator.name): \(failure.message)\(failure.stageNote)")
      case .success(let planned)?:
        guard let artifact = planned.plan.artifacts.first(where: { $0.name == name }) else {
          continue
        }
        switch artifact.outcome {
        case .failure(let failure):
          throw OperationError(
            .invalidInput,
            "\(name) build failed: \(failure.message)" + (failure.hint.map { ": \($0)" } ?? ""))
        case .success(let staged):
          return PlannedContent(
            staged: staged, exclusions: artifact.exclusions, input: input, sources: sources,
            warnings: plan.report.warnings, notes: plan.report.notes)
        }
      case nil:
        continue
      }
    }
    throw OperationError(
      .notFound, "no generator of the input makes an ExternalArtifact \(name)")
  }
}
