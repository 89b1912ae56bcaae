package import Document
import HTTP
package import Objects

/// How much of each object a table of the server carries in its rows.
package enum IncludeObject: String, Sendable {
  case metadata = "Metadata"
  case object = "Object"
}

extension APIClient {
  /// What kubectl asks for when it prints columns of the server's choice.
  static let tableAccept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"

  /// Reads a collection as tables (`Table` of `meta/v1`), page by page.
  ///
  /// A server that makes no tables of a kind answers with an ordinary list: look at the `kind` of
  /// each page.
  ///
  /// - Parameter onTable: gets each page and whether it supersedes the earlier ones.
  package func listTables(
    _ type: ResourceType,
    namespace: String?,
    options: ListOptions = ListOptions(),
    includeObject: IncludeObject? = nil,
    onTable: (Value, Bool) async throws -> Void
  ) async throws {
    var query = Query()
    query.add("includeObject", includeObject?.rawValue)
    let path = try ResourcePath.path(type, namespace: namespace)
    try await collection(
      path, type, options, headers: ["Accept": Self.tableAccept], extra: query, onPage: onTable)
  }

  /// Reads one object as a table of one row, or as itself from a server that makes no tables.
  package func getTable(
    _ type: ResourceType,
    namespace: String?,
    name: String,
    includeObject: IncludeObject? = nil
  ) async throws -> Value {
    var query = Query()
    query.add("includeObject", includeObject?.rawValue)
    let path = try ResourcePath.path(type, namespace: namespace, name: name)
    return try await object(
      .get, path, query, headers: ["Accept": Self.tableAccept],
      what: "\(type.groupResource) \(name)")
  }
}
