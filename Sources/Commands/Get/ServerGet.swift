import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation

/// `get` for whatever the server has, by its own tables, and for formats with a template.
struct ServerGet {
  let words: [String]
  let defaultKind: FluxKind
  let options: ServerGetOptions
  let format: OutputFormat
  let template: ObjectTemplate?
  let selection: ListOptions
  let showsNamespaces: Bool
  let headers: Bool
  let showsManagedFields: Bool
  let style: Style
  /// Whether to go on with what changes.
  let watches: Bool

  /// A kind and the names that are asked for.
  struct Query {
    let resource: ResourceType
    let names: [String]
  }

  /// Whether the words or flags ask for something that the tables of Flux's kinds do not have.
  static func isNeeded(
    _ words: [String],
    template: ObjectTemplate?,
    selection: SelectionOptions
  ) -> Bool {
    if template != nil { return true }
    // `KIND/NAME…` can name another kind in each word.
    let pairs = words.filter { $0.contains("/") }
    guard pairs.isEmpty, let first = words.first else {
      return pairs.contains { !hasOwnTable(String($0.prefix { $0 != "/" })) }
    }
    let kinds = first.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    // No name has a comma, and none goes with these flags.
    let areKinds =
      kinds.count > 1 || selection.allNamespaces || selection.labelSelector != nil
      || selection.fieldSelector != nil
    return kinds.contains { kind in
      !hasOwnTable(kind)
        && (areKinds || FluxKind.resolve(kind) != nil || KnownWords.isBuiltIn(kind))
    }
  }

  private static func hasOwnTable(_ word: String) -> Bool {
    FluxKind.resolve(word) != nil
  }

  /// Whether the first word, which was taken for a name that nothing has, is a kind of the server.
  static func isKind(
    _ words: [String],
    missing found: FoundObjects,
    in session: ClusterSession
  ) async -> Bool {
    guard let first = words.first, !first.contains("/"), FluxKind.resolve(first) == nil,
      found.groups.isEmpty, found.failures.allSatisfy({ ($0 as? APIError)?.isNotFound == true })
    else { return false }
    return (try? await session.kinds?.resource(named: first)) != nil
  }

  func run(_ session: ClusterSession, in surroundings: Surroundings) async throws {
    let namespace = showsNamespaces ? nil : session.namespace
    var surroundings = surroundings
    if let capturedAt = session.capturedAt { surroundings.now = { capturedAt } }
    let queries = try await queries(in: session)
    try validate(queries)
    if watches {
      return try await ServerWatch(get: self).run(
        queries, namespace: namespace, session, in: surroundings)
    }
    if template == nil, format.isForPeople {
      try await printTables(queries, namespace: namespace, session, in: surroundings)
    } else {
      try await printObjects(queries, namespace: namespace, on: session.cluster, in: surroundings)
    }
  }

  // MARK: - What is asked for

  private func queries(in session: ClusterSession) async throws -> [Query] {
    guard let first = words.first else {
      return [Query(resource: defaultKind.resource, names: [])]
    }
    if words.contains(where: { $0.contains("/") }) {
      var queries: [Query] = []
      for word in words {
        let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else {
          throw UsageError("\"\(word)\" is no object: write KIND/NAME")
        }
        let resource = try await resource(parts[0], in: session)
        if let last = queries.last, last.resource == resource {
          queries[queries.count - 1] = Query(resource: resource, names: last.names + [parts[1]])
        } else {
          queries.append(Query(resource: resource, names: [parts[1]]))
        }
      }
      return queries
    }
    let kinds = first.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    // No name goes with these.
    let areKinds =
      showsNamespaces || selection.labelSelector != nil || selection.fieldSelector != nil
    let isName =
      !areKinds && kinds.count == 1 && FluxKind.resolve(first) == nil
      && !KnownWords.isBuiltIn(first)
    if isName, !(await isResource(first, in: session)) {
      return [Query(resource: defaultKind.resource, names: words)]
    }
    var queries: [Query] = []
    for kind in kinds {
      let resource = try await resource(kind, in: session)
      queries.append(Query(resource: resource, names: Array(words.dropFirst())))
    }
    return queries
  }

  private func isResource(_ word: String, in session: ClusterSession) async -> Bool {
    (try? await resource(word, in: session)) != nil
  }

  private func resource(
    _ word: String,
    in session: ClusterSession
  ) async throws -> ResourceType {
    if let match = FluxKind.resolve(word) {
      return match.resource
    }
    guard let kinds = session.kinds, kinds.asksServer else {
      if let type = try? await session.kinds?.resource(named: word) { return type }
      throw UsageError(
        "there is no kind \"\(word)\" here; with a cluster, any of its kinds can be read")
    }
    return try await kinds.resource(named: word)
  }

  private func validate(_ queries: [Query]) throws {
    guard queries.contains(where: { !$0.names.isEmpty }) else { return }
    if selection.labelSelector != nil || selection.fieldSelector != nil {
      throw UsageError("name cannot be provided when a selector is specified")
    }
    if showsNamespaces, queries.contains(where: { $0.resource.isNamespaced }) {
      throw UsageError("a resource cannot be retrieved by name across all namespaces")
    }
  }

  // MARK: - Tables

