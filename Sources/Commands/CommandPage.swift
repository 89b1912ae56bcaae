import ArgumentParser
package import FluxModel
package import Operations

/// The description of a command except its flags: for `--help`, the man page and docs/reference.md.
package struct CommandPage: Sendable {
  package let name: String
  /// One line without a full stop.
  package let summary: String
  /// The ways to call it, without the names of the tool and the command.
  package let synopsis: [String]
  /// Paragraphs of help and manual page.
  package var text: [String] = []
  /// Paragraphs of the manual page only: help has to fit a screen.
  package var details: [String] = []
  package let examples: [CommandExample]
  package var exitStatus: [(status: Int32, meaning: String)] = [
    (0, "success"), (1, "failed, or invalid usage"),
  ]
  /// The kinds of object that its arguments can name; empty when they name no objects.
  package var objectKinds: [FluxKind] = []
  /// Whether objects of any kind of the cluster can be named too.
  package var takesAnyKind = false
  package var takesOneObject = false
  /// The words for several kinds that its arguments can name.
  package var kindGroups: [KindGroup] = []
  /// Words with a meaning of their own in place of objects, with a line about each.
  package var words: [(word: String, summary: String)] = []
  /// The exit status of a failure: not 1 where 1 is an answer.
  package var failureStatus: Int32 = 1
}

/// A command line that works, and what it is for.
package struct CommandExample: Sendable {
  /// One line without a full stop.
  package let purpose: String
  /// Without the name of the tool.
  package let arguments: String

  init(_ purpose: String, _ arguments: String) {
    self.purpose = purpose
    self.arguments = arguments
  }
}

/// A command of the suite: flags in, an operation, text out.
protocol ToolCommand: ParsableCommand, Sendable {
  associatedtype SelectedTool: Tool

  static var page: CommandPage { get }
  /// Whether the command ends by itself at ``Surroundings/deadline``, because it has something to
  /// report then; any other is cancelled.
  static var reportsAtDeadline: Bool { get }
  /// Whether the command ends, with status 0, when nobody reads its output any more: one that may follow
  /// without end, or whose status says nothing about what it prints. Any other ends as it would, because a
  /// pipeline such as `lint | head` must not turn errors into success.
  static var endsWithReader: Bool { get }
  /// How long the command may take, if there is a limit.
  var timeLimit: TimeLimit? { get }

  func run(in surroundings: Surroundings) async throws
}

extension ToolCommand {
  static var reportsAtDeadline: Bool { false }
  static var endsWithReader: Bool { false }
  var timeLimit: TimeLimit? { nil }

  /// The words that people type to reach the command.
  static var commandPath: String {
    page.name == SelectedTool.executable
      ? SelectedTool.invocation : "\(SelectedTool.invocation) \(page.name)"
  }

  static var configuration: CommandConfiguration {
    configuration(version: "", subcommands: [])
  }

  static func configuration(
    version: String,
    subcommands: [any ParsableCommand.Type]
  ) -> CommandConfiguration {
    // Help is ours: the parser would break examples, and name the executable where people type another
    // name.
    CommandConfiguration(
      commandName: page.name, abstract: page.summary, version: version, subcommands: subcommands)
  }
}
