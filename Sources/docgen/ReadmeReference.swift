import Commands

/// The tables of commands and flags in the README, between two comments.
struct ReadmeReference {
  private static let start = "<!-- reference: written by docgen -->\n"
  private static let end = "<!-- reference: end -->\n"

  let tree: CommandTree

  /// The README with its tables renewed.
  func inserted(into readme: String) throws -> String {
    let parts = readme.split(separator: Self.start, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw DocumentationError("README.md has no line \"\(Self.start.dropLast())\", or several")
    }
    let rest = parts[1].split(separator: Self.end, omittingEmptySubsequences: false)
    guard rest.count == 2 else {
      throw DocumentationError("README.md has no line \"\(Self.end.dropLast())\", or several")
    }
    return "\(parts[0])\(Self.start)\(tables)\(Self.end)\(rest[1])"
  }

  private var tables: String {
    var lines = ["", "| command | what it does |", "|---|---|"]
    for command in tree.root.children {
      lines.append("| `\(command.page.name)` | \(command.page.summary) |")
    }
    lines += ["", "| flag | commands | what it does |", "|---|---|---|"]
    for (option, commands) in flags {
      let value = option.kind == .option ? " \(option.valueName)" : ""
      lines.append(
        "| `\(option.spellings.joined(separator: ", "))\(value)` | \(summary(of: commands)) "
          + "| \(option.summary.replacing("|", with: "\\|")) |"
      )
    }
    return lines.joined(separator: "\n") + "\n\n"
  }

  /// The names of commands, or what is missing from all of them where that is shorter.
  private func summary(of commands: [String]) -> String {
    let others = tree.root.children.map(\.page.name).filter { !commands.contains($0) }
    guard others.count < 4 else { return commands.joined(separator: ", ") }
    return others.isEmpty ? "all" : "all but " + others.joined(separator: ", ")
  }

  /// Every flag once, with the commands that show it, in the order of the help texts.
  private var flags: [(option: ArgumentNode, commands: [String])] {
    var result: [(option: ArgumentNode, commands: [String])] = []
    for command in tree.root.children {
      for option in command.options where !option.isHidden && !option.isOfEveryCommand {
        if let index = result.firstIndex(where: { $0.option.displayName == option.displayName }) {
          result[index].commands.append(command.page.name)
        } else {
          result.append((option, [command.page.name]))
        }
      }
    }
    return result
  }
}

extension ArgumentNode {
  /// `--help` and `--version`.
  fileprivate var isOfEveryCommand: Bool {
    longNames.contains("help") || longNames.contains("version")
  }
}
