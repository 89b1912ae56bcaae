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
    if let option = walk.pending { return values(of: option, typed: typed, after: walk) }
    if !walk.isTerminated, typed.hasPrefix("-") {
      return complete(flag: typed, after: walk)
    }
    guard walk.hasCommand else {
      // `help` is the parser's own command and takes the name of another.
      let offersCommands = walk.arguments.isEmpty || walk.arguments == ["help"]
      return offersCommands ? commands(typed: typed, withHelp: walk.arguments.isEmpty) : .nothing
    }
    return arguments(of: walk.node, after: walk, typed: typed)
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
      return option.map {
        values(of: $0, typed: String(typed[typed.index(after: equals)...]), after: walk)
      } ?? .nothing
    }
    let given = walk.words.compactMap { word in
      if case .option(let option, _, _) = word { option.displayName } else { nil }
    }
    let available = (walk.node.options + walk.node.leadingOptions).filter {
      !$0.isHidden && ($0.isRepeating || !given.contains($0.displayName))
    }
    let candidates = available.sorted { $0.displayName < $1.displayName }.flatMap { option in
      let names = option.longNames.map { "--\($0)" } + option.shortNames.map { "-\($0)" }
      return names.map { Completion.Candidate(value: $0, description: option.summary(of: $0)) }
    }
    return offered(candidates, typed: typed)
  }

  private func values(
    of option: ArgumentNode, typed: String, after walk: CommandLineWalk? = nil
  ) -> Completion {
    switch option.displayName {
    case "--status-selector":
      return conditions(typed, ConditionTypes.ofFlux.map { "\($0)=" })
    case "--for" where typed.lowercased().hasPrefix("condition="):
      let prefix = typed.prefix("condition=".count)
      return conditions(typed, before: prefix, ConditionTypes.all)
    case "--for" where option.completion == .none:
      return walk.map { objectInFull($0.node.page, typed: typed) } ?? .nothing
    case "--kind": return kindNames(typed)
    case "--api-version": return versions(ofKinds: walk?.values(of: "--kind") ?? [], typed: typed)
    case "--source", "--revision", "--origin-revision":
      guard !typed.contains("=") else { break }
      // Where no file names an alias, the shell offers paths.
      return Completion(
        directive: .noSpace, question: .aliases(files: walk?.values(of: "--filename") ?? []))
    case "--selector", "--label-columns":
      return labelKeys(option.displayName == "--selector", typed: typed, after: walk)
    default: break
    }
    switch option.completion {
    case .file: return .files
    case .directory: return Completion(directive: .directories)
    case .values(let values): return offered(values.map { .init(value: $0) }, typed: typed)
    case .none:
      return Completion(directive: .noFiles, question: LiveQuestion(option: option))
    }
  }

  /// A type of condition, and behind it and an equals sign a status; lower case for who begins so, as
  /// the flags take both.
  ///
  /// - Parameter before: What stands before the type.
  private func conditions(
    _ typed: String, before: Substring = "", _ types: [String]
  ) -> Completion {
    let rest = typed.dropFirst(before.count)
    var values: [String]
    if let equals = rest.lastIndex(of: "=") {
      let isLower = rest[equals...].dropFirst().first?.isLowercase == true
      values = ["True", "False", "Unknown"].map {
        rest[...equals] + (isLower ? $0.lowercased() : $0)
      }
    } else {
      values = rest.first?.isLowercase == true ? types.map { $0.lowercased() } : types
    }
    values = values.map { before + $0 }
    return offered(values.map { .init(value: $0) }, typed: typed)
  }

  /// `KIND/NAME` as one word: a kind and the slash, and then names.
  private func objectInFull(_ page: CommandPage, typed: String) -> Completion {
    if let slash = typed.firstIndex(of: "/") {
      let kind = String(typed[..<slash])
      guard let kinds = kinds(kind, page, otherwise: nil) else { return .nothing }
      return names(of: kinds, prefix: "\(kind)/", besides: [])
    }
    guard !typed.contains(",") else { return .nothing }
    var completion = offeredKinds(page, typed: typed)
    completion.candidates = completion.candidates.map {
      Completion.Candidate(value: "\($0.value)/", description: $0.description)
    }
    completion.directive.insert(.noSpace)
    return completion
  }

  /// The kinds known without a cluster.
  private var knownTypes: [ResourceType] {
    FluxKind.allCases.map(\.resource) + BuiltInKinds.known
  }

  /// `Deployment`, as `flux trace` has it, or `deployment` for who begins so.
  private func kindNames(_ typed: String) -> Completion {
    let isLower = typed.first?.isLowercase == true
    let names = Set(knownTypes.map { isLower ? $0.singular : $0.kind })
    return offered(names.sorted().map { .init(value: $0) }, typed: typed)
  }

  private func versions(ofKinds words: [String], typed: String) -> Completion {
    let types = words.last.map { [KindResolver.byHeart($0)].compactMap(\.self) } ?? knownTypes
    return offered(Set(types.map(\.apiVersion)).sorted().map { .init(value: $0) }, typed: typed)
  }

  /// Keys of labels, also behind others and a comma.
  private func labelKeys(
    _ isSelector: Bool, typed: String, after walk: CommandLineWalk?
  ) -> Completion {
    let parts = typed.split(separator: ",", omittingEmptySubsequences: false)
    // After a key, there is nothing to offer.
    guard parts.last?.contains(where: { "=! ()".contains($0) }) != true else { return .nothing }
    let before = parts.dropLast().map { "\($0)," }.joined()
    let isEverywhere =
      walk?.words.contains { word in
        if case .option(let option, _, _) = word {
          option.displayName == "--all-namespaces"
        } else {
          false
        }
      } ?? false
    let kinds = walk.flatMap { walk in
      walk.arguments.first.flatMap {
        self.kinds(String($0.prefix { $0 != "/" }), walk.node.page, otherwise: defaultKind.resource)
      }
    }
    return Completion(
      directive: isSelector ? [.noFiles, .noSpace] : .noFiles,
      question: .labels(
        of: kinds ?? .known([defaultKind.resource]), everywhere: isEverywhere, before: before,
        behind: isSelector ? "=" : ""))
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
    if case .aliases? = completion.question, names.isEmpty { return .files }
    for name in names where name.hasPrefix(typed) && !besides.contains(name) {
      if result.candidates.contains(where: { $0.value == name }) { continue }
      result.candidates.append(Completion.Candidate(value: name))
    }
    return result
  }

  private func arguments(
    of node: CommandNode,
    after walk: CommandLineWalk,
    typed: String
  ) -> Completion {
    let given = walk.arguments
    guard let positional = node.positionals.last,
      positional.isRepeating || given.count < node.positionals.count
    else { return .nothing }
    guard node.page.objectKinds.isEmpty else {
      // What is named by `--kind` needs no kind of its own.
      if let kind = walk.values(of: "--kind").last {
        return kinds(kind, node.page, otherwise: nil).map {
          names(of: $0, prefix: "", besides: given)
        } ?? .nothing
      }
      return objects(node.page, after: FluxWords.joined(given), typed: typed)
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
      let asksKinds = page.takesAnyKind && !typed.isEmpty
      completion.question = .first(nameOf: defaultKind.resource, orKind: asksKinds)
      return completion
    }
    let otherwise = page.takesOneObject ? nil : defaultKind.resource
    let members = given.count == 1 ? FluxWords.members(of: first) : []
    guard members.isEmpty else {
      let candidates = members.map {
        let kind = FluxKind.resolve($0.kind)?.kind ?? KindGroup(word: $0.kind)?.summary
        return Completion.Candidate(value: $0.word, description: kind ?? "")
      }
      var completion = offered(candidates, typed: typed)
      // `sources` and `artifacts` are kinds themselves.
      if let kinds = kinds(first, page, otherwise: nil) {
        completion.question = .names(of: kinds, prefix: "", besides: given)
      }
      return completion
    }
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
        // What the command refuses is not offered.
        let isTaken = page.takesAnyKind || type.fluxKind.map(page.objectKinds.contains) ?? true
        guard isTaken else { return nil }
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

  /// Offers kinds, also behind others and a comma: each by one name, which is its own where that
  /// begins as typed, else the shortest that does.
  ///
  /// `get` is about Flux's own kinds, and offers others when something is typed.
  private func offeredKinds(_ page: CommandPage, typed: String) -> Completion {
    let parts = typed.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let prefix = parts.dropLast().map { "\($0)," }.joined()
    let beginning = parts.last ?? ""
    var types = page.objectKinds.map {
      (type: $0.resource, aliases: [$0.shortestName] + $0.aliases)
    }
    if page.takesAnyKind, beginning != "" || page.kindGroups.isEmpty {
      types += BuiltInKinds.known.map { ($0, $0.shortNames) }
    }
    let chosen = parts.dropLast().map(KindResolver.byHeart)
    let candidates = types.filter { !chosen.contains($0.type) }.compactMap {
      type, aliases -> Completion.Candidate? in
      ([type.singular] + aliases).first { $0.hasPrefix(beginning) }.map {
        Completion.Candidate(value: prefix + $0, description: type.kind)
      }
    }
    // These stand alone.
    let others =
      page.kindGroups.map { Completion.Candidate(value: $0.rawValue, description: $0.summary) }
      + page.words.map { Completion.Candidate(value: $0.word, description: $0.summary) }
    return offered(candidates + (parts.count > 1 ? [] : others), typed: typed)
  }

  /// Only what begins like the word that is being typed: not every host filters.
  ///
  /// After an equals sign, the word continues: a blank would be in the way only where every candidate
  /// ends in one.
  private func offered(_ candidates: [Completion.Candidate], typed: String) -> Completion {
    let candidates = candidates.filter { $0.value.hasPrefix(typed) }
    let goesOn = !candidates.isEmpty && candidates.allSatisfy { $0.value.hasSuffix("=") }
    return Completion(
      candidates: candidates, directive: goesOn ? [.noFiles, .noSpace] : .noFiles)
  }
}

extension CommandLineWalk {
  /// The values that an option was given, by its display name.
  fileprivate func values(of name: String) -> [String] {
    words.compactMap { word in
      if case .option(let option, _, let value?) = word, option.displayName == name {
        value
      } else {
        nil
      }
    }
  }
}
