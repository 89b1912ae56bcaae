import ArgumentParser
import FluxModel
import Operations

/// `wait`: until objects are as they should be.
struct WaitCommand<T: Tool>: ActCommand, SnapshotReader {
  typealias SelectedTool = T

  static var verb: ActVerb { .wait }

  static var page: CommandPage {
    CommandPage(
      name: "wait",
      summary: "Wait until objects are ready, or until a commit has arrived",
      synopsis: [
        "[KIND/]NAME... [--for=GOAL] [--consumers] [flags]",
        "[KIND] --all|-l SELECTOR [-A] [flags]",
      ],
      text: [
        "GOAL is ready (the default), suspended, stored (the artifact is published), revision=REV or commit=SHA. REV "
          + "is a revision or a part of it, such as 6.9.2 or main; SHA is a commit or its first seven digits or more. "
          + "An ExternalArtifact stands for its generator: it is ready or suspended as that is, and a wait for what it "
          + "holds fails when the generator does. A suspended object is ready if it was so when it was suspended.",
        "commit=SHA of a generator is met when one of its sources is at that commit and the generator has built from "
          + "what its sources hold. With --consumers every Kustomization and HelmRelease that uses an artifact has to "
          + "have applied it, too; of a source also every generator in between has to have built from it. When a source moves on to another commit meanwhile, the wait fails, unless "
          + "--or-later says that what came after is as good.",
        "The wait fails at once where waiting does not help: at an object that is stalled, stuck, being deleted or has "
          + "failed for good; with commit=SHA or --consumers, also at one that is suspended and behind. A source that "
          + "is missing is waited for. While it waits, it says for what.",
      ],
      examples: [
        CommandExample("Wait until a generator is ready", "wait ag/podinfo -n apps"),
        CommandExample(
          "After a push: wait until it runs",
          "wait ag/podinfo -n apps --for=commit=8c1f5a2 --consumers --timeout=10m"),
        CommandExample(
          "Wait for a release of an artifact", "wait ea/podinfo -n apps --for=revision=6.9.2"),
      ],
      exitStatus: [
        (0, "every object is as it should be"),
        (1, "not in time, or it became clear that it will not be"),
      ],
      objectKinds: FluxKind.allCases
    )
  }

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("ready, suspended, stored, revision=REV or commit=SHA", valueName: "GOAL"),
    completion: .list(["ready", "suspended", "stored", "revision=", "commit="]),
    transform: WaitGoal.init(argument:))
  var goal: WaitGoal = .ready
  @Flag(help: "Also wait for the Kustomizations and HelmReleases behind it")
  var consumers = false
  @Flag(help: "With commit=SHA: a later commit of the source is as good")
  var orLater = false
  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Selection flags") var selection: ActSelectionOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var patience: ActPatienceOptions
  @Argument(help: .objects) var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    if orLater {
      guard case .commit = goal else { throw UsageError("--or-later goes with --for=commit=SHA") }
    }
    if consumers, goal == .suspended {
      throw UsageError(
        "--consumers does not go with --for=suspended: name the consumers themselves")
    }
    let act = try await ActSession(self, in: surroundings)
    let judge = WaitJudge(goal: goal, consumers: consumers, orLater: orLater)
    // Zero looks once, as for kubectl wait.
    let looksOnce = patience.limit.duration == .zero
    try await act.run {
      try await Wait.plan(
        act.selection, for: judge, looksOnce: looksOnce, now: act.now, in: act.context)
    }
  }
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
        throw ValidationError("\"\(commit)\" is no commit: give seven hexadecimal digits or more")
      }
      self = .commit(commit)
    default:
      throw ValidationError(
        "\"\(argument)\" cannot be waited for: write ready, suspended, stored, revision=REV or commit=SHA"
      )
    }
  }
}
