import Commands

/// A manual page in the macros of man(7).
struct ManPage {
  let fileName: String
  let text: String

  /// One page for the tool and one for each of its commands.
  static func pages<T: Tool>(of tool: T.Type, tree: CommandTree, release: Release) -> [ManPage] {
    let children = tree.root.children
    let names = [T.executable] + children.map { "\(T.executable)-\($0.page.name)" }
    return zip(names, [tree.root] + children).map { name, node in
      let isRoot = name == T.executable
      var writer = Writer(name: name, release: release, tree: tree, node: node)
      writer.header()
      writer.synopsis(path: isRoot ? tree.invocation : "\(tree.invocation) \(node.page.name)")
      writer.text(commands: isRoot ? children : [])
      writer.options()
      writer.examples()
      writer.exitStatus()
      writer.surroundings(DocumentedEnvironment(of: tool, node))
      writer.seeAlso(names.filter { $0 != name } + [tree.invocation.hostName])
      return ManPage(fileName: "\(name).1", text: writer.lines.joined(separator: "\n") + "\n")
    }
  }
}

extension String {
  /// The program that people type first: `kubectl` or `flux`.
  fileprivate var hostName: String {
    String(prefix { $0 != " " })
  }
}

/// Collects the lines of one page.
private struct Writer {
  let name: String
  let release: Release
  let tree: CommandTree
  let node: CommandNode
  var lines: [String] = []

  mutating func header() {
    lines.append(
      ".TH \(Roff.text(name.uppercased())) 1 \(release.date) "
        + "\"\(tree.executable) \(release.version)\" \"User Commands\""
    )
    // Neither hyphenation nor stretched blanks: names of commands must stay whole.
    lines += [".nh", ".ad l"]
    section("NAME")
    lines += Roff.filled("\(Roff.text(name)) \\- \(Roff.text(node.page.summary))")
  }

  mutating func synopsis(path: String) {
    section("SYNOPSIS")
    for (index, synopsis) in node.page.synopsis.enumerated() {
      if index > 0 { lines.append(".br") }
      lines += Roff.filled("\(Roff.bold(path)) \(Roff.text(synopsis))")
    }
  }

  mutating func text(commands: [CommandNode]) {
    section("DESCRIPTION")
    paragraph(node.page.summary + ".")
    (node.page.text + node.page.details).forEach { paragraph($0) }
    for command in commands {
      tagged(Roff.bold(command.page.name), command.page.summary + ".")
    }
  }

  mutating func options() {
    section("OPTIONS")
    for positional in node.positionals {
      tagged(Roff.italic(positional.valueName), positional.sentence)
    }
    let shown = tree.ownOptions(of: node)
    var sections: [String?] = shown.contains { $0.section == nil } ? [nil] : []
    for option in shown where option.section != nil && !sections.contains(option.section) {
      sections.append(option.section)
    }
    for title in sections {
      if let title { lines.append(".SS \(Roff.text(title))") }
      for option in shown where option.section == title {
        tagged(option.roffTag, option.sentence)
      }
    }
    if node.page.name == tree.executable || tree.hasSharedOptions(node) {
      paragraph("For connection and common flags, see")
      lines.append(".BR \(Roff.text("\(tree.executable)-\(CommandTree.optionsCommand)")) (1).")
    }
  }

  mutating func examples() {
    guard !node.page.examples.isEmpty else { return }
    section("EXAMPLES")
    for example in node.page.examples {
      paragraph(example.purpose + ":")
      lines += [".RS 4", ".nf"] + Roff.unbroken(Roff.text(command(example))) + [".fi", ".RE"]
    }
  }

  private func command(_ example: CommandExample) -> String {
    "\(tree.invocation) \(example.arguments)"
  }

  mutating func exitStatus() {
    section("EXIT STATUS")
    for line in node.page.exitStatus {
      tagged(Roff.bold(String(line.status)), line.meaning.capitalizedSentence)
    }
    tagged(Roff.bold("130"), "Interrupted.")
  }

  mutating func surroundings(_ environment: DocumentedEnvironment) {
    if !environment.variables.isEmpty { section("ENVIRONMENT") }
    for variable in environment.variables {
      tagged(Roff.bold(variable.name), variable.meaning)
    }
    guard !environment.files.isEmpty else { return }
    section("FILES")
    for file in environment.files {
      tagged(Roff.italic(file.name), file.meaning)
    }
  }

  mutating func seeAlso(_ names: [String]) {
    section("SEE ALSO")
    for (index, name) in names.enumerated() {
      lines.append(".BR \(Roff.text(name)) (1)\(index == names.count - 1 ? "" : ",")")
    }
  }

  private mutating func section(_ title: String) {
    lines.append(".SH \(title.contains(" ") ? "\"\(title)\"" : title)")
  }

  private mutating func paragraph(_ text: String) {
    // Under a heading there is nothing to separate.
    if lines.last?.hasPrefix(".S") != true { lines.append(".PP") }
    lines += Roff.filled(Roff.text(text))
  }

  private mutating func tagged(_ tag: String, _ text: String) {
    lines += [".TP"] + Roff.unbroken(tag) + Roff.filled(Roff.text(text))
  }
}

extension ArgumentNode {
  /// The names in bold and the value in italics.
  fileprivate var roffTag: String {
    let joined = spellings.map(Roff.bold).joined(separator: ", ")
    return kind == .option ? "\(joined) \(Roff.italic(valueName))" : joined
  }

  fileprivate var sentence: String {
    var text = summary.hasSuffix(".") ? summary : summary + "."
    if let acceptedValues { text += " One of \(acceptedValues.joined(separator: ", "))." }
    if let defaultValue { text += " Default: \(defaultValue)." }
    return text
  }
}

extension String {
  fileprivate var capitalizedSentence: String {
    prefix(1).uppercased() + dropFirst() + "."
  }
}
