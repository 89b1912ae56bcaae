import ArgumentParser
import ArgumentParserToolInfo
import FoundationEssentials
import Synchronization
import Text

/// The whole command line of a tool as a value: what documents and completion are made from.
package struct CommandTree: Sendable {
  package let executable: String
  package let invocation: String
  package let root: CommandNode
  /// The names of the commands by what they are for, in the order of help.
  package let groups: [(title: String, names: [String])]
  /// The command that describes the flags that most commands share.
  package static let optionsCommand = "options"

  /// Describes the commands of a tool.
  ///
  /// The flags come from the parser's own description of itself, so that nothing can be documented
  /// that is not parsed.
  ///
  /// - Throws: When the parser describes itself in a form that we do not know.
  package init<T: Tool>(of tool: T.Type) throws {
    if let known = Self.described.withLock({ $0[ObjectIdentifier(T.self)] }) {
      self = known
      return
    }
    executable = T.executable
    invocation = T.invocation
    groups = RootCommand<T>.groups.map { ($0.title, $0.commands.map { $0.page.name }) }
    root = try Self.root(of: T.self, RootCommand<T>._dumpHelp())
    Self.described.withLock { [self] in $0[ObjectIdentifier(T.self)] = self }
  }

  /// What has been described so far, by the type of the tool, which decides it all: to describe a tool costs more
  /// than to parse a line, and a line that is wrong takes it twice.
  private static let described = Mutex<[ObjectIdentifier: CommandTree]>([:])

  /// Describes one command with its flags, and of the others only what they are for: what help takes.
  ///
  /// To describe all flags of all commands takes longer than all else that a process does for help.
  ///
  /// - Parameter name: Of the command; for any other, only the tool itself is described.
  init<T: Tool>(of tool: T.Type, onlyFlagsOf name: String?) throws {
    executable = T.executable
    invocation = T.invocation
    groups = RootCommand<T>.groups.map { ($0.title, $0.commands.map { $0.page.name }) }
    func description<C: ToolCommand>(_: C.Type) -> String { OneCommand<T, C>._dumpHelp() }
    let command = RootCommand<T>.commands.first { $0.page.name == name }
    let described = command.map { description($0) } ?? NoCommand<T>._dumpHelp()
    root = try Self.root(of: T.self, described)
  }

  private static func root<T: Tool>(of _: T.Type, _ description: String) throws -> CommandNode {
    let root = try JSONDecoder().decode(ToolInfoV0.self, from: Data(description.utf8)).command
    let children = RootCommand<T>.commands.map { $0.page }.map { page in
      CommandNode(
        page: page,
        description: root.subcommands?.first { $0.commandName == page.name },
        children: []
      )
    }
    return CommandNode(page: RootCommand<T>.page, description: root, children: children)
  }
}

/// A tool with one of its commands, for the parser to describe, and with `options`: what that lists
/// is left out of the command's help.
private struct OneCommand<T: Tool, C: ToolCommand>: ParsableCommand {
  static var configuration: CommandConfiguration {
    var commands: [any ParsableCommand.Type] = [C.self]
    if C.page.name != CommandTree.optionsCommand { commands.append(OptionsCommand<T>.self) }
    return RootCommand<T>.configuration(
      version: BuildInfo.line(for: T.self), subcommands: commands)
  }
}

/// A tool without its commands.
private struct NoCommand<T: Tool>: ParsableCommand {
  static var configuration: CommandConfiguration {
    RootCommand<T>.configuration(version: BuildInfo.line(for: T.self), subcommands: [])
  }
}

extension CommandTree {
  /// The flags of a command that its help and manual page describe: not what `options` describes for
  /// all commands, and `--help` and `--version` only of the tool itself.
  package func ownOptions(of node: CommandNode) -> [ArgumentNode] {
    let shared = node.page.name == Self.optionsCommand ? [] : sharedOptions
    return node.options.filter { option in
      !option.isHidden && !shared.contains { $0.isDescribed(as: option) }
        && (node.page.name == executable || !option.isOfEveryCommand)
    }
  }

  /// Whether a command has flags that only `options` describes.
  package func hasSharedOptions(_ node: CommandNode) -> Bool {
    node.page.name != Self.optionsCommand
      && node.options.contains { option in
        !option.isHidden && sharedOptions.contains { $0.isDescribed(as: option) }
      }
  }

  private var sharedOptions: [ArgumentNode] {
    let node = root.children.first { $0.page.name == Self.optionsCommand }
    return (node?.options ?? []).filter { !$0.isHidden && !$0.isOfEveryCommand }
  }
}

