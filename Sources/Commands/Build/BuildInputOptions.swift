import Archive
import ArgumentParser
import Content
import Document
import FluxModel
import Generation
import KubeAPI
import Objects
import Operations

/// The flags that say what is built, from what, and as which controller does it.
struct BuildInputOptions: ParsableArguments {
  @Option(name: .both("f", "filename"), help: .generators, completion: .file())
  var files: [String] = []

  @Flag(
    name: [.customShort("R"), .customLong("recursive")], inversion: .prefixedNo,
    help: "Read directories of -f recursively")
  var recursive = true

  @Option(
    name: .customLong("source"),
    help: ArgumentHelp(
      "Map a source to a SPEC (see above); can be repeated",
      valueName: "NAME=SPEC"), completion: .file())
  var sources: [String] = []

  @Option(name: .customLong("manifests"), help: .manifests, completion: .file())
  var manifests: [String] = []

  @Option(
    help: ArgumentHelp(
      "Go release to compress like: go1.26 or go1.27",
      valueName: "NAME"),
    completion: .list(Compressor.allCases.map(\.rawValue)))
  var compressor: String?

  @Option(
    help: ArgumentHelp(
      "source-watcher version, or cluster to look it up",
      valueName: "VERSION"), completion: .list(["cluster", "v2.2.1"]))
  var controllerVersion: String?

  @Option(
    name: .customLong("digest-algo"),
    help: ArgumentHelp(
      "Digest algorithm: sha256, sha384 or sha512",
      valueName: "NAME"), completion: .list(DigestAlgorithm.allCases.map(\.rawValue)))
  var digestAlgorithm: String?

  @Flag(help: "Reject cross-namespace sources, like the controller")
  var noCrossNamespaceRefs = false
}

/// The flags about an input as it is now.
struct PresentInputOptions: ParsableArguments {
  @Flag(help: .requireClean)
  var requireClean = false

  @Option(
    name: .customLong("revision"),
    help: ArgumentHelp(
      "Revision for a source; can be repeated",
      valueName: "ALIAS=REV"))
  var revisions: [String] = []

  @Option(
    name: .customLong("origin-revision"),
    help: ArgumentHelp(
      "Origin revision, ALIAS=REV; can be repeated",
      valueName: "REV"))
  var originRevisions: [String] = []

  @Option(
    name: .customLong("validate"),
    help: ArgumentHelp(
      "Handling of unknown fields: strict, warn or ignore",
      valueName: "MODE"), completion: .list(Validation.allCases.map(\.rawValue)))
  var validation: String?
}

/// The flags that only `build` has: what it writes in addition to its report.
struct BuildOptions: ParsableArguments {
  @Option(
    name: .customLong("output-dir"),
    help: ArgumentHelp(
      "Write the archives to DIR/NAMESPACE/NAME/",
      valueName: "DIR"), completion: .directory)
  var outputDirectory: String?

  @Flag(help: "Read missing generators and sources from the cluster")
  var fromCluster = false

  @Flag(help: "With --output-dir: also write the extracted files")
  var extract = false

  @Flag(help: "Show the copy operation and source of each file")
  var explain = false
}

extension BuildInputOptions {
  /// Whether a flag says how the controller makes archives.
  var saysRecipe: Bool {
    compressor != nil || controllerVersion != nil
  }

  /// Reads the generators and settles what the build needs to know.
  ///
  /// - Parameters:
  ///   - present: What else is said of the input.
  ///   - sessionNamespace: Where generators live that do not say it, when a cluster is known.
  ///   - session: The cluster that the build is of, if it is of one.
  ///   - inputs: Its generators, in place of files.
  ///   - collectsErrors: Whether a file that cannot be understood is part of the request, and no error.
  func request(
    for tool: (some Tool).Type,
    _ present: PresentInputOptions,
    _ cluster: some ClusterOptions,
    sessionNamespace: String? = nil,
    of session: ClusterSession? = nil,
    inputs clusterInputs: [GeneratorInput] = [],
    collectsErrors: Bool = false,
    allowsNone: Bool = false,
    in surroundings: Surroundings
  ) async throws -> BuildRequest {
    try EmptyPath.refuse(files: files, sources: sources, manifests: manifests)
    let given = cluster.place.given
    if let given {
      try BuildOutputPlace.check(namespace: given)
    }
    let namespace =
      sessionNamespace ?? cluster.place.offlineNamespace(of: tool, in: surroundings)
    var inputs = clusterInputs
    var errors: [InputError] = []
    let validation = try Validation(argument: present.validation ?? "")
    var objects = SourceObjects()
    objects.namespace = namespace
    objects.treatment = validation.treatment
    var notes =
      collectsErrors
      ? try objects.add(manifests, collecting: &errors) : try objects.add(manifests)
    if clusterInputs.isEmpty {
      let found = try GeneratorFiles(
        isRecursive: recursive, allowsNone: allowsNone, collectsErrors: collectsErrors,
        readInput: surroundings.readInput
      ).read(files, namespace: namespace)
      inputs = found.generators
      errors += found.errors
      objects.documents = found.sources
      notes += found.notes.filter { !notes.contains($0) }
    }
    for note in notes { surroundings.note("Note: \(note)") }
    var warnings = try validation.warnings(for: inputs)
    warnings += inputs.flatMap { input in
      input.generator.findings.map { "\(input.origin): \($0)" }
    }
    // Whatever comes of the build: they may be its reason.
    for warning in warnings { surroundings.warn(warning) }
    var controller: ClusterController?
    let asksController = compressor == nil && controllerVersion == "cluster"
    // `diff` has its session already.
    if asksController || (cluster.snapshotPath != nil && sessionNamespace == nil) {
      let session = try await cluster.session(tool, in: surroundings)
      objects.cluster = session.cluster
      if asksController { controller = try await ClusterController(on: session.cluster) }
    } else if let session {
      objects.cluster = session.cluster
      controller = try await likelyController(of: session, in: surroundings)
    }
    var request = BuildRequest(
      inputs: inputs,
      compressor: try chosenCompressor(of: controller),
      temporaryFolder: surroundings.temporaryFolder
    )
    request.warnings = warnings
    request.inputErrors = errors
    request.objects = objects
    request.requiresClean = present.requireClean
    request.revisions = try SourceMapping.all(
      present.revisions, flag: "--revision", kind: sourceKind)
    request.originRevisions = try SourceMapping.all(
      present.originRevisions, flag: "--origin-revision", kind: sourceKind)
    try settle(&request, controller, in: surroundings)
    return request
  }