  private func printTables(
    _ queries: [Query],
    namespace: String?,
    _ session: ClusterSession,
    in surroundings: Surroundings
  ) async throws {
    let order = try options.sortBy.map(ObjectOrder.init)
    var tables: [ServerTable] = []
    var failures: [any Error] = []
    for query in queries {
      let (table, failed) = await ReadTables.run(
        query.resource, names: query.names, in: namespace, options: selection,
        whole: order != nil, on: session.cluster, server: session.server)
      failures += failed
      // A kind that nothing was found of still counts as one when all of it was asked for.
      guard !table.rows.isEmpty || query.names.isEmpty && failed.isEmpty else { continue }
      if let last = tables.indices.last, tables[last].resource == table.resource {
        tables[last].rows += table.rows
      } else {
        tables.append(table)
      }
    }
    let severalKinds = Set(tables.map(\.resource)).count > 1
    tables.removeAll { $0.rows.isEmpty }
    if let order {
      try order.check(tables.flatMap { $0.rows.map(\.object) })
    }
    for (index, table) in tables.enumerated() {
      if index > 0, headers {
        try surroundings.output.line("")
      }
      try print(table, order: order, severalKinds: severalKinds, in: surroundings)
    }
    if tables.isEmpty, failures.isEmpty, !options.ignoreNotFound {
      noteNothing(queries, namespace: namespace, in: surroundings)
    }
    try throwing(failures)
  }

  private func print(
    _ table: ServerTable,
    order: ObjectOrder?,
    severalKinds: Bool,
    in surroundings: Surroundings
  ) throws {
    var table = table
    if let order {
      table.rows = try order.sorted(table.rows) { $0.object }
    }
    let layout = layout(of: table.resource, severalKinds: severalKinds, in: surroundings)
    try surroundings.output.write(
      layout.table(table).rendered(wide: format == .wide, headers: headers, style: style))
  }

  func layout(
    of resource: ResourceType, severalKinds: Bool, in surroundings: Surroundings
  ) -> ServerTableLayout {
    ServerTableLayout(
      showsNamespaces: showsNamespaces && resource.isNamespaced,
      showsLabels: options.showLabels,
      prefix: severalKinds ? "\(resource.groupSingular)/" : "",
      now: surroundings.now()
    )
  }

  private func noteNothing(
    _ queries: [Query],
    namespace: String?,
    in surroundings: Surroundings
  ) {
    let isNamespaced = queries.allSatisfy(\.resource.isNamespaced)
    surroundings.note(
      isNamespaced
        ? namespace.map { "No resources found in \($0) namespace." } ?? "No resources found"
        : "No resources found")
  }

  // MARK: - Objects

  private func printObjects(
    _ queries: [Query],
    namespace: String?,
    on cluster: any Cluster,
    in surroundings: Surroundings
  ) async throws {
    var objects: [Value] = []
    var names: [String] = []
    var failures: [any Error] = []
    for query in queries {
      let place = query.resource.isNamespaced ? namespace : nil
      do {
        if query.names.isEmpty {
          let list = try await cluster.list(query.resource, namespace: place, options: selection)
          objects += list.items
          names += list.items.map { name(of: $0, query) }
        }
      } catch {
        failures.append(error)
      }
      for wanted in query.names {
        do {
          let object = try await cluster.get(query.resource, namespace: place, name: wanted)
          objects.append(object)
          names.append(name(of: object, query))
        } catch {
          failures.append(
            await MissingNamespace.reason(for: error, namespace: place, on: cluster))
        }
      }
    }
    if let order = try options.sortBy.map(ObjectOrder.init) {
      try order.check(objects)
      let sorted = try order.sorted(Array(zip(objects, names))) { $0.0 }
      objects = sorted.map(\.0)
      names = sorted.map(\.1)
    }
    let isSingle = queries.count == 1 && queries[0].names.count == 1
    guard !objects.isEmpty || !isSingle else { return try throwing(failures) }
    try print(objects, names: names, isSingle: isSingle, in: surroundings)
    try throwing(failures)
  }

  /// The failures that count.
  private func throwing(_ failures: [any Error]) throws {
    try SeveralFailures.throwing(options.counting(failures))
  }

  private func name(of object: Value, _ query: Query) -> String {
    "\(query.resource.groupSingular)/\(object["metadata"]?["name"]?.string ?? "")"
  }

  private func print(
    _ objects: [Value],
    names: [String],
    isSingle: Bool,
    in surroundings: Surroundings
  ) throws {
    if let template {
      // A template sees the managed fields too.
      return try template.print(
        objects, list: list(objects, isSingle: isSingle), headers: headers, to: surroundings.output)
    }
    switch format {
    case .json: try surroundings.print(list(objects.map(cleaned), isSingle: isSingle), as: .json)
    case .yaml: try surroundings.print(list(objects.map(cleaned), isSingle: isSingle), as: .yaml)
    case .name, .table, .wide:
      for name in names {
        try surroundings.output.line(name)
      }
    }
  }

  /// Prints one of the objects that a watch brings, each by itself.
  func printWatched(
    _ object: Value, of resource: ResourceType, isFirst: Bool, in surroundings: Surroundings
  ) throws {
    if let template {
      return try template.print(
        [object], list: object, headers: false, to: surroundings.output)
    }
    switch format {
    case .json: try surroundings.print(cleaned(object), as: .json)
    case .yaml:
      if !isFirst { try surroundings.output.line("---") }
      try surroundings.print(cleaned(object), as: .yaml)
    case .name, .table, .wide:
      try surroundings.output.line(
        "\(resource.groupSingular)/\(object["metadata"]?["name"]?.string ?? "")")
    }
  }

  private func list(_ objects: [Value], isSingle: Bool) -> Value {
    guard !isSingle else { return objects[0] }
    return [
      "apiVersion": "v1", "items": .array(objects), "kind": "List",
      "metadata": ["resourceVersion": ""],
    ]
  }

  private func cleaned(_ object: Value) -> Value {
    guard !showsManagedFields, var fields = object.object,
      var metadata = fields["metadata"]?.object
    else { return object }
    metadata.removeValue(forKey: "managedFields")
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }
}
