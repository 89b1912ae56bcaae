import ArgumentParser
import FluxModel
import Operations

/// `resume`: ends a suspension and sees the next reconciliation through.
struct ResumeCommand<T: Tool>: ActCommand {
  typealias SelectedTool = T

  static var verb: ActVerb { .resume }

  static var page: CommandPage {
    CommandPage(
      name: "resume",
      summary: "End a suspension, reconcile, and wait for the outcome",
      synopsis: [
        "[KIND/]NAME... [flags]", "[KIND] --all|-l SELECTOR|--reason TEXT [-A] [flags]",
      ],
      text: [
        "Removes every mark of a suspension, whoever set it, with the record of who, when and why, and asks for a "
          + "reconciliation in the same write: without that, nothing would happen for up to an hour.",
        "By whom, since when and why an object was suspended is said. With --all or -l, what somebody else has "
          + "suspended with a reason is left, unless --include-others is given; who is not known counts as somebody "
          + "else. An object that is named is resumed whoever suspended it, and so is what --reason TEXT finds: "
          + "everything that was suspended for exactly this reason.",
        "Several objects are resumed in the order of their content: sources, then generators, then consumers, each "
          + "after the reconciliation of what it is made from.",
      ],
      examples: [
        CommandExample("Resume a generator and wait", "resume ag/podinfo -n apps"),
        CommandExample(
          "Resume everything of a namespace in order", "resume git,oci,ag,ks,hr --all -n apps"),
        CommandExample(
          "End what was suspended for a reason", "resume git,ag,ks --reason \"incident 42\" -A"),
        CommandExample("Do not wait", "resume ag/podinfo -n apps --wait=false"),
      ],
      exitStatus: [
        (0, "every object is resumed and reconciled, or left because somebody else suspended it"),
        (1, "an object was not found, or its reconciliation failed or did not end in time"),
        (130, "interrupted; what was resumed goes on in the cluster"),
      ],
      objectKinds: FluxKind.allCases,
      kindGroups: KindGroup.allCases
    )
  }

  @Option(help: ArgumentHelp("What was suspended for exactly this reason", valueName: "TEXT"))
  var reason: String?
  @Flag(help: "With --all or -l: also what others have suspended with a reason")
  var includeOthers = false
  @Flag(inversion: .prefixedNo, help: "Wait until the reconciliations have ended")
  var wait = true
  @OptionGroup var dryRun: DryRunOptions
  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Selection flags") var selection: ActSelectionOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var patience: ActPatienceOptions
  @Argument(help: .objects) var objects: [String] = []

  var hasOwnSelector: Bool { reason != nil }

  func run(in surroundings: Surroundings) async throws {
    if let reason, reason.allSatisfy(\.isWhitespace) {
      throw UsageError("the reason of --reason is empty")
    }
    let dryRun = dryRun.choice
    let options = Resume.Options(includesOthers: includeOthers, reason: reason)
    let act = try await ActSession(self, dryRun: dryRun, in: surroundings)
    try await act.run { [wait] in
      try await Resume.plan(
        act.selection, options, by: act.user, waits: wait, dryRun: dryRun, in: act.context)
    }
  }
}
