import ArgumentParser

/// What a command line asks for.
enum ParsedLine {
  /// A command with its flags.
  case command(any ToolCommand)
  /// Text for standard output, with its last line feed: help, or the version.
  case text(String)

  /// Reads the arguments of a tool.
  ///
  /// - Throws: ``UsageError``.
  static func parse<T: Tool>(
    _ arguments: [String],
    for tool: T.Type,
    in surroundings: Surroundings
  ) throws -> ParsedLine {
    if let command = plainHelp(arguments, for: tool) {
      return .text(try help(of: command, tool, in: surroundings))
    }
    var arguments = ArgumentSpelling.withValues(arguments)
    if arguments.first?.hasPrefix("-") == true {
      arguments = ArgumentSpelling.commandFirst(arguments, tree: try CommandTree(of: tool))
    }
    if arguments.contains(where: Self.hasEmptyValue) {
      // The parser would take the next word for the value.
      arguments = ArgumentSpelling.normalized(arguments, tree: try CommandTree(of: tool))
    }
    do {
      return try parseOnce(arguments, for: tool)
    } catch {
      if RootCommand<T>.exitCode(for: error).isSuccess {
        return .text(try informative(error, arguments, for: tool, in: surroundings))
      }
      // Only a line that failed is looked at again: this costs time that a good one does not pay.
      let tree = try CommandTree(of: tool)
      let respelled = ArgumentSpelling.normalized(arguments, tree: tree)
      if respelled != arguments, let command = try? parseOnce(respelled, for: tool) {
        return command
      }
      let diagnosis = UsageDiagnosis(arguments, tree: tree)
      let problem = diagnosis.message
      if problem == nil, !diagnosis.hasCommand {
        // Nothing but flags of commands: help, as for kubectl.
        return .text(try help(of: nil, tool, in: surroundings))
      }
      let message =
        problem
        ?? ParserMessage.reworded(RootCommand<T>.message(for: error), for: diagnosis.node)
      throw UsageError(message, commandPath: diagnosis.commandPath)
    }
  }

  /// The command that a line as people type it most asks about, which needs no parser: `get --help`.
  ///
  /// - Returns: The empty name for the tool itself; nil for any other line.
  private static func plainHelp<T: Tool>(_ arguments: [String], for tool: T.Type) -> String? {
    let flags = ["--help", "-h"]
    switch arguments.count {
    case 1 where flags.contains(arguments[0]) || arguments[0] == "help": return ""
    case 2 where flags.contains(arguments[1]) || arguments[0] == "help":
      let name = arguments[0] == "help" ? arguments[1] : arguments[0]
      return RootCommand<T>.commands.contains { $0.page.name == name } ? name : nil
    default: return nil
    }
  }

  private static func help<T: Tool>(
    of command: String?, _ tool: T.Type, in surroundings: Surroundings
  ) throws -> String {
    let tree = try CommandTree(of: tool, onlyFlagsOf: command)
    return Help(tree: tree, command: command, columns: surroundings.terminal.columns).text
  }

  /// Whether an argument is `--flag=`.
  private static func hasEmptyValue(_ argument: String) -> Bool {
    argument.hasPrefix("-") && argument.last == "=" && argument.dropLast().count > 1
      && !argument.dropLast().contains("=")
  }

  private static func parseOnce<T: Tool>(
    _ arguments: [String],
    for tool: T.Type
  ) throws -> ParsedLine {
    var parsed = try RootCommand<T>.parseAsRoot(arguments)
    if let command = parsed as? any ToolCommand { return .command(command) }
    // The parser's own help command: running it throws its text.
    try parsed.run()
    return .text("")
  }

  /// What a request for help or for the version, which the parser throws, is answered with.
  private static func informative<T: Tool>(
    _ request: any Error, _ arguments: [String], for tool: T.Type, in surroundings: Surroundings
  ) throws -> String {
    let version = BuildInfo.line(for: tool)
    if RootCommand<T>.fullMessage(for: request) == version { return version + "\n" }
    let tree = try CommandTree(of: tool)
    let walk = CommandLineWalk(arguments, root: tree.root)
    // `help` before what is no command; one with its own `--help` is about the tool, as for kubectl.
    if !walk.hasCommand, walk.arguments.first == "help", walk.arguments.count > 1 {
      let topic = walk.arguments[1]
      guard tree.root.children.contains(where: { $0.page.name == topic }) else {
        let diagnosis = UsageDiagnosis([topic], tree: tree)
        throw UsageError(diagnosis.message ?? "", commandPath: diagnosis.commandPath)
      }
    }
    // `--help` behind a command, or `help` before one.
    let command = walk.hasCommand ? walk.node.page.name : walk.arguments.dropFirst().first
    return try help(of: command, tool, in: surroundings)
  }
}
