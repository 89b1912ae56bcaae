import ArgumentParser

/// `completion`: the script that teaches a shell to complete the executable's name, and the one that
/// teaches the host.
struct CompletionCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "completion",
      summary: "Print a shell completion script, or install the one for kubectl",
      synopsis: [
        "SHELL",
        "install",
      ],
      text: [
        "Prints a script that completes \(T.executable) in bash, zsh or fish. For "
          + "\"\(T.invocation)\", completion is dynamic: flux always runs the plugin, kubectl if "
          + "kubectl_complete-artifactgen is in PATH.",
        "install writes kubectl_complete-artifactgen to the directory of kubectl-artifactgen in "
          + "PATH and prints its path, because krew installs only one executable per plugin. flux "
          + "does not need it.",
      ],
      examples: [
        CommandExample(
          "Set up completion in the current bash session",
          "completion bash > completion.bash && . ./completion.bash"
        ),
        CommandExample(
          "Set up completion for all fish sessions",
          "completion fish > ~/.config/fish/completions/\(T.executable).fish"),
        CommandExample("Set up completion for kubectl after krew", "completion install"),
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

  @Argument(help: ArgumentHelp("bash, zsh, fish or install", valueName: "SHELL"))
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
        "Nothing to install: \(T.invocation.prefix { $0 != " " }) runs \(T.executable) directly.")
    }
    let script = HostCompletionScript(name: name, executable: T.executable)
    try surroundings.output.line(script.install(path: surroundings.environment["PATH"] ?? ""))
  }
}
