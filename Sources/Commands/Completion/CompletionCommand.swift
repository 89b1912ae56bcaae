import ArgumentParser

/// `completion`: the script that teaches a shell to complete the executable's name.
struct CompletionCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "completion",
      summary: "Print the completion script for a shell",
      synopsis: ["SHELL"],
      text: [
        "The script completes \(T.executable). Behind \"\(T.invocation)\", the host asks the tool by "
          + "itself: flux does so always, kubectl when kubectl_complete-artifactgen is in PATH."
      ],
      examples: [
        CommandExample(
          "Complete in this bash",
          "completion bash > completion.bash && . ./completion.bash"
        ),
        CommandExample(
          "Complete in every fish",
          "completion fish > ~/.config/fish/completions/\(T.executable).fish"
        ),
      ]
    )
  }

  @Argument(help: ArgumentHelp("bash, zsh or fish", valueName: "SHELL"))
  var shell: Shell

  // Without effect here, but kubectl and Flux take these flags with any command.
  @OptionGroup(visibility: .hidden) var place: T.NamespaceOptions
  @OptionGroup(visibility: .hidden) var connection: ServerOptions
  @OptionGroup(visibility: .hidden) var discovery: DiscoveryOptions

  func run(in surroundings: Surroundings) async throws {
    try surroundings.output.write(ShellScripts.script(for: shell, executable: T.executable))
  }
}

extension Shell: ExpressibleByArgument {}
