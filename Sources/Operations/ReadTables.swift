package import Document
package import KubeAPI
package import Objects

/// Rows of one kind as the server lays them out (`Table` of `meta/v1`).
package struct ServerTable: Sendable {
  package let resource: ResourceType
  package var columns: [ServerColumn] = []
  package var rows: [ServerRow] = []
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

/// Reads tables from a server.
package enum ReadTables {
  /// All objects of a kind, or those with the names; what fails does not keep the rest from being
  /// read.
  package static func run(
    _ resource: ResourceType,
    names: [String],
    in namespace: String?,
    options: ListOptions,
    whole: Bool,
    on cluster: any ServerCluster
  ) async -> (table: ServerTable, failures: [any Error]) {
    var table = ServerTable(resource: resource)
    var failures: [any Error] = []
    let include: IncludeObject? = whole ? .object : nil
    if names.isEmpty {
      do {
        try await cluster.listTables(
          resource, namespace: namespace, options: options, includeObject: include
        ) { page, superseding in
          if superseding {
            table.rows = []
          }
          table.add(page)
        }
      } catch {
        failures.append(error)
      }
    }
    for name in names {
      do {
        table.add(
          try await cluster.getTable(
            resource, namespace: namespace, name: name, includeObject: include))
      } catch {
        failures.append(error)
      }
    }
    return (table, failures)
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
