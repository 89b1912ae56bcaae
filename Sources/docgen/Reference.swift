import Commands

/// `docs/reference.md`: the commands and flags in two tables.
struct Reference {
  let tree: CommandTree

  var text: String {
    var lines = [
      "# Commands and flags", "",
      "Written by docgen from what the tools say of themselves. `flux externalartifact` has the same",
      "commands. [The manual pages](../man) say all of this at length.", "",
      "| command | what it does |", "|---|---|",
    ]
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
    return lines.joined(separator: "\n") + "\n"
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
