import ArgumentParser
import FluxModel
import Objects
import Operations
import Platform
import Presentation
import Text

/// `history`: which commits changed what a generator publishes.
struct HistoryCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "history",
      summary: "Show which commits changed which artifacts",
      synopsis: [
        "[NAME...] -f FILE --source NAME=git:DIR[@REF] [flags]",
        "NAME... --source NAME=git:DIR[@REF] [flags]",
      ],
      text: [
        "Builds the artifacts at the last commits of a repository, starting at REF (default "
          + "HEAD), and shows which commit changed which artifact, newest first. With -f, uses "
          + "the generators as they were at each commit if FILE is in the repository; without, "
          + "those of the cluster or --snapshot for all commits. Makes no changes. Set --source "
          + "as for build.",
        "Commits that change no file that the generators read are not built.",
      ],
      details: [
        "A merge counts as one commit, and the merged commits are not shown, because history "
          + "follows the first parent, like the branch that Flux deploys. Uncommitted changes are "
          + "ignored.",
        "Every path of -f, --source and --manifests below the work tree is read as each commit has it. "
          + "Other sources are the same at every commit.",
        "A commit at which a generator or artifact cannot be built is shown with the reason. The "
          + "next successful build is compared with the last successful one. Only digests and "
          + "files are compared: an artifact that uses the revision of its source gets a new one "
          + "with every commit.",
        "FILES counts files that were added (+), removed (-), modified (~) and renamed (>). -o "
          + "name prints only the commits, for scripts.",
        "--since takes a date as git log does, such as 2026-11-01 or 2.weeks. A line on standard "
          + "error, and end in -o json, say why no older commit is shown: maxCount, since, root (the first "
          + "commit) or shallow (the clone contains no more).",
      ],
      examples: [
        CommandExample(
          "Show which of the last 50 commits changed an artifact",
          "history -f flux/ --source repo=git:."),
        CommandExample(
          "Show what changed one artifact of a generator in the cluster",
          "history ag/podinfo -n apps --source repo=git:.@main --artifact frontend"),
      ],
      exitStatus: [
        (0, "the history was read, whatever it contains"),
        (
          1,
          "no commit can be built, the repository or an object could not be read, or invalid usage"
        ),
      ],
      objectKinds: [.artifactGenerator, .externalArtifact]
    )
  }

  @OptionGroup(title: "History flags") var range: HistoryRangeOptions
  @OptionGroup(title: "Build flags") var input: BuildInputOptions
  @OptionGroup(title: "Build flags") var fetching: FetchOptions
  @Flag(help: "Show digests in full")
  var noTruncate = false
  @OptionGroup(title: "Output flags") var output: FormatOptions<HistoryFormats>
  @OptionGroup(title: "Output flags") var table: TableOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions
  @Argument(help: .objects) var words: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let format = try output.format()
    let range = try range.range()
    let queries = try await queries()
    guard !input.sources.isEmpty else {
      throw UsageError("no source specified: set --source NAME=git:DIR")
    }
    let fetchMeter = FetchProgressMeter(surroundings)
    let (request, namespace) = try await request(queries, fetchMeter, in: surroundings)
    let side = BaseInput(
      files: input.files, isRecursive: input.recursive, manifests: input.manifests, sources: [],
      namespace: namespace)
    let meter = ProgressMeter(surroundings)
    let given = place.given
    let isOfFiles = !input.files.isEmpty
    let report: HistoryReport
    do {
      defer {
        fetchMeter.clear()
        meter.clear()
      }
      report = try await ReadHistory(request, side, range: range).run(
        select: { request in
          guard isOfFiles, !queries.isEmpty else { return }
          try Self.select(queries, in: given, of: &request)
        }, width: ThisProcess.coreCount,
        progress: { done, all in meter.show("building: \(done) of \(all) states") })
    }
    for warning in report.warnings { surroundings.warn(warning) }
    for note in report.notes { surroundings.note("Note: \(note)") }
    let artifacts = try artifacts(queries, of: report)
    try HistoryRendering(
      report: report, artifacts: artifacts, range: range,
      style: table.colour.style(in: surroundings), showsHeaders: !table.noHeaders,
      isShortened: format != .wide && !noTruncate
    ).print(as: format, in: surroundings)
  }

  /// The generators that are named.
  private func queries() async throws -> [ObjectQuery] {
    guard !input.files.isEmpty || !words.isEmpty else {
      throw UsageError("no generator specified: name one in the cluster, or use -f FILE")
    }
    return try await GeneratorWords.queries(words, defaultKind: T.defaultKind)
  }

  /// What does not change with the commits.
  private func request(
    _ queries: [ObjectQuery], _ meter: FetchProgressMeter, in surroundings: Surroundings
  ) async throws -> (BuildRequest, namespace: String) {
    let session =
      input.files.isEmpty || snapshotPath != nil
      ? try await session(T.self, in: surroundings) : nil
    let namespace =
      session?.namespace ?? place.offlineNamespace(of: T.self, in: surroundings)
    var inputs: [GeneratorInput] = []
    if let session, input.files.isEmpty {
      inputs = try await ClusterGenerators(on: session.cluster, in: session.namespace)
        .read(queries)
    } else if input.files.contains("-") {
      inputs = try GeneratorFiles(readInput: surroundings.readInput)
        .read(["-"], namespace: namespace).generators
    }
    var request = try await input.pastRequest(
      for: T.self, self, of: session, inputs: inputs, in: surroundings)
    request.sizeLimit = try fetching.sizeLimit()
    if let session, input.files.isEmpty, session.forwarding != nil {
      request.content = try fetching.content(of: session, onBytes: meter.report, in: surroundings)
    }
    return (request, namespace)
  }

  /// Leaves the generators that are named: one that a commit does not have publishes nothing there.
  private static func select(
    _ queries: [ObjectQuery], in namespace: String?, of request: inout BuildRequest
  ) throws {
    let missing = GeneratorSelection.missing(queries, in: namespace, from: request.inputs)
    let present = queries.compactMap { query -> ObjectQuery? in
      let lost = missing.first { $0.resource == query.resource }?.names ?? []
      let names = query.names.filter { !lost.contains($0) }
      return names.isEmpty ? nil : ObjectQuery(query.resource, names: names)
    }
    let selection = try GeneratorSelection(present, in: namespace, from: request.inputs)
    request.inputs = selection.inputs
    request.selected = selection.selected
  }

  /// The names of the artifacts that are meant; nil for all.
  private func artifacts(
    _ queries: [ObjectQuery], of report: HistoryReport
  ) throws -> Set<String>? {
    let named = queries.filter { $0.resource.fluxKind == .externalArtifact }.flatMap(\.names)
    let onlyArtifacts = queries.allSatisfy { $0.resource.fluxKind == .externalArtifact }
    let wanted = range.artifacts + (onlyArtifacts ? named : [])
    guard !wanted.isEmpty else { return nil }
    let known = Set(report.artifacts.map(\.name))
    if let unknown = wanted.first(where: { !known.contains($0) }), report.end != .nothing {
      let near = known.sorted().min { editDistance($0, unknown) < editDistance($1, unknown) }
      let hint = near.flatMap { editDistance($0, unknown) <= 2 ? " (did you mean \($0)?)" : nil }
      throw OperationError(
        .notFound,
        "no commit of the \(report.commits) that were read publishes an artifact \(unknown)\(hint ?? "")"
      )
    }
    return Set(wanted)
  }
}

/// The flags that say how far `history` goes back, and what it shows.
struct HistoryRangeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Maximum number of commits to read", valueName: "NUMBER"))
  var maxCount = 50

  @Option(help: ArgumentHelp("Only commits after this date, as in git log", valueName: "DATE"))
  var since: String?

  @Option(
    name: .customLong("artifact"),
    help: ArgumentHelp("Show only this artifact; can be repeated", valueName: "NAME"))
  var artifacts: [String] = []
}

extension HistoryRangeOptions {
  /// - Throws: ``UsageError`` for values that say nothing.
  func range() throws -> ReadHistory.Range {
    guard (1...100_000).contains(maxCount) else {
      throw UsageError("invalid --max-count \(maxCount): use a number from 1 to 100000")
    }
    guard since?.isEmpty != true else {
      throw UsageError("invalid --since: use a date such as 2026-11-01 or 2.weeks")
    }
    return ReadHistory.Range(maxCount: maxCount, since: since)
  }
}

enum HistoryFormats: FormatChoice {
  static let formats: [OutputFormat] = [.table, .wide, .json, .yaml, .name]
}
