package import Document
package import FluxModel
package import KubeAPI
package import Objects

/// Objects of one kind that somebody asks for: all of them, or those with certain names.
package struct ObjectQuery: Sendable, Hashable {
  package let match: KindMatch
  /// Empty to list.
  package let names: [String]

  package init(_ match: KindMatch, names: [String] = []) {
    self.match = match
    self.names = names
  }

  package var kind: FluxKind { match.kind }
  /// The kind's type in the version to read.
  package var resource: ResourceType { match.resource }
}

/// Objects of one kind, in the order of the server, or of the names that were asked for.
package struct ObjectGroup: Sendable {
  package let kind: FluxKind
  package let resource: ResourceType
  package var objects: [Value]
}

/// What a search brought to light, whole or in part.
package struct FoundObjects: Sendable {
  /// Without groups that are empty.
  package let groups: [ObjectGroup]
  /// What could not be read, in the order of the queries.
  package let failures: [any Error]

  package var objects: [Value] { groups.flatMap(\.objects) }
}

/// Reads objects from a cluster.
package enum FindObjects {
  /// Follows every query to its end: one that fails does not keep the others from being answered.
  ///
  /// - Parameters:
  ///   - namespace: Nil for every namespace.
  ///   - options: For lists only; a name is asked for as it is.
  package static func run(
    _ queries: [ObjectQuery],
    in namespace: String?,
    options: ListOptions,
    on cluster: any Cluster
  ) async -> FoundObjects {
    var groups: [ObjectGroup] = []
    var failures: [any Error] = []
    for query in queries {
      var group = ObjectGroup(kind: query.kind, resource: query.resource, objects: [])
      if query.names.isEmpty {
        do {
          group.objects = try await cluster.list(
            query.resource,
            namespace: namespace,
            options: options
          ).items
        } catch {
          failures.append(error)
        }
      }
      for name in query.names {
        do {
          group.objects.append(
            try await cluster.get(query.resource, namespace: namespace, name: name)
          )
        } catch {
          failures.append(error)
        }
      }
      add(group, to: &groups)
    }
    return FoundObjects(groups: groups, failures: failures)
  }

  /// Objects of one type that follow each other belong together.
  private static func add(_ group: ObjectGroup, to groups: inout [ObjectGroup]) {
    guard !group.objects.isEmpty else { return }
    if let last = groups.indices.last, groups[last].resource == group.resource {
      groups[last].objects += group.objects
    } else {
      groups.append(group)
    }
  }
}
