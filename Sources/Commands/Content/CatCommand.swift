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
        "PATH --source NAME=SPEC [flags]",
        "ea/NAME PATH -f FILE --source NAME=SPEC [flags]",
      ],
      text: [
        "Prints the content of PATH as source-controller would publish it from the "
          + "first --source, or as the generator in FILE would publish it in ea/NAME. If "
          + "the file is not published, the error explains why."
      ],
      details: [
        ContentText.sources
      ],
      examples: [
        CommandExample(
          "Print a file as it is published, for example an LFS pointer",
          "cat charts/app/values.yaml --source repo=git:."),
        CommandExample(
          "Print a file of an artifact",
          "cat ea/frontend values.yaml -f generator.yaml --source repo=."),
      ]
    )
  }

  @OptionGroup(title: "Content flags") var content: ContentOptions
  @OptionGroup(title: "Cluster flags") var place: ContextNamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(visibility: .hidden) var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .artifactAndPath) var words: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let request = try await content.request(words, for: T.self, self, in: surroundings)
    guard request.paths.count == 1 else {
      throw UsageError("cat requires the path of one file")
    }
    let listing = try await request.listing()
    ContentText.tell(listing, in: surroundings)
    let path = TreePath(request.paths[0].nativeBytes).cleaned
    guard let entry = listing.entry(at: path) else {
      throw OperationError(.notFound, ContentText.absence(of: path, in: listing))
    }
    guard case .file(let content) = entry.kind else {
      throw OperationError(.invalidArgument, "\(path) is a directory: use ls to list it")
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
