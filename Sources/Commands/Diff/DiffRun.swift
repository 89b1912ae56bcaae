import Differences
import Document
import FluxModel
import Generation
import KubeAPI
import Objects
import Operations
import Platform

/// Settles both sides of a `diff` and compares them.
struct DiffRun<T: Tool, Flags: SnapshotReader> {
  let tool: T.Type
  let subject: DiffSubject
  let input: BuildInputOptions
  let present: PresentInputOptions
  let base: DiffBaseOptions
  let fetching: FetchOptions
  /// How far to look into what has to be fetched; nil for not at all.
  let depth: DiffDepth?
  let noise: NoiseFilter
  /// How to compare what consumers apply; nil for not at all.
  let renders: Rendered?
  /// Whether to check what changes.
  let lints: Bool
  let cluster: Flags
  let surroundings: Surroundings

  struct Rendered {
    let noise: NoiseFilter
    let showsSecrets: Bool
    let mode: DiffReport.RenderedMode
    let target: RenderConsumers.Target
  }

  struct Comparison {
    let report: DiffReport
    /// What is wrong with the manifests of the input.
    let inputWarnings: [String]
    let places: DiffPlaces
  }

  func compare() async throws -> Comparison {
    if lints, input.files.isEmpty { throw UsageError("--lint requires -f") }
    switch subject {
    case .artifacts, .published:
      guard renders == nil else { throw UsageError("--rendered requires -f FILE or ag/NAME") }
    case .files, .generators: break
    }
    switch subject {
    case .files: return try await compareFiles()
    case .generators(let queries):
      return try await compare(on: try await cluster.session(tool, in: surroundings), queries)
    case .artifacts(let old, let new): return try await compareArtifacts(old, new)
    case .published: return try await comparePublished()
    }
  }

  private func compareFiles() async throws -> Comparison {
    let chosen = try base.chosen()
    switch chosen {
    case nil where base.mergeBase == nil && base.baseSources.isEmpty, .cluster?:
      guard base.baseSources.isEmpty else {
        throw UsageError("--base-source requires a --base that is built, such as REF")
      }
      return try await compare(on: try await cluster.session(tool, in: surroundings))
    case .context(let name)?:
      return try await compare(on: try await otherCluster(name))
    case .snapshot(let path)?:
      let snapshot = try Snapshot.load(path, readInput: surroundings.readInput)
      return try await compare(on: ClusterSession(snapshot, namespace: offlineNamespace))
    case nil, .commit?, .directory?, .archive?:
      return try await compareBuilds(chosen)
    }
  }

  private var offlineNamespace: String {
    cluster.place.offlineNamespace(of: tool, in: surroundings)
  }

  private func otherCluster(_ context: String) async throws -> ClusterSession {
    guard cluster.snapshotPath == nil else {
      throw UsageError("--base context:\(context) and --snapshot are mutually exclusive")
    }
    guard cluster.connection.context == nil else {
      throw UsageError("--base context:\(context) and --context are mutually exclusive")
    }
    return try await cluster.session(tool, context: context, in: surroundings)
  }

  // MARK: - Against what a cluster publishes

  /// - Parameter queries: The generators that are meant, in place of those of files.
  private func compare(
    on session: ClusterSession, _ queries: [ObjectQuery] = []
  ) async throws -> Comparison {
    let meter = FetchProgressMeter(surroundings)
    defer { meter.clear() }
    let inputs = try await ClusterGenerators(on: session.cluster, in: session.namespace)
      .read(queries)
    var built = try await input.request(
      for: tool, present, cluster, sessionNamespace: session.namespace, inputs: inputs,
      collectsErrors: true, in: surroundings)
    if !queries.isEmpty, session.forwarding != nil {
      built.content = try fetching.content(of: session, onBytes: meter.report, in: surroundings)
        .keeping
    }
    built.needsRevisions = false
    built.objects.cluster = session.cluster
    if !built.forbidsCrossNamespace, built.crossesNamespaces {
      do {
        built.forbidsCrossNamespace =
          try await ClusterController(on: session.cluster).forbidsCrossNamespace
      } catch let error where error is APIError || error is OperationError {
        let warning =
          "cannot determine whether the controller allows cross-namespace sources: \(error); assuming "
          + "that it does; set --no-cross-namespace-refs if not"
        surroundings.warn(warning)
        built.warnings.append(warning)
      }
    }
    built.keepsContent = true
    let users = try input.users(in: session.namespace)
    var report = try await operation(built).run(
      on: session.cluster, users: users.objects,
      errors: built.inputErrors + users.inputErrors(besides: built.inputErrors))
    try await look(into: &report, on: session)
    if let renders {
      guard session.forwarding != nil else {
        throw UsageError(
          "--rendered requires files, which a snapshot does not contain: compare with the cluster, "
            + "or with --base REF")
      }
      let content =
        try built.content
        ?? fetching.content(of: session, onBytes: meter.report, in: surroundings).keeping
      var published = built
      published.inputs = []
      published.mappings = []
      published.content = content
      built.content = content
      var live = RenderReferences()
      live.cluster = session.cluster
      var references = references(input.manifests, input.files, session.namespace)
      references.cluster = session.cluster
      try await render(
        &report, renders, from: .init(build: published, references: live),
        to: .init(build: built, references: references), session.namespace, session)
    }
    if lints { report.lint = try await DiffLint.items(of: report, built, users) }
    return Comparison(
      report: report, inputWarnings: built.warnings, places: DiffPlaces(built.inputs, users))
  }

