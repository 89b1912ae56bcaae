import ArgumentParser
import Differences
import Operations
import Presentation

/// The flags that say how far `diff` looks into artifacts.
struct DiffDetailOptions: ParsableArguments {
  @Flag(help: "List the files that change")
  var files = false

  @Flag(
    inversion: .prefixedNo,
    help: "Show changed fields of objects (terminal default)")
  var objects: Bool?

  @Flag(help: "Show changed objects that consumers apply")
  var rendered = false

  @Flag(help: "With --rendered: compare with the live objects")
  var live = false

  @Option(
    help: ArgumentHelp(
      "server: as --live, but ask the API server", valueName: "MODE"),
    completion: .list(["server"]))
  var dryRun: String?

  @Flag(help: "Like --files, with added and removed lines")
  var stat = false

  @Flag(help: "Print only NAMESPACE/ARTIFACT/PATH of each file")
  var nameOnly = false

  @Option(
    name: .both("U", "unified"),
    help: ArgumentHelp("With -o diff: lines of context (default 3)", valueName: "LINES"))
  var context: Int?

  @Option(
    name: .customLong("strip-attr"),
    help: ArgumentHelp(
      "Ignore a field of objects; can be repeated",
      valueName: "PATH"))
  var stripped: [String] = []

  @Flag(help: "Also run lint on what changes")
  var lint = false

  @Option(
    help: ArgumentHelp(
      "changes (default), dangerous, breaks or errors",
      valueName: "LEVEL"),
    completion: .list(DiffReport.Severity.allCases.map(\.rawValue)))
  var failOn: String?

  @Option(
    help: ArgumentHelp(
      "Maximum length of markdown, github (default 65,000)", valueName: "N"))
  var maxLength: Int?

  @Flag(help: "Print the values of Secrets and credentials")
  var showSecrets = false
}

/// What `-o` of `diff` can name.
enum DiffFormats: FormatChoice {
  static let formats = TableFormats.formats
  static let words = ["diff"] + DiffReportFormat.allCases.map(\.rawValue)
}

enum DiffFormat: Equatable {
  case plain(OutputFormat)
  /// A patch of the files, in git's format.
  case patch
  case report(DiffReportFormat)

  /// The format of a word; nothing gives a table.
  init(_ name: String) throws {
    let word = name.lowercased()
    if word.isEmpty {
      self = .plain(.table)
    } else if word == "diff" {
      self = .patch
    } else if let report = DiffReportFormat(rawValue: word) {
      self = .report(report)
    } else {
      self = .plain(
        try OutputFormat(parsing: name, allowed: DiffFormats.formats, others: DiffFormats.words))
    }
  }

  var report: DiffReportFormat? {
    if case .report(let format) = self { format } else { nil }
  }

  /// Whether people read it as it is printed.
  var isForPeople: Bool {
    if case .plain(let format) = self { format.isForPeople } else { false }
  }
}

/// The same, settled.
struct DiffDetail {
  /// What people are shown below the table, or instead of it.
  enum Listing {
    case none
    case files(counts: Bool)
    case names
  }

  let format: DiffFormat
  let listing: Listing
  let showsObjects: Bool
  /// Whether consumers are rendered.
  let isRendered: Bool
  /// With what their objects are compared.
  let renderedMode: DiffReport.RenderedMode
  private let comparesObjects: Bool
  let context: Int
  let policy: SecretPolicy
  let noise: NoiseFilter

  /// Nil where the table is enough.
  var depth: DiffDepth? {
    let isShallow = !comparesObjects && format != .patch && format.report?.showsContent != true
    if case .none = listing, isShallow { return nil }
    return DiffDepth(objects: comparesObjects, noise: noise)
  }

  /// - Parameters:
  ///   - isSaved: Whether it is a further format of the run, which `--files` and its like do not exclude.
  ///   - needsObjects: Whether the exit status depends on what is deleted.
  /// - Throws: ``UsageError`` for flags that do not go together.
  init(
    _ options: DiffDetailOptions, _ format: DiffFormat, isTerminal: Bool, isSaved: Bool = false,
    needsObjects: Bool
  ) throws {
    self.format = format
    if options.showSecrets {
      if isSaved { throw UsageError("--show-secrets and --save are mutually exclusive") }
      if let report = format.report {
        throw UsageError("--show-secrets and -o \(report.rawValue) are mutually exclusive")
      }
    }
    let listings = [
      ("--files", options.files), ("--stat", options.stat), ("--name-only", options.nameOnly),
    ].filter { $0.1 }.map { $0.0 }
    guard listings.count <= 1 else {
      throw UsageError("\(listings[0]) and \(listings[1]) are mutually exclusive")
    }
    if format == .patch, !isSaved,
      let flag = listings.first ?? (options.objects == true ? "--objects" : nil)
    {
      throw UsageError("\(flag) and -o diff are mutually exclusive")
    }
    if options.nameOnly, !isSaved, format != .plain(.table) {
      throw UsageError("--name-only and -o are mutually exclusive")
    }
    if options.nameOnly, options.objects == true {
      throw UsageError("--name-only and --objects are mutually exclusive")
    }
    guard options.context == nil || isSaved || format == .patch || format.report != nil else {
      throw UsageError("-U requires -o diff")
    }
    context = options.context ?? 3
    guard (0...1_000_000).contains(context) else {
      throw UsageError("invalid -U \(context): use a number of lines, such as 3")
    }
    listing =
      options.nameOnly
      ? .names
      : options.files || options.stat ? .files(counts: options.stat) : .none
    showsObjects =
      options.objects
      ?? (format.report?.showsContent
        ?? (isTerminal && format.isForPeople && listings.isEmpty && !options.rendered))
    isRendered = options.rendered
    renderedMode = try Self.mode(options)
    if isRendered, options.nameOnly {
      throw UsageError("--name-only and --rendered are mutually exclusive")
    }
    if isRendered, format == .patch, !isSaved {
      throw UsageError("--rendered and -o diff are mutually exclusive")
    }
    // Reports name what prune deletes.
    comparesObjects = showsObjects || needsObjects || format.report != nil
    policy = options.showSecrets ? .shown : .masked
    do {
      noise = NoiseFilter(try options.stripped.map(FieldPattern.init))
    } catch {
      throw UsageError("invalid --strip-attr: \(error)")
    }
  }

  private static func mode(_ options: DiffDetailOptions) throws -> DiffReport.RenderedMode {
    if let mode = options.dryRun, mode != "server" {
      throw UsageError("invalid --dry-run \(mode): use server")
    }
    guard !options.live || options.dryRun == nil else {
      throw UsageError("--live and --dry-run are mutually exclusive")
    }
    let mode: DiffReport.RenderedMode =
      options.live ? .live : options.dryRun == nil ? .base : .server
    guard mode == .base || options.rendered else {
      throw UsageError("\(mode.flag) requires --rendered")
    }
    return mode
  }
}

extension DiffReport.RenderedMode {
  /// What the command line calls it.
  var flag: String {
    switch self {
    case .base: "--rendered"
    case .live: "--live"
    case .server: "--dry-run=server"
    }
  }

  /// With what objects are compared, as a heading ends.
  var phrase: String {
    switch self {
    case .base: "compared with the base"
    case .live: "compared with the live objects"
    case .server: "compared with the live objects by a dry run of the API server"
    }
  }
}
