import ArgumentParser
import Content
import FluxModel
import Generation
import KubeAPI
import Operations
import Platform
import Presentation

/// `diff`: what a change of generators or sources changes in the cluster.
struct DiffCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "diff",
      summary: "Compare what a build predicts with what the cluster publishes",
      synopsis: ["-f FILE --source NAME=SPEC [flags]"],
      text: [
        "Builds the generators in FILE as build does, and says of each artifact whether it stays "
          + "unchanged, changes, is new, will be deleted or will fail, with both revisions and the "
          + "consumers that will reconcile. A failing artifact blocks those behind it: they stay "
          + "as they are. Only reads, in the cluster or in a --snapshot; compares the generators "
          + "that FILE holds and no others.",
        "Sources are given as for build; the objects that they are of are looked up in --manifests, then in "
          + "FILE, then in the cluster or --snapshot.",
        "Artifacts are compared by digest. Where the contents are the same and the digests are "
          + "not, the other ways of compression are tried: the one that gives the published digests "
          + "is taken, or named where a flag chose another. If none does, the file name decides, "
          + "which is a hash of the contents, and the output says so. An artifact that takes the "
          + "revision of its source is compared by content alone, unless --revision gives that.",
        "With -o json, errors holds every generator and every artifact that will fail, each item its "
          + "status, in the table's words; scripts go by the exit status. As with kubectl, a field "
          + "that the API server does not know, or one that is there twice, is an error: "
          + "--validate=warn only says so.",
        "The digest of an artifact says nothing of what changed in it.",
      ],
      examples: [
        CommandExample(
          "Before merging: what will change",
          "diff -f generators/ --source repo=."),
        CommandExample(
          "The same without a cluster", "diff -f generators/ --source repo=. --snapshot prod.yaml"),
        CommandExample(
          "List what will roll",
          "diff -f generators/ --source repo=. -o json | jq -r '.items[].consumers[].name'"),
      ],
      exitStatus: [
        (0, "nothing changes"),
        (1, "something changes"),
        (
          2, "an artifact or a generator will fail, a request failed, or the command line was wrong"
        ),
      ],
      failureStatus: 2
    )
  }

  @OptionGroup(title: "Build flags") var input: BuildInputOptions
  @Flag(help: "Show revisions whole")
  var noTruncate = false
  @OptionGroup(title: "Output flags") var output: FormatOptions<TableFormats>
  @OptionGroup(title: "Output flags") var table: TableOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  func run(in surroundings: Surroundings) async throws {
    let format = try output.format()
    guard !input.files.isEmpty else {
      throw UsageError("no generator given: pass its manifest with -f FILE")
    }
    let session = try await session(T.self, in: surroundings)
    var built = try await input.request(
      for: T.self, self, sessionNamespace: session.namespace, in: surroundings)
    built.needsRevisions = false
    built.objects.cluster = session.cluster
    if !built.forbidsCrossNamespace, built.crossesNamespaces {
      do {
        built.forbidsCrossNamespace =
          try await ClusterController(on: session.cluster).forbidsCrossNamespace
      } catch let error where error is APIError || error is OperationError {
        let warning =
          "whether the controller allows sources of other namespaces is not known: \(error); taken "
          + "as allowed: --no-cross-namespace-refs says otherwise"
        surroundings.warn(warning)
        built.warnings.append(warning)
      }
    }
    let request = built
    let operation = DiffArtifacts(
      of: request.inputs,
      recipe: DiffArtifacts.Recipe(compressor: request.compressor, algorithm: request.algorithm),
      choice: DiffArtifacts.Choice(
        compressor: input.saysRecipe, algorithm: input.digestAlgorithm != nil)
    ) { recipe in
      var request = request
      request.compressor = recipe.compressor
      request.algorithm = recipe.algorithm
      return try await BuildArtifacts(request).run(width: ThisProcess.coreCount)
    }
    let report = try await operation.run(on: session.cluster)
    for warning in report.warnings + report.notes { surroundings.warn(warning) }
    for note in report.remarks { surroundings.note("Note: \(note)") }
    let rendering = DiffRendering(
      report: report,
      warnings: request.warnings + report.warnings,
      style: table.colour.style(in: surroundings),
      showsHeaders: !table.noHeaders,
      isShortened: format != .wide && !noTruncate)
    try rendering.print(as: format, in: surroundings)
    switch report.outcome {
    case .same: return
    case .different: throw QuietFailure(status: 1)
    case .failing: throw QuietFailure(status: 2)
    }
  }
}
