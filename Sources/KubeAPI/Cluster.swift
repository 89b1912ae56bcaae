package import Document
package import Objects

/// A cluster, as far as the commands need one.
///
/// `APIClient` is the real one; a snapshot or a recording conforms as well. Errors are `APIError`,
/// `TransportError` or `KubeconfigError`.
package protocol Cluster: Sendable {
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

/// Which objects of a collection are meant.
package struct ListOptions: Sendable, Hashable {
  /// Sent as typed; the server judges.
  package var labelSelector: String?
  package var fieldSelector: String?
  /// Objects a page; 0 asks for everything at once.
  package var pageSize = 500

  package init(labelSelector: String? = nil, fieldSelector: String? = nil, pageSize: Int = 500) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.pageSize = pageSize
  }
}

/// Some objects of a collection.
package struct ListPage: Sendable {
  package var items: [Value]
  /// The version of the collection, where a watch can start.
  package var resourceVersion: String
  /// Whether what came before is void, because the server could not go on from there.
  package var supersedesEarlier: Bool

  package init(items: [Value], resourceVersion: String, supersedesEarlier: Bool = false) {
    self.items = items
    self.resourceVersion = resourceVersion
    self.supersedesEarlier = supersedesEarlier
  }
}

/// A whole collection.
package struct ObjectList: Sendable {
  package var items: [Value]
  package var resourceVersion: String

  package init(items: [Value], resourceVersion: String) {
    self.items = items
    self.resourceVersion = resourceVersion
  }
}
