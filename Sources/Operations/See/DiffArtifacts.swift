package import Archive
package import Content
import Document
import FluxModel
import Generation
package import KubeAPI

/// Compares what generators will publish with what a cluster publishes now.
package struct DiffArtifacts: Sendable {
  /// How archives are made: the controller's release and flags decide, and they show only in digests.
  package struct Recipe: Sendable, Hashable {
    package var compressor: Compressor
    package var algorithm: DigestAlgorithm

    package init(compressor: Compressor, algorithm: DigestAlgorithm) {
      self.compressor = compressor
      self.algorithm = algorithm
    }
  }

  private let generators: [BuildReport.ObjectName]
  private let recipe: Recipe
  private let isRecipeGiven: Bool
  private let build: @Sendable (Recipe) async throws -> BuildReport

  /// - Parameters:
  ///   - inputs: What is built: a generator that comes to nothing shows in no report.
  ///   - recipe: The one to begin with.
  ///   - isRecipeGiven: Whether somebody chose it: otherwise others are tried when the contents are
  ///     the same and the digests are not.
  ///   - build: Builds the generators.
  package init(
    of inputs: [GeneratorInput],
    recipe: Recipe,
    isRecipeGiven: Bool,
    build: @escaping @Sendable (Recipe) async throws -> BuildReport
  ) {
    var generators: [BuildReport.ObjectName] = []
    for input in inputs {
      let name = BuildReport.ObjectName(namespace: input.namespace, name: input.generator.name)
      if !generators.contains(name) { generators.append(name) }
    }
    self.generators = generators
    self.recipe = recipe
    self.isRecipeGiven = isRecipeGiven
    self.build = build
  }

  /// - Throws: What the build throws, and failures of the cluster other than lack of rights.
  package func run(on cluster: any Cluster) async throws -> DiffReport {
    let first = try await build(recipe)
    let published = try await PublishedArtifacts(of: generators, on: cluster)
    var chosen = first
    var chosenRecipe = recipe
    if !isRecipeGiven, Self.hasSameContentsOnly(first, published) {
      for other in Self.recipes(published) where other != recipe {
        let report = try await build(other)
        if Self.matches(report, published) > Self.matches(chosen, published) {
          chosen = report
          chosenRecipe = other
        }
      }
    }
    var report = DiffReport(compressor: chosenRecipe.compressor)
    report.warnings = chosen.warnings
    report.notes = published.notes
    if chosenRecipe != recipe {
      report.notes.append(
        "the published archives are made with \(chosenRecipe.compressor.rawValue) and "
          + "\(chosenRecipe.algorithm.rawValue): predicted so")
    }
    let comparison = DiffComparison(
      published: published,
      // One digest that is met tells how the controller works.
      isRecipeKnown: isRecipeGiven || Self.matches(chosen, published) > 0)
    comparison.fill(&report, from: chosen, generators: generators)
    return report
  }

  /// Every way of making archives that we know and that the published digests do not exclude.
  private static func recipes(_ published: PublishedArtifacts) -> [Recipe] {
    var algorithms: [DigestAlgorithm] = []
    for artifact in published.artifacts.values {
      guard let prefix = artifact.state.digest?.split(separator: ":").first,
        let algorithm = DigestAlgorithm(rawValue: String(prefix)), !algorithms.contains(algorithm)
      else { continue }
      algorithms.append(algorithm)
    }
    return algorithms.sorted { $0.rawValue < $1.rawValue }.flatMap { algorithm in
      Compressor.allCases.map { Recipe(compressor: $0, algorithm: algorithm) }
    }
  }

  private static func pairs(
    _ report: BuildReport,
    _ published: PublishedArtifacts
  ) -> [(BuildReport.Built, DiffReport.State)] {
    report.items.compactMap { item in
      let id = NodeID(.externalArtifact, namespace: item.namespace, name: item.name)
      guard case .success(let built) = item.outcome, let state = published.artifacts[id]?.state
      else { return nil }
      return (built, state)
    }
  }

  private static func matches(_ report: BuildReport, _ published: PublishedArtifacts) -> Int {
    pairs(report, published).count { "\($0.0.archive.digest)" == $0.1.digest }
  }

  private static func hasSameContentsOnly(
    _ report: BuildReport,
    _ published: PublishedArtifacts
  ) -> Bool {
    pairs(report, published).contains { built, state in
      built.archive.filename == state.filename && "\(built.archive.digest)" != state.digest
    }
  }
}
