import ArgumentParser
import FluxModel
import Operations
import Presentation

/// `diff`: what a change of generators or sources changes in the cluster.
struct DiffCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "diff",
      summary: "Compare a build with what the cluster publishes",
      synopsis: ["-f FILE --source NAME=SPEC [flags]"],
      text: [
        "Builds the generators in FILE and shows for each artifact whether it is "
          + "unchanged, changed, new, deleted or failing, with both revisions and the "
          + "consumers that will reconcile. Only reads, from the cluster or a --snapshot. "
          + "Sources are set as for build."
      ],
      details: [
        "A failing artifact blocks the artifacts after it, which are not updated. Only "
          + "the generators in FILE are compared.",
        "Source objects are looked up in --manifests, then in FILE, then in the cluster "
          + "or --snapshot.",
        "Artifacts are compared by digest. If the contents are the same but the digests "
          + "differ, the other compressors are tried: the one that matches the published "
          + "digests is used, or reported if a flag selected another. If none matches, the "
          + "file names are compared, which are hashes of the contents, and the output says "
          + "so. An artifact that uses the revision of its source is compared by content "
          + "only, unless --revision is set. The digest of an artifact does not reveal "
          + "which files changed.",
        "With -o json, errors lists every generator and artifact that will fail, and "
          + "each item has a status as in the table; scripts should check the exit status. "
          + "As with kubectl, unknown and duplicate fields are errors; --validate=warn "
          + "reports them as warnings.",
      ],
      examples: [
        CommandExample(
          "Show what a change will publish before merging", "diff -f generators/ --source repo=."),
        CommandExample(
          "Compare with a snapshot, without a cluster",
          "diff -f generators/ --source repo=. --snapshot prod.yaml"),
        CommandExample(
          "List the consumers that will reconcile",
          "diff -f generators/ --source repo=. -o json | jq -r '.items[].consumers[].name'"),
      ],
      exitStatus: [
        (0, "no differences"),
        (1, "differences were found"),
        (2, "an artifact or generator will fail, a request failed, or invalid usage"),
      ],
      failureStatus: 2
    )
  }

  @OptionGroup(title: "Base flags") var base: DiffBaseOptions
  @OptionGroup(title: "Build flags") var input: BuildInputOptions
  @OptionGroup(title: "Detail flags") var details: DiffDetailOptions
  @OptionGroup(title: "Detail flags") var fetching: FetchOptions
  @Flag(help: "Show revisions and values in full")
  var noTruncate = false
  @OptionGroup(title: "Output flags") var output: FormatOptions<DiffFormats>
  @OptionGroup(title: "Output flags") var table: TableOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  func run(in surroundings: Surroundings) async throws {
    let format = try output.diffFormat()
    let detail = try DiffDetail(
      details, format, isTerminal: surroundings.terminal.outputIsTerminal)
    guard !input.files.isEmpty else {
      throw UsageError("no generator specified: use -f FILE")
    }
    let run = DiffRun(
      tool: T.self, input: input, base: base, fetching: fetching, depth: detail.depth,
      cluster: self, surroundings: surroundings)
    let comparison = try await run.compare()
    let report = comparison.report
    for warning in report.warnings + report.notes { surroundings.warn(warning) }
    for note in report.remarks { surroundings.note("Note: \(note)") }
    let rendering = DiffRendering(
      report: report,
      warnings: comparison.inputWarnings + report.warnings,
      style: table.colour.style(in: surroundings),
      showsHeaders: !table.noHeaders,
      isShortened: format != .plain(.wide) && !noTruncate,
      detail: detail)
    try rendering.print(in: surroundings)
    switch report.outcome {
    case .same: return
    case .different: throw QuietFailure(status: 1)
    case .failing: throw QuietFailure(status: 2)
    }
  }
}
