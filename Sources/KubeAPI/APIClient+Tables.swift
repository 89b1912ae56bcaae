package import Document
package import Objects

extension APIClient {
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
    let request = try APIRequest.list(type, namespace: namespace, options).asTable(includeObject)
    try await collection(request, type, options, onPage: onTable)
  }

  /// Reads one object as a table of one row, or as itself from a server that makes no tables.
  package func getTable(
    _ type: ResourceType,
    namespace: String?,
    name: String,
    includeObject: IncludeObject? = nil
  ) async throws -> Value {
    try await object(.get(type, namespace: namespace, name: name).asTable(includeObject))
  }
}
