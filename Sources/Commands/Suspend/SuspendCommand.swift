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
          + "\(SuspensionRecord.reason). A record of somebody else stays, and yours goes behind it into "
          + "\(SuspensionRecord.also), unless --overwrite-reason replaces it. Who you are, --as says, else the "
          + "server, else the kubeconfig. When a controller applies the mark itself and would set it back, it is "
          + "named.",
        "--until records when the suspension is meant to end (\(SuspensionRecord.until)). Nothing is resumed by "
          + "itself: check lists what is overdue.",
        "Deleting a suspended ArtifactGenerator still deletes its artifacts.",
      ],
      examples: [
        CommandExample(
          "Suspend a generator", "suspend ag/podinfo -n apps --reason \"incident 42\""),
        CommandExample(
          "Say when it is meant to end", "suspend ks/app --reason \"load test\" --until 2h"),
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
      objectKinds: FluxKind.allCases,
      kindGroups: KindGroup.allCases
    )
  }

  @Option(help: ArgumentHelp("Record why", valueName: "TEXT"))
  var reason: String?
  @Option(
    help: ArgumentHelp(
      "Record when it is meant to end: a time of RFC 3339, or a duration from now (2h)",
      valueName: "TIME"))
  var until: String?
  @Flag(help: "With --reason: replace what others have recorded")
  var overwriteReason = false
  @OptionGroup var dryRun: DryRunOptions
  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Selection flags") var selection: ActSelectionOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var patience: ActPatienceOptions
  @Argument(help: .objects) var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let dryRun = dryRun.choice
    let reason = reason.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    if overwriteReason, reason == nil { throw UsageError("--overwrite-reason goes with --reason") }
    let act = try await ActSession(self, dryRun: dryRun, in: surroundings)
    let now = surroundings.now()
    let record = Suspend.Record(
      now: now, reason: reason, until: try until.map { try Self.end($0, now: now) },
      overwrites: overwriteReason)
    try await act.run {
      try await Suspend.plan(act.selection, record, by: act.user, dryRun: dryRun, in: act.context)
    }
  }

  private static func end(_ text: String, now: Timestamp) throws -> Timestamp {
    let later = Duration(goText: text).flatMap { duration -> Timestamp? in
      let (seconds, overflow) = now.seconds.addingReportingOverflow(duration.components.seconds)
      return overflow ? nil : Timestamp(seconds: seconds)
    }
    guard let end = Timestamp(rfc3339: text) ?? later else {
      throw UsageError(
        "\"\(text)\" of --until is neither a time such as 2026-12-24T18:00:00Z nor a duration such as 2h"
      )
    }
    guard end > now else { throw UsageError("--until \(text) is not in the future") }
    return end
  }
}
