import ArgumentParser
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// `events`: what controllers reported about objects and about what those depend on.
struct EventsCommand<T: Tool>: TimedCommand, SnapshotReader, KindFinder {
  typealias SelectedTool = T

  static var endsWithReader: Bool { true }

  static var page: CommandPage {
    CommandPage(
      name: "events",
      summary: "Show the events of objects and their dependencies",
      synopsis: [
        "[NAME...] [flags]",
        "KIND NAME... [flags]",
        "KIND/NAME... [flags]",
      ],
      text: [
        "Without an object, shows the events of all Flux objects in the namespace. The newest "
          + "event is last. Repeated events are one line with a count."
      ],
      details: [
        "The object can be of any kind. --related also shows the events of its sources, "
          + "artifacts, consumers and the objects that these applied. This is the default "
          + "for ArtifactGenerators and ExternalArtifacts, because controllers report no "
          + "events on ExternalArtifacts. For a Kustomization or HelmRelease, the events of "
          + "all its sources are shown by default; --no-related excludes them.",
        "-A --for KIND/NAME shows the events of the objects with that name in all namespaces, "
          + "without those of related objects.",
        "-w watches until interrupted, reconnecting as needed.",
      ],
      examples: [
        CommandExample("Find out why a generator fails", "events ag/podinfo -n apps"),
        CommandExample("Watch the warnings of all namespaces", "events -A --types Warning -w"),
        CommandExample(
          "Show only the events of the object itself", "events ks/podinfo -n apps --no-related"),
        CommandExample("Print the events as JSON", "events ag/podinfo -n apps -o json"),
      ],
      exitStatus: [
        (0, "success, even if no events were found"),
        (1, "a request failed, or invalid usage"),
      ],
      objectKinds: FluxKind.allCases,
      takesAnyKind: true
    )
  }

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "Show only events of this object; with -A, in any namespace", valueName: "KIND/NAME"))
  var object: String?

  @Option(
    help: ArgumentHelp("Show only events of these types: Normal, Warning", valueName: "TYPES"),
    completion: .list(["Normal", "Warning"]))
  var types: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Include events of sources, artifacts and consumers")
  var related: Bool?

  @Flag(
    name: [.customShort("w"), .customLong("watch")],
    help: "After listing, watch for new events")
  var watch = false

  @Flag(name: .allNamespaces, help: "Show events in all namespaces")
  var allNamespaces = false

  @Flag(help: "Show digests and long columns in full")
  var noTruncate = false

  @OptionGroup(title: "Output flags") var output: FormatOptions<TableFormats>
  @OptionGroup(title: "Output flags") var table: TableOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Cluster flags") var discovery: DiscoveryOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  @Argument(help: .objects) var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let format = try output.format()
    let types = try wantedTypes()
    let words = try ObjectWords(try namedObjects(), scope: .anyKind)
    if let known = words.queriesByHeart(defaultKind: T.defaultKind) { try check(known, words) }
    let session = try await session(T.self, in: surroundings)
    let printer = EventPrinter(
      format: format,
      style: table.colour.style(in: surroundings),
      headers: !table.noHeaders,
      showsNamespaces: allNamespaces,
      isShortened: format != .wide && !noTruncate,
      room: format == .wide || noTruncate ? nil : surroundings.terminal.room)
    var named: [ObjectQuery] = []
    var query = EventQuery(namespace: allNamespaces ? nil : session.namespace, types: types)
    if words != .nothing {
      let queries = try await words.decidedQueries(defaultKind: T.defaultKind, session.resolver)
      try check(queries, words)
      named = queries
      if allNamespaces, queries.contains(where: \.resource.isNamespaced) {
        query = .everywhere(queries, types: types)
      } else {
        let about = await EventQuery.about(
          queries, in: session.namespace, related: related, types: types, on: session.cluster)
        query = about.query
        for note in about.notes { surroundings.warn(note) }
      }
    }
    if watch {
      try await MissingKind.check(named, in: session.namespace, on: session.cluster)
      try await follow(query, printer, session, in: surroundings)
    } else {
      try await list(query, about: named, printer, session, in: surroundings)
    }
  }

  /// The arguments, or in their place what `--for` names.
  private func namedObjects() throws -> [String] {
    guard let object, !object.isEmpty else { return objects }
    guard objects.isEmpty else {
      throw UsageError("--for cannot be combined with object arguments")
    }
    guard object.contains("/") else { throw UsageError("--for must be in resource/name form") }
    return [object]
  }

  /// Refuses what does not go together.
  private func check(_ queries: [ObjectQuery], _ words: ObjectWords) throws {
    guard words != .nothing else { return }
    if let nameless = queries.first(where: \.names.isEmpty) {
      throw UsageError(
        "resource name required: use \(nameless.resource.shortestName)/NAME, or no "
          + "object to show all events in the namespace")
    }
    if allNamespaces, queries.contains(where: \.resource.isNamespaced) {
      guard !objects.isEmpty else {
        if related == true { throw UsageError("--related cannot be combined with --for and -A") }
        return
      }
      throw UsageError(
        "a resource cannot be retrieved by name across all namespaces: use --for")
    }
  }

  private func wantedTypes() throws -> [String] {
    let names = (types ?? "").split(separator: ",").map(String.init)
    for name in names where !["normal", "warning"].contains(name.lowercased()) {
      throw UsageError("invalid --types \(name): use Normal or Warning")
    }
    return names
  }

  private func list(
    _ query: EventQuery,
    about named: [ObjectQuery],
    _ printer: EventPrinter,
    _ session: ClusterSession,
    in surroundings: Surroundings
  ) async throws {
    let sources: ListEvents.Sources = snapshotPath == nil ? .server : .files
    let listing = try await ListEvents.run(query, from: sources, on: session.cluster)
    for note in listing.notes { surroundings.warn(note) }
    if listing.events.isEmpty {
      // A cluster without the kind has no events about it either.
      try await MissingKind.check(named, in: session.namespace, on: session.cluster)
    }
    if listing.events.isEmpty, printer.format.isForPeople {
      surroundings.noteNothing("events", in: allNamespaces ? nil : session.namespace)
    }
    try printer.print(listing.events, now: session.now(in: surroundings), to: surroundings)
  }

  private func follow(
    _ query: EventQuery,
    _ printer: EventPrinter,
    _ session: ClusterSession,
    in surroundings: Surroundings
  ) async throws {
    let cluster = try session.watches
    var stream = EventStream(printer, namespaces: query.spansNamespaces)
    try await WatchEvents.run(query, on: cluster) { update in
      switch update {
      case .events(let events):
        try stream.print(events, now: session.now(in: surroundings), to: surroundings)
      case .interrupted(let error):
        surroundings.warn("\(error); reconnecting")
      }
    }
  }
}
