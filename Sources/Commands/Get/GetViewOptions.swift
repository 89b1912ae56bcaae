import ArgumentParser
import FluxModel
import Operations
import Presentation
import Text

/// The flags by which `get` chooses among what it found and how it shows it.
struct GetViewOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Condition selector, such as ready=false",
      valueName: "TYPE=STATUS"),
    completion: .list(ConditionTypes.ofFlux.map { "\($0)=" }))
  var statusSelector: String?

  @Flag(help: "Show only outdated objects, and why")
  var stale = false

  @Flag(
    inversion: .prefixedNo,
    help:
      "Show only suspended objects, by whom and why; or show only objects that are not suspended")
  var suspended: Bool?

  @Flag(help: "Include consumers without an ExternalArtifact")
  var allConsumers = false

  @Option(help: ArgumentHelp("Time format", valueName: "FORM"))
  var time: TimeForm = .relative

  @Flag(help: "Show digests and long columns in full")
  var noTruncate = false

  @Flag(
    name: [.customShort("w"), .customLong("watch")],
    help: "After listing, watch for changes")
  var watch = false
}

/// The types of condition that completion offers.
enum ConditionTypes {
  /// Those that Flux's controllers set (`meta` of fluxcd/pkg/apis, `api` of each controller).
  static let ofFlux = [
    "Ready", "Reconciling", "Stalled", "Healthy", "ArtifactInStorage", "SourceVerified",
    "FetchFailed", "BuildFailed", "StorageOperationFailed", "Released", "TestSuccess", "Remediated",
  ]

  /// With those of the workloads and definitions that people wait for most.
  static let all = ofFlux + ["Available", "Progressing", "Complete", "Failed", "Established"]
}

/// The flags of `get` that are the same for every kind of the cluster.
struct ServerGetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Raw URI to request from the server", valueName: "PATH"))
  var raw: String?

  @Option(
    help: ArgumentHelp(
      "Sort by a JSONPath, such as .metadata.name",
      valueName: "JSONPATH"))
  var sortBy: String?

  @Flag(help: "Show labels as the last column")
  var showLabels = false

  @Option(
    name: .both("L", "label-columns"),
    help: ArgumentHelp(
      "Labels to show as columns; can be repeated",
      valueName: "KEYS"))
  var labelColumns: [String] = []

  @Flag(help: "Show the kind before each name")
  var showKind = false

  /// Of kubectl; lists are read in pages of our own size.
  @Option(help: ArgumentHelp("Has no effect", valueName: "NUMBER", visibility: .hidden))
  var chunkSize: Int?

  @Flag(help: "Exit 0 silently if an object does not exist")
  var ignoreNotFound = false

  @Flag(help: "With -w: show the event type of each change")
  var outputWatchEvents = false

  @Flag(
    inversion: .prefixedNo,
    help: "Ignore missing template fields")
  var allowMissingTemplateKeys = true
}

extension ServerGetOptions {
  /// What stands behind `--raw`; nothing counts as not given.
  var rawPath: String? { raw.flatMap { $0.isEmpty ? nil : $0 } }

  var labelKeys: [String] {
    labelColumns.flatMap { $0.split(separator: ",").map(String.init) }
  }
}

/// How a moment is shown.
enum TimeForm: String, ExpressibleByArgument, CaseIterable, Sendable {
  case relative
  case absolute

  func text(_ moment: Timestamp?, now: Timestamp) -> String {
    guard let moment else { return Age.unknown }
    switch self {
    case .relative: return Age.text(seconds: now.seconds - moment.seconds)
    case .absolute: return moment.rfc3339
    }
  }
}

extension GetViewOptions {
  /// What the table shows the reasons of.
  var reasons: Set<ObjectColumn.Topic> {
    var topics: Set<ObjectColumn.Topic> = []
    if stale { topics.insert(.freshness) }
    if suspended == true { topics.insert(.suspension) }
    return topics
  }

  /// - Parameter groups: The words for several kinds on the command line.
  func filter(_ groups: Set<KindGroup>) throws -> GetDelivery.Filter {
    var filter = GetDelivery.Filter()
    if let statusSelector, !statusSelector.isEmpty {
      guard let status = StatusSelector(statusSelector) else {
        throw UsageError(
          "invalid --status-selector \(statusSelector): use TYPE=STATUS or TYPE!=STATUS, such as "
            + "ready=false")
      }
      filter.status = status
    }
    filter.isSuspended = suspended
    filter.isStale = stale
    // Whoever looks for what is suspended means all of it, as in status.
    filter.artifactConsumersOnly =
      !allConsumers && suspended != true && (groups.contains(.consumers) || groups.contains(.all))
    return filter
  }

  /// The first flag that is given and chooses by what only Flux's objects have.
  var fluxOnly: String? {
    let flags: [(String, Bool)] = [
      ("--status-selector", statusSelector?.isEmpty == false), ("--stale", stale),
      ("--suspended", suspended != nil),
      ("--all-consumers", allConsumers),
    ]
    return flags.first(where: \.1)?.0
  }
}
