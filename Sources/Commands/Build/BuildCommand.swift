import ArgumentParser
import FluxModel
import Objects
import Operations
import Platform
import Presentation

/// `build`: what an ArtifactGenerator publishes, of files or of a cluster.
struct BuildCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "build",
      summary: "Build what an ArtifactGenerator publishes",
      synopsis: [
        "[NAME...] -f FILE --source NAME=SPEC [flags]", "[NAME...] -f FILE --from-cluster [flags]",
        "NAME... [flags]",
      ],
      text: [
        "Prints the exact revision and digest that source-watcher will publish for every artifact "
          + "of the generators in FILE, from what stands for their sources. No kubeconfig is read and "
          + "nothing is written, unless --output-dir says where. With NAME only those are built.",
        "Without -f, generators of the cluster are built, from what the cluster publishes of their sources; "
          + "an ExternalArtifact stands for its generator. --from-cluster takes from there what -f, "
          + "--manifests and --source leave open. What is fetched is verified (see pull), and where neither "
          + "--compressor nor --controller-version says otherwise, the archives are made as the cluster's "
          + "source-watcher makes them.",
        "SPEC is git:DIR[@REF], a commit of a repository (HEAD if none is named; @published is that of the "
          + "object's artifact in a --snapshot); the top of a work tree, as if everything in it were committed "
          + "now; dir:DIR or a directory, read from disk; FILE.tar.gz, as source-controller serves it; an OCI "
          + "image layout; or push:DIR[@REF], as flux push artifact packs it. git reads the repository and "
          + "runs nothing that it brings: no hook, no monitor and no filter of its own.",
        "What source-controller leaves out is left out: by .sourceignore, by the default excludes and by the "
          + "spec of the source object (ignore, include, sparseCheckout, recurseSubmodules, ref, layerSelector, "
          + "prefix; for a HelmChart also valuesFiles), which is looked up in --manifests, then in FILE, then in "
          + "--snapshot. A directory or archive whose object is not known is taken as it is. An included "
          + "GitRepository, and the source of a HelmChart, is given by its object.",
        "A source is given by its alias, which holds for every generator of the input, or by its "
          + "object (GitRepository/apps/monorepo=PATH), which wins; --revision and "
          + "--origin-revision name sources in the same ways. An ExternalArtifact that another "
          + "generator of the same input publishes needs no --source.",
        "The digest "
          + "depends on the Go release that the controller was built with: --compressor or "
          + "--controller-version choose it, and -o wide shows the choice. With go1.27, a controller on "
          + "arm64 may in rare cases compress large files otherwise than one on amd64, whose bytes these are.",
        "--output-dir writes through no link and into no source. --extract replaces the tree that an "
          + "earlier run wrote, which the file .artifactgen-content beside it shows, and no other.",
        "Scripts go by the exit status: output that a pipe takes may be nothing at all. With -o json, "
          + "errors holds every generator and every artifact that fails, each item its status (built, "
          + "failed, or blocked behind one that fails), and warnings what is said of the rest.",
        "As with kubectl, a field that the API server does not know, or one that is there twice, is "
          + "an error: --validate=warn only says so.",
      ],
      examples: [
        CommandExample(
          "Build a generator of the cluster from its published sources", "build podinfo -n apps"),
        CommandExample(
          "See what a changed generator would publish of the cluster's sources",
          "build -f generator.yaml --from-cluster"),
        CommandExample("Build from a checkout", "build -f generator.yaml --source repo=."),
        CommandExample(
          "Print the revision of each artifact for a script",
          "build -f generator.yaml --source repo=. -o json | jq -r '.items[].revision'"),
        CommandExample(
          "See which copy operation put each file where it is",
          "build -f generator.yaml --source repo=. --explain"),
        CommandExample(
          "Write the archives and the trees, for flux build kustomization",
          "build -f generator.yaml --source repo=. --output-dir ../out --extract"),
        CommandExample(
          "Build from a commit, with the source object's own rules",
          "build -f generator.yaml --source repo=git:.@main --manifests clusters/prod"),
        CommandExample(
          "Build from what source-controller serves",
          "build -f generator.yaml --source GitRepository/monorepo=monorepo.tar.gz"),
      ],
      exitStatus: [
        (0, "every artifact was built"),
        (1, "at least one was not, or the command line or an input was wrong"),
      ],
      objectKinds: [.artifactGenerator, .externalArtifact]
    )
  }

  @OptionGroup(title: "Build flags") var input: BuildInputOptions
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
      throw UsageError("--extract needs --output-dir DIR: it writes the trees there")
    }
    try EmptyPath.refuse(build.outputDirectory, flag: "--output-dir")
    let meter = BuildProgressMeter(surroundings)
    let fetchMeter = FetchProgressMeter(surroundings)
    var request = try await surroundings.inTime { [self] in
      try await buildRequest(queries, fetchMeter, in: surroundings)
    }
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
        "no generator given: name one of the cluster, or pass its manifest with -f FILE")
    }
    guard !build.fromCluster || snapshotPath == nil else {
      throw UsageError("--from-cluster and --snapshot do not go together: choose one")
    }
    guard !words.isEmpty else { return [] }
    let queries = try await ObjectWords(words, scope: .flux)
      .decidedQueries(defaultKind: T.defaultKind, .flux)
    let kinds: [FluxKind?] = [.artifactGenerator, .externalArtifact]
    for query in queries {
      guard kinds.contains(query.resource.fluxKind) else {
        throw UsageError(
          "a \(query.resource.kind) is not built: name a generator or an ExternalArtifact")
      }
      guard !query.names.isEmpty else { throw UsageError("name a generator, as ag/NAME") }
    }
    return queries
  }

  /// Where everything comes from, settled.
  private func buildRequest(
    _ queries: [ObjectQuery], _ meter: FetchProgressMeter, in surroundings: Surroundings
  ) async throws -> BuildRequest {
    guard input.files.isEmpty || build.fromCluster else {
      var request = try await input.request(for: T.self, self, in: surroundings)
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
      for: T.self, self, sessionNamespace: session.namespace, of: session, inputs: inputs,
      in: surroundings)
    if !input.files.isEmpty { try select(queries, in: place.given, in: &request) }
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
