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
  @OptionGroup(title: "Output flags") var output: ActOutputOptions
  @OptionGroup(title: "Selection flags") var selection: ActSelectionOptions
  @OptionGroup(title: "Cluster flags") var connection: ConnectionOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions
  @Argument(
    help: ArgumentHelp(
      "Kinds and names, as in \"ag podinfo\" or \"ag/podinfo\"", valueName: "OBJECT"))
  var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let queries = try selection.queries(objects, defaultKind: T.defaultKind)
    let format = try output.format()
    let session = try await connection.session(T.self, in: surroundings)
    let cluster = try session.writable()
    let screen = ActScreen(
      surroundings, style: T.messageStyle, wording: .resume, isStructured: format != nil,
      namespace: session.namespace,
      dryRun: dryRun.value)
    defer { screen.close() }
    let chosen = ActSelection(
      queries, namespace: selection.allNamespaces ? nil : session.namespace,
      labelSelector: selection.labelSelector)
    let found = try await chosen.resolve(on: cluster, throughArtifacts: true)
    for note in found.notes { screen.show(.note(note)) }
    try found.requireFluxOwners("resumed")
    let context = ActContext(cluster: cluster, token: { surroundings.requestToken() }) {
      screen.show($0)
    }
    let resume = Resume(context, waits: wait, timeout: common.patience, dryRun: dryRun.value)
    let outcomes = try await resume.run(found)
    screen.close()
    if outcomes.isEmpty, found.failures.isEmpty { surroundings.note("No resources found") }
    try ActResult(kind: ActResult.resume, outcomes: outcomes, failures: found.failures)
      .finish(format, style: T.messageStyle, in: surroundings)
  }
}
