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
      summary: "Compare a build with what is published, or with a commit",
      synopsis: ["-f FILE --source NAME=SPEC [flags]"],
      text: [
        "Builds the generators in FILE and shows which artifacts change, in which "
          + "files and objects, and which consumers will reconcile. Only reads. "
          + "Sources are set as for build. The base is what the cluster (or --snapshot) "
          + "publishes, or --base REF, git:DIR@REF, snapshot:PATH, context:NAME, dir:PATH "
          + "or archive:FILE."
      ],
      details: [
        "A failing artifact blocks the artifacts after it, which are not updated. Only "
          + "the generators in FILE are compared.",
        "With --base REF (of the repository of -f) or git:DIR@REF, every path of -f, --source "
          + "and --manifests below that work tree is read at the commit; other sources are "
          + "the same on both sides, unless --base-source says otherwise. dir: and archive: "
          + "stand for the only source. If both sides are local, nothing connects: consumers "
          + "are those in -f and --manifests, then those of --snapshot or --from-cluster. "
          + "--merge-base BRANCH compares with the last common commit, as a pull request does.",
        "Only the content of artifacts that change is read. --files and --stat list files, "
          + "--objects shows fields by their path, -o diff prints a patch. A file is named "
          + "NAMESPACE/ARTIFACT/PATH there. Differences in key order, comments and format "
          + "are not differences of objects; status and managed fields are ignored.",
        "Values of Secrets, SOPS ciphertext and fields that are named like credentials are "
          + "replaced by their length, in every format, unless --show-secrets is set. A "
          + "patch with masked values is for reading, not for git apply; with "
          + "--show-secrets, it contains binary files too.",
        "If KUBECTL_EXTERNAL_DIFF is set, -o diff runs that program as kubectl diff does: with two "
          + "directories (LIVE-… and MERGED-…) of the files that change, and then with its own "
          + "arguments, of which those with other characters than letters, digits, - and = are "
          + "ignored. Its status counts as that of kubectl: 0 none, 1 differences, more an error. "
          + "-U prints our own patch.",
        "Objects that prune may delete are those that are no longer in any file below the "
          + "path of the Kustomization; what its kustomization.yaml leaves out is not known. "
          + "They are found with --objects and --fail-on dangerous.",
        "--fail-on sets which changes end with status 1: changes (any), dangerous (a "
          + "Kustomization with prune may delete objects), breaks (a consumer loses its source or "
          + "its path) or errors (none; failures always end with 2). Each level includes those "
          + "behind it.",
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
          "Show the objects that a branch changes, without a cluster",
          "diff -f flux/ --source repo=. --base main --objects"),
      ],
      exitStatus: [
        (0, "no differences, or none that --fail-on names"),
        (1, "differences were found"),
        (2, "an artifact or generator will fail, a request failed, or invalid usage"),
      ],
      failureStatus: 2
    )
  }

  @OptionGroup(title: "Base flags") var base: DiffBaseOptions
  @OptionGroup(title: "Build flags") var input: BuildInputOptions
  @OptionGroup(title: "Build flags") var present: PresentInputOptions
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

  private func failOn() throws -> DiffReport.Severity {
    guard let level = details.failOn else { return .changes }
    guard let severity = DiffReport.Severity(rawValue: level) else {
      throw UsageError(
        "invalid --fail-on \(level): use "
          + inWords(DiffReport.Severity.allCases.map(\.rawValue), "or"))
    }
    return severity
  }

  func run(in surroundings: Surroundings) async throws {
    let format = try output.diffFormat()
    let failOn = try failOn()
    let detail = try DiffDetail(
      details, format, isTerminal: surroundings.terminal.outputIsTerminal,
      needsObjects: failOn == .dangerous)
    guard !input.files.isEmpty else {
      throw UsageError("no generator specified: use -f FILE")
    }
    let run = DiffRun(
      tool: T.self, input: input, present: present, base: base, fetching: fetching,
      depth: detail.depth,
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
    var programStatus: Int32?
    if let program = externalDiff(detail, in: surroundings) {
      programStatus = try await rendering.print(with: program, in: surroundings)
    } else {
      try rendering.print(in: surroundings)
    }
    guard let severity = report.severity else { return }
    if severity == .errors { throw QuietFailure(status: 2) }
    // What the program takes for equal is so, unless a flag asks for more than differences.
    if programStatus == 0, details.failOn == nil { return }
    if severity >= failOn { throw QuietFailure(status: 1) }
  }

  /// The program that shows the patch in our place.
  private func externalDiff(_ detail: DiffDetail, in surroundings: Surroundings) -> ExternalDiff? {
    guard detail.format == .patch, details.context == nil else { return nil }
    return ExternalDiff(
      environment: surroundings.environment, temporaryFolder: surroundings.temporaryFolder)
  }
}
