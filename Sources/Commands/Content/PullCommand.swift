import ArgumentParser
import Operations

/// `pull`: writes what a source or a generator publishes to a folder.
struct PullCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "pull",
      summary: "Write the files that a source or generator publishes to a directory",
      synopsis: [
        "--source NAME=SPEC --output-dir DIR [flags]",
        "ea/NAME -f FILE --source NAME=SPEC --output-dir DIR [flags]",
      ],
      text: [
        "Writes the files that source-controller would publish from the first --source, "
          + "or that the generator in FILE would publish as ea/NAME. DIR must be empty or "
          + "must not exist."
      ],
      details: [
        "The result is what a consumer unpacks: the ignore rules, sparseCheckout and "
          + "includes of the source object are applied, symbolic links are excluded, and "
          + "files have the modes of the unpacked artifact.",
        ContentText.sources,
      ],
      examples: [
        CommandExample(
          "Write what source-controller publishes from a commit",
          "pull --source repo=git:.@main --manifests clusters/ --output-dir /tmp/repo"),
        CommandExample(
          "Write what a generator publishes",
          "pull ea/frontend -f generator.yaml --source repo=. --output-dir /tmp/frontend"),
      ]
    )
  }

  @OptionGroup(title: "Content flags") var content: ContentOptions
  @Option(
    name: .customLong("output-dir"),
    help: ArgumentHelp("Directory to write the files to", valueName: "DIR"), completion: .directory)
  var outputDirectory: String?
  @OptionGroup(title: "Cluster flags") var place: ContextNamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(visibility: .hidden) var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .artifact) var words: [String] = []

  func run(in surroundings: Surroundings) async throws {
    try EmptyPath.refuse(outputDirectory, flag: "--output-dir")
    guard let outputDirectory else {
      throw UsageError("no output directory specified: set --output-dir DIR")
    }
    let request = try await content.request(words, for: T.self, self, in: surroundings)
    guard request.paths.isEmpty else {
      throw UsageError("pull accepts no path because it writes all files; use cat for one file")
    }
    let listing = try await request.listing()
    ContentText.tell(listing, in: surroundings)
    let write = WriteContent(to: outputDirectory)
    surroundings.removeOnSignal(write.unfinished)
    try write.write(listing)
  }
}
