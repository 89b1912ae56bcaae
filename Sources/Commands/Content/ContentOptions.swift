import Archive
import ArgumentParser
import FluxModel
import Operations

/// The flags that say what `ls`, `cat` and `pull` read.
struct ContentOptions: ParsableArguments {
  @Option(
    name: .customLong("source"),
    help: ArgumentHelp(
      "Map a source to git:DIR[@REF], DIR, dir:DIR, FILE.tar.gz, an OCI image layout or push:DIR[@REF]; can be repeated",
      valueName: "NAME=SPEC"), completion: .file())
  var sources: [String] = []

  @Option(name: .customLong("manifests"), help: .manifests, completion: .file())
  var manifests: [String] = []

  @Option(name: .both("f", "filename"), help: .generators, completion: .file())
  var files: [String] = []

  @Flag(help: .requireClean)
  var requireClean = false
}

extension ContentOptions {
  /// What is to be read: the words of the command line and these flags, settled.
  struct Request {
    let content: ReadContent
    /// The artifact of a generator; nil for a source.
    let artifact: (name: String, namespace: String?)?
    /// The words behind it.
    let paths: [String]

    func listing() async throws -> ContentListing {
      guard let artifact else { return try await content.source() }
      return try await content.artifact(artifact.name, namespace: artifact.namespace)
    }
  }

  func request(
    _ words: [String], for tool: (some Tool).Type, _ cluster: some SnapshotReader,
    in surroundings: Surroundings
  ) async throws -> Request {
    guard !sources.isEmpty else {
      throw UsageError(
        cluster.snapshotPath == nil
          ? "no source specified: set --source NAME=SPEC"
          : "a snapshot contains no source files: set --source NAME=SPEC")
    }
    try EmptyPath.refuse(files: files, sources: sources, manifests: manifests)
    let namespace =
      cluster.place.given ?? tool.namespacePolicy.offline(environment: surroundings.environment)
    let (artifact, paths) = try Self.artifact(words)
    guard artifact == nil || !files.isEmpty else {
      throw UsageError("no generator specified: use -f FILE")
    }
    var objects = SourceObjects()
    objects.namespace = namespace
    for path in manifests { try objects.add(manifestsAt: path) }
    var inputs: [GeneratorInput] = []
    if !files.isEmpty {
      let read = try GeneratorFiles(isRecursive: true, readInput: surroundings.readInput)
        .read(files, namespace: namespace)
      inputs = read.generators
      objects.documents = read.sources
    }
    if cluster.snapshotPath != nil {
      objects.cluster = try await cluster.session(tool, in: surroundings).cluster
    }
    var request = BuildRequest(
      inputs: inputs, compressor: .go126,
      temporaryFolder: surroundings.temporaryFolder)
    request.objects = objects
    request.environment = surroundings.environment
    request.requiresClean = requireClean
    request.explains = true
    request.needsRevisions = false
    request.mappings = try SourceMapping.all(sources, flag: "--source", kind: sourceKind)
    return Request(content: ReadContent(request), artifact: artifact, paths: paths)
  }

  /// Reads `ea/[NAMESPACE/]NAME` in front of the paths.
  private static func artifact(
    _ words: [String]
  ) throws -> (artifact: (name: String, namespace: String?)?, paths: [String]) {
    guard let first = words.first else { return (nil, []) }
    let parts = first.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 || parts.count == 3,
      FluxKind.resolve(parts[0])?.fluxKind == .externalArtifact, !parts.contains("")
    else { return (nil, words) }
    return (
      (parts[parts.count - 1], parts.count == 3 ? parts[1] : nil), Array(words.dropFirst())
    )
  }
}
