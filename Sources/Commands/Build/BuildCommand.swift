import ArgumentParser
import FluxModel
import Objects
import Operations
import Platform
import Presentation
import Text

/// `build`: what an ArtifactGenerator publishes, of files or of a cluster.
struct BuildCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "build",
      summary: "Build what an ArtifactGenerator publishes",
      synopsis: [
        "[NAME...] -f FILE --source NAME=SPEC [flags]",
        "[NAME...] -f FILE --from-cluster [flags]",
        "NAME... [flags]",
      ],
      text: [
        "Computes the exact revision, digest and files that source-watcher will publish "
          + "for every artifact of the generators in FILE, or for generators in the "
          + "cluster. With -f, runs offline unless --from-cluster is set, and writes no "
          + "files unless --output-dir is set.",
        "SPEC is git:DIR[@REF], DIR, dir:DIR, FILE.tar.gz, an OCI image layout or "
          + "push:DIR[@REF]. NAME in --source is an alias or KIND/[NAMESPACE/]NAME.",
      ],
      details: [
        "NAME selects generators; without -f, generators in the cluster are built from "
          + "their published sources. For an ExternalArtifact, its generator is built. "
          + "--from-cluster reads what -f, --manifests and --source do not provide. Fetched "
          + "artifacts are verified (see pull). Unless --compressor or --controller-version "
          + "is set, the archives are built like those of the source-watcher in the "
          + "cluster.",
        "git:DIR[@REF] is a commit of a repository (default HEAD; @published is the "
          + "revision of the object's artifact in a --snapshot). DIR at the top of a work "
          + "tree is built as if everything in it were committed now; dir:DIR and other "
          + "directories are read from disk. FILE.tar.gz is an archive as served by "
          + "source-controller. push:DIR[@REF] packs a directory as flux push artifact "
          + "does. git only reads the repository: its hooks, monitors and filters are never "
          + "run.",
        "Files are excluded as source-controller excludes them: by .sourceignore, by "
          + "the default excludes, and by the spec of the source object (ignore, include, "
          + "sparseCheckout, recurseSubmodules, ref, layerSelector, prefix; for a HelmChart "
          + "also valuesFiles). The source object is looked up in --manifests, then in "
          + "FILE, then in --snapshot; files that a kustomization.yaml lists as patches are "
          + "not read as objects. If it is unknown, a directory or archive is used as "
          + "it is. Included GitRepositories and the sources of HelmCharts are set by "
          + "object.",
        "--source ALIAS=SPEC maps that alias in every generator of the input; --source "
          + "KIND/[NAMESPACE/]NAME=SPEC maps a source object and takes precedence. "
          + "--revision and --origin-revision use the same names. An ExternalArtifact "
          + "published by another generator of the input needs no --source.",
        "The digest depends on the Go release that built the controller: set it with "
          + "--compressor or --controller-version; -o wide shows it. With go1.27, a "
          + "controller on arm64 may rarely compress large files differently from one on "
          + "amd64; the result is that of amd64.",
        "--output-dir never writes through symbolic links or into a source. --extract "
          + "replaces only trees that an earlier run wrote, as recorded in the file "
          + ".artifactgen-content beside them.",
        "Scripts should check the exit status, because a closed pipe can hide output. "
          + "With -o json, errors lists every generator and artifact that fails, each item "
          + "has a status (built, failed, or blocked by a failing one), warnings lists "
          + "other findings, and sources shows what was read for each --source: name, object, "
          + "from (git, worktree, directory, archive, layout or cluster), commit, revision, "
          + "digest, assumed and dirty (uncommitted files).",
        "As with kubectl, unknown and duplicate fields are errors; --validate=warn "
          + "reports them as warnings.",
      ],
      examples: [
        CommandExample("Build from a checkout", "build -f generator.yaml --source repo=."),
        CommandExample(
          "Build a generator in the cluster from its published sources", "build podinfo -n apps"),
        CommandExample(
          "Show which copy operation each file comes from",
          "build -f generator.yaml --source repo=. --explain"),
        CommandExample(
          "Build a changed generator from the sources in the cluster",
          "build -f generator.yaml --from-cluster"),
        CommandExample(
          "Write the archives and trees, for flux build kustomization",
          "build -f generator.yaml --source repo=. --output-dir ../out --extract"),
        CommandExample(
          "Print the revision of each artifact for a script",
          "build -f generator.yaml --source repo=. -o json | jq -r '.items[].revision'"),
        CommandExample(
          "Build from a commit, with the rules of the source object",
          "build -f generator.yaml --source repo=git:.@main --manifests clusters/prod"),
        CommandExample(
          "Build from an archive of source-controller",
          "build -f generator.yaml --source GitRepository/monorepo=monorepo.tar.gz"),
      ],
      exitStatus: [
        (0, "every artifact was built"),
        (1, "at least one artifact failed, an input was invalid, or invalid usage"),
      ],
      objectKinds: [.artifactGenerator, .externalArtifact]
    )
  }

  @OptionGroup(title: "Build flags") var input: BuildInputOptions
  @OptionGroup(title: "Build flags") var present: PresentInputOptions
  @OptionGroup(title: "Build flags") var build: BuildOptions
  @OptionGroup(title: "Build flags") var fetching: FetchOptions
  @OptionGroup(title: "Output flags") var output: FormatOptions<EveryFormat>
  @OptionGroup(title: "Output flags") var table: TableOptions
  @OptionGroup(title: "Cluster flags") var place: ContextNamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions
  @Argument(help: .generator) var words: [String] = []

  static var reportsAtDeadline: Bool { true }

  func run(in surroundings: Surroundings) async throws {
    let format = try output.format()
    let queries = try await queries()
    guard !build.extract || build.outputDirectory != nil else {
      throw UsageError("--extract requires --output-dir DIR")
    }
    try EmptyPath.refuse(build.outputDirectory, flag: "--output-dir")
    let meter = BuildProgressMeter(surroundings)
    let fetchMeter = FetchProgressMeter(surroundings)
    var request = try await surroundings.inTime { [self] in
      try await buildRequest(queries, fetchMeter, in: surroundings)
    }
    request.sizeLimit = try fetching.sizeLimit()
    request.listsFiles = format == .json || format == .yaml || build.explain
    request.explains = build.explain
    request.digestsSources = format == .json || format == .yaml
    request.outputDirectory = build.outputDirectory
    request.extracts = build.extract
    if build.outputDirectory != nil {
      surroundings.removeOnSignal(request.unfinished)
    }
    let operation = BuildArtifacts(request, progress: meter.report)
    let report: BuildReport
    do {
      report = try await operation.run(
        width: ThisProcess.coreCount, until: surroundings.deadline)
    } catch {
      fetchMeter.clear()
      meter.clear()
      throw error
    }
    fetchMeter.clear()
    meter.clear()
    for warning in report.warnings {
      surroundings.warn(warning)
    }
    for note in report.notes { surroundings.note("Note: \(note)") }
    let rendering = BuildRendering(
      report: report,
      warnings: request.warnings + report.warnings,
      explains: build.explain,
      style: table.colour.style(in: surroundings),
      showsHeaders: !table.noHeaders
    )
    try rendering.print(as: format, in: surroundings)
    if report.isCutShort, let deadline = surroundings.deadline {
      let failures = rendering.failures(for: format).filter { !($0 is QuietFailure) }
      throw SeveralFailures(failures + [deadline.error])
    }
    try SeveralFailures.throwing(rendering.failures(for: format))
  }

  /// The generators that are named.
  private func queries() async throws -> [ObjectQuery] {
    guard !input.files.isEmpty || !words.isEmpty else {
      throw UsageError(
        "no generator specified: name one in the cluster, or use -f FILE")
    }
    guard !build.fromCluster || snapshotPath == nil else {
      throw UsageError("--from-cluster and --snapshot are mutually exclusive")
    }
    return try await GeneratorWords.queries(words, defaultKind: T.defaultKind)
  }

  /// Where everything comes from, settled.
  private func buildRequest(
    _ queries: [ObjectQuery], _ meter: FetchProgressMeter, in surroundings: Surroundings
  ) async throws -> BuildRequest {
    guard input.files.isEmpty || build.fromCluster else {
      var request = try await input.request(for: T.self, present, self, in: surroundings)
      try select(queries, in: place.given, in: &request)
      return request
    }
    let session = try await session(T.self, in: surroundings)
    var inputs: [GeneratorInput] = []
    if input.files.isEmpty {
      inputs = try await ClusterGenerators(on: session.cluster, in: session.namespace)
        .read(queries)
    }
    var request = try await input.request(
      for: T.self, present, self, sessionNamespace: session.namespace, of: session, inputs: inputs,
      in: surroundings)
    if !input.files.isEmpty {
      let missing = GeneratorSelection.missing(queries, in: place.given, from: request.inputs)
      request.inputs += try await ClusterGenerators(on: session.cluster, in: session.namespace)
        .read(missing)
      try select(queries, in: place.given, in: &request)
    }
    if session.forwarding != nil {
      request.content = try fetching.content(of: session, onBytes: meter.report, in: surroundings)
    }
    return request
  }

  private func select(
    _ queries: [ObjectQuery], in namespace: String?, in request: inout BuildRequest
  ) throws {
    guard !queries.isEmpty else { return }
    let selection = try GeneratorSelection(queries, in: namespace, from: request.inputs)
    request.inputs = selection.inputs
    request.selected = selection.selected
  }
}
