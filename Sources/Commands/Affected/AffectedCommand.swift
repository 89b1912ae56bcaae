import ArgumentParser
import Content
import Operations
import Platform
import Presentation

/// `affected`: what files go into.
struct AffectedCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "affected",
      summary: "Show which artifacts and consumers a file affects",
      synopsis: [
        "PATH... -f FILE --source NAME=SPEC [flags]",
        "- -f FILE --source NAME=SPEC [flags]",
      ],
      text: [
        "For each PATH, shows the artifacts that the generators in FILE copy it into, the copy "
          + "operations, and the consumers of these artifacts. Makes no changes and builds no "
          + "archives. If PATH is -, reads paths from standard input, as printed by git diff "
          + "--name-only --no-renames. Set --source as for build."
      ],
      details: [
        "Paths are relative to the current directory, or if read from standard input, to the top "
          + "of its work tree. A directory, such as a submodule, stands for everything below it. The "
          + "output of git diff --name-status and of git diff --name-only -z is also accepted. Without --no-renames, git prints only the new path of a renamed "
          + "file, so the artifacts that contained the old path are missing.",
        "A path that does not exist in a source (a deleted file, for example) is listed with the "
          + "artifacts that it would be copied into. Artifacts that are built from other "
          + "artifacts are included.",
        "A changed generator, or source object, in -f or --manifests affects every artifact of "
          + "the generator; a changed .sourceignore may affect every artifact that uses the "
          + "source. A manifest that no longer exists, or a kustomization.yaml beside manifests, "
          + "always counts as affecting something; diff --base REF shows what. Consumers are the "
          + "Kustomizations and HelmReleases in -f and --manifests that use an artifact, and "
          + "those of --snapshot or --from-cluster. A consumer that uses a source directly is not "
          + "shown.",
        "--why also lists the files that affect nothing, with the rule that drops each: "
          + "copy operations that do not match, exclude, a later copy that replaces the file, "
          + "the default excludes, .sourceignore and spec.ignore, sparse checkout. -o wide adds "
          + "the path in the artifact and the objects in the file.",
        "-o name prints each artifact and consumer once. With -o json, items has every file with "
          + "exists, feeds, defines, objects and reasons, and errors lists what fails to build: "
          + "such an artifact may also contain the file.",
      ],
      examples: [
        CommandExample(
          "Show what the files of a change affect (pipe git diff --name-only into it)",
          "affected - -f flux/ --source repo=."),
        CommandExample(
          "Show why a file is in no artifact",
          "affected docs/README.md -f generator.yaml --source repo=. --why"),
        CommandExample(
          "Print the affected artifacts and consumers for a script",
          "affected apps/web/deploy.yaml -f flux/ --source repo=. -o name"),
      ],
      exitStatus: [
        (0, "at least one file affects an artifact or defines an object"),
        (1, "no file affects anything"),
        (2, "an artifact or generator fails, a request failed, or invalid usage"),
      ],
      failureStatus: 2
    )
  }

  @OptionGroup(title: "Build flags") var input: BuildInputOptions
  @OptionGroup(title: "Build flags") var present: PresentInputOptions
  @Flag(help: "Also list the files that affect nothing, and why")
  var why = false
  @Flag(help: "Also read consumers from the cluster")
  var fromCluster = false
  @OptionGroup(title: "Output flags") var output: FormatOptions<EveryFormat>
  @OptionGroup(title: "Output flags") var table: TableOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions
  @Argument(
    help: ArgumentHelp("Files, or - to read paths from standard input", valueName: "PATH"),
    completion: .file())
  var paths: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let format = try output.format()
    guard !paths.isEmpty else { throw UsageError("no file specified: name one, or use -") }
    for path in paths { try EmptyPath.refuse(path, flag: "affected") }
    guard !input.files.isEmpty else { throw UsageError("no generator specified: use -f FILE") }
    guard !fromCluster || snapshotPath == nil else {
      throw UsageError("--from-cluster and --snapshot are mutually exclusive")
    }
    let isListed = paths.contains("-")
    guard !isListed || paths.count == 1 else {
      throw UsageError("- cannot be combined with other files")
    }
    guard !isListed || (!input.files.contains("-") && snapshotPath != "-") else {
      throw UsageError("standard input cannot be used for multiple arguments")
    }
    let names =
      isListed
      ? NamedFiles.read(try surroundings.readInput()) : paths.map { TreePath($0.nativeBytes) }
    let session =
      fromCluster || snapshotPath != nil ? try await session(T.self, in: surroundings) : nil
    let namespace =
      session?.namespace ?? place.offlineNamespace(of: T.self, in: surroundings)
    var request = try await input.request(
      for: T.self, present, self, sessionNamespace: namespace, in: surroundings)
    request.objects.cluster = session?.cluster
    let report = try await AffectedFiles(
      request, manifests: input.files + input.manifests,
      users: try input.users(in: namespace).objects
    ).run(names, from: isListed ? .workTree : .currentDirectory, on: session?.cluster)
    for warning in report.warnings { surroundings.warn(warning) }
    for note in report.notes { surroundings.note("Note: \(note)") }
    try AffectedRendering(
      report: report, warnings: request.warnings + report.warnings, explains: why,
      style: table.colour.style(in: surroundings), showsHeaders: !table.noHeaders,
      defaultNamespace: namespace
    ).print(as: format, in: surroundings)
    guard report.errors.isEmpty else {
      let isData = format == .json || format == .yaml || format == .kyaml
      if isData { throw QuietFailure(status: 2) }
      throw SeveralFailures(report.errors.map { Problem("\($0.generator): \($0.text)") })
    }
    if !report.affectsAnything { throw QuietFailure(status: 1) }
  }
}
