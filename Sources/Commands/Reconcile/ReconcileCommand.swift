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
      summary: "Reconcile generators, sources and consumers now, and wait for the outcome",
      synopsis: ["[KIND/]NAME... [flags]", "[KIND] --all|-l SELECTOR [-A] [flags]"],
      text: [
        "Asks the controller for a reconciliation and watches until this very attempt has ended. An attempt that "
          + "fails ends the wait at once, with the controller's reason. When the controller finds nothing to do, "
          + "that is said as well.",
        "No controller reconciles an ExternalArtifact: its ArtifactGenerator is reconciled in its place. A "
          + "publisher of a kind that is not Flux's gets the request, and nobody waits for it.",
        "--with-source reconciles what the objects are made from first, all the way up. --with-consumers goes on "
          + "with the Kustomizations and HelmReleases that use what was generated. A suspended object that is "
          + "named, or that is a source, stops the command before anything is written; suspended consumers are left "
          + "out.",
        "--force makes an ArtifactGenerator build again even if nothing changed, and so frees one that stays at "
          + "Ready=Unknown: it first removes status.observedSourcesDigest, which takes the right to patch "
          + "artifactgenerators/status. A HelmRelease is upgraded by force, a FluxInstance applied by force. What "
          + "--with-source and --with-consumers add is reconciled without force.",
      ],
      examples: [
        CommandExample("Reconcile a generator and wait", "reconcile ag/podinfo -n apps"),
        CommandExample(
          "Fetch its sources first, and roll its consumers",
          "reconcile ag/podinfo -n apps --with-source --with-consumers"),
        CommandExample("Free a generator that is stuck", "reconcile ag/podinfo -n apps --force"),
        CommandExample("Reconcile every generator of the cluster", "reconcile ag --all -A"),
        CommandExample("Only ask for it", "reconcile ks/podinfo -n apps --wait=false"),
      ],
      exitStatus: [
        (0, "every object was reconciled, or was asked to be with --wait=false"),
        (1, "an attempt failed or did not end in time, or a precondition was not met"),
        (130, "interrupted; what was requested goes on in the cluster"),
      ],
      objectKinds: FluxKind.allCases,
      kindGroups: KindGroup.allCases
    )
  }

  @Flag(help: "Reconcile the sources first, all the way up")
  var withSource = false
  @Flag(help: "Then reconcile the Kustomizations and HelmReleases that use the artifacts")
  var withConsumers = false
  @Flag(help: "Build again even if nothing changed; frees a stuck generator")
  var force = false
  @Flag(inversion: .prefixedNo, help: "Wait until the attempts have ended")
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
