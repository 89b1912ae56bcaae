import ArgumentParser
import FluxModel
import KubeAPI
import Kubeconfig
import Objects
import Operations
import Text

/// `suspend`: stops reconciliation, correctly for each kind.
struct SuspendCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

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

  @Option(name: .customLong("reason"), help: ArgumentHelp("Record why", valueName: "TEXT"))
  var reason: String?
  @Option(
    name: .customLong("dry-run"),
    help: ArgumentHelp(
      "Only say what would be done: client, or server for its consent", valueName: "WHERE"))
  var dryRun: DryRunChoice = .none
  @OptionGroup var arguments: ActArguments
  static var reportsAtDeadline: Bool { true }
  var timeLimit: TimeLimit? { arguments.patience.limit }

  func run(in surroundings: Surroundings) async throws {
    let act = try await ActSession(
      T.self, .suspend, arguments, dryRun: dryRun.value, in: surroundings)
    let cluster = act.context.cluster
    let fallback = arguments.connection.impersonatedUser ?? act.whoAmI?.configuredUser
    try await act.run("SuspendResult") {
      let (found, suspend) = try await act.prepare { [dryRun = dryRun.value, reason] in
        let found = try await act.chosen.resolve(on: cluster, throughArtifacts: true)
          .refusingOthers("suspended")
        for note in found.notes { act.screen.show(.note(note)) }
        let user =
          found.targets.isEmpty || dryRun == .client ? nil : try await act.whoAmI?.userName()
        let suspend = Suspend(
          act.context, user: user ?? fallback, now: surroundings.now().rfc3339,
          reason: reason.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }, dryRun: dryRun)
        return (found, suspend)
      }
      return (try await suspend.run(found, until: surroundings.deadline), found.failures)
    }
  }
}

extension ActTargets {
  /// Publishers that are not Flux's have no mark that we know: each is a failure of its own.
  func refusingOthers(_ participle: String) -> ActTargets {
    var result = self
    result.thirdParty = []
    result.failures += thirdParty.map { owner in
      OperationError(
        .precondition,
        "\(owner.via) is published by \(owner.resource.kind)/\(owner.namespace)/\(owner.name), which is no kind of "
          + "Flux's: how that is \(participle), only its controller knows")
    }
    return result
  }
}
