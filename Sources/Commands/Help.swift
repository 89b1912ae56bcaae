import Text

/// Help for one command, laid out as kubectl lays out its own.
struct Help {
  /// Text is not made wider than this: long lines are hard to read.
  private static let widest = 100
  /// Command lines are never wider than this, as in kubectl's help.
  private static let commandWidth = 80
  /// Below this, texts beside the flags would be a word wide.
  private static let narrowest = 60
  /// Help has to fit a screen: the manual page has all examples.
  private static let mostExamples = 3
  /// The columns where the texts beside flags and beside commands begin.
  private static let flagColumn = 29
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
      wrapped($0, to: columns).joined(separator: "\n")
    }
    if !node.page.examples.isEmpty { blocks.append(section("Examples", examples)) }
    if isRoot {
      for (title, names) in tree.groups {
        let commands = node.children.filter { names.contains($0.page.name) }
        blocks.append(section(title, commands.flatMap(commandLines)))
      }
    }
    blocks += flags
    let usage = node.page.synopsis.flatMap { broken("  \(path) \($0)", with: "") }
    blocks.append(section("Usage", usage))
    blocks.append(pointers.joined(separator: "\n"))
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// One list, that of the command itself first; only `options`, which has nothing else, has headings.
  private var flags: [String] {
    let shown = tree.ownOptions(of: node)
    guard node.page.name == CommandTree.optionsCommand else {
      let ordered = shown.filter { $0.section == nil } + shown.filter { $0.section != nil }
      return ordered.isEmpty ? [] : [section("Flags", ordered.flatMap(lines))]
    }
    var titles: [String] = []
    for case let title? in shown.map(\.section) where !titles.contains(title) {
      titles.append(title)
    }
    return titles.map { title in
      section(title, shown.filter { $0.section == title }.flatMap(lines))
    }
  }

  /// Where the rest is described.
  private var pointers: [String] {
    var result: [String] = []
    if isRoot {
      result.append("Use \"\(path) COMMAND --help\" for more information about a command.")
    }
    if isRoot || tree.hasSharedOptions(node) {
      result.append(
        "Use \"\(tree.invocation) \(CommandTree.optionsCommand)\" for connection and common flags.")
    }
    let page = isRoot ? tree.executable : "\(tree.executable)-\(node.page.name)"
    result.append("Use \"man \(page)\" for details.")
    return result
  }

  private func section(_ title: String, _ lines: [String]) -> String {
    "\(title):\n" + lines.joined(separator: "\n")
  }

  /// Examples are broken where a shell reads them as one line: they are there to be copied.
  private var examples: [String] {
    let blocks = node.page.examples.prefix(Self.mostExamples).map {
      "  # \($0.purpose)\n"
        + broken("  \(tree.invocation) \($0.arguments)", with: " \\").joined(separator: "\n")
    }
    return [blocks.joined(separator: "\n\n")]
  }

  /// A command line on several lines if it is too long: broken before flags and pipes, never within
  /// quotes or brackets.
  ///
  /// - Parameter mark: What ends a line that goes on.
  private func broken(_ line: String, with mark: String) -> [String] {
    let widest = min(columns, Self.commandWidth)
    guard displayWidth(line) > widest else { return [line] }
    var pieces: [String] = []
    var quote: Character?
    var depth = 0
    for character in line {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      }
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      // The bracket that opens is counted already.
      let isOutside = quote == nil && depth == (character == "[" ? 1 : 0)
      let isStart = character == "-" || character == "|" || character == ">" || character == "["
      if isStart, isOutside, let last = pieces.last, last.hasSuffix(" "),
        last.contains(where: { $0 != " " })
      {
        pieces.append(String(character))
      } else if pieces.isEmpty {
        pieces.append(String(character))
      } else {
        pieces[pieces.count - 1].append(character)
      }
    }
    var lines: [String] = []
    for piece in pieces {
      let width = widest - mark.utf8.count
      if let last = lines.last, displayWidth(last + piece.trimmingSuffix(" ")) <= width {
        lines[lines.count - 1] += piece
      } else {
        lines.append((lines.isEmpty ? "" : "    ") + piece)
      }
    }
    return lines.enumerated().map { index, line in
      line.trimmingSuffix(" ") + (index < lines.count - 1 ? mark : "")
    }
  }

  private func commandLines(_ command: CommandNode) -> [String] {
    aligned(command.page.name, command.page.summary, at: Self.commandColumn)
  }

  private func lines(_ argument: ArgumentNode) -> [String] {
    aligned(argument.label, argument.explanation, at: Self.flagColumn)
  }

  /// A label with its text beside it, or below it when the label is long.
  private func aligned(_ label: String, _ text: String, at column: Int) -> [String] {
    let texts = wrapped(text, to: columns - column)
    let label = "  \(label)"
    let blank = String(repeating: " ", count: column)
    guard label.count < column - 1, let first = texts.first else {
      return [label] + texts.map { blank + $0 }
    }
    let padding = String(repeating: " ", count: column - label.count)
    return [label + padding + first] + texts.dropFirst().map { blank + $0 }
  }
}

extension ArgumentNode {
  /// `-o, --output FORMAT`, with room for the short name where there is none.
  ///
  /// Of several long names the first; a flag that can be negated is `--[no-]wait`.
  fileprivate var label: String {
    guard kind != .positional else { return valueName }
    let shorts = shortNames.map { "-\($0), " }.joined()
    let name = longNames.first ?? ""
    let long = longNames.contains("no-\(name)") ? "--[no-]\(name)" : "--\(name)"
    let names = (shorts.isEmpty ? "    " : shorts) + long
    return kind == .option ? "\(names) \(valueName)" : names
  }

  fileprivate var explanation: String {
    var text = summary
    if let acceptedValues { text += ": \(acceptedValues.joined(separator: ", "))" }
    if let defaultValue { text += " (default \(defaultValue))" }
    return text
  }
}
