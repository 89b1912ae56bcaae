import ArgumentParser
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// `events`: what controllers reported about objects and about what those depend on.
struct EventsCommand<T: Tool>: ToolCommand {
  typealias SelectedTool = T

  static var page: CommandPage {
    CommandPage(
      name: "events",
      summary: "Show the events of objects and of what they depend on",
      synopsis: ["[NAME...] [flags]", "KIND NAME... [flags]", "KIND/NAME... [flags]"],
      text: [
        "Without an object, shows the events about Flux objects of the namespace. The newest event "
          + "is the last one, and a series of equal events is one line with a count.",
        "With --related the events of an object's sources, artifacts and consumers, and of what "
          + "those applied, are shown too. That is the default for ArtifactGenerators and "
          + "ExternalArtifacts: no controller reports anything on an ExternalArtifact itself.",
        "With -w the command goes on until it is interrupted.",
      ],
      examples: [
        CommandExample("See why a generator fails", "events ag/podinfo -n apps"),
        CommandExample("Follow the warnings of every namespace", "events -A --types Warning -w"),
        CommandExample("Only the object itself", "events ks/podinfo -n apps --no-related"),
        CommandExample("Feed another program", "events ag/podinfo -n apps -o json"),
      ],
      exitStatus: [
        (0, "the events were read; finding none is no failure"),
        (1, "a request failed, or the command line was wrong"),
      ],
      objectKinds: FluxKind.allCases
    )
  }

  @Option(
    name: .customLong("types"),
    help: ArgumentHelp("Only events of these types: Normal, Warning", valueName: "TYPES"),
    completion: .list(["Normal", "Warning"]))
  var types: String?

  @Flag(
    name: .customLong("related"), inversion: .prefixedNo,
    help: "Also the events of sources, artifacts, consumers and what they applied")
  var related: Bool?

  @Flag(
    name: [.customShort("w"), .customLong("watch")],
    help: "After what there is, show what happens, without end")
  var watch = false

  @Flag(
    name: [.customShort("A"), .customLong("all-namespaces")],
    help: "Show the events of every namespace")
  var allNamespaces = false

  @Flag(name: .customLong("no-truncate"), help: "Show digests whole")
  var noTruncate = false

  @OptionGroup(title: "Output flags") var output: OutputOptions
  @OptionGroup(title: "Cluster flags") var connection: ConnectionOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions
  var timeLimit: TimeLimit? { common.timeout }

  @Argument(
    help: ArgumentHelp(
      "Kinds and names, as in \"ag podinfo\" or \"ag/podinfo\"", valueName: "OBJECT"))
  var objects: [String] = []

  func run(in surroundings: Surroundings) async throws {
    let format = try output.format(allowed: [.table, .wide, .json, .yaml])
    let types = try wantedTypes()
    let queries =
      objects.isEmpty ? [] : try ObjectArguments.queries(objects, defaultKind: T.defaultKind)
    if let nameless = queries.first(where: { $0.names.isEmpty }) {
      throw UsageError(
        "which \(nameless.resource.kind)? write \(nameless.kind.shortestName)/NAME, or no object "
          + "for all events of the namespace")
    }
    if allNamespaces, !queries.isEmpty {
      throw UsageError("a resource cannot be retrieved by name across all namespaces")
    }
    let session = try await connection.session(T.self, in: surroundings)
    let printer = EventPrinter(
      format: format,
      style: output.style(in: surroundings),
      headers: !output.noHeaders,
      showsNamespaces: allNamespaces,
      isShortened: format != .wide && !noTruncate)
    let query = try await query(queries, types, session, in: surroundings)
    if watch {
      try await follow(query, printer, session, in: surroundings)
    } else {
      try await list(query, printer, session, in: surroundings)
    }
  }

  private func wantedTypes() throws -> [String] {
    let names = (types ?? "").split(separator: ",").map(String.init)
    for name in names where !["normal", "warning"].contains(name.lowercased()) {
      throw UsageError("--types \(name): an event is Normal or Warning")
    }
    return names
  }

  private func query(
    _ queries: [ObjectQuery],
    _ types: [String],
    _ session: ClusterSession,
    in surroundings: Surroundings
  ) async throws -> EventQuery {
    guard !queries.isEmpty else {
      return EventQuery(namespace: allNamespaces ? nil : session.namespace, types: types)
    }
    let subjects = queries.flatMap { query in
      query.names.map { ObjectID(query.kind, namespace: session.namespace, name: $0) }
    }
    var wanted = Set(subjects)
    let wide = subjects.filter { related ?? $0.isRelatedByDefault }
    if !wide.isEmpty {
      let loaded = await GraphLoader.load(
        from: session.cluster, namespace: nil, fallback: session.namespace)
      for note in ReadGap.lines(loaded.relevantNotes) { surroundings.warn(note) }
      wanted.formUnion(RelatedObjects.of(wide, in: loaded.graph))
    }
    return EventQuery(subjects: wanted, namespace: nil, types: types)
  }

  private func list(
    _ query: EventQuery,
    _ printer: EventPrinter,
    _ session: ClusterSession,
    in surroundings: Surroundings
  ) async throws {
    let sources: ListEvents.Sources = connection.snapshot == nil ? .server : .files
    let listing = try await ListEvents.run(query, from: sources, on: session.cluster)
    for note in listing.notes { surroundings.warn(note) }
    if listing.events.isEmpty, printer.format.isForPeople {
      surroundings.note(
        allNamespaces ? "No events found." : "No events found in \(session.namespace) namespace.")
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
        surroundings.warn("\(error); connecting again")
      }
    }
  }
}

extension ObjectID {
  /// Whose own events rarely tell the reason of their state.
  fileprivate var isRelatedByDefault: Bool {
    fluxKind == .artifactGenerator || fluxKind == .externalArtifact
  }
}
