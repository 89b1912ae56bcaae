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
      synopsis: ["[KIND/]NAME... [flags]", "[KIND] --all|-l SELECTOR [-A] [flags]"],
      text: [
        "Removes every mark of a suspension, whoever set it, with the record of who, when and why, and asks for a "
          + "reconciliation in the same write: without that, nothing would happen for up to an hour.",
        "Several objects are resumed in the order of their content: sources, then generators, then consumers, each "
          + "after the reconciliation of what it is made from.",
      ],
      examples: [
        CommandExample("Resume a generator and wait", "resume ag/podinfo -n apps"),
        CommandExample(
          "Resume everything of a namespace in order", "resume git,oci,ag,ks,hr --all -n apps"),
        CommandExample("Do not wait", "resume ag/podinfo -n apps --wait=false"),
      ],
      exitStatus: [
        (0, "every object is resumed and reconciled"),
        (1, "an object was not found, or its reconciliation failed or did not end in time"),
        (130, "interrupted; what was resumed goes on in the cluster"),
      ],
      objectKinds: FluxKind.allCases
    )
  }

  @Flag(inversion: .prefixedNo, help: "Wait until the reconciliations have ended")
  var wait = true
  @OptionGroup var dryRun: DryRunOptions
  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Selection flags") var selection: ActSelectionOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var patience: ActPatienceOptions
  @Argument(help: .objects) var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let dryRun = dryRun.choice
    let act = try await ActSession(self, dryRun: dryRun, in: surroundings)
    try await act.run { [wait] in
      try await Resume.plan(act.selection, waits: wait, dryRun: dryRun, in: act.context)
    }
  }
}
