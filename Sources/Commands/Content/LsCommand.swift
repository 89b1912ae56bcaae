import ArgumentParser
import Content
import Document
import Operations
import Platform
import Presentation

/// `ls`: lists what a source or a generator publishes, and what it does not.
struct LsCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "ls",
      summary: "List the files that a source or generator publishes",
      synopsis: [
        "KIND/NAME [PATH] [flags]",
        "[PATH] --source NAME=SPEC [flags]",
        "ea/NAME [PATH] -f FILE --source NAME=SPEC [flags]",
      ],
      text: [
        "Lists mode, size, digest and path of the files in the artifact of an object in "
          + "the cluster. With --source, lists the files that source-controller would "
          + "publish from the first --source, or, with ea/NAME and -f, that the generator "
          + "in FILE would publish. PATH limits the list to a file or directory."
      ],
      details: [
        "--ignored lists the excluded files instead, with the rule and file that "
          + "excludes each. --explain shows the copy operation and source file of each file "
          + "of an artifact, and what it replaced or was merged with; for a missing PATH, "
          + "it shows why.",
        ContentText.cluster,
        ContentText.sources,
      ],
      examples: [
        CommandExample("List the files of an artifact in the cluster", "ls ea/frontend -n apps"),
        CommandExample(
          "List what is published from a checkout", "ls --source repo=. --manifests clusters/"),
        CommandExample(
          "Show which files are excluded, and why", "ls --source repo=git:.@main --ignored"),
        CommandExample(
          "Show where the files of an artifact come from",
          "ls ea/frontend --explain -f generator.yaml --source repo=."),
      ],
      exitStatus: [
        (0, "success"),
        (1, "a failure, or PATH was not found"),
      ],
      objectKinds: ClusterContent.kinds, takesOneObject: true
    )
  }

  @OptionGroup(title: "Content flags") var content: ContentOptions
  @OptionGroup(title: "Content flags") var fetching: FetchOptions
  @Flag(help: "List the excluded files, with the rule that excludes each")
  var ignored = false
  @Flag(help: "Show where each file of an artifact comes from")
  var explain = false
  @Flag(help: "Show the names as a tree")
  var tree = false
  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .artifactAndPath) var words: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let format = try output.structured()
    guard [ignored, explain, tree].count(where: { $0 }) <= 1 else {
      throw UsageError("--ignored, --explain and --tree are mutually exclusive")
    }
    let meter = FetchProgressMeter(surroundings)
    let request = try await content.request(
      words, for: T.self, self, fetching, meter, in: surroundings)
    guard request.paths.count <= 1 else { throw UsageError("ls accepts only one path") }
    guard !ignored || !content.isOfCluster else {
      throw UsageError("--ignored requires --source: an artifact has no excluded files")
    }
    guard !explain || request.isBuilt else {
      throw UsageError("--explain requires an artifact of a generator: use ea/NAME -f FILE")
    }
    var listing = try await request.listing()
    ContentText.tell(listing, in: surroundings)
    if let path = request.paths.first {
      try restrict(&listing, to: ContentText.path(path))
    }
    let rendering = ContentRendering(listing: listing, explains: explain)
    if let format {
      try surroundings.print(try rendering.document, as: format)
    } else {
      let lines =
        ignored
        ? rendering.absences : tree ? rendering.tree : try rendering.lines
      for line in lines { try surroundings.output.line(line) }
    }
  }

  private func restrict(_ listing: inout ContentListing, to path: TreePath) throws {
    guard !path.isRoot else { return }
    func isBelow(_ other: TreePath) -> Bool {
      other == path || other.bytes.starts(with: path.bytes + [TreePath.slash])
    }
    let isThere = listing.entries.contains { isBelow($0.path) }
    guard isThere || ignored else {
      throw OperationError(.notFound, ContentText.absence(of: path, in: listing))
    }
    listing.entries = listing.entries.filter { isBelow($0.path) }
    listing.absent = listing.absent.filter { isBelow($0.path) }
  }
}
