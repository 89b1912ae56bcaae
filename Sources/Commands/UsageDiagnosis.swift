import Text

/// Says what is wrong with a command line in the words that kubectl and Flux have for it.
///
/// The texts are those of pflag and cobra. The parser's own message serves for what is not found
/// here.
struct UsageDiagnosis {
  let tree: CommandTree
  private let walk: CommandLineWalk

  init(_ arguments: [String], tree: CommandTree) {
    self.tree = tree
    walk = CommandLineWalk(arguments, root: tree.root)
  }

  /// The command that was called.
  var node: CommandNode { walk.node }

  var hasCommand: Bool { walk.hasCommand }

  /// The words that lead to the command whose help explains the line.
  var commandPath: String {
    walk.hasCommand ? "\(tree.invocation) \(walk.node.page.name)" : tree.invocation
  }

  /// The first thing that is wrong, or nil when all words are known ones.
  var message: String? {
    if !walk.hasCommand, let name = walk.arguments.first { return unknownCommand(name) }
    for word in walk.words {
      if let problem = problem(with: word) { return problem }
    }
    if walk.node.positionals.isEmpty, let extra = walk.arguments.first {
      let help = HostHabits.argument(of: walk.node)?
        .replacing("TOOL", with: tree.invocation)
      return "unexpected argument \"\(extra)\"" + (help.map { "\n\($0)" } ?? "")
    }
    for (positional, text) in zip(walk.node.positionals, walk.arguments) {
      guard let accepted = positional.acceptedValues, !accepted.contains(text) else { continue }
      return "invalid argument \"\(text)\" for \(positional.valueName): "
        + "must be one of \(accepted.joined(separator: ", "))"
    }
    return nil
  }

  private func problem(with word: CommandLineWalk.Word) -> String? {
    switch word {
    case .unknownOption("--snapshot", _) where HostHabits.needsCluster(walk.node) != nil:
      return HostHabits.needsCluster(walk.node)
    case .unknownOption(let spelling, nil):
      return "unknown flag: \(spelling)" + inPlace(of: spelling)
    case .unknownOption(let spelling, let cluster?):
      return "unknown shorthand flag: '\(spelling.dropFirst())' in \(cluster)"
        + inPlace(of: spelling)
    case .option(let option, let spelling, nil) where option.kind == .option:
      return spelling.hasPrefix("--")
        ? "flag needs an argument: \(spelling)"
        : "flag needs an argument: '\(spelling.dropFirst())' in \(spelling)"
    case .option(let option, _, let value?):
      let accepted = option.kind == .flag ? ["true", "false"] : option.acceptedValues
      guard let accepted, !accepted.contains(value) else { return nil }
      return "invalid argument \"\(value)\" for \"\(option.displayName)\" flag: "
        + "must be one of \(accepted.joined(separator: ", "))"
    case .option, .command, .argument, .terminator:
      return nil
    }
  }

  /// A line about what to use in place of a flag, or about the commands that take it.
  private func inPlace(of spelling: String) -> String {
    if let help = HostHabits.flag(spelling, of: walk.node) { return "\n\(help)" }
    let names = tree.root.children.filter { command in
      command.page.name != CommandTree.optionsCommand
        && command.options.contains { !$0.isHidden && $0.spellings.contains(spelling) }
    }.map(\.page.name)
    return names.isEmpty ? "" : "\n\(spelling) is a flag of \(inWords(names, "and"))"
  }

  private func unknownCommand(_ name: String) -> String {
    let message = "unknown command \"\(name)\" for \"\(tree.invocation)\""
    if let help = HostHabits.verb(name) {
      return message + "\n\nUse \(help.replacing("TOOL", with: tree.invocation))"
    }
    let similar = tree.root.children.map(\.page.name).filter {
      editDistance($0, name) <= 2 || (!name.isEmpty && $0.hasPrefix(name))
    }
    guard !similar.isEmpty else { return message }
    return message + "\n\nDid you mean this?\n" + similar.map { "\t\($0)\n" }.joined()
  }
}
