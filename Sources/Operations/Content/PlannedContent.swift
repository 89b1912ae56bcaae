import Content
import FluxModel
import Generation

/// An artifact of a generator before it is archived.
struct PlannedContent: Sendable {
  /// Where it is in the plan.
  let key: BuildPlanning.Upstream
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
  /// - Parameter namespace: Of the artifact; nil if the name alone is enough.
  /// - Throws: `OperationError` where no generator makes it or several do, or where its build fails.
  func planned(_ name: String, namespace: String?) async throws -> PlannedContent {
    try planned(name, namespace: namespace, from: try await sources())
  }

  /// The same from sources that have been read.
  func planned(
    _ name: String, namespace: String?, from sources: BuildSources
  ) throws -> PlannedContent {
    try planned(name, namespace: namespace, from: sources, plan(sources))
  }

  /// The same of a plan for them.
  func planned(
    _ name: String, namespace: String?, from sources: BuildSources, _ plan: Plan
  ) throws -> PlannedContent {
    if namespace == nil { try refuseAmbiguous(name, plan.plans) }
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
        guard let position = planned.plan.artifacts.firstIndex(where: { $0.name == name })
        else { continue }
        let artifact = planned.plan.artifacts[position]
        switch artifact.outcome {
        case .failure(let failure):
          throw OperationError(
            .invalidInput,
            "\(name) build failed: \(failure.message)" + (failure.hint.map { ": \($0)" } ?? ""))
        case .success(let staged):
          return PlannedContent(
            key: BuildPlanning.Upstream(generator: index, artifact: position), staged: staged,
            exclusions: artifact.exclusions, input: input, sources: sources,
            warnings: plan.report.warnings, notes: plan.report.notes)
        }
      case nil:
        continue
      }
    }
    throw OperationError(
      .notFound,
      "no generator of the input makes an ExternalArtifact "
        + (namespace.map { "\($0)/\(name)" } ?? name))
  }

  /// Generators of several namespaces may publish artifacts of one name.
  private func refuseAmbiguous(
    _ name: String, _ plans: BuildPlanning.Plans
  ) throws {
    var namespaces: [String] = []
    for (index, input) in request.inputs.enumerated() {
      guard case .success(let planned)? = plans[index],
        planned.plan.artifacts.contains(where: { $0.name == name }),
        !namespaces.contains(input.namespace)
      else { continue }
      namespaces.append(input.namespace)
    }
    guard namespaces.count > 1 else { return }
    throw OperationError(
      .invalidInput,
      "several generators make an ExternalArtifact \(name): use "
        + namespaces.map { "ea/\($0)/\(name)" }.joined(separator: " or "))
  }
}
