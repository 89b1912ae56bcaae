import ArgumentParser
import FluxModel
import KubeAPI
import Kubeconfig
import Objects
import Operations
import Text

/// `suspend`: stops reconciliation, correctly for each kind.
struct SuspendCommand<T: Tool>: ActCommand {
  typealias SelectedTool = T

  static var verb: ActVerb { .suspend }

  static var page: CommandPage {
    CommandPage(
      name: "suspend",
      summary: "Suspend reconciliation, and record who did it and why",
      synopsis: [
        "[KIND/]NAME... [--reason TEXT] [flags]", "[KIND] --all|-l SELECTOR [-A] [flags]",
      ],
      text: [
        "An ArtifactGenerator is suspended by the annotation \(Suspension.generatorAnnotation)=disabled, or by "
          + "spec.suspend where the server knows that; a FluxInstance by \(Suspension.instanceAnnotation)=disabled; "
          + "sources, Kustomizations and HelmReleases by spec.suspend. An ExternalArtifact stands for its generator.",
        "Who, when and why go into the annotations \(SuspensionRecord.by), \(SuspensionRecord.at) and "
          + "\(SuspensionRecord.reason). When a controller applies the mark itself and would set it back, it is named.",
        "Deleting a suspended ArtifactGenerator still deletes its artifacts.",
      ],
      examples: [
        CommandExample(
          "Suspend a generator", "suspend ag/podinfo -n apps --reason \"incident 42\""),
        CommandExample("Suspend every generator of a namespace", "suspend ag --all -n apps"),
        CommandExample("See what would be suspended", "suspend ag,ks -l team=web --dry-run=client"),
      ],
      exitStatus: [
        (0, "every object is suspended"),
        (
          1,
          "an object was not found or could not be changed; the others are suspended all the same"
        ),
      ],
      objectKinds: FluxKind.allCases
    )
  }

  @Option(help: ArgumentHelp("Record why", valueName: "TEXT"))
  var reason: String?
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
    let record = Suspend.Record(
      user: connection.impersonatedUser ?? act.whoAmI?.configuredUser,
      now: surroundings.now().rfc3339,
      reason: reason.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 })
    try await act.run {
      try await Suspend.plan(
        act.selection, record, by: act.whoAmI, dryRun: dryRun, in: act.context)
    }
  }
}
