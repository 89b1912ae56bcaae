import ArgumentParser
import FluxModel
import KubeAPI
import Operations
import Text

/// A verb that acts on objects, or waits for them.
protocol ActCommand: ToolCommand, ClusterOptions {
  static var verb: ActVerb { get }
  associatedtype Formats: DocumentChoice
  var output: FormatOptions<Formats> { get }
  /// The kinds that the verb takes.
  var kinds: KindResolver { get }
  var selection: ActSelectionOptions { get }
  associatedtype Patience: PatienceFlags
  var patience: Patience { get }
  var objects: [String] { get }
  /// Whether a flag of the verb itself chooses among all objects, as a selector does.
  var hasOwnSelector: Bool { get }
}

extension ActCommand {
  static var reportsAtDeadline: Bool { true }
  var hasOwnSelector: Bool { false }
  var kinds: KindResolver { .flux }
  var timeLimit: TimeLimit? { patience.limit }
}

/// The flags that choose the objects of an acting verb.
struct ActSelectionOptions: ParsableArguments {
  @Flag(help: "Select all objects of the kind in the namespace")
  var all = false

  @Flag(name: .allNamespaces, help: "With --all or -l: select from all namespaces")
  var allNamespaces = false

  @Option(
    name: .labelSelector,
    help: ArgumentHelp(
      "Label selector, such as app=web,tier!=db", valueName: "SELECTOR"))
  var labelSelector: String?
}

extension ActSelectionOptions {
  /// What the words and flags mean.
  ///
  /// - Parameter hasOther: Whether another flag chooses among all objects.
  /// - Throws: ``UsageError`` unless names or a selector, but not both, choose the objects.
  func queries(
    _ words: [String], defaultKind: FluxKind, hasOther: Bool, _ kinds: KindResolver
  ) async throws -> [ObjectQuery] {
    let words = try ObjectWords(words, scope: .flux)
    if all, let word = words.loneName, KindResolver.byHeart(word) != nil {
      // The only sensible reading; no such kind is one of Flux's.
      _ = try await kinds.kind(word)
    }
    let queries = try await words.queries(defaultKind: defaultKind, kinds)
    try check(queries, words, hasOther: hasOther)
    guard !words.groups.isEmpty, !words.namesArtifacts else { return queries }
    // An artifact stands for its generator, which is not meant by "sources", and which "all" includes
    // anyway.
    return queries.filter { $0.kind != .externalArtifact }
  }

  /// - Throws: ``UsageError`` unless names or a selector, but not both, choose the objects.
  func check(_ queries: [ObjectQuery], _ words: ObjectWords, hasOther: Bool) throws {
    let isNamed = queries.contains { !$0.names.isEmpty }
    if let labelSelector, labelSelector.allSatisfy(\.isWhitespace) {
      // As it comes from a variable that is not set: it must not mean everything.
      throw UsageError("the label selector is empty: use --all to select all objects")
    }
    if all, let word = words.loneName {
      throw UsageError(
        "resource type \"\(word)\" is not supported by this command, and names cannot be combined with --all"
      )
    }
    if isNamed, all || labelSelector != nil || hasOther {
      throw UsageError("names cannot be combined with --all or a selector")
    }
    if isNamed, allNamespaces {
      throw UsageError("a resource cannot be retrieved by name across all namespaces")
    }
    if !isNamed, !all, labelSelector == nil, !hasOther {
      throw UsageError("resource name required: use [KIND/]NAME, --all or -l SELECTOR")
    }
  }
}

/// Whether a change is made for real.
struct DryRunOptions: ParsableArguments {
  @Option(
    name: .customLong("dry-run"),
    help: ArgumentHelp(
      "Preview locally, or as the API server would answer", valueName: "WHERE"))
  var choice: DryRun = .none
}

extension DryRun: ExpressibleByArgument {}

extension DryRun {
  /// What follows a result, to mark it as a preview.
  var suffix: String {
    switch self {
    case .none: ""
    case .client: " (dry run)"
    case .server: " (server dry run)"
    }
  }
}

/// How long an acting verb may take.
protocol PatienceFlags: ParsableArguments {
  var timeout: TimeLimit? { get }
}

extension PatienceFlags {
  var limit: TimeLimit { timeout ?? TimeLimit(text: "5m", duration: .seconds(300)) }
}

struct ActPatienceOptions: PatienceFlags {
  @Option(
    help: ArgumentHelp("Overall timeout (30s, 1h), default 5m; 0 = none", valueName: "DURATION"),
    transform: TimeLimit.init(argument:))
  var timeout: TimeLimit?
}

/// Those of `wait`, to which 0 means what it means to `kubectl wait`.
struct WaitPatienceOptions: PatienceFlags {
  @Option(
    help: ArgumentHelp(
      "Overall timeout, default 5m; 0 = check once, negative = one week",
      valueName: "DURATION"),
    transform: TimeLimit.init(ofWait:))
  var timeout: TimeLimit?
}

extension TimeLimit {
  /// What is negative means a week (`kubectl/pkg/cmd/wait/wait.go`).
  fileprivate init(ofWait argument: String) throws {
    guard argument.hasPrefix("-"), Duration(goText: String(argument.dropFirst())) != nil else {
      try self.init(argument: argument)
      return
    }
    self.init(text: "168h", duration: .seconds(168 * 3600))
  }
}

extension Surroundings {
  /// A request that no earlier one equals.
  func requestToken() -> String {
    now().rfc3339(nanoseconds: nanoseconds())
  }
}
