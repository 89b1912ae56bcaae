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
    /// Reads it.
    let listing: @Sendable () async throws -> ContentListing
    /// Whether it is what a generator makes, so that each file has a copy operation.
    let isBuilt: Bool
    /// The words behind the object.
    let paths: [String]
    /// What is read.
    var mappings: [SourceMapping] = []
  }

  /// Whether the content is a cluster's: nothing says what else to read.
  var isOfCluster: Bool { sources.isEmpty && files.isEmpty && manifests.isEmpty }

  /// What one object publishes in the cluster, or what these flags say.
  func request(
    _ words: [String], for tool: (some Tool).Type, _ cluster: some SnapshotReader,
    _ fetching: FetchOptions, _ meter: FetchProgressMeter, in surroundings: Surroundings
  ) async throws -> Request {
    guard isOfCluster, cluster.snapshotPath == nil else {
      return try await request(words, for: tool, cluster, fetching, in: surroundings)
    }
    guard !requireClean else {
      throw UsageError("--require-clean requires a work tree: set --source NAME=SPEC")
    }
    let words = try ArtifactWords(words, isOne: true, for: tool)
    let session = try await cluster.session(tool, in: surroundings)
    let content = try fetching.content(of: session, onBytes: meter.report, in: surroundings)
    return Request(
      listing: {
        defer { meter.clear() }
        return try await content.listing(words.objects[0].id(in: session.namespace))
      }, isBuilt: false, paths: words.rest)
  }

  func request(
    _ words: [String], for tool: (some Tool).Type, _ cluster: some SnapshotReader,
    _ fetching: FetchOptions, in surroundings: Surroundings
  ) async throws -> Request {
    guard !sources.isEmpty else {
      throw UsageError(
        cluster.snapshotPath == nil
          ? "no source specified: set --source NAME=SPEC"
          : "a snapshot contains no source files: set --source NAME=SPEC")
    }
    try EmptyPath.refuse(files: files, sources: sources, manifests: manifests)
    let namespace = cluster.place.offlineNamespace(of: tool, in: surroundings)
    let given = cluster.place.given
    let (artifact, paths) = try Self.artifact(words)
    guard artifact == nil || !files.isEmpty else {
      throw UsageError("no generator specified: use -f FILE")
    }
    var objects = SourceObjects()
    objects.namespace = namespace
    for path in manifests { try objects.add(manifestsAt: path) }
    var notes = objects.notes
    var inputs: [GeneratorInput] = []
    if !files.isEmpty {
      let read = try GeneratorFiles(isRecursive: true, readInput: surroundings.readInput)
        .read(files, namespace: namespace)
      inputs = read.generators
      objects.documents = read.sources
      notes += read.notes.filter { !notes.contains($0) }
    }
    for note in notes { surroundings.note("Note: \(note)") }
    if cluster.snapshotPath != nil {
      objects.cluster = try await cluster.session(tool, in: surroundings).cluster
    }
    var request = BuildRequest(
      inputs: inputs, compressor: .go126,
      temporaryFolder: surroundings.temporaryFolder)
    request.objects = objects
    request.environment = surroundings.environment
    request.requiresClean = requireClean
    request.sizeLimit = try fetching.sizeLimit()
    request.explains = true
    request.needsRevisions = false
    request.mappings = try SourceMapping.all(sources, flag: "--source", kind: sourceKind)
    let content = ReadContent(request)
    return Request(
      listing: { [artifact, given] in
        guard let artifact else { return try await content.source() }
        return try await content.artifact(
          artifact.name, namespace: artifact.namespace ?? given)
      }, isBuilt: artifact != nil, paths: paths, mappings: request.mappings)
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
