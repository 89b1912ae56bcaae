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
        "[KIND/]NAME... [--reason TEXT] [flags]",
        "[KIND] --all|-l SELECTOR [-A] [flags]",
      ],
      text: [
        "Sets the suspend field or annotation that the controller honours, and records "
          + "who, when and why in annotations. For an ExternalArtifact, suspends its "
          + "generator. --until records the intended end; nothing resumes automatically, "
          + "but check and status report overdue suspensions."
      ],
      details: [
        "ArtifactGenerators are suspended by the annotation "
          + "\(Suspension.generatorAnnotation)=disabled, or by spec.suspend if the server "
          + "supports it; FluxInstances by \(Suspension.instanceAnnotation)=disabled; "
          + "sources, Kustomizations and HelmReleases by spec.suspend.",
        "The record is kept in the annotations \(SuspensionRecord.by), "
          + "\(SuspensionRecord.at), \(SuspensionRecord.reason) and "
          + "\(SuspensionRecord.until). The record of another user is kept and yours is "
          + "added to \(SuspensionRecord.also), unless --overwrite-reason is set. The user "
          + "is that of --as, or as reported by the server, or that of the kubeconfig. If a "
          + "controller applies the suspend field itself and would revert it, a warning "
          + "names it.",
        "Deleting a suspended ArtifactGenerator still deletes its artifacts.",
      ],
      examples: [
        CommandExample(
          "Suspend a generator", "suspend ag/podinfo -n apps --reason \"incident 42\""),
        CommandExample(
          "Record when it should end", "suspend ks/app --reason \"load test\" --until 2h"),
        CommandExample("Suspend every generator of a namespace", "suspend ag --all -n apps"),
        CommandExample(
          "Preview what would be suspended", "suspend ag,ks -l team=web --dry-run=client"),
      ],
      exitStatus: [
        (0, "every object is suspended"),
        (
          1,
          "an object was not found or could not be changed; the other objects are still suspended"
        ),
      ],
      objectKinds: FluxKind.allCases,
      kindGroups: KindGroup.allCases
    )
  }

  @Option(help: ArgumentHelp("Reason to record", valueName: "TEXT"))
  var reason: String?
  @Option(
    help: ArgumentHelp(
      "Intended end: an RFC 3339 time or a duration (2h)",
      valueName: "TIME"))
  var until: String?
  @Flag(help: "With --reason: replace the records of others")
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
    if overwriteReason, reason == nil { throw UsageError("--overwrite-reason requires --reason") }
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
        "invalid --until \"\(text)\": use a time such as 2026-12-24T18:00:00Z or a duration such as 2h"
      )
    }
    guard end > now else { throw UsageError("--until \(text) is not in the future") }
    return end
  }
}
