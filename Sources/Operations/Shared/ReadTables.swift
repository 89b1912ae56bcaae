package import Document
package import KubeAPI
package import Objects

/// Rows of one kind as the server lays them out (`Table` of `meta/v1`).
package struct ServerTable: Sendable {
  package let resource: ResourceType
  package var columns: [ServerColumn] = []
  package var rows: [ServerRow] = []

  package init(resource: ResourceType, columns: [ServerColumn] = []) {
    self.resource = resource
    self.columns = columns
  }
}

package struct ServerColumn: Sendable, Hashable {
  package let name: String
  /// Not shown unless the table is wide.
  package let isWide: Bool
}

package struct ServerRow: Sendable {
  package let cells: [Value]
  /// The object, or as much of it as was asked for.
  package let object: Value
}

/// Reads tables from a server, or makes them of what another cluster has.
package enum ReadTables {
  /// All objects of a kind, or those with the names; what fails does not keep the rest from being
  /// read.
  ///
  /// - Parameters:
  ///   - namespace: Nil for every namespace.
  ///   - server: Nil where nobody makes tables.
  ///   - whole: Whether each row comes with its whole object, not only with the metadata.
  package static func run(
    _ resource: ResourceType,
    names: [String],
    in namespace: String?,
    options: ListOptions,
    whole: Bool,
    on cluster: any Cluster,
    server: (any ServerCluster)?
  ) async -> (table: ServerTable, failures: [any Error]) {
    var table = ServerTable(resource: resource)
    var failures: [any Error] = []
    if names.isEmpty {
      do {
        try await list(
          into: &table, in: namespace, options: options, whole: whole,
          on: cluster, server)
      } catch {
        failures.append(error)
      }
    }
    for name in names {
      do {
        try await add(name, to: &table, in: namespace, whole: whole, on: cluster, server)
      } catch {
        let place = resource.isNamespaced ? namespace : nil
        failures.append(await MissingNamespace.reason(for: error, namespace: place, on: cluster))
      }
    }
    return (table, failures)
  }

  private static func list(
    into table: inout ServerTable,
    in namespace: String?,
    options: ListOptions,
    whole: Bool,
    on cluster: any Cluster,
    _ server: (any ServerCluster)?
  ) async throws {
    let resource = table.resource
    guard let server else {
      let list = try await cluster.list(resource, namespace: namespace, options: options)
      return table.add(["items": .array(list.items)])
    }
    // The columns and rows of a kind that fails half-way are void.
    var read = table
    try await server.listTables(
      resource, namespace: namespace, options: options, includeObject: whole ? .object : nil
    ) { page, superseding in
      if superseding {
        read.rows = []
      }
      read.add(page)
    }
    table = read
  }

  private static func add(
    _ name: String,
    to table: inout ServerTable,
    in namespace: String?,
    whole: Bool,
    on cluster: any Cluster,
    _ server: (any ServerCluster)?
  ) async throws {
    let resource = table.resource
    guard let server else {
      return table.add(try await cluster.get(resource, namespace: namespace, name: name))
    }
    table.add(
      try await server.getTable(
        resource, namespace: namespace, name: name, includeObject: whole ? .object : nil))
  }
}

/// Tells an object that is not there from a namespace that is not there, as kubectl does
/// (`cli-runtime/pkg/resource/visitor.go`).
package enum MissingNamespace {
  private static let resource = ResourceType(
    group: "", version: "v1", kind: "Namespace", plural: "namespaces", singular: "namespace",
    isNamespaced: false)

  /// The error to show in place of another one about an object of the namespace.
  package static func reason(
    for error: any Error,
    namespace: String?,
    on cluster: any Cluster
  ) async -> any Error {
    guard let namespace, namespace != "default", cluster.holdsNamespaces,
      (error as? APIError)?.isNotFound == true
    else { return error }
    do {
      _ = try await cluster.get(resource, namespace: nil, name: namespace)
    } catch let other as APIError where other.isNotFound {
      return other
    } catch {
      // Whoever may not look at namespaces still learns of the object.
    }
    return error
  }
}

extension ServerTable {
  /// Takes a page of rows; a server that makes no tables answers with objects, which become rows of
  /// a name and an age.
  package mutating func add(_ page: Value) {
    guard page["kind"]?.string == "Table" else {
      let objects = page["items"]?.array ?? [page]
      if columns.isEmpty {
        columns = [
          ServerColumn(name: "Name", isWide: false), ServerColumn(name: "Age", isWide: false),
        ]
      }
      rows += objects.map { object in
        ServerRow(
          cells: [
            object["metadata"]?["name"] ?? .null,
            object["metadata"]?["creationTimestamp"] ?? .null,
          ],
          object: object)
      }
      return
    }
    // Only the first page of a list, and the first event of a watch, say what the columns are.
    if columns.isEmpty, let definitions = page["columnDefinitions"]?.array {
      columns = definitions.map { definition in
        ServerColumn(
          name: definition["name"]?.string ?? "",
          isWide: (definition["priority"]?.integer ?? 0) != 0)
      }
    }
    for row in page["rows"]?.array ?? [] {
      rows.append(ServerRow(cells: row["cells"]?.array ?? [], object: row["object"] ?? .null))
    }
  }
}
