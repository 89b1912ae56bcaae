import ArgumentParser
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation
import Text

/// `wait`: until objects are as they should be.
struct WaitCommand<T: Tool>: ActCommand, SnapshotReader, KindFinder {
  typealias SelectedTool = T

  static var verb: ActVerb { .wait }

  static var page: CommandPage {
    CommandPage(
      name: "wait",
      summary: "Wait until objects are ready, or until a commit is deployed",
      synopsis: [
        "[KIND/]NAME... [--for=GOAL] [--consumers] [flags]",
        "[KIND] --all|-l SELECTOR [-A] [flags]",
      ],
      text: [
        "GOAL is ready (default), suspended, stored (the artifact is published), "
          + "revision=REV, commit=SHA, or a condition of kubectl wait: "
          + "condition=TYPE[=STATUS], jsonpath='{PATH}'[=VALUE], delete or create. Fails "
          + "early if the goal can no longer be met, and prints what it is waiting for."
      ],
      details: [
        "REV is a revision or a part of it, such as 6.9.2 or main; SHA is a commit or "
          + "at least its first seven digits. ready means that the condition Ready is True "
          + "for the current generation; a suspended object needs Ready=True from before it "
          + "was suspended. For an ExternalArtifact, its generator must be ready too, and "
          + "decides whether it is suspended.",
        "commit=SHA of a generator is met when one of its sources is at that commit and "
          + "the generator has built from the current source revisions. With --consumers, "
          + "every Kustomization and HelmRelease that uses an artifact must also have "
          + "applied it; for a source, every generator and HelmChart in between must also have "
          + "been built from it. If a source moves to another commit, the wait fails unless --or-later is "
          + "set.",
        "The conditions of kubectl wait work for objects of any kind, print what "
          + "kubectl prints, and print the objects with -o json or yaml. With several --for, all "
          + "have to be met, one after the other; create is always first.",
        "The wait fails at once for an object that is stalled, stuck, being deleted or "
          + "has failed terminally; with commit=SHA or --consumers, also for one that is "
          + "suspended and behind. A missing source does not end the wait.",
      ],
      examples: [
        CommandExample("Wait until a generator is ready", "wait ag/podinfo -n apps"),
        CommandExample(
          "Wait until a pushed commit is deployed",
          "wait ag/podinfo -n apps --for=commit=8c1f5a2 --consumers --timeout=10m"),
        CommandExample(
          "Wait for a release of an artifact", "wait ea/podinfo -n apps --for=revision=6.9.2"),
        CommandExample(
          "Wait until the spec of a generator was applied and its artifacts are published",
          "wait ag/podinfo -n apps --for=ready --for=stored"),
        CommandExample(
          "Wait for a condition, as kubectl does",
          "wait deploy/podinfo -n apps --for=condition=Available"),
      ],
      exitStatus: [
        (0, "every object meets the condition"),
        (1, "timed out, or the condition can no longer be met"),
      ],
      objectKinds: FluxKind.allCases,
      takesAnyKind: true
    )
  }

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "Goal to wait for, default ready; repeat to require several",
      valueName: "GOAL"),
    completion: .list(WaitTarget.words),
    transform: WaitTarget.init(argument:))
  var targets: [WaitTarget] = []
  @Flag(help: "Also wait for the consumers of its artifacts")
  var consumers = false
  @Flag(help: "With commit=SHA: also accept later commits")
  var orLater = false
  @OptionGroup(title: "Output flags") var output: FormatOptions<WaitFormats>
  @OptionGroup(title: "Selection flags") var selection: ActSelectionOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Cluster flags") var discovery: DiscoveryOptions
  @OptionGroup(title: "Common flags") var patience: WaitPatienceOptions
  @Argument(help: .objects) var objects: [String] = []

  /// A goal of the delivery needs a kind whose state is known.
  var kinds: KindResolver {
    .flux { word in
      "--for=ready supports only Flux kinds: for \(word), use --for=condition="
        + (ObjectWait.usualConditions[KindResolver.byHeart(word)?.kind ?? ""] ?? "TYPE")
    }
  }

  func run(in surroundings: Surroundings) async throws {
    let steps = WaitStep.steps(targets.isEmpty ? [.goal(.ready)] : targets)
    try await check(steps)
    for (index, step) in steps.enumerated() {
      if index > 0, try output.structured() == .yaml { try surroundings.output.line("---") }
      switch step {
      case .goal(let goal): try await wait(for: goal, in: surroundings)
      case .objects(let goals): try await wait(for: goals, in: surroundings)
      }
    }
  }

  /// Refuses what does not go together, before anything is waited for.
  private func check(_ steps: [WaitStep]) async throws {
    let goals = steps.compactMap { if case .goal(let goal) = $0 { goal } else { nil } }
    if orLater, !goals.contains(where: { if case .commit = $0 { true } else { false } }) {
      throw UsageError("--or-later requires --for=commit=SHA")
    }
    if consumers, goals.isEmpty {
      throw UsageError("--consumers cannot be combined with a condition of kubectl wait")
    }
    if consumers, goals.contains(.suspended) {
      throw UsageError(
        "--consumers cannot be combined with --for=suspended: name the consumers instead")
    }
    if !goals.isEmpty {
      _ = try await selection.queries(
        objects, defaultKind: T.defaultKind, hasOther: false, kinds)
    }
  }

  private func wait(for goal: WaitGoal, in surroundings: Surroundings) async throws {
    let act = try await ActSession(self, in: surroundings)
    let isCommit = if case .commit = goal { true } else { false }
    let judge = WaitJudge(goal: goal, consumers: consumers, orLater: orLater && isCommit)
    // Zero looks once, as for kubectl wait.
    let looksOnce = patience.limit.duration == .zero
    try await act.run {
      try await Wait.plan(
        act.selection, for: judge, looksOnce: looksOnce, now: act.now, in: act.context)
    }
  }

  private func wait(for goals: [ObjectWait], in surroundings: Surroundings) async throws {
    let format = try output.structured()
    let onlyNames = try output.format() == .name
    let words = try ObjectWords(objects, scope: .anyKind)
    let session = try await session(T.self, in: surroundings)
    let queries = try await words.decidedQueries(defaultKind: T.defaultKind, session.resolver)
    try selection.check(queries, words, hasOther: false)
    let isYAML = format == .yaml
    var isFirst = true
    var failures: [any Error] = []
    try await WaitForObjects(
      for: goals, in: selection.allNamespaces ? nil : session.namespace,
      options: ListOptions(labelSelector: selection.labelSelector), on: session.cluster,
      watching: session.writer, until: surroundings.deadline?.moment,
      looksOnce: patience.limit.duration == .zero
    ).run(queries) { update in
      switch update {
      case .met(let resource, let object):
        if let format {
          if isYAML, !isFirst { try surroundings.output.line("---") }
          try surroundings.print(object.withoutManagedFields, as: format)
        } else {
          let name = Printable.spelled("\(resource.groupSingular)/\(object.name ?? "")")
          try surroundings.output.line(onlyNames ? name : "\(name) condition met")
        }
        try surroundings.output.flush()
        isFirst = false
      case .failed(let error): failures.append(error)
      }
    }
    if failures.count > 1 { throw FailuresAsWritten(failures) }
    try SeveralFailures.throwing(failures)
  }
}

