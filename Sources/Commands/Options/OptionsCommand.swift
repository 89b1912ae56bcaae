import ArgumentParser

/// `options`: describes the flags that most commands share, which their own help leaves out.
struct OptionsCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: CommandTree.optionsCommand,
      summary: "List the connection and common flags of all commands",
      synopsis: ["[flags]"],
      text: ["Most commands that connect to a cluster accept these flags."],
      details: [
        "A flag with an empty value (--flag=) counts as not given. But an empty --snapshot, -f or "
          + "--source is an error: if a variable is unset, a command must not read another cluster "
          + "or directory instead."
      ],
      examples: [CommandExample("List the flags", CommandTree.optionsCommand)]
    )
  }

  @OptionGroup(title: "Connection flags") var connection: ServerOptions
  @OptionGroup(title: "Connection flags") var discovery: DiscoveryOptions
  @OptionGroup(title: "Fetch flags") var fetching: FetchOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions
  @OptionGroup(title: "Common flags") var colour: ColourOptions
  // Without effect here, but kubectl and Flux take these flags with any command.
  @OptionGroup(visibility: .hidden) var place: T.NamespaceOptions

  func run(in surroundings: Surroundings) async throws {
    let help = Help(
      tree: try CommandTree(of: T.self), command: Self.page.name,
      columns: surroundings.terminal.columns)
    try surroundings.output.write(help.text)
  }
}
