import Content
import FluxModel
import Generation
import Objects

/// Builds what ArtifactGenerators publish, without a cluster.
package struct BuildArtifacts: Sendable {
  package let request: BuildRequest
  /// Called from several tasks.
  package let progress: @Sendable (BuildProgress) -> Void

  package init(
    _ request: BuildRequest,
    progress: @escaping @Sendable (BuildProgress) -> Void = { _ in }
  ) {
    self.request = request
    self.progress = progress
  }

  /// - Parameters:
  ///   - width: how many artifacts to compress at once: the number of cores.
  ///   - deadline: artifacts that are not finished then have failed.
  /// - Throws: `OperationError` for what is wrong with the request, or if the time is over before
  ///   there is a plan; what is wrong with a generator or artifact is in the report.
  package func run(width: Int, until deadline: Deadline? = nil) async throws -> BuildReport {
    let prepared = try await prepare(until: deadline)
    return try await run(prepared, width: width, until: deadline)
  }

  /// What two builds can do side by side: none of it needs all cores.
  package struct Prepared: Sendable {
    fileprivate let plan: Plan
  }

  /// Reads the sources and plans all artifacts.
  ///
  /// - Throws: As ``run(width:until:)``.
  package func prepare(until deadline: Deadline? = nil) async throws -> Prepared {
    try await withTaskExecutorPreference(WorkThreads()) {
      let sources = try await deadline.run { try await self.sources() }
      return Prepared(plan: try await deadline.run { try self.plan(sources) })
    }
  }

  /// Archives what was prepared by the same request.
  package func run(
    _ prepared: Prepared, width: Int, until deadline: Deadline? = nil
  ) async throws -> BuildReport {
    try await withTaskExecutorPreference(WorkThreads()) {
      let plan = prepared.plan
      let archives = try await archive(plan.plans, width: width, until: deadline)
      var report = plan.report
      fill(&report, plans: plan.plans, archives: archives, revisions: plan.revisions)
      return report
    }
  }

  /// All that is known before anything is compressed.
  struct Plan: Sendable {
    let plans: BuildPlanning.Plans
    let revisions: BuildRevisions
    /// With the warnings.
    let report: BuildReport
  }

  /// Reads what the sources publish, each once.
  ///
  /// - Parameter others: Source objects that are read if something stands for them, too, whether a generator
  ///   uses them or not.
  func sources(and others: [ObjectID] = []) async throws -> BuildSources {
    let reader = SourceReader(request)
    var read: [BuildSources.Key: Result<ReadSource?, any Error>] = [:]
    let used = request.inputs.flatMap { input in
      input.generator.spec.sources.map { (source: $0, namespace: input.namespace) }
    }
    let wanted =
      used + others.map { (ArtifactGenerator.SourceReference($0), $0.namespace) }
    for (source, namespace) in wanted {
      guard let mapping = request.mappings.of(source, in: namespace) else { continue }
      let identity = BuildSources.identity(of: source, in: namespace)
      let key = BuildSources.Key(mapping: mapping, identity: identity)
      guard read[key] == nil else { continue }
      do {
        read[key] = .success(try await reader.read(mapping, as: identity))
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        read[key] = .failure(error)
      }
    }
    var sources = BuildSources(
      mappings: request.mappings, read: read, sizeLimit: request.sizeLimit)
    sources.restored = request.restored
    if let content = request.content {
      sources.fetched = try await ClusterSources(request: request).fetch(from: content)
    }
    return sources
  }

  func plan(_ sources: BuildSources) throws -> Plan {
    if let output = request.outputDirectory {
      try BuildOutputPlace(directory: output).check(request.inputs, request.mappings)
    }
    var planning = BuildPlanning(
      inputs: request.inputs,
      sources: sources,
      planner: GeneratorPlanner(
        forbidsCrossNamespace: request.forbidsCrossNamespace,
        spool: SpoolProvider(folder: request.temporaryFolder),
        explains: request.explains
      ),
      unused: unused(request.mappings, sources), madeElsewhere: request.madeElsewhere
    )
    try planning.planAll()
    var report = BuildReport(compressor: request.compressor)
    let collisions = BuildCollisions(inputs: request.inputs, plans: planning.plans)
    if request.outputDirectory != nil, let refusal = collisions.refusal {
      throw OperationError(.invalidArgument, refusal)
    }
    if let output = request.outputDirectory {
      try BuildOutputPlace(directory: output)
        .check(planning.plans, request.mappings, extracts: request.extracts)
    }
    report.warnings = planning.warnings + collisions.warnings
    try sources.tell(&report, digests: request.digestsSources, request.compressor)
    setRevisions(of: &report)
    let named = request.mappings + request.revisions + request.originRevisions
    // It may be used in what cannot be read.
    if request.inputErrors.isEmpty {
      report.warnings += unused(named, sources).map { $0.unusedText(in: request.inputs) }
    }
    let revisions = try BuildRevisions(
      request: request, plans: planning.plans, sources: sources)
    return Plan(plans: planning.plans, revisions: revisions, report: report)
  }

  /// What stands on the command line and is meant by nothing, if that is worth saying.
  private func unused(_ named: [SourceMapping], _ sources: BuildSources) -> [SourceMapping] {
    guard request.warnsOfUnused else { return [] }
    return named.unused(in: request.inputs).filter { mapping in
      guard case .object = mapping.key, request.mappings.contains(mapping) else { return true }
      // Other sources draw on it, or one that could not be read might.
      return sources.used.map { !$0.contains(mapping.key) } ?? false
    }
  }

  /// What `--revision` says of a source is so.
  private func setRevisions(of report: inout BuildReport) {
    for index in report.sources.indices {
      guard let identity = report.sources[index].identity else { continue }
      for input in request.inputs {
        let source = input.generator.spec.sources.first {
          BuildSources.identity(of: $0, in: input.namespace) == identity
        }
        guard let source, let given = request.revisions.of(source, in: input.namespace) else {
          continue
        }
        report.sources[index].revision = given.value
      }
    }
  }

  private struct Job {
    let key: BuildPlanning.Upstream
    let namespace: String
    let staged: StagedArtifact
    let directory: String?
  }

  typealias Archives = [BuildPlanning.Upstream: Result<Archived, BuildFailure>]

  struct Archived: Sendable {
    let archive: ArchivedArtifact
    let path: String?
    let warning: String?
  }

  /// Compresses all artifacts, several at once.
  private func archive(
    _ plans: BuildPlanning.Plans, width: Int, until deadline: Deadline?
  ) async throws -> Archives {
    var jobs: [Job] = []
    for index in request.inputs.indices {
      guard case .success(let planned)? = plans[index] else { continue }
      for (position, artifact) in planned.plan.artifacts.enumerated() {
        guard case .success(let staged) = artifact.outcome else { continue }
        let isMeant = isSelected(request.inputs[index])
        let directory = request.outputDirectory.flatMap {
          isMeant ? "\($0)/\(planned.plan.namespace)/\(artifact.name)" : nil
        }
        jobs.append(
          Job(
            key: BuildPlanning.Upstream(generator: index, artifact: position),
            namespace: planned.plan.namespace,
            staged: staged,
            directory: directory
          )
        )
      }
    }
    let total = jobs.count
    return try await withThrowingTaskGroup(
      of: (BuildPlanning.Upstream, Result<Archived, BuildFailure>)?.self
    ) { group in
      defer { group.cancelAll() }
      if let deadline {
        group.addTask {
          try await deadline.passes()
          return nil
        }
      }
      var waiting = jobs.makeIterator()
      func startNext() {
        guard let job = waiting.next() else { return }
        group.addTask { (job.key, try run(job)) }
      }
      for _ in 0..<max(1, width) {
        startNext()
      }
      var results: Archives = [:]
      while results.count < total, let next = try await group.next() {
        // The time is over.
        guard let (key, result) = next else { break }
        results[key] = result
        progress(.finished(results.count, of: total))
        startNext()
      }
      return results
    }
  }

  private func isSelected(_ input: GeneratorInput) -> Bool {
    request.selected?.contains(
      BuildReport.ObjectName(namespace: input.namespace, name: input.generator.name)) ?? true
  }

  private func run(_ job: Job) throws -> Result<Archived, BuildFailure> {
    if job.directory == nil,
      let archive = try request.known.archive(of: job.staged, in: job.namespace, for: request)
    {
      return .success(Archived(archive: archive, path: nil, warning: nil))
    }
    let archiver = ArtifactArchiver(
      compressor: request.compressor,
      algorithm: request.algorithm,
      listsFiles: request.listsFiles
    )
    do {
      let output = try job.directory.map {
        try BuildOutputFile(in: $0, unfinished: request.unfinished)
      }
      let archive = try archiver.archive(
        job.staged,
        progress: { progress(.read(bytes: $0)) },
        into: { try output?.write($0) }
      )
      try output?.finish(as: archive.filename)
      var warning: String?
      if request.extracts, let directory = job.directory {
        warning = try BuildOutputTree(directory: directory, unfinished: request.unfinished)
          .write(job.staged)
      }
      return .success(
        Archived(
          archive: archive,
          path: job.directory.map { "\($0)/\(archive.filename)" },
          warning: warning
        )
      )
    } catch let failure as BuildFailure {
      return .failure(failure)
    }
  }

  private func fill(
    _ report: inout BuildReport, plans: BuildPlanning.Plans, archives: Archives,
    revisions: BuildRevisions
  ) {
    for (index, input) in request.inputs.enumerated() where isSelected(input) {
      let generator = BuildReport.ObjectName(
        namespace: input.namespace, name: input.generator.name)
      switch plans[index] {
      case .failure(let failure)?:
        report.errors.append(BuildReport.GeneratorError(generator: generator, failure))
      case .success(let planned)?:
        var failed: String?
        for (position, artifact) in planned.plan.artifacts.enumerated() {
          let key = BuildPlanning.Upstream(generator: index, artifact: position)
          if case .success(let archived)? = archives[key], let warning = archived.warning {
            report.warnings.append(warning)
          }
          let item = item(
            artifact, of: planned.plan, key: key, archives: archives,
            revisions: revisions, blockedBy: failed)
          report.items.append(item)
          if failed == nil, case .failure(let failure) = item.outcome, failure != .outOfTime {
            failed = artifact.name
          }
        }
      case nil:
        break
      }
    }
  }

  private func item(
    _ artifact: PlannedArtifact,
    of plan: GeneratorPlan,
    key: BuildPlanning.Upstream,
    archives: Archives,
    revisions: BuildRevisions,
    blockedBy: String?
  ) -> BuildReport.Item {
    let outcome: Result<BuildReport.Built, BuildFailure>
    switch archives[key] {
    case .success(let archived)?:
      outcome = .success(
        BuildReport.Built(
          archive: archived.archive,
          revision: revisions.revision(of: key, archives: archives),
          originRevision: revisions.originRevision(of: key, archives: archives),
          path: archived.path,
          content: request.keepsContent ? try? artifact.outcome.get() : nil
        )
      )
    case .failure(let failure)?:
      outcome = .failure(failure)
    case nil:
      switch artifact.outcome {
      case .failure(let failure): outcome = .failure(failure)
      case .success: outcome = .failure(.outOfTime)
      }
    }
    return BuildReport.Item(
      generator: BuildReport.ObjectName(
        namespace: plan.namespace, name: plan.generator.name),
      name: artifact.name,
      namespace: plan.namespace,
      labels: plan.generator.publishedLabels(
        captures: artifact.request.captures.map { ($0.name, $0.value) }),
      annotations: plan.generator.publishedAnnotations,
      copy: artifact.request.artifact.copy,
      exclusions: artifact.exclusions,
      ignored: request.explains ? artifact.ignored : [],
      outcome: outcome,
      blockedBy: blockedBy
    )
  }
}

extension BuildFailure {
  /// Ours, not the controller's: the build was ended first.
  static let outOfTime = BuildFailure("was not finished before the timeout")
}

/// How far a build is.
package enum BuildProgress: Sendable {
  /// Content bytes since the last report.
  case read(bytes: Int)
  case finished(Int, of: Int)
}
