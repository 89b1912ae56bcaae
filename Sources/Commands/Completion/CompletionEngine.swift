import FluxModel
import Objects
import Operations

/// Finds what can stand next on a command line, from the description of the commands alone; where
/// that is not enough, it says what to look up.
struct CompletionEngine {
  let tree: CommandTree
  /// The kind of a name that stands alone.
  let defaultKind: FluxKind

  /// - Parameter words: The words after the name of the tool; the last is being typed.
  func complete(_ words: [String]) -> Completion {
    let typed = words.last ?? ""
    let walk = CommandLineWalk(Array(words.dropLast()), root: tree.root)
    if let option = walk.pending { return values(of: option, typed: typed) }
    if !walk.isTerminated, typed.hasPrefix("-") {
      return complete(flag: typed, after: walk)
    }
    guard walk.hasCommand else {
      // `help` is the parser's own command and takes the name of another.
      let offersCommands = walk.arguments.isEmpty || walk.arguments == ["help"]
      return offersCommands ? commands(typed: typed, withHelp: walk.arguments.isEmpty) : .nothing
    }
    return arguments(of: walk.node, after: walk.arguments, typed: typed)
  }

  private func commands(typed: String, withHelp: Bool) -> Completion {
    var candidates = tree.root.children.map {
      Completion.Candidate(value: $0.page.name, description: $0.page.summary)
    }
    if withHelp {
      candidates.append(.init(value: "help", description: "Help about any command"))
    }
    return offered(candidates, typed: typed)
  }

  private func complete(flag typed: String, after walk: CommandLineWalk) -> Completion {
    if let equals = typed.firstIndex(of: "=") {
      let name = typed[..<equals]
      let option =
        name.hasPrefix("--")
        ? walk.node.option(long: name.dropFirst(2))
        : name.dropFirst().last.flatMap { walk.node.option(short: $0) }
      // The host puts `--flag=` back in front of what we offer.
      return option.map { values(of: $0, typed: String(typed[typed.index(after: equals)...])) }
        ?? .nothing
    }
    let given = walk.words.compactMap { word in
      if case .option(let option, _, _) = word { option.displayName } else { nil }
    }
    let available = (walk.node.options + walk.node.leadingOptions).filter {
      $0.isRepeating || !given.contains($0.displayName)
    }
    let candidates = available.sorted { $0.displayName < $1.displayName }.flatMap { option in
      let names = option.longNames.map { "--\($0)" } + option.shortNames.map { "-\($0)" }
      return names.map { Completion.Candidate(value: $0, description: option.summary) }
    }
    return offered(candidates, typed: typed)
  }

  private func values(of option: ArgumentNode, typed: String) -> Completion {
    switch option.completion {
    case .file: .files
    case .directory: Completion(directive: .directories)
    case .values(let values): offered(values.map { .init(value: $0) }, typed: typed)
    case .none: Completion(directive: .noFiles, question: LiveQuestion(option: option))
    }
  }

  /// Offers what was learnt from outside too, as far as it begins like what is being typed.
  func adding(_ names: [String], to completion: Completion, _ words: [String]) -> Completion {
    var typed = words.last ?? ""
    if typed.hasPrefix("-"), let equals = typed.firstIndex(of: "=") {
      typed = String(typed[typed.index(after: equals)...])
    }
    var besides: [String] = []
    if case .names(_, _, let given)? = completion.question { besides = given }
    var result = completion
    for name in names where name.hasPrefix(typed) && !besides.contains(name) {
      if result.candidates.contains(where: { $0.value == name }) { continue }
      result.candidates.append(Completion.Candidate(value: name))
    }
    return result
  }

  private func arguments(
    of node: CommandNode,
    after given: [String],
    typed: String
  ) -> Completion {
    guard let positional = node.positionals.last,
      positional.isRepeating || given.count < node.positionals.count
    else { return .nothing }
    guard node.page.objectKinds.isEmpty else {
      return objects(node.page, after: given, typed: typed)
    }
    return values(of: positional, typed: typed)
  }

