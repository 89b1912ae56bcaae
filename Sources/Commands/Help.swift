/// Help for one command, laid out as kubectl lays out its own.
struct Help {
  /// Text is not made wider than this: long lines are hard to read.
  private static let widest = 100
  /// Below this, texts beside the flags would be a word wide.
  private static let narrowest = 60
  /// The columns where the texts beside flags and beside commands begin.
  private static let flagColumn = 30
  private static let commandColumn = 16

  private let tree: CommandTree
  private let node: CommandNode
  private let isRoot: Bool
  private let columns: Int

  /// - Parameters:
  ///   - command: The name of the command; nil, or a name that is none, for the tool itself.
  ///   - columns: The width of the terminal.
  init(tree: CommandTree, command: String?, columns: Int) {
    let child = tree.root.children.first { $0.page.name == command }
    self.tree = tree
    node = child ?? tree.root
    isRoot = child == nil
    self.columns = min(max(columns, Self.narrowest), Self.widest)
  }

  private var path: String {
    isRoot ? tree.invocation : "\(tree.invocation) \(node.page.name)"
  }

  /// The text with a line feed at its end.
  var text: String {
    var blocks = ([node.page.summary + "."] + node.page.text).map {
      wrapped($0, columns: columns).joined(separator: "\n")
    }
    if !node.page.examples.isEmpty { blocks.append(section("Examples", examples)) }
    if isRoot {
      for (title, names) in tree.groups {
        let commands = node.children.filter { names.contains($0.page.name) }
        blocks.append(section(title, commands.flatMap(commandLines)))
      }
    }
    if !node.positionals.isEmpty {
      blocks.append(section("Arguments", node.positionals.flatMap(lines)))
    }
    let shown = node.options.filter { !$0.isHidden }
    var titles: [String] = []
    for case let title? in shown.map(\.section) where !titles.contains(title) {
      titles.append(title)
    }
    for title in titles {
      blocks.append(section(title, shown.filter { $0.section == title }.flatMap(lines)))
    }
    let others = shown.filter { $0.section == nil }.flatMap(lines)
    blocks.append(section(titles.isEmpty ? "Flags" : "Other flags", others))
    blocks.append(section("Usage", node.page.synopsis.map { "  \(path) \($0)" }))
    if isRoot { blocks.append("Use \"\(path) COMMAND --help\" for more about a command.") }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private func section(_ title: String, _ lines: [String]) -> String {
    "\(title):\n" + lines.joined(separator: "\n")
  }

  /// Examples are not wrapped: they are there to be copied.
  private var examples: [String] {
    let blocks = node.page.examples.map {
      "  # \($0.purpose)\n  \(tree.invocation) \($0.arguments)"
    }
    return [blocks.joined(separator: "\n\n")]
  }

  private func commandLines(_ command: CommandNode) -> [String] {
    aligned(command.page.name, command.page.summary, at: Self.commandColumn)
  }

  private func lines(_ argument: ArgumentNode) -> [String] {
    aligned(argument.label, argument.explanation, at: Self.flagColumn)
  }

  /// A label with its text beside it, or below it when the label is long.
  private func aligned(_ label: String, _ text: String, at column: Int) -> [String] {
    let texts = wrapped(text, columns: columns - column)
    let label = "  \(label)"
    let blank = String(repeating: " ", count: column)
    guard label.count < column - 1, let first = texts.first else {
      return [label] + texts.map { blank + $0 }
    }
    let padding = String(repeating: " ", count: column - label.count)
    return [label + padding + first] + texts.dropFirst().map { blank + $0 }
  }

  /// Breaks text between words.
  private func wrapped(_ text: String, columns: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= columns {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}

extension ArgumentNode {
  /// `-o, --output FORMAT`, with room for the short name where there is none.
  fileprivate var label: String {
    guard kind != .positional else { return valueName }
    let shorts = shortNames.map { "-\($0), " }.joined()
    let longs = longNames.map { "--\($0)" }
    // Two long names have no room in a line.
    let isLong = longs.reduce(0, { $0 + $1.count }) > 50
    let names =
      (shorts.isEmpty ? "    " : shorts) + longs.joined(separator: isLong ? ",\n      " : ", ")
    return kind == .option ? "\(names) \(valueName)" : names
  }

  fileprivate var explanation: String {
    var text = summary
    if let acceptedValues { text += ": \(acceptedValues.joined(separator: ", "))" }
    if let defaultValue { text += " (default \(defaultValue))" }
    return text
  }
}
