import Content
import FluxModel
import Generation
import Publishing

/// Plans the generators of an input in the order in which they feed each other.
struct BuildPlanning {
  let inputs: [GeneratorInput]
  let sources: BuildSources
  let planner: GeneratorPlanner
  /// See ``BuildRequest/madeElsewhere``.
  private let madeElsewhere: Set<String>
  private(set) var warnings: [String] = []
  private(set) var plans: Plans = [:]
  private(set) var unmapped: UnmappedSources
  /// Which of those a generator hangs on, by its place and the alias of the source through which it does.
  private(set) var missing: [Int: [String: Set<UnmappedSources.Name>]] = [:]
  /// Generators with such a source of which nothing is planned.
  private var unplanned: Set<Int> = []
  /// Whether what does not hang on such a source is planned.
  private var plansInPart = false
  /// What was read of the sources: most generators read the same few.
  private var trees: [TreeKey: FileTree] = [:]

  private struct TreeKey: Hashable {
    /// Nil for what was fetched.
    let mapping: SourceMapping?
    let identity: ReadSource.Identity
    /// In what is said of it.
    let alias: String
  }

  /// - Parameter unused: Each `--source` that no source of the inputs is meant by.
  init(
    inputs: [GeneratorInput], sources: BuildSources, planner: GeneratorPlanner,
    unused: [SourceMapping] = [], madeElsewhere: Set<String> = []
  ) {
    self.madeElsewhere = madeElsewhere
    self.inputs = inputs
    self.sources = sources
    self.planner = planner
    unmapped = UnmappedSources(unused: unused.map { $0.unusedText(in: inputs) })
  }

  /// By the place of a generator in the input.
  typealias Plans = [Int: Result<PlannedGenerator, GeneratorFailure>]

  /// A generator's plan, and which artifacts of other plans are among its sources.
  struct PlannedGenerator {
    let plan: GeneratorPlan
    /// Alias to the artifact that another generator publishes.
    let upstream: [String: Upstream]
  }

  struct Upstream: Hashable {
    let generator: Int
    let artifact: Int
  }

  /// - Throws: `OperationError` for sources that are not mapped, all in one, and for a cycle.
  mutating func planAll() throws {
    for index in inputs.indices {
      _ = try plan(index, chain: [])
    }
    if let error = unmapped.error {
      throw error
    }
  }

  /// Plans what can be planned: of what draws on sources that are not mapped, only what does not hang on
  /// them (``PlannedArtifact/lacking``); nothing of a generator that needs itself.
  ///
  /// - Throws: `OperationError` for a source that cannot be read.
  mutating func planMapped() throws {
    plansInPart = true
    for index in inputs.indices {
      do {
        _ = try plan(index, chain: [])
      } catch let error as OperationError where error.kind == .cycle {
        continue
      }
    }
    for index in unplanned { plans[index] = nil }
  }

  private struct Link {
    let generator: Int
    let artifact: String
  }

  private mutating func plan(
    _ index: Int,
    chain: [Link]
  ) throws -> Result<PlannedGenerator, GeneratorFailure> {
    if let done = plans[index] {
      return done
    }
    let result: Result<PlannedGenerator, GeneratorFailure>
    do {
      result = .success(try planUnfailing(index, chain: chain))
    } catch let failure as GeneratorFailure {
      result = .failure(failure)
    }
    plans[index] = result
    return result
  }

  private mutating func planUnfailing(_ index: Int, chain: [Link]) throws -> PlannedGenerator {
    let input = inputs[index]
    try planner.validate(input.generator, in: input.namespace)
    var trees: [String: FileTree] = [:]
    var upstream: [String: Upstream] = [:]
    var absences: [String: [SourceAbsence]] = [:]
    var failure: GeneratorFailure?
    var missing: [String: Set<UnmappedSources.Name>] = [:]
    for source in input.generator.spec.sources {
      try Task.checkCancellation()
      do {
        if let mapping = sources.mappings.of(source, in: input.namespace) {
          trees[source.alias] = try tree(mapping, for: source, in: input.namespace)
          absences[source.alias] = try sources.published(mapping, for: source, in: input.namespace)?
            .published.leftOut.map { SourceAbsence(path: $0.path, reason: $0.text) }
        } else if let produced = try producer(of: source, for: index, chain: chain) {
          switch produced {
          case .tree(let tree, let place):
            trees[source.alias] = tree
            upstream[source.alias] = place
          case .unknown(let sources):
            missing[source.alias] = sources
          }
        } else if let tree = try fetchedTree(of: source, in: input.namespace) {
          trees[source.alias] = tree
        } else if source.kind == "ExternalArtifact",
          madeElsewhere.contains("\(source.namespace ?? input.namespace)/\(source.name)")
        {
          throw GeneratorFailure(
            reason: .sourceFetchFailed, isTerminal: false,
            message: "get sources failed: no generator publishes ExternalArtifact "
              + "\(source.namespace ?? input.namespace)/\(source.name)")
        } else {
          missing[source.alias] = [unmapped.add(source, of: index, input)]
        }
      } catch let error as GeneratorFailure {
        // The sources behind it may not be mapped either.
        failure = failure ?? error
      } catch let error as OperationError where plansInPart && error.unmappedInclude != nil {
        missing[source.alias] = [
          unmapped.add(source, including: error.unmappedInclude, of: index, input)
        ]
      }
    }
    if !missing.isEmpty { self.missing[index] = missing }
    if let failure {
      throw failure
    }
    if !missing.isEmpty {
      let alias = input.generator.spec.pathPatternParts?.alias
      guard plansInPart, alias.map({ missing[$0] == nil }) ?? true else {
        unplanned.insert(index)
        throw BuildPlanning.notMapped
      }
    }
    let plan = try planner.plan(
      input.generator, in: input.namespace, sources: trees, absences: absences,
      unknown: Set(missing.keys))
    for warning in plan.warnings {
      warnings.append("\(input.namespace)/\(input.generator.name): \(warning)")
    }
    return PlannedGenerator(plan: plan, upstream: upstream)
  }

