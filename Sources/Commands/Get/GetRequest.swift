import FluxModel
import KubeAPI
import Objects
import Operations

/// What a command line of `get` comes to, settled before anything is read: words, choice, output.
struct GetRequest: Sendable {
  private let words: ObjectWords
  private let defaultKind: FluxKind
  private let allNamespaces: Bool
  private let options: ListOptions
  private let filter: GetDelivery.Filter
  /// The flag that chooses by what only Flux's objects have.
  private let fluxOnly: String?
  private let judges: @Sendable (FluxKind) -> Bool
  private let showsAllConsumers: Bool
  private let ignoresMissing: Bool
  private let output: ObjectOutput

  init<T: Tool>(_ command: GetCommand<T>, in surroundings: Surroundings) throws {
    let selection = command.selection
    let view = command.view
    defaultKind = T.defaultKind
    allNamespaces = command.allNamespaces
    options = selection.listOptions
    let server = command.server
    let format = try command.output.objectFormat(allowsMissing: server.allowMissingTemplateKeys)
    if server.showLabels, !format.isTable, let name = command.output.name {
      throw UsageError("--show-labels option cannot be used with \(name) printer")
    }
    if server.outputWatchEvents, !view.watch {
      throw UsageError(
        "--output-watch-events option can only be used with --watch or --watch-only")
    }
    words = try ObjectWords(
      command.objects, scope: .groups,
      namesKinds: allNamespaces || options.labelSelector != nil || options.fieldSelector != nil)
    let groups = words.groups
    filter = try view.filter(groups)
    fluxOnly = view.fluxOnly
    showsAllConsumers = view.allConsumers || view.suspended == true
    ignoresMissing = server.ignoreNotFound
    let (isTable, judgesAll) = (format.isTable, format.isWide || view.stale)
    judges = { kind in isTable && (judgesAll || kind.showsFreshness) }
    output = ObjectOutput(
      format: format,
      style: command.table.colour.style(in: surroundings),
      headers: !command.table.noHeaders,
      showsNamespaces: allNamespaces,
      showsManagedFields: command.showManagedFields,
      isWhole: view.noTruncate || format.isWide,
      room: view.noTruncate || format.isWide ? nil : surroundings.terminal.room,
      time: view.time,
      reasons: view.reasons,
      judges: judges,
      labelColumns: server.labelKeys,
      showsLabels: server.showLabels,
      showsKinds: server.showKind,
      showsEvents: server.outputWatchEvents,
      documentsFreshness: view.stale,
      order: try server.sortBy.flatMap { $0.isEmpty ? nil : try ObjectOrder($0) },
      kindsInShort: !groups.isEmpty
    )
    if let known = words.queriesByHeart(defaultKind: defaultKind) { try check(known) }
  }

  /// Refuses what does not go together.
  private func check(_ queries: [ObjectQuery]) throws {
    if let fluxOnly, queries.contains(where: { $0.kind == nil }) {
      throw UsageError("\(fluxOnly) supports only Flux kinds")
    }
    guard queries.contains(where: { !$0.names.isEmpty }) else { return }
    if options.labelSelector != nil || options.fieldSelector != nil {
      throw UsageError("name cannot be provided when a selector is specified")
    }
    if allNamespaces, queries.contains(where: \.resource.isNamespaced) {
      throw UsageError("a resource cannot be retrieved by name across all namespaces")
    }
  }

  private func namespace(_ session: ClusterSession) -> String? {
    allNamespaces ? nil : session.namespace
  }

  // MARK: What there is

  func list(_ session: ClusterSession, in surroundings: Surroundings) async throws {
    let now = session.now(in: surroundings)
    let isTable = output.format.isTable
    let delivery = GetDelivery(
      filter: filter, judges: judges, toleratesRefusal: !words.groups.isEmpty,
      in: namespace(session), home: session.namespace, options: options,
      form: isTable ? .tables(session.server, whole: output.order != nil) : .objects)
    var unknownKind: (any Error)?
    let (queries, result) = try await words.reading(
      defaultKind: defaultKind, session.resolver,
      isNothing: { (read: ([ObjectQuery], GetDelivery.Result)) in read.1.found.isNothing },
      onUnknownKind: { unknownKind = $0 }
    ) { queries in
      try check(queries)
      return (queries, await delivery.run(queries, on: session.cluster, now: now))
    }
    let found = result.found
    let isSingle = queries.count == 1 && queries[0].names.count == 1
    if isTable, queries.count > 1, words.groups.isEmpty {
      try output.order?.refuseTables(found.objects)
    }
    // One object that is not there leaves nothing to print, not even an empty list.
    if !isSingle || !found.groups.isEmpty {
      try output.print(
        found, states: result.states, publishers: result.publishers, isSingle: isSingle, now: now,
        to: surroundings)
    }
    try surroundings.output.flush()
    let isNothing = found.groups.isEmpty && found.unread.isEmpty
    var hint: String?
    if isTable, words == .nothing, filter.choosesByState {
      var others = delivery
      others.toleratesRefusal = true
      others.filter.artifactConsumersOnly = !showsAllConsumers
      hint = await others.hint(
        beside: defaultKind, isOnly: isNothing, on: session.cluster, now: now)
    }
    if isTable, isNothing, !ignoresMissing, hint == nil {
      let isNamespaced = queries.allSatisfy(\.resource.isNamespaced)
      surroundings.noteNothing(in: isNamespaced ? namespace(session) : nil)
    }
    for note in result.notes { surroundings.warn(note) }
    hint.map(surroundings.note)
    if let unknownKind, found.failures.count == 1, Self.isMissing(found.failures[0]) {
      if ignoresMissing { return }
      throw NeitherNameNorKind(missing: found.failures[0], unknownKind: unknownKind)
    }
    try SeveralFailures.throwing(
      (found.failures(
        of: words.groups, in: namespace(session), ignoringMissing: ignoresMissing)
        + [unknownKind].compactMap(\.self)).filter {
          !ignoresMissing || !Self.isMissing($0)
        })
  }

