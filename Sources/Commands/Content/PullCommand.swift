import ArgumentParser
import Content
import Document
import Objects
import Operations

/// `pull`: writes what a source or a generator publishes to a directory, or its archive to a file.
struct PullCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "pull",
      summary: "Write the files of an artifact or source to a directory",
      synopsis: [
        "KIND/NAME... --output-dir DIR [flags]",
        "KIND/NAME --archive FILE [flags]",
        "--source NAME=SPEC --output-dir DIR [flags]",
        "ea/NAME -f FILE --source NAME=SPEC --output-dir DIR [flags]",
      ],
      text: [
        "Writes the files in the artifact of an object in the cluster; several objects are each "
          + "written to DIR/NAME, and those that are complete are kept if another fails or the "
          + "command is interrupted. With --source, writes the files that source-controller would "
          + "publish from the first --source, or, with ea/NAME and -f, that the generator in FILE "
          + "would publish. DIR must be empty or must not exist."
      ],
      details: [
        "--archive writes the archive itself, unchanged. The files are what a consumer "
          + "unpacks: the ignore rules, sparseCheckout and includes of the source object "
          + "are applied, symbolic links are excluded, and files have the modes of the "
          + "unpacked artifact.",
        ContentText.cluster,
        ContentText.sources,
      ],
      examples: [
        CommandExample(
          "Write the files of an artifact in the cluster",
          "pull ea/frontend -n apps --output-dir /tmp/frontend"),
        CommandExample(
          "Save the archive of a GitRepository",
          "pull git/monorepo -n apps --archive monorepo.tar.gz"),
        CommandExample(
          "Write what source-controller publishes from a commit",
          "pull --source repo=git:.@main --manifests clusters/ --output-dir /tmp/repo"),
        CommandExample(
          "Write what a generator publishes",
          "pull ea/frontend -f generator.yaml --source repo=. --output-dir /tmp/frontend"),
      ],
      objectKinds: ClusterContent.kinds
    )
  }

  @OptionGroup(title: "Content flags") var content: ContentOptions
  @Option(
    name: .customLong("output-dir"),
    help: ArgumentHelp("Directory to write the files to", valueName: "DIR"), completion: .directory)
  var outputDirectory: String?
  @Option(
    help: ArgumentHelp("File to write the archive of an artifact to", valueName: "FILE"),
    completion: .file())
  var archive: String?
  @OptionGroup(title: "Content flags") var fetching: FetchOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .artifact) var words: [String] = []

  func run(in surroundings: Surroundings) async throws {
    try EmptyPath.refuse(outputDirectory, flag: "--output-dir")
    try EmptyPath.refuse(archive, flag: "--archive")
    guard (outputDirectory == nil) != (archive == nil) else {
      throw UsageError(
        archive == nil
          ? "no output specified: set --output-dir DIR or --archive FILE"
          : "--output-dir and --archive are mutually exclusive")
    }
    if content.isOfCluster, snapshotPath == nil {
      return try await pullFromCluster(in: surroundings)
    }
    guard let outputDirectory else {
      throw UsageError(
        "--archive requires an artifact in the cluster: use build --output-dir for archives of a "
          + "build")
    }
    let request = try await content.request(
      words, for: T.self, self, fetching, in: surroundings)
    guard request.paths.isEmpty else {
      throw UsageError("pull accepts no path because it writes all files; use cat for one file")
    }
    try BuildOutputPlace(directory: outputDirectory).check(request.mappings)
    let listing = try await request.listing()
    ContentText.tell(listing, in: surroundings)
    try Self.write(listing, to: outputDirectory, in: surroundings)
  }

  private static func write(
    _ listing: ContentListing, to directory: String, in surroundings: Surroundings
  ) throws {
    let write = WriteContent(to: directory)
    surroundings.removeOnSignal(write.unfinished)
    try write.write(listing)
  }

  // MARK: - From the cluster

  private func pullFromCluster(in surroundings: Surroundings) async throws {
    guard !content.requireClean else {
      throw UsageError("--require-clean requires a work tree: set --source NAME=SPEC")
    }
    let objects = try ArtifactWords(words, isOne: false, for: T.self).objects
    guard archive == nil || objects.count == 1 else {
      throw UsageError("--archive accepts only one object")
    }
    let session = try await session(T.self, in: surroundings)
    let ids = objects.map { $0.id(in: session.namespace) }
    let folders = try outputDirectory.map { try Self.folders(for: ids, in: $0) } ?? [:]
    let meter = FetchProgressMeter(surroundings)
    let published = try fetching.content(of: session, onBytes: meter.report, in: surroundings)
    let results = await ClusterContent.each(ids) { [archive] id in
      if let archive {
        let write = WriteArchive(to: archive)
        surroundings.removeOnSignal(write.unfinished)
        try write.write(try await published.fetch(id).archive)
      } else if let folder = folders[id] {
        try Self.write(try await published.listing(id), to: folder, in: surroundings)
      }
    }
    meter.clear()
    try SeveralFailures.throwing(
      results.compactMap { result -> (any Error)? in
        if case .failure(let error) = result { return error }
        return nil
      })
  }

  /// Where the files of each go.
  private static func folders(
    for ids: [ObjectID], in directory: String
  ) throws -> [ObjectID: String] {
    guard ids.count > 1 else { return [ids[0]: directory] }
    var owners: [String: ObjectID] = [:]
    for id in ids {
      if let other = owners.updateValue(id, forKey: id.name) {
        throw UsageError(
          other == id
            ? "\(id) is specified twice"
            : "\(other) and \(id) would both be written to \(directory)/\(id.name): pull them separately"
        )
      }
    }
    return Dictionary(uniqueKeysWithValues: ids.map { ($0, "\(directory)/\($0.name)") })
  }
}
