import ArgumentParser
import FluxModel
import Objects
import Operations
import Presentation

/// `diff`: what a change of generators or sources changes in the cluster.
struct DiffCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "diff",
      summary: "Compare a build with what is published, or with a commit",
      synopsis: ["(-f FILE | ag/NAME | ea/A ea/B) [flags]"],
      text: [
        "Builds the generators in FILE and shows what will change, compared with BASE."
      ],
      details: [
        "Shows which artifacts, files and objects change, and which consumers reconcile. BASE is "
          + "cluster, REF, git:DIR@REF, snapshot:PATH, context:NAME, dir:PATH or archive:FILE. If "
          + "neither --base nor --merge-base is set, it is the cluster or --snapshot.",
        "Set --source as for build. diff ag/NAME compares what a generator in the cluster "
          + "publishes with a build from its current sources. diff ea/A ea/B compares two "
          + "published artifacts. --snapshot B --base snapshot:A compares everything that two "
          + "snapshots publish.",
        "A failing artifact blocks the artifacts after it, which are not updated. Only "
          + "the generators in FILE are compared.",
        "With --base REF (of the repository of -f) or git:DIR@REF, every path of -f, --source and "
          + "--manifests below that work tree is read at the commit; other sources are the same "
          + "on both sides unless --base-source is set. dir: and archive: replace the only "
          + "source. If both sides are local, nothing connects: consumers are those in -f and "
          + "--manifests, then those of --snapshot or --from-cluster. --merge-base BRANCH "
          + "compares with the last common commit, as a pull request does.",
        "Only the content of artifacts that change is read. --files and --stat list files, "
          + "--objects shows fields by their path, -o diff prints a patch. A file is named "
          + "NAMESPACE/ARTIFACT/PATH there. Differences in key order, comments and format "
          + "are not differences of objects; status and managed fields are ignored.",
        "Values of Secrets, SOPS ciphertext and fields that are named like credentials are "
          + "replaced by their length, in every format, unless --show-secrets is set; (before) and "
          + "(after) mark those that change. A "
          + "patch with masked values is for reading, not for git apply; with "
          + "--show-secrets, it contains binary files too.",
        "If KUBECTL_EXTERNAL_DIFF is set, -o diff runs that program as kubectl diff does, with "
          + "two directories (LIVE-… and MERGED-…) of the changed files. As with kubectl, "
          + "arguments in the variable that contain characters other than letters, digits, - and "
          + "= are ignored, and its exit status is 0 for no differences, 1 for differences, and "
          + "greater than 1 for an error. -U prints the built-in patch instead.",
        "The consequences are below the table: consumers that break, roll, do not roll because "
          + "they are suspended, or wait for a dependency (dependsOn); artifacts that are blocked "
          + "by a failing one, and those that no longer are; and objects that prune deletes or leaves "
          + "behind (with a cluster as the base, only with --objects or --fail-on dangerous, since "
          + "that downloads the artifacts that change). The objects of a "
          + "Kustomization are those in its kustomization.yaml or, without one, in every manifest "
          + "below its path; if they depend on patches, generators, name prefixes or remote "
          + "resources, the Kustomization is reported as one that may delete objects. A resource "
          + "that is listed but missing breaks it. Consumers behind other "
          + "generators are reported as ones that may be affected.",
        "The table lists artifacts that change or fail; -o wide lists all, and consumers.",
        "The manifests of consumers in -f and --manifests are compared with those at the base: a "
          + "new consumer, another path, sourceRef, targetNamespace, prune or suspend, and what a "
          + "deleted consumer deletes. Other fields are listed without their values. With a "
          + "cluster or snapshot as the base, consumers that are in no file count as unchanged.",
        "A manifest that cannot be read is reported, with status 2, and the rest is compared.",
        "--fail-on sets which changes end with status 1: changes (any), dangerous (a "
          + "Kustomization with prune may delete objects), breaks (a consumer loses its source or "
          + "its path) or errors (none; failures always end with 2). Each level includes the "
          + "levels after it. What cannot be checked does not pass: if a snapshot has no files, or "
          + "a consumer cannot be rendered with --rendered, the status is 2.",
        "--save FORMAT=FILE also writes the result in another format. markdown is a comment for a "
          + "pull request; to stay below --max-length, the least important parts are omitted and "
          + "counted. github prints annotations and appends the comment to the summary of the "
          + "job. gitlab is a code quality report, junit a test report with a case for each "
          + "artifact, html a single page. These never contain secrets. Each finding has a rule: "
          + "input-fails, base-fails, generator-fails, artifact-fails, consumer-breaks, "
          + "prune-deletes, object-deletes, rights-widen, versions-end or not-rendered.",
        "--rendered shows what changes in the objects that Kustomizations and HelmReleases apply: both "
          + "sides are rendered as render does, with the ConfigMaps and Secrets in --manifests and "
          + "-f, then in the cluster if one is read. Only consumers whose files, spec, variables or "
          + "values change are rendered. What is deleted is then known by object; what is orphaned, "
          + "not applied, or cannot change in place (needs replacement) is marked. Deleted Namespaces, "
          + "CRDs and PersistentVolumeClaims, RBAC rules that allow more, and versions of CRDs that "
          + "are no longer served are dangerous; a consumer that can no longer be rendered breaks. "
          + "Objects of which only the label helm.sh/chart changes are counted in one line. Values "
          + "that charts make at random are ignored, and values that come from Secrets are masked "
          + "wherever they are. --strict-substitution, --no-remote-bases, --kube-version and "
          + "--api-versions are as for render, and hold for both sides. Requires kubectl and helm, as "
          + "render does; without them, the rest is compared.",
        "--live compares what will be applied with the objects in the cluster, by the fields that "
          + "kustomize-controller or helm-controller own (metadata.managedFields; for a Kustomization, those "
          + "of kubectl, too, which it takes over). Objects in the inventory of a consumer that are no longer "
          + "rendered are deleted or orphaned. Drift is shown apart: live objects that differ from what the "
          + "base renders to. It is no change. --live reads consumers from the cluster, as --from-cluster "
          + "does, and requires permission to get the objects.",
        "--dry-run=server asks the API server instead: a server-side apply as the controller would make it, "
          + "which changes nothing. It shows defaults and what admission changes, and what is refused: "
          + "immutable fields, validation, webhooks, missing namespaces and kinds; a consumer with such an "
          + "object breaks. It requires permission to get and patch the objects (create, for new ones); if "
          + "one is missing, it is named, and the status is 2. Fields of kubectl that the controller will "
          + "remove are not removed in a dry run.",
        "--lint also prints what lint finds in the artifacts that change, their generators, and "
          + "the consumers that change or use them, as they are in the input. Its errors count as breaks; a "
          + "finding has the rule of lint.",
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
          "Show what a change will publish before merging", "diff -f generators/ --source repo=.")
      ],
      exitStatus: [
        (0, "no differences, or none that --fail-on selects"),
        (1, "differences were found"),
        (2, "an artifact or generator will fail, a request failed, or invalid usage"),
      ],
      objectKinds: [.artifactGenerator, .externalArtifact],
      failureStatus: 2
    )
  }

  @OptionGroup(title: "Base flags") var base: DiffBaseOptions
  @OptionGroup(title: "Build flags") var input: BuildInputOptions
  @OptionGroup(title: "Build flags") var present: PresentInputOptions
  @OptionGroup(title: "Detail flags") var details: DiffDetailOptions
  @OptionGroup(title: "Detail flags") var target: RenderTargetOptions
  @OptionGroup(title: "Detail flags") var fetching: FetchOptions
  @Flag(help: "Show revisions and values in full")
  var noTruncate = false
  @OptionGroup(title: "Output flags") var output: FormatOptions<DiffFormats>
  @OptionGroup(title: "Output flags") var save: SaveOptions<DiffFormats>
  @OptionGroup(title: "Output flags") var table: TableOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions
  @Argument(help: .compared) var words: [String] = []

  private func failOn() throws -> DiffReport.Severity {
    guard let level = details.failOn else { return .changes }
    guard let severity = DiffReport.Severity(rawValue: level) else {
      throw UsageError(
        "invalid --fail-on \(level): use "
          + inWords(DiffReport.Severity.allCases.map(\.rawValue), "or"))
    }
    return severity
  }

  private func lengthLimit(of formats: [DiffFormat]) throws -> Int {
    guard let length = details.maxLength else { return DiffReportFormat.defaultLength }
    guard formats.contains(where: { $0.report?.isLimited == true }) else {
      throw UsageError("--max-length requires the format markdown or github")
    }
    guard length >= MarkdownReport.leastLength else {
      throw UsageError(
        "invalid --max-length \(length): use at least \(MarkdownReport.leastLength)")
    }
    return length
  }

  func run(in surroundings: Surroundings) async throws {
    let format = try DiffFormat(output.name ?? "")
    let failOn = try failOn()
    if !details.rendered, let flag = target.given {
      throw UsageError("\(flag) requires --rendered")
    }
    let needsObjects = failOn == .dangerous
    let detail = try DiffDetail(
      details, format, isTerminal: surroundings.terminal.outputIsTerminal,
      needsObjects: needsObjects)
    let saved = try save.settled().map { file in
      let detail = try DiffDetail(
        details, DiffFormat(file.format), isTerminal: false, isSaved: true,
        needsObjects: needsObjects)
      return (file: file, detail: detail)
    }
    let limit = try lengthLimit(of: [format] + saved.map(\.detail.format))
    let subject = try await DiffSubject(
      words, files: input.files, base: base, defaultKind: T.defaultKind)
    let run = DiffRun(
      tool: T.self, subject: subject, input: input, present: present, base: base,
      fetching: fetching,
      depth: DiffDepth(deepest: [detail.depth] + saved.map(\.detail.depth)), noise: detail.noise,
      renders: details.rendered
        ? .init(
          noise: detail.noise, showsSecrets: details.showSecrets, mode: detail.renderedMode,
          target: target.settled) : nil,
      lints: details.lint, cluster: self, surroundings: surroundings)
    let comparison = try await run.compare()
    let report = comparison.report
    for warning in report.warnings + report.notes { surroundings.warn(warning) }
    for note in report.remarks { surroundings.note("Note: \(note)") }
    func rendering(_ detail: DiffDetail, style: Style) -> DiffRendering {
      DiffRendering(
        report: report,
        warnings: comparison.inputWarnings + report.warnings,
        style: style,
        showsHeaders: !table.noHeaders,
        isShortened: detail.format != .plain(.wide) && !noTruncate,
        detail: detail)
    }
    func print(_ rendering: DiffRendering, in surroundings: Surroundings) throws {
      guard let format = rendering.detail.format.report else {
        return try rendering.print(in: surroundings)
      }
      let reports = DiffReports(
        tool: T.self, rendering: rendering, places: comparison.places, failing: failOn,
        limit: limit)
      try surroundings.output.write(try reports.text(as: format))
    }
    let shown = rendering(detail, style: table.colour.style(in: surroundings))
    var programStatus: Int32?
    if let program = externalDiff(detail, in: surroundings) {
      programStatus = try await shown.print(with: program, in: surroundings)
    } else {
      try print(shown, in: surroundings)
    }
    for (file, detail) in saved {
      try file.write(in: surroundings) { try print(rendering(detail, style: .plain), in: $0) }
    }
    if let detail = ([detail] + saved.map(\.detail)).first(where: { $0.format == .report(.github) })
    {
      try DiffReports(
        tool: T.self, rendering: rendering(detail, style: .plain), places: comparison.places,
        failing: failOn, limit: limit
      ).appendJobSummary(in: surroundings)
    }
    try shown.printRemarks(in: surroundings)
    let severity = report.severity
    if severity == .errors { throw QuietFailure(status: 2) }
    // What the program takes for equal is so, unless a flag asks for more than differences.
    if programStatus == 0, details.failOn == nil { return }
    if let severity, severity >= failOn { throw QuietFailure(status: 1) }
    // A check that could not look does not pass.
    guard details.failOn != nil, let unchecked = report.unchecked(for: failOn),
      let first = unchecked.subjects.first
    else { return }
    throw OperationError(
      .precondition,
      "--fail-on \(failOn.rawValue) cannot be checked: the \(first.fluxKind?.isConsumer == true ? "objects" : "files") "
        + "of \(first.phrase)"
        + (unchecked.subjects.count == 1 ? "" : " and \(unchecked.subjects.count - 1) more")
        + " \(unchecked.lack)")
  }

  /// The program that shows the patch in our place.
  private func externalDiff(_ detail: DiffDetail, in surroundings: Surroundings) -> ExternalDiff? {
    guard detail.format == .patch, details.context == nil else { return nil }
    return ExternalDiff(
      environment: surroundings.environment, temporaryFolder: surroundings.temporaryFolder)
  }
}