  private static func isMissing(_ error: any Error) -> Bool {
    (error as? APIError)?.isNotFound == true
  }

  // MARK: What changes

  func follow(_ session: ClusterSession, in surroundings: Surroundings) async throws {
    let cluster = try session.watches
    let (queries, named) = try await words.reading(
      defaultKind: defaultKind, session.resolver,
      isNothing: { (read: ([ObjectQuery], FoundObjects)) in read.1.isNothing }
    ) { queries in
      try check(queries)
      try checkWatched(queries)
      // As without --watch: an object that is not there is an error.
      let named = FindObjects(in: namespace(session), on: session.cluster)
      return (queries, await named.run(queries.filter { !$0.names.isEmpty }))
    }
    let failures = named.failures(
      of: words.groups, in: namespace(session), ignoringMissing: ignoresMissing
    ).filter { !ignoresMissing || !Self.isMissing($0) }
    if let failure = failures.first { throw failure }
    let missing = named.unread.count
    if missing > 0, named.groups.isEmpty, missing == queries.reduce(0, { $0 + $1.names.count }) {
      return
    }
    if output.order != nil {
      // In kubectl's words.
      surroundings.note(
        "warning: --watch requested, --sort-by will be ignored for watch events received")
    }
    if output.format.isTable, let server = session.server, queries[0].kind == nil {
      return try await followTable(queries[0], session, on: cluster, server, in: surroundings)
    }
    let stream = ObjectStream(output, kinds: queries.map(\.resource), to: surroundings)
    try await WatchObjects(
      filter: filter, judges: judges, options: options, toleratesRefusal: !words.groups.isEmpty,
      in: namespace(session), home: session.namespace, now: { session.now(in: surroundings) }
    ).run(queries, on: cluster) { update in
      switch update {
      case .objects(let objects):
        try stream.print(
          objects.map {
            .init($0.resource, ObjectGroup.Row(object: $0.object), $0.state, change: $0.change)
          })
      case .warning(let text): surroundings.warn(text)
      }
    }
  }

  /// Objects of several kinds have columns in common only where the columns are ours.
  private func checkWatched(_ queries: [ObjectQuery]) throws {
    if filter.isSuspended != nil, queries.allSatisfy({ $0.kind == .externalArtifact }) {
      throw UsageError("-w cannot combine --suspended with ea: use get ag --suspended -w")
    }
    guard queries.contains(where: { $0.kind == nil }) else { return }
    if queries.count > 1 { throw UsageError("you may only specify a single resource type") }
    if queries[0].names.count > 1 {
      throw UsageError("you may only watch a single resource or type of resource at a time")
    }
  }

  private func followTable(
    _ query: ObjectQuery, _ session: ClusterSession, on cluster: any WatchingCluster,
    _ server: any ServerCluster, in surroundings: Surroundings
  ) async throws {
    let stream = ObjectStream(output, kinds: [query.resource], to: surroundings)
    try await WatchTables(
      query, in: namespace(session), options: options, whole: output.order != nil
    ).run(on: cluster, server) { update in
      switch update {
      case .rows(let group, let change, let isList):
        let sorted = isList ? try output.sorted(group) : group
        try stream.print(
          sorted.rows.map { .init(group.resource, $0, nil, change: change) },
          columns: group.columns)
      case .warning(let text): surroundings.warn(text)
      }
    }
  }
}

extension FluxKind {
  /// Whether a table of these says how fresh they are without being asked.
  ///
  /// They look ready whatever happens; a generator says itself that it fails.
  fileprivate var showsFreshness: Bool {
    self == .externalArtifact || isConsumer
  }
}
