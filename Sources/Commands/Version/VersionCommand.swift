import ArgumentParser
import Document

/// `version`: what was built.
struct VersionCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "version",
      summary: "Print the version",
      synopsis: ["[--client] [-o json|yaml]"],
      examples: [
        CommandExample("Print name, version, commit and date", "version"),
        CommandExample("Print the version as JSON", "version -o json"),
      ]
    )
  }

  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @Flag(help: "Print the version of this plugin only (the default)")
  var client = false
  // Without effect here, but kubectl and Flux take these flags with any command.
  @OptionGroup(visibility: .hidden) var place: T.NamespaceOptions
  @OptionGroup(visibility: .hidden) var connection: ServerOptions
  @OptionGroup(visibility: .hidden) var discovery: DiscoveryOptions

  func run(in surroundings: Surroundings) async throws {
    if let format = try output.structured() {
      try surroundings.print(description, as: format)
    } else {
      try surroundings.output.line(BuildInfo.line(for: T.self))
    }
  }

  private var description: Value {
    [
      "apiVersion": "artifactgen/v1",
      "kind": "Version",
      "name": .string(T.executable),
      "version": .string(BuildInfo.version),
      "commit": .string(BuildInfo.commit),
      "date": .string(BuildInfo.date),
    ]
  }
}
