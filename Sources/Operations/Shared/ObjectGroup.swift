package import Document
package import FluxModel
import KubeAPI
package import Objects

/// Requested objects of one kind: all of them, or those with certain names.
package struct ObjectQuery: Sendable, Hashable {
  /// In the version to read.
  package let resource: ResourceType
  /// Empty to list.
  package let names: [String]

  package init(_ resource: ResourceType, names: [String] = []) {
    self.resource = resource
    self.names = names
  }

  /// Nil for kinds that are not Flux's.
  package var kind: FluxKind? { resource.fluxKind }
}

extension ResourceType {
  /// Nil for kinds that are not Flux's.
  package var fluxKind: FluxKind? { FluxKind(group: group, kind: kind) }

  /// The shortest word that names the kind.
  package var shortestName: String { fluxKind?.shortestName ?? shortNames.first ?? singular }
}

/// Objects of one kind, in the order of the server, or of the names that were asked for.
package struct ObjectGroup: Sendable {
  package let resource: ResourceType
  /// As the server lays the kind out (`Table` of `meta/v1`); empty where the rows are whole objects.
  package var columns: [Column] = []
  package var rows: [Row] = []

  package struct Column: Sendable, Hashable {
    package let name: String
    /// Not shown unless the table is wide.
    package let isWide: Bool
  }

  package struct Row: Sendable {
    /// One for each column.
    package let cells: [Value]
    /// The object, or as much of it as was asked for.
    package let object: Value

    package init(cells: [Value] = [], object: Value) {
      self.cells = cells
      self.object = object
    }
  }

  package init(_ resource: ResourceType, columns: [Column] = [], objects: [Value] = []) {
    self.resource = resource
    self.columns = columns
    rows = objects.map { Row(object: $0) }
  }

  /// Nil for kinds that are not Flux's.
  package var kind: FluxKind? { resource.fluxKind }

  package var objects: [Value] { rows.map(\.object) }

  /// Takes a page of a table; a server that makes no tables answers with objects, which become rows of
  /// a name and an age.
  package mutating func add(table page: Value) {
    guard page["kind"]?.string == "Table" else {
      if columns.isEmpty {
        columns = [Column(name: "Name", isWide: false), Column(name: "Age", isWide: false)]
      }
      rows += (page["items"]?.array ?? [page]).map { object in
        let metadata = object.metadata
        return Row(
          cells: [metadata?["name"] ?? .null, metadata?["creationTimestamp"] ?? .null],
          object: object)
      }
      return
    }
    // Only the first page of a list, and the first event of a watch, say what the columns are.
    if columns.isEmpty, let definitions = page["columnDefinitions"]?.array {
      columns = definitions.map { definition in
        Column(
          name: definition["name"]?.string ?? "",
          isWide: (definition["priority"]?.integer ?? 0) != 0)
      }
    }
    rows += (page["rows"]?.array ?? []).map { row in
      Row(cells: row["cells"]?.array ?? [], object: row["object"] ?? .null)
    }
  }
}

/// Distinguishes a missing object from a missing namespace, as kubectl does
/// (`cli-runtime/pkg/resource/visitor.go`).
enum MissingNamespace {
  /// Reads an object.
  ///
  /// - Throws: `APIError`, where the namespace is missing of that.
  static func object(
    _ id: ObjectID, of kind: FluxKind, on cluster: any Cluster
  ) async throws -> Value {
    do {
      return try await cluster.get(kind.resource, namespace: id.namespace, name: id.name)
    } catch {
      throw await reason(for: error, namespace: id.namespace, on: cluster)
    }
  }

  /// The error to show in place of another one about an object of the namespace.
  static func reason(
    for error: any Error, namespace: String?, on cluster: any Cluster
  ) async -> any Error {
    guard let namespace, (error as? APIError)?.isNotFound == true else { return error }
    return await absence(of: namespace, on: cluster) ?? error
  }

  /// That a namespace does not exist; nil where it does, and where that cannot be known.
  static func absence(of namespace: String, on cluster: any Cluster) async -> APIError? {
    guard namespace != "default", cluster.holdsNamespaces,
      let type = BuiltInKinds.type(named: "namespace")
    else { return nil }
    do {
      _ = try await cluster.get(type, namespace: nil, name: namespace)
    } catch let error as APIError where error.isNotFound {
      return error
    } catch {
      // A user without permission to read namespaces still learns of what is in them.
    }
    return nil
  }
}
