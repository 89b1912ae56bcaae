import Document
package import KubeAPI
import Objects

/// `get --watch` of a kind that only the server knows: its rows as the server lays them out, and
/// again whenever they change, as kubectl prints them.
package struct WatchTables: Sendable {
  package enum Update: Sendable {
    /// `isList`: Whether they are a list of what there is, not changes.
    case rows(ObjectGroup, WatchedChange, isList: Bool)
    case warning(String)
  }

  private let resource: ResourceType
  private let namespace: String?
  private let options: ListOptions
  private let whole: Bool

  /// - Parameters:
  ///   - namespace: Nil for every namespace.
  ///   - whole: Whether each row of a list comes with its whole object.
  package init(
    _ query: ObjectQuery, in namespace: String?, options: ListOptions, whole: Bool
  ) {
    resource = query.resource
    self.namespace = query.resource.isNamespaced ? namespace : nil
    self.whole = whole
    var options = options
    if let name = query.names.first { options.fieldSelector = "metadata.name=\(name)" }
    self.options = options
  }

  package func run(
    on cluster: any WatchingCluster, _ server: any ServerCluster,
    onUpdate: (Update) throws -> Void
  ) async throws {
    var seen = SeenVersions()
    var columns: [ObjectGroup.Column] = []
    func show(_ pages: [Value], _ change: WatchedChange, isList: Bool) throws {
      // Only the first page of a list and the first event of a connection name the columns.
      var news = ObjectGroup(resource, columns: columns)
      for page in pages { news.add(table: page) }
      columns = news.columns
      news.rows.removeAll { !seen.isNew($0.object) }
      if !news.rows.isEmpty { try onUpdate(.rows(news, change, isList: isList)) }
    }
    func list() async throws -> String? {
      var pages: [Value] = []
      try await server.listTables(
        resource, namespace: namespace, options: options, includeObject: whole ? .object : nil
      ) { page, superseding in
        if superseding { pages = [] }
        pages.append(page)
      }
      try show(pages, .added, isList: true)
      return pages.last?.resourceVersion
    }
    var watching = WatchOptions(
      labelSelector: options.labelSelector, fieldSelector: options.fieldSelector, asTables: true)
    watching.resourceVersion = try await list()
    try await cluster.watch(resource, namespace: namespace, options: watching) { update in
      switch update {
      case .snapshot:
        // The server forgot what happened since. What it has now comes as a table once more; what
        // changes meanwhile is in both, and is printed once.
        _ = try await list()
      case .added(let table): try show([table], .added, isList: false)
      case .modified(let table): try show([table], .modified, isList: false)
      case .deleted(let table): try show([table], .deleted, isList: false)
      case .interrupted(let error): try onUpdate(.warning("\(error); reconnecting"))
      }
      return .next
    }
  }
}
