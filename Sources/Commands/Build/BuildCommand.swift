import Archive
import ArgumentParser
import Content
import FluxModel
import Generation
import Operations
import Presentation

/// `build`: what an ArtifactGenerator publishes, without a cluster.
struct BuildCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "build",
      summary: "Build what an ArtifactGenerator publishes, without a cluster",
      synopsis: ["-f FILE --source ALIAS=PATH [flags]"],
      text: [
        "Prints the exact revision and digest that source-watcher will publish for every artifact "
          + "of the generators in FILE, from directories or .tar.gz files that stand for their "
          + "sources. No kubeconfig is read and nothing is written, unless --output-dir says where.",
        "A source is given by its alias, which holds for every generator of the input, or by its "
          + "object (GitRepository/apps/monorepo=PATH), which wins. An ExternalArtifact that another "
          + "generator of the same input publishes needs no --source.",
        "A directory is read as it is, also what git or .sourceignore would leave out. The digest "
          + "depends on the Go release that the controller was built with: --compressor or "
          + "--controller-version choose it, and -o wide shows the choice.",
      ],
      examples: [
        CommandExample("Build from a checkout", "build -f generator.yaml --source repo=."),
        CommandExample(
          "Print the revision of each artifact for a script",
          "build -f generator.yaml --source repo=. -o json | jq -r '.items[].revision'"),
        CommandExample(
          "See which copy operation put each file where it is",
          "build -f generator.yaml --source repo=. --explain"),
        CommandExample(
          "Write the archives and the trees, for flux build kustomization",
          "build -f generator.yaml --source repo=. --output-dir out --extract"),
        CommandExample(
          "Build from what source-controller serves",
          "build -f generator.yaml --source GitRepository/monorepo=monorepo.tar.gz"),
      ],
      exitStatus: [
        (0, "every artifact was built"),
        (1, "at least one was not, or the command line was wrong"),
      ]
    )
  }

  @OptionGroup(title: "Build flags") var build: BuildOptions
  @OptionGroup(title: "Output flags") var outputOptions: OutputOptions
  @OptionGroup(title: "Cluster flags") var connection: ConnectionOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  func run(in surroundings: Surroundings) async throws {
    let format = try outputOptions.format()
    guard !build.files.isEmpty else {
      throw UsageError(
        "no generator given: pass its manifest with -f FILE (building one from the cluster by its "
          + "name is not supported yet)")
    }
    guard !build.extract || build.outputDirectory != nil else {
      throw UsageError("--extract needs --output-dir DIR: it writes the trees there")
    }
    let request = try await request(in: surroundings, format: format)
    let meter = BuildProgressMeter(surroundings)
    let operation = BuildArtifacts(request, progress: meter.report)
    let report: BuildReport
    do {
      report = try await common.withinTimeout { try await operation.run(width: coreCount()) }
    } catch {
      meter.clear()
      throw error
    }
    meter.clear()
    for warning in report.warnings {
      surroundings.warn(warning)
    }
    let rendering = BuildRendering(
      report: report,
      explains: build.explain,
      style: outputOptions.style(in: surroundings),
      showsHeaders: !outputOptions.noHeaders
    )
    try rendering.print(as: format, in: surroundings)
    try SeveralFailures.throwing(rendering.failures(for: format))
  }

  private func request(
    in surroundings: Surroundings,
    format: OutputFormat
  ) async throws -> BuildRequest {
    let namespace =
      connection.namespace ?? T.namespacePolicy.offline(environment: surroundings.environment)
    let inputs = try GeneratorFiles(readInput: surroundings.readInput)
      .read(build.files, namespace: namespace)
    for input in inputs {
      for warning in input.generator.warnings {
        surroundings.warn("\(input.origin): \(warning)")
      }
      for finding in input.generator.findings {
        surroundings.warn("\(input.origin): \(finding)")
      }
    }
    var request = BuildRequest(
      inputs: inputs,
      compressor: try await compressor(in: surroundings),
      temporaryFolder: surroundings.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 }
        ?? "/tmp"
    )
    request.mappings = try build.sources.map { try SourceMapping($0, kind: sourceKind) }
    request.revisions = try build.revisions.map { try AliasValue($0, flag: "--revision") }
    request.originRevisions = try build.originRevisions.map {
      try AliasValue($0, flag: "--origin-revision")
    }
    request.algorithm = try algorithm()
    request.forbidsCrossNamespace = build.noCrossNamespaceRefs
    request.listsFiles = format == .json || format == .yaml || build.explain
    request.explains = build.explain
    request.outputDirectory = build.outputDirectory.map { $0.isEmpty ? "." : $0 }
    request.extracts = build.extract
    return request
  }

  private func algorithm() throws -> DigestAlgorithm {
    if let algorithm = DigestAlgorithm(rawValue: build.digestAlgorithm) {
      return algorithm
    }
    let known = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
    throw UsageError(
      build.digestAlgorithm == "blake3"
        ? "--digest-algo blake3: not supported; the controller's default is sha256"
        : "--digest-algo \(build.digestAlgorithm): no such algorithm; it is one of \(known)")
  }

  /// By flag, else by the controller's version, else that of the newest release: never by whatever
  /// cluster the kubeconfig happens to name.
  private func compressor(in surroundings: Surroundings) async throws -> Compressor {
    if let name = build.compressor {
      guard let compressor = Compressor(rawValue: name) else {
        let known = Compressor.allCases.map(\.rawValue).joined(separator: " or ")
        throw UsageError("--compressor \(name): no such compressor; it is \(known)")
      }
      return compressor
    }
    guard let version = build.controllerVersion else {
      return ControllerRelease.newest.compressor ?? .go126
    }
    if version == "cluster" {
      let session = try await connection.session(T.self, in: surroundings)
      let release = try await ControllerVersion.inCluster(session.cluster)
      return try compressor(of: release.description, named: "the cluster's source-watcher")
    }
    return try compressor(of: version, named: "--controller-version")
  }

  private func compressor(of version: String, named origin: String) throws -> Compressor {
    guard let release = ControllerRelease(version) else {
      throw UsageError("\(origin) \(version): not a version such as v2.2.1")
    }
    guard let compressor = release.compressor else {
      let known = Compressor.allCases.map(\.rawValue).joined(separator: " or ")
      throw UsageError(
        "\(origin) \(version): it is not known which Go built this release; say --compressor "
          + known)
    }
    return compressor
  }
}
