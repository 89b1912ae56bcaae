import ArgumentParser
import FluxModel
import Operations

/// `reconcile`: now, and see it through.
struct ReconcileCommand<T: Tool>: ActCommand {
  typealias SelectedTool = T

  static var verb: ActVerb { .reconcile }

  static var page: CommandPage {
    CommandPage(
      name: "reconcile",
      summary: "Reconcile generators, sources and consumers now, and wait for the result",
      synopsis: [
        "[KIND/]NAME... [flags]",
        "[KIND] --all|-l SELECTOR [-A] [flags]",
      ],
      text: [
        "Requests a reconciliation and waits until that attempt has finished. If the attempt "
          + "fails, prints the controller's error message and exits at once. For an "
          + "ExternalArtifact, its ArtifactGenerator is reconciled instead."
      ],
      details: [
        "A publisher that is not a Flux kind is annotated, but its result is not "
          + "awaited. If the controller has nothing to do, the object is reported as "
          + "unchanged.",
        "--with-source first reconciles all sources that the objects depend on. "
          + "--with-consumers then reconciles the Kustomizations and HelmReleases that use "
          + "the artifacts. A suspended object that is named or is a source stops the "
          + "command before anything is written; suspended consumers are skipped with a "
          + "warning.",
        "--force makes an ArtifactGenerator build again even if nothing changed, which "
          + "also releases a stuck generator. It first removes "
          + "status.observedSourcesDigest, which needs permission to patch "
          + "artifactgenerators/status. HelmReleases and FluxInstances are also forced; "
          + "objects added by --with-source and --with-consumers are not.",
      ],
      examples: [
        CommandExample("Reconcile a generator and wait", "reconcile ag/podinfo -n apps"),
        CommandExample(
          "Also reconcile its sources and consumers",
          "reconcile ag/podinfo -n apps --with-source --with-consumers"),
        CommandExample("Release a stuck generator", "reconcile ag/podinfo -n apps --force"),
        CommandExample("Reconcile every generator of the cluster", "reconcile ag --all -A"),
        CommandExample(
          "Request a reconciliation without waiting", "reconcile ks/podinfo -n apps --wait=false"),
      ],
      exitStatus: [
        (0, "every object was reconciled, or requested with --wait=false"),
        (1, "an attempt failed or timed out, or a precondition was not met"),
        (130, "interrupted; requested reconciliations continue in the cluster"),
      ],
      objectKinds: FluxKind.allCases,
      kindGroups: KindGroup.allCases
    )
  }

  @Flag(help: "Reconcile all sources first")
  var withSource = false
  @Flag(help: "Then reconcile the consumers of the artifacts")
  var withConsumers = false
  @Flag(help: "Release a stuck generator, or build again even if nothing changed")
  var force = false
  @Flag(inversion: .prefixedNo, help: "Wait until the attempts have finished")
  var wait = true
  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Selection flags") var selection: ActSelectionOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var patience: ActPatienceOptions
  @Argument(help: .objects) var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let act = try await ActSession(self, in: surroundings)
    let options = ReconcileOptions(
      withSources: withSource, withConsumers: withConsumers, force: force)
    try await act.run { [wait] in
      try await Reconcile.plan(act.selection, options, waits: wait, in: act.context)
    }
  }
}
