import ArgumentParser
import FluxModel
import Objects

/// The tool itself: it has the flags that every command shares and the list of commands.
struct RootCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

  /// Every command there is, by what it is for; a new one needs no other registration.
  static var groups: [(title: String, commands: [any ToolCommand.Type])] {
    [
      (
        "See",
        [
          GetCommand<T>.self,
          TreeCommand<T>.self,
          TraceCommand<T>.self,
          EventsCommand<T>.self,
          StatusCommand<T>.self,
          LogsCommand<T>.self,
          ExportCommand<T>.self,
        ]
      ),
      (
        "Before merging",
        [
          BuildCommand<T>.self,
          DiffCommand<T>.self,
          AffectedCommand<T>.self,
          HistoryCommand<T>.self,
          LintCommand<T>.self,
          RenderCommand<T>.self,
        ]
      ),
      (
        "Content",
        [
          LsCommand<T>.self,
          CatCommand<T>.self,
          PullCommand<T>.self,
          VerifyCommand<T>.self,
          PackCommand<T>.self,
        ]
      ),
      (
        "Act",
        [
          ReconcileCommand<T>.self,
          SuspendCommand<T>.self,
          ResumeCommand<T>.self,
          WaitCommand<T>.self,
        ]
      ),
      (
        "Set-up",
        [
          CheckCommand<T>.self,
          CompletionCommand<T>.self,
          OptionsCommand<T>.self,
          VersionCommand<T>.self,
        ]
      ),
    ]
  }

  static var commands: [any ToolCommand.Type] { groups.flatMap(\.commands) }

  static var page: CommandPage {
    CommandPage(
      name: T.executable,
      summary: "Work with Flux ArtifactGenerators and ExternalArtifacts",
      synopsis: ["COMMAND [flags]"],
      text: [
        "Flags may appear before or after the command. "
          + "Names without a kind refer to \(T.defaultKind.resource.kind)s."
      ],
      examples: [
        CommandExample("List objects in all namespaces", "get -A"),
        CommandExample(
          "Show what a generator will publish from a checkout",
          "build -f generator.yaml --source repo=."
        ),
      ]
    )
  }

  static var configuration: CommandConfiguration {
    configuration(version: BuildInfo.line(for: T.self), subcommands: commands)
  }

  /// Without a command, prints the help, as kubectl does.
  func run(in surroundings: Surroundings) async throws {
    let help = Help(
      tree: try CommandTree(of: T.self, onlyFlagsOf: nil), command: nil,
      columns: surroundings.terminal.columns)
    try surroundings.output.write(help.text)
  }
}
