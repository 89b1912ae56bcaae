import Document
import KubeAPI
import Objects
import Operations
import Presentation

/// `get --watch` of whatever the server has: the objects as they are, and again whenever they
/// change, as kubectl prints them.
struct ServerWatch: Sendable {
  /// In kubectl's words.
  static let unsorted =
    "warning: --watch requested, --sort-by will be ignored for watch events received"

  let get: ServerGet

  func run(
    _ queries: [ServerGet.Query],
    namespace: String?,
    _ session: ClusterSession,
    in surroundings: Surroundings
  ) async throws {
    guard queries.count == 1, let query = queries.first else {
      throw UsageError("you may only specify a single resource type")
    }
    guard query.names.count <= 1 else {
      throw UsageError("you may only watch a single resource or type of resource at a time")
    }
    let cluster = try session.watches
    if get.options.sortBy != nil {
      surroundings.note(Self.unsorted)
    }
    let place = query.resource.isNamespaced ? namespace : nil
    var selection = get.selection
    if let name = query.names.first {
      // As without --watch: an object that is not there is an error.
      do {
        _ = try await cluster.get(query.resource, namespace: place, name: name)
      } catch {
        throw await MissingNamespace.reason(for: error, namespace: place, on: cluster)
      }
      selection.fieldSelector = "metadata.name=\(name)"
    }
    if get.template == nil, get.format.isForPeople, let server = session.server {
      try await followTables(
        query.resource, in: place, selection: selection, on: cluster, server, surroundings)
    } else {
      try await followObjects(
        query.resource, in: place, selection: selection, on: cluster, surroundings)
    }
  }

  // MARK: - Tables

  private func followTables(
    _ resource: ResourceType,
    in namespace: String?,
    selection: ListOptions,
    on cluster: any WatchingCluster,
    _ server: any ServerCluster,
    _ surroundings: Surroundings
  ) async throws {
    var shown = ShownRows(get: get, resource: resource)
    var options = WatchOptions(
      labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector,
      asTables: true)
    options.resourceVersion = try await printList(
      &shown, in: namespace, selection: selection, on: server, surroundings)
    try await cluster.watch(resource, namespace: namespace, options: options) { update in
      switch update {
      case .snapshot:
        // The server forgot what happened since. What it has now comes as a table once more; what
        // changes meanwhile is in both, and is printed once.
        _ = try await printList(
          &shown, in: namespace, selection: selection, on: server, surroundings)
      case .added(let table), .modified(let table), .deleted(let table):
        try shown.print([table], surroundings)
      case .interrupted(let error):
        surroundings.warn("\(error); connecting again")
      }
      return .next
    }
  }

  /// - Returns: the version of the list.
  private func printList(
    _ shown: inout ShownRows,
    in namespace: String?,
    selection: ListOptions,
    on server: any ServerCluster,
    _ surroundings: Surroundings
  ) async throws -> String? {
    var pages: [Value] = []
    try await server.listTables(
      shown.resource, namespace: namespace, options: selection,
      includeObject: get.options.sortBy == nil ? nil : .object
    ) { page, superseding in
      if superseding { pages = [] }
      pages.append(page)
    }
    try shown.print(pages, ordered: true, surroundings)
    return pages.last?.resourceVersion
  }

  // MARK: - Objects

  private func followObjects(
    _ resource: ResourceType,
    in namespace: String?,
    selection: ListOptions,
    on cluster: any WatchingCluster,
    _ surroundings: Surroundings
  ) async throws {
    let options = WatchOptions(
      labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector)
    var seen = SeenVersions()
    var shown = ShownObjects(get: get, resource: resource)
    try await cluster.watch(resource, namespace: namespace, options: options) { update in
      var objects: [Value] = []
      switch update {
      case .snapshot(let list): objects = list.items.filter { seen.isNew($0) }
      case .added(let object), .modified(let object), .deleted(let object):
        if seen.isNew(object) { objects = [object] }
      case .interrupted(let error): surroundings.warn("\(error); connecting again")
      }
      try shown.print(objects, surroundings)
      return .next
    }
  }
}

/// The objects that a watch brings, each by itself.
private struct ShownObjects {
  let get: ServerGet
  let resource: ResourceType
  private var isFirst = true
  /// For columns, whose widths stay.
  private var table: GrowingTable?

  init(get: ServerGet, resource: ResourceType) {
    self.get = get
    self.resource = resource
    if case .columns(let columns) = get.template {
      table = GrowingTable(
        columns: columns.headings, wide: true, headers: get.headers, style: get.style)
    }
  }

  mutating func print(_ objects: [Value], _ surroundings: Surroundings) throws {
    if case .columns(let columns) = get.template {
      let rows = try objects.map { object in
        do {
          return try columns.cells(of: object)
        } catch {
          throw TemplateError("\(error)")
        }
      }
      try surroundings.output.write(table?.text(for: rows) ?? "")
    } else {
      for object in objects {
        try get.printWatched(object, of: resource, isFirst: isFirst, in: surroundings)
        isFirst = false
      }
    }
    try surroundings.output.flush()
  }
}

/// Which version of each object has been shown, so that lists after a lost connection repeat
/// nothing.
struct SeenVersions {
  private struct Key: Hashable {
    let namespace: String
    let name: String
  }

  private var versions: [Key: String] = [:]

  mutating func isNew(_ object: Value) -> Bool {
    let metadata = object["metadata"]
    let key = Key(
      namespace: metadata?["namespace"]?.string ?? "", name: metadata?["name"]?.string ?? "")
    let version = metadata?["resourceVersion"]?.string ?? ""
    guard !version.isEmpty else { return true }
    return versions.updateValue(version, forKey: key) != version
  }
}

/// The rows of a table that grows.
private struct ShownRows {
  let get: ServerGet
  let resource: ResourceType
  private var seen = SeenVersions()
  /// Made when the first rows say what the columns are.
  private var table: GrowingTable?
  private var columns: [ServerColumn] = []

  init(get: ServerGet, resource: ResourceType) {
    self.get = get
    self.resource = resource
  }

  mutating func print(
    _ pages: [Value], ordered: Bool = false, _ surroundings: Surroundings
  ) throws {
    // Only the first page of a list and the first event of a connection name the columns.
    var news = ServerTable(resource: resource, columns: columns)
    for page in pages { news.add(page) }
    columns = news.columns
    news.rows.removeAll { !seen.isNew($0.object) }
    guard !news.rows.isEmpty else { return }
    if ordered, let order = try get.options.sortBy.map(ObjectOrder.init) {
      try order.check(news.rows.map(\.object))
      news.rows = try order.sorted(news.rows) { $0.object }
    }
    let layout = get.layout(of: resource, severalKinds: false, in: surroundings)
    var growing =
      table
      ?? GrowingTable(
        columns: layout.columns(of: news), wide: get.format == .wide, headers: get.headers,
        style: get.style)
    try surroundings.output.write(
      growing.text(for: news.rows.map { layout.cells(of: $0, in: news) }))
    table = growing
    try surroundings.output.flush()
  }
}
