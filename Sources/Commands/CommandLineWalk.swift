/// A reading of a command line by pflag's rules, which are kubectl's and Flux's.
///
/// The parser proper decides what a command line means. This reading serves where it cannot: while a
/// line is still being typed, to say what is wrong with one, and to respell what only pflag takes.
struct CommandLineWalk {
  enum Word {
    /// The name of a command.
    case command(CommandNode)
    /// A flag or an option as it was spelled; `value` is nil when none came with or after it.
    case option(ArgumentNode, spelling: String, value: String?)
    case unknownOption(spelling: String, inCluster: String?)
    case argument(String)
    /// The `--` after which everything is an argument.
    case terminator
  }

  /// The command that the words lead to.
  private(set) var node: CommandNode
  private(set) var words: [Word] = []
  /// The option at the very end that still waits for its value.
  private(set) var pending: ArgumentNode?
  private(set) var isTerminated = false
  private let root: CommandNode

  init(_ arguments: [String], root: CommandNode) {
    self.root = root
    node = root
    for argument in arguments {
      read(argument)
    }
    if let option = pending {
      words.append(.option(option, spelling: pendingSpelling, value: nil))
    }
  }

  private var pendingSpelling = ""

  /// Whether a command has been named.
  var hasCommand: Bool {
    words.contains { if case .command = $0 { true } else { false } }
  }

  /// The words that are neither options nor names of commands.
  var arguments: [String] {
    words.compactMap { if case .argument(let text) = $0 { text } else { nil } }
  }

  private mutating func read(_ argument: String) {
    if let option = pending {
      pending = nil
      words.append(.option(option, spelling: pendingSpelling, value: argument))
    } else if isTerminated || !argument.hasPrefix("-") || argument == "-" {
      readPlain(argument)
    } else if argument == "--" {
      isTerminated = true
      words.append(.terminator)
    } else if argument.hasPrefix("--") {
      readLong(argument)
    } else {
      readCluster(argument)
    }
  }

  private mutating func readPlain(_ argument: String) {
    if !isTerminated, !hasCommand, arguments.isEmpty,
      let child = root.children.first(where: { $0.page.name == argument })
    {
      node = child
      words.append(.command(child))
    } else {
      words.append(.argument(argument))
    }
  }

  private mutating func readLong(_ argument: String) {
    let parts = argument.dropFirst(2).split(
      separator: "=",
      maxSplits: 1,
      omittingEmptySubsequences: false
    )
    let name = parts.first ?? ""
    guard let option = node.option(long: name) else {
      words.append(.unknownOption(spelling: "--\(name)", inCluster: nil))
      return
    }
    accept(option, spelling: "--\(name)", value: parts.count == 2 ? String(parts[1]) : nil)
  }

  /// Reads short options behind one dash: flags first, and perhaps one option with its value.
  private mutating func readCluster(_ argument: String) {
    var rest = argument.dropFirst()
    while let letter = rest.popFirst() {
      guard let option = node.option(short: letter) else {
        words.append(.unknownOption(spelling: "-\(letter)", inCluster: argument))
        return
      }
      let hasValue = option.kind == .option || rest.first == "="
      guard hasValue else {
        accept(option, spelling: "-\(letter)", value: nil)
        continue
      }
      if rest.first == "=" { rest = rest.dropFirst() }
      // `-n=` gives an empty value, `-n` none.
      let isEmpty = rest.isEmpty && !argument.hasSuffix("=")
      accept(option, spelling: "-\(letter)", value: isEmpty ? nil : String(rest))
      return
    }
  }

  private mutating func accept(_ option: ArgumentNode, spelling: String, value: String?) {
    if option.kind == .option && value == nil {
      pending = option
      pendingSpelling = spelling
    } else {
      words.append(.option(option, spelling: spelling, value: value))
    }
  }
}
