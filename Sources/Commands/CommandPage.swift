import ArgumentParser
package import FluxModel
package import Operations

/// What is known about a command besides its flags: `--help`, the man page and the README draw on it.
package struct CommandPage: Sendable {
  package let name: String
  /// One line without a full stop.
  package let summary: String
  /// The ways to call it, without the names of the tool and the command.
  package let synopsis: [String]
  /// Paragraphs.
  package let text: [String]
  package let examples: [CommandExample]
  package let exitStatus: [ExitStatusLine]
  /// The kinds of object that its arguments can name; empty when they name no objects.
  package let objectKinds: [FluxKind]
  /// Whether objects of any kind of the cluster can be named too.
  package let takesAnyKind: Bool
  package let takesOneObject: Bool
  /// The words for several kinds that its arguments can name.
  package let kindGroups: [KindGroup]
  /// The exit status of a failure: not 1 where 1 is an answer.
  package let failureStatus: Int32

  package init(
    name: String,
    summary: String,
    synopsis: [String],
    text: [String] = [],
    examples: [CommandExample],
    exitStatus: [(Int32, String)] = [(0, "done"), (1, "failed, or the command line was wrong")],
    objectKinds: [FluxKind] = [],
    takesAnyKind: Bool = false,
    takesOneObject: Bool = false,
    kindGroups: [KindGroup] = [],
    failureStatus: Int32 = 1
  ) {
    self.name = name
    self.summary = summary
    self.synopsis = synopsis
    self.text = text
    self.examples = examples
    self.exitStatus = exitStatus.map { ExitStatusLine(status: $0.0, meaning: $0.1) }
    self.objectKinds = objectKinds
    self.takesAnyKind = takesAnyKind
    self.takesOneObject = takesOneObject
    self.kindGroups = kindGroups
    self.failureStatus = failureStatus
  }
}

/// A command line that works, and what it is for.
package struct CommandExample: Sendable {
  /// One line without a full stop.
  package let purpose: String
  /// Without the name of the tool.
  package let arguments: String

  package init(_ purpose: String, _ arguments: String) {
    self.purpose = purpose
    self.arguments = arguments
  }
}

package struct ExitStatusLine: Sendable {
  package let status: Int32
  package let meaning: String
}

/// A command of the suite: flags in, an operation, text out.
protocol ToolCommand: ParsableCommand, Sendable {
  associatedtype SelectedTool: Tool

  static var page: CommandPage { get }
  /// Whether the command ends by itself at ``Surroundings/deadline``, because it has something to
  /// report then; any other is cancelled.
  static var reportsAtDeadline: Bool { get }
  /// How long the command may take, if there is a limit.
  var timeLimit: TimeLimit? { get }

  func run(in surroundings: Surroundings) async throws
}

extension ToolCommand {
  static var reportsAtDeadline: Bool { false }
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