  private func references(
    _ manifests: [String], _ files: [String], _ namespace: String
  ) -> RenderReferences {
    RenderReferences(manifests: manifests, files: files, namespace: namespace)
  }

  /// Adds what changes in the objects that consumers apply.
  private func render(
    _ report: inout DiffReport, _ renders: Rendered, from old: DiffRendered.Side,
    to new: DiffRendered.Side, _ namespace: String, _ session: ClusterSession?
  ) async throws {
    var rendered = DiffRendered(from: old, to: new, namespace: namespace, noise: renders.noise)
    rendered.target = renders.target
    rendered.showsSecrets = renders.showsSecrets
    if renders.mode != .base, let session, let cluster = session.writer {
      rendered.live = LiveCluster(
        cluster, session.resolver, asksServer: renders.mode == .server)
    }
    try await rendered.fill(&report, width: ThisProcess.coreCount)
  }

  /// Adds what changes inside of artifacts, if that was asked for.
  private func look(into report: inout DiffReport, on session: ClusterSession) async throws {
    guard let depth else {
      report.findContentFailures()
      report.findImpact()
      return
    }
    let meter = FetchProgressMeter(surroundings)
    defer { meter.clear() }
    try await DiffContent(depth, fetch: try content(of: session, meter)).fill(&report)
  }

  /// What brings published content; nil where there is no server.
  private func content(
    of session: ClusterSession, _ meter: FetchProgressMeter
  ) throws -> (@Sendable (ObjectID) async throws -> ContentListing)? {
    guard session.forwarding != nil else { return nil }
    let content = try fetching.content(of: session, onBytes: meter.report, in: surroundings)
    return { id in try await content.listing(id) }
  }

  // MARK: - What is published

  private func compareArtifacts(_ old: String, _ new: String) async throws -> Comparison {
    let session = try await cluster.session(tool, in: surroundings)
    let meter = FetchProgressMeter(surroundings)
    defer { meter.clear() }
    func id(_ name: String) -> ObjectID {
      ObjectID(.externalArtifact, namespace: session.namespace, name: name)
    }
    let report = try await DiffPublished.run(
      from: id(old), to: id(new), on: session.cluster, depth: depth,
      fetch: try content(of: session, meter))
    return Comparison(report: report, inputWarnings: [], places: DiffPlaces())
  }

  private func comparePublished() async throws -> Comparison {
    guard case .snapshot(let path)? = try base.chosen() else { return try await compareFiles() }
    let old = try Snapshot.load(path, readInput: surroundings.readInput)
    let session = try await cluster.session(tool, in: surroundings)
    var report = try await DiffPublished.run(
      from: old, to: session.cluster, in: cluster.place.given)
    report.base = path
    if depth != nil {
      report.remarks.append("only digests are compared, because a snapshot has no content")
    }
    return Comparison(report: report, inputWarnings: [], places: DiffPlaces())
  }

