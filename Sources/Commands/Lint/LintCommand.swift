import ArgumentParser
import Linting
import Operations
import Presentation

/// `lint`: what will not deploy, found in a checkout.
struct LintCommand<T: Tool>: TimedCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "lint",
      summary: "Find problems in a checkout that prevent deployment",
      synopsis: ["-f PATH [--source NAME=SPEC] [--strict] [flags]", "--rules"],
      text: [
        "Checks the generators, sources, Kustomizations and HelmReleases in PATH without a "
          + "cluster: whether artifacts contain what their kustomizations and charts refer to, "
          + "whether references lead somewhere, and what surprises in copy operations and "
          + "ignore patterns. Prints FILE:LINE:COLUMN of each finding, its rule and a fix.",
        "Sources are set as for build. Artifacts that need a source without --source are checked as far as "
          + "possible without its content.",
      ],
      details: [
        "A comment '# artifactgen:ignore AG001' ignores rules on its line and on the next one, "
          + "and, before the first field of an object, in all of the object. Several rules are "
          + "separated by spaces or commas; a reason can follow them. --rules lists all rules; "
          + "docs/lint.md has a section for each.",
        "References to other repositories and URLs are not followed. Nothing is rendered: schemas "
          + "of other kinds are for kubectl --dry-run=server and tools such as flux-schema. The "
          + "objects in a cluster and the flags of its controllers are unknown, but a "
          + "FluxInstance in PATH defines the shards and whether multitenant is set. Unused "
          + "artifacts are not reported if PATH contains a ResourceSet or an input provider.",
        "Source objects are looked up in --manifests, then in PATH. Directories are read "
          + "recursively, and so are bases that their kustomizations list elsewhere in the git work tree; "
          + "snapshots in them are ignored. PATH is what one cluster gets: run lint for each cluster's "
          + "directory.",
        "With -o json, items has rule, severity, file, line, column, field, object, message, reason and fix "
          + "of each finding; notes lists each --source that matches nothing.",
      ],
      examples: [
        CommandExample(
          "Check a checkout that contains generators and applications",
          "lint -f clusters/prod --source repo=."),
        CommandExample(
          "Also fail a pull request on warnings", "lint -f flux/ --source repo=. --strict"),
      ],
      exitStatus: [
        (0, "no errors (with --strict, no warnings either)"),
        (1, "errors were found (with --strict, or warnings)"),
        (2, "the input cannot be read, or invalid usage"),
      ],
      failureStatus: 2
    )
  }

  @OptionGroup(title: "Lint flags") var input: LintInputOptions
  @Flag(help: "Also exit with status 1 on warnings")
  var strict = false
  @Flag(help: "List the rules and exit")
  var rules = false
  @OptionGroup(title: "Output flags") var output: FormatOptions<LintFormats>
  @OptionGroup(title: "Output flags") var saving: SaveOptions<LintFormats>
  @OptionGroup(title: "Output flags") var colour: ColourOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  func run(in surroundings: Surroundings) async throws {
    let format = try LintFormat(parsing: output.name)
    guard !rules else {
      guard case .plain(let format) = format else {
        throw UsageError("--rules has no -o \(output.name ?? ""): use table, json or yaml")
      }
      let others = [
        ("-f", input.files), ("--source", input.sources), ("--manifests", input.manifests),
        ("--save", saving.values),
      ]
      if let (flag, _) = others.first(where: { !$0.1.isEmpty }) {
        throw UsageError("--rules cannot be used with \(flag): it only lists the rules")
      }
      try LintRendering.printRules(as: format, in: surroundings)
      return
    }
    let saved = try saving.settled()
    let namespace = place.offlineNamespace(of: T.self, in: surroundings)
    let operation = try input.operation(namespace: namespace, in: surroundings)
    let report = try await operation.run()
    for note in report.notes { surroundings.note("Note: \(note)") }
    for file in saved {
      let format = try LintFormat(parsing: file.format)
      let rendering = LintRendering(report: report, isStrict: strict, style: .plain)
      try file.write(in: surroundings) { try rendering.print(as: format, in: $0) }
    }
    let rendering = LintRendering(
      report: report, isStrict: strict, style: colour.choice.style(in: surroundings))
    try rendering.print(as: format, in: surroundings)
    if case .plain(let format) = format, format.isForPeople {
      surroundings.note(rendering.summary)
    }
    let failing: [LintRule.Severity] = strict ? [.error, .warning] : [.error]
    if report.items.contains(where: { failing.contains($0.rule.severity) }) {
      throw QuietFailure(status: 1)
    }
  }
}

enum LintFormats: FormatChoice {
  static let formats: [OutputFormat] = [.table, .json, .yaml]
  static let words = FindingsFormat.allCases.map(\.rawValue)
}

/// What `lint` can print.
enum LintFormat {
  case plain(OutputFormat)
  case findings(FindingsFormat)

  /// - Throws: `OutputFormatError` for one that it cannot.
  init(parsing name: String?) throws {
    guard let name, !name.isEmpty else {
      self = .plain(.table)
      return
    }
    if let format = FindingsFormat(rawValue: name.lowercased()) {
      self = .findings(format)
    } else {
      self = .plain(
        try OutputFormat(parsing: name, allowed: LintFormats.formats, others: LintFormats.words))
    }
  }
}
