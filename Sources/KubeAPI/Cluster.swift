package import Document
package import Objects

/// What can be read of a cluster: all that most verbs ask for.
///
/// This and the protocols beside it name what a caller needs, each one thing. `APIClient` does all of
/// them; a snapshot reads and finds kinds; a recording or a fake does what it has. Nothing asks a
/// cluster what else it may be: callers that need more ask for more. Errors are `APIError`,
/// `TransportError` or `KubeconfigError`.
package protocol Cluster: Sendable {
  /// Whether each namespace is an object here: where it is not, a missing one proves nothing.
  var holdsNamespaces: Bool { get }

  /// Reads one object.
  ///
  /// - Parameter namespace: ignored for kinds without namespaces.
  func get(_ type: ResourceType, namespace: String?, name: String) async throws -> Value

  /// Reads a whole collection, in the server's order.
  ///
  /// - Parameter namespace: nil reads all namespaces.
  func list(
    _ type: ResourceType,
    namespace: String?,
    options: ListOptions
  ) async throws -> ObjectList

  /// Reads a collection page by page, in the server's order.
  ///
  /// When a continue token expires, the collection is read again as a whole and arrives as one page
  /// that `supersedesEarlier`: pages of two versions are never mixed.
  ///
  /// - Parameter namespace: nil reads all namespaces.
  func listPages(
    _ type: ResourceType,
    namespace: String?,
    options: ListOptions,
    onPage: (ListPage) async throws -> Void
  ) async throws
}

extension Cluster {
  package var holdsNamespaces: Bool { false }

  /// One page with everything, for clusters that have no pages.
  package func listPages(
    _ type: ResourceType,
    namespace: String?,
    options: ListOptions,
    onPage: (ListPage) async throws -> Void
  ) async throws {
    let list = try await list(type, namespace: namespace, options: options)
    try await onPage(ListPage(items: list.items, resourceVersion: list.resourceVersion))
  }
}

/// A cluster whose changes can be followed.
package protocol WatchingCluster: Cluster {
  /// Follows a collection until `onUpdate` stops it, throws, or the task is cancelled.
  ///
  /// - Parameter namespace: nil follows all namespaces.
  func watch(
    _ type: ResourceType,
    namespace: String?,
    options: WatchOptions,
    onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws
}

/// A cluster that can be changed.
package protocol WritableCluster: Cluster {
  /// Changes an object; sent once.
  func patch(
    _ type: ResourceType,
    namespace: String?,
    name: String,
    _ patch: Patch,
    options: WriteOptions
  ) async throws -> Value

  /// Creates an object; sent once. Reviews, which ask the server something, are made like this.
  func create(
    _ type: ResourceType,
    namespace: String?,
    _ object: Value,
    options: WriteOptions
  ) async throws -> Value

  /// Reads what stands at a path that is no object: `/version`, `/apis/GROUP`.
  func read(path: String) async throws -> Value
}

/// Knows which kinds there are: a server by discovery, a snapshot by what it contains.
package protocol DiscoveringCluster: Sendable {
  /// Whether an answer takes a request to a server.
  var asksServer: Bool { get }

  /// Finds the kind that a word of the command line means.
  ///
  /// - Throws: `APIError` of the kind `unknownResource` when there is none.
  func resource(named word: String) async throws -> ResourceType

  /// Everything that there is.
  func discover() async throws -> Discovery

  /// The names of the namespaces, in portions as they become known.
  func namespaces(onNames: ([String]) async throws -> Void) async throws
}

/// A cluster with a server behind it, which lays out objects of any kind in tables and answers for
/// any path.
package protocol ServerCluster: Cluster {
  /// Reads a collection as tables of the server's making, page by page; `superseding` means that
  /// what came before is void.
  func listTables(
    _ type: ResourceType,
    namespace: String?,
    options: ListOptions,
    includeObject: IncludeObject?,
    onTable: (_ table: Value, _ superseding: Bool) async throws -> Void
  ) async throws

  /// Reads one object as a table of one row.
  func getTable(
    _ type: ResourceType,
    namespace: String?,
    name: String,
    includeObject: IncludeObject?
  ) async throws -> Value

  /// Reads what a container has written, line by line.
  ///
  /// - Parameters:
  ///   - container: Nil where the pod has only one.
  ///   - sinceSeconds: How far to go back; nil for as far as it is kept.
  func podLog(
    of pod: ObjectID, container: String?, sinceSeconds: Int64?,
    onLine: (ArraySlice<UInt8>) async throws -> Void
  ) async throws

  /// Reads a path as it is.
  func raw(_ path: String, onBytes: ([UInt8]) async throws -> Void) async throws
}
