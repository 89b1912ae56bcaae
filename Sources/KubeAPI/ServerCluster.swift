package import Document
package import Objects

/// A cluster with a server behind it: it knows kinds that we do not, and prints them itself.
package protocol ServerCluster: WatchingCluster {
  /// Finds the kind that a word means among those that the server has.
  func resource(named word: String, cache: DiscoveryCache?) async throws -> ResourceType

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

  /// Reads a path as it is.
  func raw(_ path: String, onBytes: ([UInt8]) async throws -> Void) async throws
}

extension APIClient: ServerCluster {}