  /// The same for what is built as it was: no file is read now, and unknown fields are no concern.
  func pastRequest(
    for tool: (some Tool).Type, _ cluster: some ClusterOptions, of session: ClusterSession?,
    inputs: [GeneratorInput], in surroundings: Surroundings
  ) async throws -> BuildRequest {
    try EmptyPath.refuse(files: files, sources: sources, manifests: manifests)
    var controller: ClusterController?
    if compressor == nil, controllerVersion == "cluster" {
      let session =
        if let session { session } else { try await cluster.session(tool, in: surroundings) }
      controller = try await ClusterController(on: session.cluster)
    } else if let session {
      controller = try await likelyController(of: session, in: surroundings)
    }
    var request = BuildRequest(
      inputs: inputs, compressor: try chosenCompressor(of: controller),
      temporaryFolder: surroundings.temporaryFolder)
    request.objects.treatment = .ignored
    request.objects.cluster = session?.cluster
    try settle(&request, controller, in: surroundings)
    return request
  }

  private func settle(
    _ request: inout BuildRequest, _ controller: ClusterController?, in surroundings: Surroundings
  ) throws {
    request.environment = surroundings.environment
    request.mappings = try SourceMapping.all(sources, flag: "--source", kind: sourceKind)
    request.algorithm = try algorithm()
    request.forbidsCrossNamespace =
      noCrossNamespaceRefs || controller?.forbidsCrossNamespace == true
  }

  /// The Flux objects in the files, consumers among them.
  func users(in namespace: String) throws -> DeliveryManifests {
    var found = DeliveryManifests(namespace: namespace)
    for path in files { try found.add(at: path, flag: "-f") }
    for path in manifests { try found.add(at: path, flag: "--manifests") }
    return found
  }

  /// The controller of a cluster whose generators are built, if it is found: it was not asked for.
  private func likelyController(
    of session: ClusterSession, in surroundings: Surroundings
  ) async throws -> ClusterController? {
    guard !saysRecipe else { return nil }
    do {
      let controller = try await ClusterController(on: session.cluster)
      _ = try controller.release()
      return controller
    } catch let error where error is APIError || error is OperationError {
      surroundings.note(
        "Note: assuming source-watcher \(ControllerRelease.newest), the newest known release: \(error)"
      )
      return nil
    }
  }

  private func algorithm() throws -> DigestAlgorithm {
    guard let digestAlgorithm else { return .sha256 }
    if let algorithm = DigestAlgorithm(rawValue: digestAlgorithm) {
      return algorithm
    }
    let known = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
    throw UsageError(
      digestAlgorithm == "blake3"
        ? "--digest-algo blake3: not supported; the controller's default is sha256"
        : "invalid --digest-algo \(digestAlgorithm): use \(known)")
  }

  /// By flag, else by the controller's version, else that of the newest release: never by whatever
  /// cluster the kubeconfig happens to name.
  private func chosenCompressor(of controller: ClusterController?) throws -> Compressor {
    if let name = compressor {
      // The same bytes: see `Compressor`.
      let isAsLater = ["go1.23", "go1.24", "go1.25"].contains(name)
      guard let compressor = isAsLater ? .go126 : Compressor(rawValue: name) else {
        let known = Compressor.allCases.map(\.rawValue).joined(separator: " or ")
        throw UsageError(
          "invalid --compressor \(name): use \(known) (go1.23 to go1.25 are the same as "
            + "go1.26)")
      }
      return compressor
    }
    guard let version = controllerVersion else {
      if let compressor = try? controller?.release().compressor { return compressor }
      return ControllerRelease.newest.compressor ?? .go126
    }
    if let controller {
      return try compressorOfRelease(
        of: try controller.release().description, named: "the cluster's source-watcher")
    }
    return try compressorOfRelease(of: version, named: "--controller-version")
  }

  private func compressorOfRelease(of version: String, named origin: String) throws -> Compressor {
    guard let release = ControllerRelease(version) else {
      throw UsageError("invalid \(origin) \(version): use a version such as v2.2.1")
    }
    guard let compressor = release.compressor else {
      let known = Compressor.allCases.map(\.rawValue).joined(separator: " or ")
      throw UsageError(
        "\(origin) \(version): unknown source-watcher version; set --compressor "
          + known)
    }
    return compressor
  }
}

/// The full name of a kind that can be a source of a generator.
func sourceKind(_ text: String) -> String? {
  guard let kind = FluxKind.resolve(text)?.fluxKind else { return nil }
  let sources: [FluxKind] = [
    .gitRepository, .ociRepository, .bucket, .helmChart, .externalArtifact,
  ]
  return sources.contains(kind) ? kind.resource.kind : nil
}