  /// - Parameter prepared: By the same request.
  private func operation(
    _ request: BuildRequest, _ prepared: BuildArtifacts.Prepared? = nil
  ) -> DiffArtifacts {
    DiffArtifacts(
      of: request.inputs,
      recipe: DiffArtifacts.Recipe(compressor: request.compressor, algorithm: request.algorithm),
      choice: DiffArtifacts.Choice(
        compressor: input.saysRecipe, algorithm: input.digestAlgorithm != nil)
    ) { recipe in
      var request = request
      request.compressor = recipe.compressor
      request.algorithm = recipe.algorithm
      let build = BuildArtifacts(request)
      let known: BuildArtifacts.Prepared
      if let prepared { known = prepared } else { known = try await build.prepare() }
      return try await build.run(known, width: ThisProcess.coreCount)
    }
  }

  // MARK: - Against another build

  private func compareBuilds(_ chosen: DiffBase?) async throws -> Comparison {
    guard !base.fromCluster || cluster.snapshotPath == nil else {
      throw UsageError("--from-cluster and --snapshot are mutually exclusive")
    }
    let mode = renders?.mode ?? .base
    guard mode == .base || cluster.snapshotPath == nil else {
      throw UsageError("\(mode.flag) and --snapshot are mutually exclusive")
    }
    // Nothing connects that was not asked to.
    let session =
      base.fromCluster || cluster.snapshotPath != nil || mode != .base
      ? try await cluster.session(tool, in: surroundings) : nil
    let namespace = session?.namespace ?? offlineNamespace
    var built = try await input.request(
      for: tool, present, cluster, sessionNamespace: namespace, collectsErrors: true,
      // The change may be that there are none any longer.
      allowsNone: true, in: surroundings)
    built.needsRevisions = false
    built.keepsContent = true
    built.objects.cluster = session?.cluster
    let side = BaseInput(
      files: input.files, isRecursive: input.recursive, manifests: input.manifests,
      sources: try SourceMapping.all(base.baseSources, flag: "--base-source", kind: sourceKind),
      namespace: namespace)
    var users = try input.users(in: namespace)
    let base = try await baseSide(chosen, side, built, users)
    // Of several paths, one may not be there at the base.
    if let places = base.places, places.files.count == input.files.count,
      places.manifests.count == input.manifests.count
    {
      let pairs =
        Array(zip(input.files, places.files)) + zip(input.manifests, places.manifests)
      for file in base.users.files.sorted() {
        guard let (own, old) = pairs.first(where: { file.hasPrefix($0.1) }) else { continue }
        users.expectObjects(in: own + file.dropFirst(old.count))
      }
    }
    var (request, name) = (base.request, base.name)
    guard !request.inputs.isEmpty || !built.inputs.isEmpty || !built.inputErrors.isEmpty else {
      throw OperationError(
        .invalidInput,
        "-f: no ArtifactGenerator (source.extensions.fluxcd.io/v1beta1) on either side")
    }
    request.madeElsewhere = built.madeNames
    built.madeElsewhere = request.madeNames
    let before = try await BuildArtifacts(request).prepare()
    // What the sides have in common is read already, and compressing waits for nobody.
    let own = BuildArtifacts(built)
    async let after = own.prepare()
    let other = try await BuildArtifacts(request).run(before, width: ThisProcess.coreCount)
    let prepared = try await after
    built.known = KnownArchives(other, of: request)
    var report = try await operation(built, prepared).run(
      against: other, of: request.inputs, users: users.objects, from: base.users.objects,
      errors: (
        base.isSameInput ? [] : request.inputErrors,
        built.inputErrors + users.inputErrors(besides: built.inputErrors)
      ),
      on: session?.cluster)
    report.base = name
    report.folders = request.folders
    report.warnings += (request.warnings + other.warnings).filter { !report.warnings.contains($0) }
      .map {
        "base \(name): \($0)"
      }
    // Both sides are at hand, and what is deleted does not depend on what is shown.
    var content = DiffContent(DiffDepth(objects: true, noise: noise))
    let references = renders.map { _ in self.references(input.manifests, input.files, namespace) }
    let baseReferences = base.places.flatMap { places in
      renders.map { _ in self.references(places.manifests, places.files, namespace) }
    }
    for secrets in [references, baseReferences].compactMap({ $0?.secrets }) {
      content.known = content.known.or(secrets)
    }
    try await content.fill(&report)
    if let renders, var references {
      // A snapshot has neither Secrets nor the data of ConfigMaps.
      references.cluster = cluster.snapshotPath == nil ? session?.cluster : nil
      var old = baseReferences ?? references
      old.cluster = references.cluster
      let meter = FetchProgressMeter(surroundings)
      defer { meter.clear() }
      var published = request
      if let session, session.forwarding != nil {
        built.content = try fetching.content(
          of: session, onBytes: meter.report, in: surroundings
        ).keeping
        published.content = built.content
      }
      try await render(
        &report, renders, from: .init(build: published, references: old),
        to: .init(build: built, references: references), namespace, session)
    }
    if lints { report.lint = try await DiffLint.items(of: report, built, users) }
    let shared = BaseInput.shared(built, request)
    for text in shared { report.remarks.append("source \(text) is the same on both sides") }
    if !shared.isEmpty, shared.count == built.mappings.count {
      if let places = base.places, places.files == input.files,
        places.manifests == input.manifests
      {
        throw OperationError(
          .invalidArgument,
          "base \(name): no path of -f, --source or --manifests is in its repository, so nothing can "
            + "be compared: use --base git:DIR@REF with the repository that has them")
      }
      report.warnings.append(
        "no source is below the work tree of \(name): only generators are compared")
    }
    return Comparison(
      report: report, inputWarnings: built.warnings, places: DiffPlaces(built.inputs, users))
  }

