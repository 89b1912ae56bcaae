import ArgumentParser
import Operations

/// `pull`: writes what a source or a generator publishes to a folder.
struct PullCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "pull",
      summary: "Write the files that a source or a generator publishes to a folder",
      synopsis: [
        "--source NAME=SPEC --output-dir DIR [flags]",
        "ea/NAME -f FILE --source NAME=SPEC --output-dir DIR [flags]",
      ],
      text: [
        "Writes what source-controller would publish of the first --source, as whoever fetches it has "
          + "it: ignore rules, sparseCheckout and includes of the source object applied, links left "
          + "out, with the modes of the unpacked artifact. With ea/NAME, what the generator in FILE "
          + "would publish under that name. DIR has to be empty or absent.",
        ContentText.sources,
      ],
      examples: [
        CommandExample(
          "Write what source-controller makes of a commit",
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
    help: ArgumentHelp("Write the files here", valueName: "DIR"), completion: .directory)
  var outputDirectory: String?
  @OptionGroup(title: "Cluster flags") var place: ContextNamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(visibility: .hidden) var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .artifact) var words: [String] = []

  func run(in surroundings: Surroundings) async throws {
    try EmptyPath.refuse(outputDirectory, flag: "--output-dir")
    guard let outputDirectory else {
      throw UsageError("where to? say --output-dir DIR")
    }
    let request = try await content.request(words, for: T.self, self, in: surroundings)
    guard request.paths.isEmpty else {
      throw UsageError("pull takes no path: it writes all files (cat prints one)")
    }
    let listing = try await request.listing()
    ContentText.tell(listing, in: surroundings)
    let write = WriteContent(to: outputDirectory)
    surroundings.removeOnSignal(write.unfinished)
    try write.write(listing)
  }
}
