/// Respells what pflag takes and the parser does not.
enum ArgumentSpelling {
  /// Moves the name of the command to the front.
  ///
  /// Options may stand before it: `flux -n apps externalartifact get` reaches us as `-n apps get`.
  static func commandFirst(_ arguments: [String], tree: CommandTree) -> [String] {
    for (index, argument) in arguments.enumerated() {
      let walk = CommandLineWalk(Array(arguments[...index]), root: tree.root)
      if walk.isTerminated { break }
      if walk.hasCommand {
        var moved = arguments
        moved.remove(at: index)
        return [argument] + moved
      }
    }
    return arguments
  }

  /// Gives `--validate` without a value the one that kubectl gives it (`NoOptDefVal`).
  static func withValues(_ arguments: [String]) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    return arguments.enumerated().map { index, argument in
      guard argument == "--validate", index < end else { return argument }
      let next = index + 1 < end ? arguments[index + 1] : "-"
      return next.hasPrefix("-") ? "--validate=strict" : argument
    }
  }

  /// Respells the two forms that scripts for kubectl contain and the parser does not read.
  ///
  /// Several short options behind one dash of which the last has a value (`-Anapps`) are taken
  /// apart, and values of flags (`--no-headers=true`) become presence or absence.
  static func normalized(_ arguments: [String], tree: CommandTree) -> [String] {
    var result: [String] = []
    for word in CommandLineWalk(arguments, root: tree.root).words {
      switch word {
      case .command(let command): result.append(command.page.name)
      case .argument(let text): result.append(text)
      case .terminator: result.append("--")
      case .unknownOption(let spelling, let cluster): result.append(cluster ?? spelling)
      case .option(let option, let spelling, let value):
        switch (option.kind, value.map(truth)) {
        case (.flag, nil), (.flag, true??): result.append(spelling)
        // The last one counts: an earlier one is taken back.
        case (.flag, false??):
          let names = option.spellings
          result.removeAll { names.contains($0) }
          // What is set by default is taken back by its opposite.
          let opposite =
            spelling.hasPrefix("--no-")
            ? "--" + spelling.dropFirst(5) : names.first { $0.hasPrefix("--no-") } ?? ""
          if names.contains(opposite) { result.append(opposite) }
        // To kubectl's flags what is empty means not given.
        case (.option, _) where value == "" && option.refusesEmpty: result += [spelling, ""]
        case (.option, _) where value == "":
          let names = option.spellings
          result.removeAll { word in names.contains { word.hasPrefix("\($0)=") } }
        default: result.append(value.map { "\(spelling)=\($0)" } ?? spelling)
        }
      }
    }
    return result
  }

  /// The spellings of `strconv.ParseBool`.
  private static func truth(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }
}
