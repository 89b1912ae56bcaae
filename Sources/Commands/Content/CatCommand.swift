import ArgumentParser
import Content
import Operations
import Platform

/// `cat`: prints a file of what a source or a generator publishes.
struct CatCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "cat",
      summary: "Print a file that a source or generator publishes",
      synopsis: [
        "KIND/NAME PATH [flags]",
        "PATH --source NAME=SPEC [flags]",
        "ea/NAME PATH -f FILE --source NAME=SPEC [flags]",
      ],
      text: [
        "Prints a file in the artifact of an object in the cluster. With --source, "
          + "prints it as source-controller would publish it from the first --source, or, "
          + "with ea/NAME and -f, as the generator in FILE would publish it. If the file is "
          + "not published, the error explains why."
      ],
      details: [
        "Binary files are printed to a terminal only with --force.",
        ContentText.cluster,
        ContentText.sources,
      ],
      examples: [
        CommandExample(
          "Print a file of an artifact in the cluster", "cat ea/frontend values.yaml -n apps"),
        CommandExample(
          "Print a file as it is published, for example an LFS pointer",
          "cat charts/app/values.yaml --source repo=git:."),
        CommandExample(
          "Print a file as a generator would publish it",
          "cat ea/frontend values.yaml -f generator.yaml --source repo=."),
      ],
      objectKinds: ClusterContent.kinds, takesOneObject: true
    )
  }

  @OptionGroup(title: "Content flags") var content: ContentOptions
  @OptionGroup(title: "Content flags") var fetching: FetchOptions
  @Flag(help: "Also print binary files to a terminal")
  var force = false
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .artifactAndPath) var words: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let meter = FetchProgressMeter(surroundings)
    let request = try await content.request(
      words, for: T.self, self, fetching, meter, in: surroundings)
    guard request.paths.count == 1 else {
      throw UsageError("cat requires the path of one file")
    }
    let listing = try await request.listing()
    ContentText.tell(listing, in: surroundings)
    let path = ContentText.path(request.paths[0])
    guard let entry = listing.entry(at: path) else {
      throw OperationError(.notFound, ContentText.absence(of: path, in: listing))
    }
    guard case .file(let content) = entry.kind else {
      throw OperationError(.invalidArgument, "\(path) is a directory: use ls to list it")
    }
    if surroundings.terminal.outputIsTerminal, !force, try !ContentText.isText(content) {
      throw OperationError(
        .precondition,
        "\(path) is a binary file: redirect the output, or use --force")
    }
    let reader = try content.open()
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(PathFailure) in
        try reader.read(into: UnsafeMutableRawBufferPointer(bytes))
      }
      if count == 0 { return }
      try surroundings.output.write(Array(buffer[..<count]))
    }
  }
}