  /// Objects are `KIND NAME…`, `KIND/NAME…`, or only `NAME…`.
  private func objects(_ page: CommandPage, after given: [String], typed: String) -> Completion {
    if page.takesOneObject, given.count > 1 || given.first?.contains("/") == true {
      return .nothing
    }
    let beginning = given.first ?? typed
    if let slash = (typed.firstIndex(of: "/").map { typed[..<$0] })
      ?? (beginning.firstIndex(of: "/").map { beginning[..<$0] })
    {
      guard let kinds = kinds(String(slash), page, otherwise: nil) else { return .nothing }
      return names(of: kinds, prefix: "\(slash)/", besides: given)
    }
    guard let first = given.first else {
      var completion = offeredKinds(page, typed: typed)
      guard !typed.contains(",") else { return completion }
      completion.question = .names(of: .known([defaultKind.resource]), prefix: "", besides: [])
      return completion
    }
    let otherwise = page.takesOneObject ? nil : defaultKind.resource
    guard let kinds = kinds(first, page, otherwise: otherwise) else {
      return first.contains(",")
        ? .nothing : names(of: .known([defaultKind.resource]), prefix: "", besides: given)
    }
    return names(of: kinds, prefix: "", besides: given)
  }

  /// The kinds that a word means to a command; nil when it cannot be one.
  ///
  /// - Parameter otherwise: The kind of names that are meant if the cluster does not know the word.
  private func kinds(
    _ word: String, _ page: CommandPage, otherwise: ResourceType?
  ) -> CompletionNames.Kinds? {
    var types: [ResourceType] = []
    for part in word.split(separator: ",").map(String.init) {
      if let group = KindGroup(word: part), page.kindGroups.contains(group) {
        types += group.kinds.map(\.resource)
      } else if let type = page.takesAnyKind
        ? KindResolver.byHeart(part) : FluxKind.resolve(part)
      {
        types.append(type)
      } else {
        let isAlone = page.takesAnyKind && part == word
        return isAlone ? .named(word, otherwise: otherwise) : nil
      }
    }
    return types.isEmpty ? nil : .known(types)
  }

  private func names(
    of kinds: CompletionNames.Kinds, prefix: String, besides: [String]
  ) -> Completion {
    Completion(
      directive: .noFiles, question: .names(of: kinds, prefix: prefix, besides: besides))
  }

  /// Offers kinds, also behind others and a comma; Flux's own before anything is typed.
  private func offeredKinds(_ page: CommandPage, typed: String) -> Completion {
    let parts = typed.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let prefix = parts.dropLast().map { "\($0)," }.joined()
    var types = page.objectKinds.map {
      (type: $0.resource, aliases: [$0.shortestName] + $0.aliases)
    }
    if page.takesAnyKind, parts.last != "" {
      types += BuiltInKinds.known.map { ($0, $0.shortNames) }
    }
    let chosen = parts.dropLast().map(KindResolver.byHeart)
    let candidates = types.filter { !chosen.contains($0.type) }.flatMap {
      type, aliases -> [Completion.Candidate] in
      var names: [String] = []
      for name in aliases + [type.singular] where !names.contains(name) { names.append(name) }
      return names.map { Completion.Candidate(value: prefix + $0, description: type.kind) }
    }
    // These stand alone.
    let others =
      page.kindGroups.map { Completion.Candidate(value: $0.rawValue, description: $0.summary) }
      + page.words.map { Completion.Candidate(value: $0.word, description: $0.summary) }
    return offered(candidates + (parts.count > 1 ? [] : others), typed: typed)
  }

  /// Only what begins like the word that is being typed: not every host filters.
  private func offered(_ candidates: [Completion.Candidate], typed: String) -> Completion {
    Completion(candidates: candidates.filter { $0.value.hasPrefix(typed) }, directive: .noFiles)
  }
}
