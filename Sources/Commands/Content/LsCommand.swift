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
      summary: "List the files that a source or a generator publishes",
      synopsis: [
        "KIND/NAME [PATH] [flags]", "[PATH] --source NAME=SPEC [flags]",
        "ea/NAME [PATH] -f FILE --source NAME=SPEC [flags]",
      ],
      text: [
        "Lists mode, size, digest and path of the files in the artifact of an object of the cluster; "
          + "with PATH, that file or what is below that directory.",
        "With --source, lists the files that source-controller would publish of the first --source, or, "
          + "with ea/NAME and -f, those that the generator in FILE would publish under that name.",
        "--ignored lists what the source leaves out instead, and by which rule of which file. --explain "
          + "says which copy operation and source file made each file of an artifact, and what it "
          + "replaced or was merged with; for a PATH that is not there, why.",
        ContentText.cluster, ContentText.sources,
      ],
      examples: [
        CommandExample("List what is in an artifact of the cluster", "ls ea/frontend -n apps"),
        CommandExample(
          "List what is published of a checkout", "ls --source repo=. --manifests clusters/"),
        CommandExample("See what is left out, and why", "ls --source repo=git:.@main --ignored"),
        CommandExample(
          "See where the files of an artifact come from",
          "ls ea/frontend --explain -f generator.yaml --source repo=."),
      ],
      exitStatus: [(0, "listed"), (1, "failed, or there is nothing at PATH")],
      objectKinds: ClusterContent.kinds, takesOneObject: true
    )
  }

  @OptionGroup(title: "Content flags") var content: ContentOptions
  @OptionGroup(title: "Content flags") var fetching: FetchOptions
  @Flag(help: "List what is left out, and by which rule")
  var ignored = false
  @Flag(help: "Say for each file of an artifact where it comes from")
  var explain = false
  @Flag(help: "Draw a tree of names")
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
      throw UsageError("--ignored, --explain and --tree do not go together: choose one")
    }
    let meter = FetchProgressMeter(surroundings)
    let request = try await content.request(
      words, for: T.self, self, fetching, meter, in: surroundings)
    guard request.paths.count <= 1 else { throw UsageError("ls takes one path") }
    guard !ignored || !content.isOfCluster else {
      throw UsageError("an artifact does not hold what was left out: --ignored needs --source")
    }
    guard !explain || request.isBuilt else {
      throw UsageError("--explain is for the artifact of a generator: say ea/NAME -f FILE")
    }
    var listing = try await request.listing()
    ContentText.tell(listing, in: surroundings)
    if let path = request.paths.first {
      try restrict(&listing, to: TreePath(path.nativeBytes).cleaned)
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