package struct CommandNode: Sendable {
  package let page: CommandPage
  package let arguments: [ArgumentNode]
  package let children: [CommandNode]
  /// The options of the commands below that this command does not have itself: they can stand before
  /// the name of the command.
  package let leadingOptions: [ArgumentNode]

  fileprivate init(page: CommandPage, description: CommandInfoV0?, children: [CommandNode]) {
    self.page = page
    arguments = (description?.arguments ?? []).map(ArgumentNode.init).joiningNegations
    self.children = children
    var known = Set(arguments.map(\.displayName))
    leadingOptions = children.flatMap(\.options).filter { known.insert($0.displayName).inserted }
  }

  package var positionals: [ArgumentNode] { arguments.filter { $0.kind == .positional } }
  package var options: [ArgumentNode] { arguments.filter { $0.kind != .positional } }

  /// The option of a long name, also one that only leads.
  package func option(long name: some StringProtocol) -> ArgumentNode? {
    (options + leadingOptions).first { $0.longNames.contains { $0 == name } }
  }

  package func option(short name: Character) -> ArgumentNode? {
    (options + leadingOptions).first { $0.shortNames.contains(name) }
  }
}

extension [ArgumentNode] {
  /// `--wait` and `--no-wait` are two arguments to the parser, and one to a reader.
  fileprivate var joiningNegations: [ArgumentNode] {
    var result: [ArgumentNode] = []
    for argument in self {
      let positive = result.firstIndex { known in
        known.kind == .flag && argument.longNames == known.longNames.map { "no-\($0)" }
          && !known.longNames.isEmpty
      }
      if let positive {
        result[positive].longNames += argument.longNames
      } else {
        result.append(argument)
      }
    }
    return result
  }
}

/// A flag, an option with a value, or a word without a flag.
package struct ArgumentNode: Sendable {
  package enum Kind: Sendable {
    case positional
    case option
    case flag
  }

  package enum Completion: Sendable, Equatable {
    case none
    case file
    case directory
    case values([String])
  }

  package let kind: Kind
  package fileprivate(set) var longNames: [String]
  package let shortNames: [Character]
  package let valueName: String
  /// Without a full stop.
  package let summary: String
  package let defaultValue: String?
  package let section: String?
  package let isRepeating: Bool
  /// Whether help leaves it out, for want of an effect.
  package let isHidden: Bool
  package let completion: Completion
  /// The only values that are accepted; nil when any is.
  package let acceptedValues: [String]?

  fileprivate init(_ info: ArgumentInfoV0) {
    kind =
      switch info.kind {
      case .positional: .positional
      case .option: .option
      case .flag: .flag
      }
    let names = info.names ?? []
    longNames = names.filter { $0.kind == .long }.map(\.name)
    shortNames = names.filter { $0.kind == .short }.compactMap(\.name.first)
    valueName = info.valueName ?? ""
    let abstract = info.abstract ?? ""
    summary = abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract
    let isFlag = info.kind == .flag
    defaultValue = info.defaultValue.map { Self.shown($0, isFlag: isFlag) }
    section = info.sectionTitle
    isRepeating = info.isRepeating
    isHidden = !info.shouldDisplay
    acceptedValues = info.allValueStrings
    completion =
      switch info.completionKind {
      case .list(let values): .values(values)
      case .file: .file
      case .directory: .directory
      default: info.allValueStrings.map(Completion.values) ?? .none
      }
  }

  /// A default as people read it: `true` for `--wait`, `50` for `50.0`.
  private static func shown(_ value: String, isFlag: Bool) -> String {
    if isFlag { return String(!value.hasPrefix("--no-")) }
    return value.hasSuffix(".0") ? String(value.dropLast(2)) : value
  }

  /// Whether an empty value is a slip, and not kubectl's way to say that none is given: without a path or
  /// a base, something else would be read.
  var refusesEmpty: Bool {
    completion == .file || completion == .directory
      || longNames.contains { $0 == "base" || $0 == "merge-base" }
  }

  /// `-o` and `--output`.
  package var spellings: [String] {
    shortNames.map { "-\($0)" } + longNames.map { "--\($0)" }
  }

  /// `--output`, or `-f` for an option that has a short name only.
  package var displayName: String {
    longNames.first.map { "--\($0)" } ?? shortNames.first.map { "-\($0)" } ?? valueName
  }

  /// `--help` and `--version`.
  package var isOfEveryCommand: Bool {
    longNames.contains("help") || longNames.contains("version")
  }

  /// What one spelling does: of a flag that can be negated, help has both in one sentence.
  package func summary(of spelling: String) -> String {
    guard let name = longNames.first, longNames.contains("no-\(name)") else { return summary }
    let halves = summary.splitOnce("; or ")
    guard spelling == "--no-\(name)" else { return String(halves?.0 ?? summary[...]) }
    if let negative = halves?.1 { return negative.prefix(1).uppercased() + negative.dropFirst() }
    return "Do not \(summary.prefix(1).lowercased())\(summary.dropFirst())"
  }

  /// Whether another command has the same flag with the same meaning.
  fileprivate func isDescribed(as other: ArgumentNode) -> Bool {
    displayName == other.displayName && summary == other.summary
  }
}