/// What `wait` does at one time: kubectl's conditions that follow each other are one step, as for
/// kubectl; of them, creation comes before everything, and once.
enum WaitStep {
  case goal(WaitGoal)
  case objects([ObjectWait])

  static func steps(_ targets: [WaitTarget]) -> [WaitStep] {
    var steps: [WaitStep] = []
    for target in targets.filter(\.isCreation).prefix(1) + targets.filter({ !$0.isCreation }) {
      switch target {
      case .goal(let goal): steps.append(.goal(goal))
      case .object(let wait):
        if case .objects(let others)? = steps.last {
          steps[steps.count - 1] = .objects(others + [wait])
        } else {
          steps.append(.objects([wait]))
        }
      }
    }
    return steps
  }
}

/// The formats of `wait`.
enum WaitFormats: DocumentChoice {
  static let formats: [OutputFormat] = [.json, .yaml, .name]
}

extension WaitGoal {
  init(argument: String) throws {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    switch (parts[0], parts.count > 1 ? parts[1] : nil) {
    case ("ready", nil): self = .ready
    case ("suspended", nil): self = .suspended
    case ("stored", nil): self = .stored
    case ("revision", let revision?) where !revision.isEmpty: self = .revision(revision)
    case ("commit", let commit?):
      let digits = commit.split(separator: ":").last ?? ""
      guard digits.utf8.count >= 7, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
        throw ValidationError("invalid commit \"\(commit)\": need at least 7 hex digits")
      }
      self = .commit(commit)
    default:
      throw ValidationError(
        "unrecognized condition: \"\(argument)\"; use ready, suspended, stored, revision=REV, commit=SHA, "
          + "condition=TYPE[=STATUS], jsonpath=…, delete or create")
    }
  }
}