  /// What the input is compared with.
  private struct BaseSide {
    let request: BuildRequest
    /// How to name it.
    let name: String
    let users: DeliveryManifests
    /// Whether only its sources are others.
    var isSameInput = false
    /// Where its files are; nil where they are the input's.
    var places: BaseInput.Places?
  }

  /// - Parameter users: Those of the input: where only sources differ, they are the base's, too.
  private func baseSide(
    _ chosen: DiffBase?, _ side: BaseInput, _ built: BuildRequest, _ users: DeliveryManifests
  ) async throws -> BaseSide {
    func same(_ place: String?, flag: String, name: String) throws -> BaseSide {
      BaseSide(
        request: try side.request(built, from: place, flag: flag), name: name, users: users,
        isSameInput: true)
    }
    switch chosen {
    case .directory(let path)?:
      return try same("dir:\(path)", flag: "--base dir:\(path)", name: path)
    case .archive(let path)?:
      guard Disk.isFile(path) else {
        throw OperationError(.invalidArgument, "--base archive:\(path): it is not a file")
      }
      return try same(path, flag: "--base archive:\(path)", name: path)
    case .commit(let directory, let revision)?:
      let flag = "--base \(base.base ?? revision)"
      let place: String
      if let directory { place = directory } else { place = try await repository(for: flag) }
      return try await commit(revision, in: place, flag: flag, side, built, name: nil)
    case nil where base.mergeBase == nil:
      return try same(nil, flag: "--base-source", name: otherSources)
    case nil, .cluster?, .context?, .snapshot?:
      let branch = base.mergeBase ?? ""
      let flag = "--merge-base \(branch)"
      let place = try await repository(for: flag)
      let commit = try await BaseCommit.mergeBase(
        with: branch, in: place, environment: surroundings.environment)
      return try await self.commit(
        commit, in: place, flag: flag, side, built,
        name: "merge base of HEAD and \(branch) (\(commit.prefix(12)))")
    }
  }

  /// What `--base-source` says.
  private var otherSources: String {
    base.baseSources.map { "--base-source \($0)" }.joined(separator: ", ")
  }

  /// - Parameter name: Nil for that of the commit.
  private func commit(
    _ revision: String, in place: String, flag: String, _ side: BaseInput, _ built: BuildRequest,
    name: String?
  ) async throws -> BaseSide {
    let commit = try await BaseCommit(
      revision, in: place, flag: flag, environment: surroundings.environment,
      temporaryFolder: surroundings.temporaryFolder)
    let places = try await side.places(at: commit)
    var request = try await side.request(built, places, at: commit)
    request.content = nil
    let users = try side.users(places)
    request.inputErrors += users.inputErrors(besides: request.inputErrors, at: commit)
    let more = otherSources.isEmpty ? "" : ", \(otherSources)"
    return BaseSide(
      request: request, name: (name ?? commit.name) + more, users: users, places: places)
  }

  /// A directory of the repository of the first file of `-f` that is in one.
  private func repository(for flag: String) async throws -> String {
    if let place = try await BaseCommit.repository(
      of: input.files, flag: flag, environment: surroundings.environment)
    {
      return place
    }
    throw UsageError(
      "\(flag): no file of -f is in a git repository: use --base git:DIR@REF")
  }
}
