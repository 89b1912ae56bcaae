import ArgumentParser
import FluxModel
import Operations

/// `resume`: ends a suspension and sees the next reconciliation through.
struct ResumeCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

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

  @Flag(
    name: .customLong("wait"), inversion: .prefixedNo,
    help: "Wait until the reconciliations have ended")
  var wait = true
  @Option(
    name: .customLong("dry-run"),
    help: ArgumentHelp(
      "Only say what would be done: client, or server for its consent", valueName: "WHERE"))
  var dryRun: DryRunChoice = .none
  @OptionGroup var arguments: ActArguments
  static var reportsAtDeadline: Bool { true }
  var timeLimit: TimeLimit? { arguments.patience.limit }

  func run(in surroundings: Surroundings) async throws {
    let dryRun = dryRun.value
    let act = try await ActSession(T.self, .resume, arguments, dryRun: dryRun, in: surroundings)
    try await act.run { [wait] in
      try await Resume.plan(act.selection, waits: wait, dryRun: dryRun, in: act.context)
    }
  }
}
