import ArgumentParser

/// `completion`: the script that teaches a shell to complete the executable's name, and the one that
/// teaches the host.
struct CompletionCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "completion",
      summary: "Print the completion script for a shell, or install kubectl's",
      synopsis: ["SHELL", "install"],
      text: [
        "The script completes \(T.executable). Behind \"\(T.invocation)\", the host asks the tool by "
          + "itself: flux does so always, kubectl when kubectl_complete-artifactgen is in PATH.",
        "\"install\" writes kubectl_complete-artifactgen beside kubectl-artifactgen, where PATH has it, "
          + "and prints its path: krew installs only one executable of a plugin. For flux it does "
          + "nothing.",
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
        CommandExample("Complete behind the host's name, after krew", "completion install"),
      ]
    )
  }

  /// What the one argument asks for.
  enum Target: String, CaseIterable, ExpressibleByArgument {
    case bash
    case zsh
    case fish
    case install
  }

  @Argument(help: ArgumentHelp("The shell, or install", valueName: "SHELL"))
  var target: Target

  // Without effect here, but kubectl and Flux take these flags with any command.
  @OptionGroup(visibility: .hidden) var place: T.NamespaceOptions
  @OptionGroup(visibility: .hidden) var connection: ServerOptions
  @OptionGroup(visibility: .hidden) var discovery: DiscoveryOptions

  func run(in surroundings: Surroundings) async throws {
    if let shell = Shell(rawValue: target.rawValue) {
      return try surroundings.output.write(
        ShellScripts.script(for: shell, executable: T.executable))
    }
    guard let name = T.completionExecutable else {
      return surroundings.note(
        "Nothing to install: \(T.invocation.prefix { $0 != " " }) asks \(T.executable) itself.")
    }
    let script = HostCompletionScript(name: name, executable: T.executable)
    try surroundings.output.line(script.install(path: surroundings.environment["PATH"] ?? ""))
  }
}
