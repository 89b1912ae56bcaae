import Text

/// A host's question what could stand next on the command line, in Cobra's protocol.
///
/// `TOOL __complete WORDS…` where the last word is the one being typed, perhaps empty. kubectl and
/// Flux ask so when TAB is pressed behind our name, and our own shell scripts ask the same way
/// (`completions.go` of spf13/cobra).
struct CompletionRequest {
  private let words: [String]
  private let withDescriptions: Bool

  /// Nil when the arguments are an ordinary command line.
  init?(_ arguments: [String]) {
    switch arguments.first {
    case "__complete": withDescriptions = true
    case "__completeNoDesc": withDescriptions = false
    default: return nil
    }
    words = Array(arguments.dropFirst())
  }

  /// Writes the candidates, one a line, and the directive last.
  ///
  /// Nothing that goes wrong here is shown: a user who presses TAB did not ask for a message.
  func answer<T: Tool>(for tool: T.Type, in surroundings: Surroundings) async {
    var completion = Completion(directive: .error)
    if let tree = try? CommandTree(of: tool) {
      let engine = CompletionEngine(tree: tree, defaultKind: tool.defaultKind)
      completion = engine.complete(words)
      if let question = completion.question {
        let line = CommandLineWalk(Array(words.dropLast()), root: tree.root)
        let live = LiveCompletion(surroundings: surroundings, options: line.words)
        let names = await live.answers(to: question, for: tool)
        completion = engine.adding(names, to: completion, words)
      }
    }
    let described = withDescriptions && descriptionsWanted(tool, surroundings.environment)
    // A name that is more than a line of text would be several candidates, or act on the terminal.
    for candidate in completion.candidates where Printable.line(candidate.value) == candidate.value
    {
      let isBare = candidate.description.isEmpty || !described
      try? surroundings.output.line(
        isBare ? candidate.value : "\(candidate.value)\t\(candidate.description)"
      )
    }
    try? surroundings.output.line(":\(completion.directive.rawValue)")
    try? surroundings.output.flush()
    surroundings.note("Completion ended with directive: \(completion.directive.names)")
  }

  /// Cobra's switches: the tool's own variable, else the one for all tools.
  private func descriptionsWanted(
    _ tool: (some Tool).Type,
    _ environment: [String: String]
  ) -> Bool {
    let program = tool.executable.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
    let setting =
      environment["\(String(program))_COMPLETION_DESCRIPTIONS"]
      ?? environment["COBRA_COMPLETION_DESCRIPTIONS"]
    return !["0", "f", "F", "false", "FALSE", "False"].contains(setting)
  }
}
