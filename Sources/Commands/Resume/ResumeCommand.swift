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
      summary: "Resume suspended objects, reconcile them, and wait for the result",
      synopsis: [
        "[KIND/]NAME... [flags]",
        "[KIND] --all|-l SELECTOR|--reason TEXT [-A] [flags]",
      ],
      text: [
        "Removes every suspension of an object, including the record of who set it, "
          + "when and why, and requests a reconciliation in the same write. --all and -l "
          + "skip objects that others suspended with a reason."
      ],
      details: [
        "With --all or -l, objects that another user suspended with a reason are "
          + "skipped unless --include-others is set; an unknown user counts as another "
          + "user. Objects that are named are always resumed, and so are those that "
          + "--reason TEXT selects: everything suspended for exactly this reason.",
        "Objects are resumed in dependency order (sources, generators, consumers), each "
          + "after the objects that it depends on are reconciled. Without the "
          + "reconciliation request, a resumed object could stay unchanged for up to an "
          + "hour.",
      ],
      examples: [
        CommandExample("Resume a generator and wait", "resume ag/podinfo -n apps"),
        CommandExample(
          "Resume everything in a namespace, in order", "resume git,oci,ag,ks,hr --all -n apps"),
        CommandExample(
          "Resume what was suspended for a reason", "resume git,ag,ks --reason \"incident 42\" -A"),
        CommandExample("Resume without waiting", "resume ag/podinfo -n apps --wait=false"),
      ],
      exitStatus: [
        (0, "every object was resumed and reconciled, or skipped because others suspended it"),
        (1, "an object was not found, or its reconciliation failed or timed out"),
        (130, "interrupted; resumed objects continue in the cluster"),
      ],
      objectKinds: FluxKind.allCases,
      kindGroups: KindGroup.allCases
    )
  }

  @Option(help: ArgumentHelp("Select objects suspended for exactly this reason", valueName: "TEXT"))
  var reason: String?
  @Flag(help: "With --all or -l: include suspensions by others")
  var includeOthers = false
  @Flag(inversion: .prefixedNo, help: "Wait until the reconciliations have finished")
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
      throw UsageError("--reason must not be empty")
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
