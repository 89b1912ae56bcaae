package import Archive
package import Content
package import Document
import FluxModel
import Generation
package import KubeAPI
import Objects

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

    /// What distinguishes it from another one, such as `go1.26`, or `go1.26 and sha256`.
    func named(apartFrom other: Recipe) -> String {
      var parts: [String] = []
      if compressor != other.compressor { parts.append(compressor.rawValue) }
      if algorithm != other.algorithm { parts.append(algorithm.rawValue) }
      return parts.joined(separator: " and ")
    }
  }

  /// Which parts of a recipe were set by flags: only the others may be found out.
  package struct Choice: Sendable {
    package var compressor: Bool
    package var algorithm: Bool

    package init(compressor: Bool, algorithm: Bool) {
      self.compressor = compressor
      self.algorithm = algorithm
    }
  }

  private let generators: [BuildReport.ObjectName]
  private let recipe: Recipe
  private let choice: Choice
  /// Those of the generators whose manifests disable them.
  private let disabled: [BuildReport.ObjectName]
  private let build: @Sendable (Recipe) async throws -> BuildReport

  /// - Parameters:
  ///   - inputs: What is built: a generator that comes to nothing shows in no report.
  ///   - recipe: The one to begin with.
  ///   - choice: What of it was set by flags: the rest is found out when the contents are the same and
  ///     the digests are not.
  ///   - build: Builds the generators.
  package init(
    of inputs: [GeneratorInput],
    recipe: Recipe,
    choice: Choice,
    build: @escaping @Sendable (Recipe) async throws -> BuildReport
  ) {
    var generators: [BuildReport.ObjectName] = []
    var disabled: [BuildReport.ObjectName] = []
    for input in inputs {
      let name = BuildReport.ObjectName(namespace: input.namespace, name: input.generator.name)
      if !generators.contains(name) { generators.append(name) }
      let manifest: Value = ["metadata": ["annotations": .object(input.generator.annotations)]]
      if Suspension.isSuspended(manifest, kind: .artifactGenerator) { disabled.append(name) }
    }
    self.disabled = disabled
    self.generators = generators
    self.recipe = recipe
    self.choice = choice
    self.build = build
  }

  /// Compares with what another build publishes.
  ///
  /// - Parameters:
  ///   - base: Made by the same recipe.
  ///   - others: The generators of the base: those that the input lacks publish nothing any longer.
  ///   - users: Objects that may use artifacts, as they will be.
  ///   - oldUsers: The same as they are at the base.
  ///   - errors: What of the manifests of either side cannot be read.
  ///   - cluster: What says the rest of the users, and what is suspended; nil for nothing.
  /// - Throws: What the build throws.
  package func run(
    against base: BuildReport, of others: [GeneratorInput], users: [Value], from oldUsers: [Value],
    errors: (old: [InputError], new: [InputError]), on cluster: (any Cluster)?
  ) async throws -> DiffReport {
    let built = try await build(recipe)
    let published = await PublishedArtifacts(
      base, users: users, on: cluster, fallback: generators.first?.namespace)
    var all = generators
    for input in others {
      let name = BuildReport.ObjectName(namespace: input.namespace, name: input.generator.name)
      if !all.contains(name) { all.append(name) }
    }
    var report = DiffReport(built, recipe)
    report.baseErrors = base.errors
    report.baseFailures = base.failures.filter { $0.artifact != nil }
    report.inputErrors = errors.new
    report.baseInputErrors = errors.old
    report.notes = published.notes
    report.changedSources = Self.changed(from: base.sources, to: built.sources)
    report.consumerChanges =
      ConsumerChanges(
        from: .init(manifests: oldUsers, isComplete: errors.old.isEmpty),
        to: .init(manifests: users, isComplete: errors.new.isEmpty), isPartial: false
      ).found
    let live = published.consumers.objects
    let oldOwn = ConsumerChanges.Side(manifests: oldUsers, isComplete: true).objects
    let own = ConsumerChanges.Side(manifests: users, isComplete: true).objects
    report.users = (
      live.merging(oldOwn) { $1 },
      live.filter { oldOwn[$0.key] == nil }.merging(own) { $1 }
    )
    var comparison = DiffComparison(
      published: published, isRecipeKnown: true, recipe: recipe, explanation: recipe,
      explained: [:], disabled: disabled)
    // It may be in what cannot be read.
    if !errors.new.isEmpty { comparison.unknown = all.filter { !generators.contains($0) } }
    comparison.fill(&report, from: built, generators: all)
    return report
  }

  /// - Parameter users: Objects that may use artifacts, as they will be.
  /// - Throws: What the build throws, and failures of the cluster other than lack of rights.
  package func run(
    on cluster: any Cluster, users: [Value] = [], errors: [InputError] = []
  ) async throws -> DiffReport {
    let first = try await build(recipe)
    let published = try await PublishedArtifacts(of: generators, on: cluster, users: users)
    // By which of the recipes that we know the published digests came about.
    var explaining = first
    var explanation = recipe
    if Self.hasSameContentsOnly(first, published) {
      for other in Self.recipes(published) where other != recipe {
        let report = try await build(other)
        if Self.matches(report, published) > Self.matches(explaining, published) {
          explaining = report
          explanation = other
        }
      }
    }
    let chosenRecipe = Recipe(
      compressor: choice.compressor ? recipe.compressor : explanation.compressor,
      algorithm: choice.algorithm ? recipe.algorithm : explanation.algorithm)
    let chosen =
      chosenRecipe == explanation
      ? explaining : chosenRecipe == recipe ? first : try await build(chosenRecipe)
    var report = DiffReport(chosen, chosenRecipe)
    report.notes = published.notes
    report.inputErrors = errors
    report.consumerChanges =
      ConsumerChanges(
        from: published.consumers, to: .init(manifests: users, isComplete: true), isPartial: true
      ).found
    let live = published.consumers.objects
    report.users = (
      live, live.merging(ConsumerChanges.Side(manifests: users, isComplete: true).objects) { $1 }
    )
    if chosenRecipe != recipe {
      report.notes.append(
        "the published archives use \(explanation.compressor.rawValue) and "
          + "\(explanation.algorithm.rawValue): predicted "
          + (chosenRecipe == explanation
            ? "so"
            : "with \(chosenRecipe.compressor.rawValue) and \(chosenRecipe.algorithm.rawValue)"))
    }
    let others = Self.algorithms(published).filter { $0 != chosenRecipe.algorithm }
    if choice.algorithm, !others.isEmpty {
      report.notes.append(
        "the published digests are \(others.map(\.rawValue).joined(separator: ", ")); predicted with "
          + "\(chosenRecipe.algorithm.rawValue), as requested")
    }
    let comparison = DiffComparison(
      published: published,
      // One digest that matches shows how the controller works.
      isRecipeKnown: choice.compressor || Self.matches(explaining, published) > 0,
      recipe: chosenRecipe,
      explanation: explanation,
      explained: Self.digests(explaining),
      disabled: disabled)
    comparison.fill(&report, from: chosen, generators: generators)
    return report
  }

  /// The objects whose sources are other commits, or may be.
  private static func changed(
    from old: [SourceSummary], to new: [SourceSummary]
  ) -> [ObjectID] {
    func isSame(_ one: SourceSummary, _ other: SourceSummary) -> Bool {
      guard one.commit == other.commit, one.commit != nil else { return false }
      return one.changes?.isDirty != true && other.changes?.isDirty != true
    }
    return new.compactMap { source in
      guard let identity = source.identity, source.commit != nil,
        let kind = FluxKind.allCases.first(where: { $0.resource.kind == identity.kind }),
        !old.contains(where: { $0.identity == source.identity && isSame($0, source) })
      else { return nil }
      return ObjectID(kind, namespace: identity.namespace, name: identity.name)
    }
  }

  private static func digests(_ report: BuildReport) -> [ObjectID: String] {
    var digests: [ObjectID: String] = [:]
    for item in report.items {
      guard case .success(let built) = item.outcome else { continue }
      let id = ObjectID(.externalArtifact, namespace: item.namespace, name: item.name)
      digests[id] = "\(built.archive.digest)"
    }
    return digests
  }

  /// Every way of making archives that we know and that the published digests do not exclude.
  private static func recipes(_ published: PublishedArtifacts) -> [Recipe] {
    algorithms(published).flatMap { algorithm in
      Compressor.allCases.map { Recipe(compressor: $0, algorithm: algorithm) }
    }
  }

  /// Those of the published digests, sorted.
  private static func algorithms(_ published: PublishedArtifacts) -> [DigestAlgorithm] {
    var algorithms: [DigestAlgorithm] = []
    for artifact in published.artifacts.values {
      guard let prefix = artifact.state.digest?.split(separator: ":").first,
        let algorithm = DigestAlgorithm(rawValue: String(prefix)), !algorithms.contains(algorithm)
      else { continue }
      algorithms.append(algorithm)
    }
    return algorithms.sorted { $0.rawValue < $1.rawValue }
  }

  private static func pairs(
    _ report: BuildReport,
    _ published: PublishedArtifacts
  ) -> [(BuildReport.Built, DiffReport.State)] {
    report.items.compactMap { item in
      let id = ObjectID(.externalArtifact, namespace: item.namespace, name: item.name)
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

extension DiffReport {
  /// What a build says besides what it publishes.
  fileprivate init(_ build: BuildReport, _ recipe: DiffArtifacts.Recipe) {
    self.init(compressor: recipe.compressor)
    warnings = build.warnings
    remarks = build.notes
    sources = build.sources
  }
}
