import Content
import Document
import FluxModel
import Generation
package import Linting
import Objects
import Platform
import Publishing

/// Looks for what will not deploy in generators, their sources and their consumers, without a cluster.
package struct LintTree: Sendable {
  package let request: BuildRequest
  package let manifests: DeliveryManifests
  /// Files and generators that cannot be understood.
  package let errors: [InputError]
  /// What standard input had, if it was read.
  package let standardInput: [UInt8]?

  package init(
    _ request: BuildRequest, _ manifests: DeliveryManifests, errors: [InputError] = [],
    standardInput: [UInt8]? = nil
  ) {
    self.errors = errors
    self.request = request
    self.manifests = manifests
    self.standardInput = standardInput
  }

  /// - Throws: `OperationError` for what cannot be read.
  package func run() async throws -> LintReport {
    try await withTaskExecutorPreference(WorkThreads()) {
      let sources = try await BuildArtifacts(settled).sources(and: consumed)
      return try report(sources)
    }
  }

  /// Whether the controllers refuse references to other namespaces: a flag or a FluxInstance says so.
  private var forbidsCrossNamespace: Bool {
    request.forbidsCrossNamespace
      || manifests.objects.contains {
        ObjectID(of: $0)?.fluxKind == .fluxInstance
          && $0["spec", "cluster", "multitenant"]?.bool == true
      }
  }

  /// The sources that Kustomizations apply without a generator between.
  private var consumed: [ObjectID] {
    var seen: Set<ObjectID> = []
    return manifests.objects.compactMap { object in
      guard let id = DirectSourceRules.source(of: object), seen.insert(id).inserted else {
        return nil
      }
      return id
    }
  }

  private var settled: BuildRequest {
    var request = request
    request.forbidsCrossNamespace = forbidsCrossNamespace
    return request
  }

  private func report(_ sources: BuildSources) throws -> LintReport {
    let consumed = consumed
    let unused = request.mappings.unused(in: request.inputs)
      .filter { mapping in sources.used.map { !$0.contains(mapping.key) } ?? false }
      .filter { mapping in
        !consumed.contains { mapping.rank(of: .init($0), in: $0.namespace) != nil }
      }
    var planning = BuildPlanning(
      inputs: request.inputs, sources: sources,
      planner: GeneratorPlanner(
        forbidsCrossNamespace: forbidsCrossNamespace,
        spool: SpoolProvider(folder: request.temporaryFolder), explains: true),
      unused: unused)
    try planning.planMapped()
    let published = LintSources(request.inputs, sources, planning.plans)
    var input = LintInput(source: published.source, given: published.given)
    input.generators = request.inputs.enumerated().map { index, generator in
      LintInput.Generator(
        generator.generator, in: generator.namespace,
        at: LintPlace(manifest: generator.origin, generator.place),
        strictFindings: generator.strictFindings,
        plan: planning.plans[index].map { $0.map(\.plan) })
    }
    input.objects = zip(manifests.objects, manifests.origins).compactMap { object, origin in
      ObjectID(of: object).map {
        LintInput.Object(
          $0, object, at: LintPlace(manifest: origin.file, origin.place),
          omittedBy: manifests.omission(of: origin))
      }
    }
    input.unreadable = manifests.unreadable.map {
      LintInput.Unreadable(
        file: $0.file, text: $0.error.message, line: $0.error.line, column: $0.error.column)
    }
    input.hasUnreadGenerators = !errors.isEmpty
    let known = Set(input.unreadable.map(\.file))
    for error in errors {
      if let place = error.place {
        input.refused.append(
          LintInput.Refusal(
            place: LintPlace(manifest: error.file, place), file: error.file, text: error.reason))
      } else if !known.contains(error.file) {
        input.unreadable.append(
          LintInput.Unreadable(
            file: error.file, text: error.reason, line: error.line, column: error.column))
      }
    }
    input.hasGeneratedObjects = manifests.hasGeneratedObjects
    input.hasUnreadManifests = manifests.listsUnread
    input.forbidsCrossNamespace = forbidsCrossNamespace
    input.reports = reports(sources)
    let collisions = BuildCollisions(inputs: request.inputs, plans: planning.plans)
    input.repeated = collisions.repeated.map {
      LintInput.Problem(generator: $0.generator, text: collisions.sentence($0))
    }
    input.shared = collisions.shared.map {
      LintInput.Sharing(
        generators: $0.generators, text: collisions.sentence($0), fix: collisions.remedy($0))
    }
    input.missing = missing(planning)
    var places = LintPlaces(published, standardInput: standardInput)
    let files = manifests.files.union(request.inputs.map(\.origin))
    var report = places.report(of: Linter.findings(in: input), commentsIn: files)
    report.checked = checked(input)
    // One that is not used beside one that is lacking is a misspelled name.
    if !unused.isEmpty, let unmapped = planning.unmapped.error { throw unmapped }
    report.notes += unused.map { $0.unusedText(in: request.inputs) }
    // Green here, and not there: what nobody has added is not in the commit.
    let uncommitted = sources.read.values.compactMap { try? $0.get()?.uncommitted }
    report.notes += Set(uncommitted).sorted()
    return report
  }

  /// Generators, their artifacts where these are known, and consumers.
  private func checked(_ input: LintInput) -> [String] {
    var ids: [ObjectID] = []
    for generator in input.generators {
      // What fails because of its source has no finding of its own.
      if case .failure? = generator.plan { continue }
      ids.append(generator.id)
      guard case .success(let plan)? = generator.plan else { continue }
      ids += plan.artifacts.filter(\.lacking.isEmpty).map {
        ObjectID(
          FluxKind.externalArtifact.resource, namespace: generator.namespace, name: $0.name)
      }
    }
    ids += input.objects.map(\.id).filter { $0.fluxKind?.isConsumer == true }
    return ids.map { "\($0)" }
  }

  /// The sources that nothing is given for, and what hangs on each.
  private func missing(_ planning: BuildPlanning) -> [LintInput.MissingSource] {
    var artifacts: [UnmappedSources.Name: [String]] = [:]
    var generators: [UnmappedSources.Name: [Int]] = [:]
    for (index, input) in request.inputs.enumerated() {
      guard let missing = planning.missing[index] else { continue }
      switch planning.plans[index] {
      case .success(let planned)?:
        for artifact in planned.plan.artifacts {
          let names = artifact.lacking.reduce(into: Set<UnmappedSources.Name>()) {
            $0.formUnion(missing[$1] ?? [])
          }
          for name in names {
            let artifact = "\(input.namespace)/\(artifact.name)"
            // Two generators may make it.
            if artifacts[name]?.contains(artifact) != true {
              artifacts[name, default: []].append(artifact)
            }
          }
        }
      // It is said already why nothing of it is published.
      case .failure?: continue
      case nil:
        for name in missing.values.reduce(into: Set(), { $0.formUnion($1) }) {
          generators[name, default: []].append(index)
        }
      }
    }
    return planning.unmapped.entries.map { entry in
      var source = LintInput.MissingSource(
        generator: entry.index, alias: entry.name.alias, object: entry.name.object,
        flag: planning.unmapped.flag(for: entry))
      source.artifacts = artifacts[entry.name] ?? []
      source.generators = generators[entry.name] ?? []
      return source
    }
  }

  /// What is to be said of each source, once, however many generators use it.
  private func reports(_ sources: BuildSources) -> [LintInput.SourceReport] {
    var seen: Set<BuildSources.Key> = []
    var reports: [LintInput.SourceReport] = []
    for (index, input) in request.inputs.enumerated() {
      for source in input.generator.spec.sources {
        guard let mapping = sources.mappings.of(source, in: input.namespace) else { continue }
        let key = BuildSources.Key(
          mapping: mapping, identity: BuildSources.identity(of: source, in: input.namespace))
        guard seen.insert(key).inserted else { continue }
        if case .failure(let error as SourceFailure)? = sources.read[key] {
          var report = LintInput.SourceReport(
            generator: index, alias: source.alias, remarks: [], others: [])
          report.failure = error.message
          reports.append(report)
        }
        guard case .success(let read?)? = sources.read[key] else { continue }
        let known = Set(read.remarks.map(read.warning))
        reports.append(
          LintInput.SourceReport(
            generator: index, alias: source.alias, remarks: read.remarks,
            others: read.warnings.filter { !known.contains($0) }))
      }
    }
    return reports
  }
}

extension LintPlace {
  init(manifest file: String, _ place: ManifestPlace) {
    self.init(
      .manifest(file), document: place.document,
      field: LintField(place.items.flatMap { [.key("items"), .index($0)] }))
    objectDepth = field.steps.count
  }
}

/// What was found, with lines and columns.
package struct LintReport: Sendable {
  package struct Item: Sendable {
    package let rule: LintRule
    package let message: String
    package let fix: String
    /// Nil for a file that is only in an archive, a commit or another artifact, and has no other place.
    package let file: String?
    /// From 1.
    package let line: Int?
    /// In characters, from 1.
    package let column: Int?
    /// The field in the object; empty for the object itself.
    package let field: String
    /// `Kind/namespace/name`.
    package let subject: String
  }

  /// By file, line, column and rule.
  package var items: [Item] = []
  /// What a comment ignores.
  package var ignored = 0
  /// What was looked at, as `Kind/namespace/name`.
  package var checked: [String] = []
  /// Each `--source` that stands for nothing, a sentence each.
  package var notes: [String] = []

  package init() {}
}