  /// The tree that a mapping names; not to be changed.
  ///
  /// - Throws: as `BuildSources.tree`.
  private mutating func tree(
    _ mapping: SourceMapping, for source: ArtifactGenerator.SourceReference, in namespace: String
  ) throws -> FileTree {
    let key = TreeKey(
      mapping: mapping, identity: BuildSources.identity(of: source, in: namespace),
      alias: source.alias)
    if let known = trees[key] { return known }
    let found = try sources.tree(mapping, for: source, in: namespace, spool: planner.spool)
    if let warning = found.warning, !warnings.contains(warning) { warnings.append(warning) }
    trees[key] = found.tree
    return found.tree
  }

  /// The tree of a source that was fetched, nil where none was; not to be changed.
  ///
  /// - Throws: as `BuildSources.fetchedTree`.
  private mutating func fetchedTree(
    of source: ArtifactGenerator.SourceReference, in namespace: String
  ) throws -> FileTree? {
    let key = TreeKey(
      mapping: nil, identity: BuildSources.identity(of: source, in: namespace),
      alias: source.alias)
    if let known = trees[key] { return known }
    let found = try sources.fetchedTree(of: source, in: namespace, spool: planner.spool)
    trees[key] = found
    return found
  }

  /// Never shown: `planAll` reports in one error what is not mapped.
  private static let notMapped = GeneratorFailure(
    reason: .sourceFetchFailed, isTerminal: false, message: "a source is not mapped")

  private enum Produced {
    case tree(FileTree, Upstream)
    /// It hangs on sources that are not mapped.
    case unknown(Set<UnmappedSources.Name>)
  }

  /// The artifact of another generator that an ExternalArtifact source names.
  private mutating func producer(
    of source: ArtifactGenerator.SourceReference,
    for consumer: Int,
    chain: [Link]
  ) throws -> Produced? {
    guard source.kind == "ExternalArtifact" else { return nil }
    let namespace = source.namespace ?? inputs[consumer].namespace
    let link = Link(generator: consumer, artifact: "\(namespace)/\(source.name)")
    for (index, input) in inputs.enumerated() where input.namespace == namespace {
      let isNamed = input.generator.spec.artifacts.contains { $0.name == source.name }
      guard isNamed || input.generator.spec.pathPattern != nil else { continue }
      let isOnTheWay = index == consumer || chain.contains { $0.generator == index }
      if isOnTheWay {
        // A pattern that is being expanded right now can only be asked once it is.
        guard isNamed else { continue }
        throw cycle(chain + [link], backTo: index)
      }
      guard case .success(let planned) = try plan(index, chain: chain + [link]) else {
        if unplanned.contains(index) { return .unknown(sources(missingOf: index)) }
        guard isNamed else { continue }
        throw GeneratorFailure(
          reason: .sourceFetchFailed,
          isTerminal: false,
          message: "get sources failed: ExternalArtifact \(namespace)/\(source.name) is not built: "
            + "its generator \(input.namespace)/\(input.generator.name) fails"
        )
      }
      guard let position = planned.plan.artifacts.firstIndex(where: { $0.name == source.name })
      else { continue }
      let artifact = planned.plan.artifacts[position]
      switch artifact.outcome {
      case .success where !artifact.lacking.isEmpty:
        return .unknown(sources(missingOf: index, through: artifact.lacking))
      case .success(let staged):
        return .tree(
          try FileTree(published: staged), Upstream(generator: index, artifact: position))
      case .failure:
        throw GeneratorFailure(
          reason: .sourceFetchFailed,
          isTerminal: false,
          message: "get sources failed: ExternalArtifact \(namespace)/\(source.name) is not built: "
            + "its build fails"
        )
      }
    }
    return nil
  }

  /// - Parameter aliases: Nil for all.
  private func sources(
    missingOf generator: Int, through aliases: [String]? = nil
  ) -> Set<UnmappedSources.Name> {
    (missing[generator] ?? [:]).filter { aliases?.contains($0.key) ?? true }.values
      .reduce(into: []) { $0.formUnion($1) }
  }

  private func cycle(_ chain: [Link], backTo index: Int) -> OperationError {
    let start = chain.firstIndex { $0.generator == index } ?? 0
    let steps = chain[start...].map { link in
      "\(inputs[link.generator].namespace)/\(inputs[link.generator].generator.name) "
        + "needs ExternalArtifact \(link.artifact)"
    }
    let last = chain[chain.count - 1].artifact
    return OperationError(
      .cycle,
      "the generators depend on each other: \(steps.joined(separator: ", ")): "
        + "map one of them with --source ExternalArtifact/\(last)=PATH")
  }
}
