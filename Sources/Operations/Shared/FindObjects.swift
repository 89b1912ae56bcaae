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
  /// Those of the failures that left nothing of a kind.
  package let unlisted: [FluxKind: any Error]

  package init(
    groups: [ObjectGroup], failures: [any Error], unlisted: [FluxKind: any Error] = [:]
  ) {
    self.groups = groups
    self.failures = failures
    self.unlisted = unlisted
  }

  package var objects: [Value] { groups.flatMap(\.objects) }
}

/// Reads objects from a cluster, several requests at once.
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
    // A list for each kind is a dozen at most; a server answers them as fast as one.
    let answers = await concurrently(queries, width: queries.count) { query in
      await read(query, in: namespace, options: options, on: cluster)
    }
    var groups: [ObjectGroup] = []
    var failures: [any Error] = []
    var unlisted: [FluxKind: any Error] = [:]
    for (query, answer) in zip(queries, answers) {
      var group = ObjectGroup(kind: query.kind, resource: query.resource, objects: [])
      for part in answer {
        switch part {
        case .success(let objects): group.objects += objects
        case .failure(let error):
          failures.append(error)
          if query.names.isEmpty { unlisted[query.kind] = error }
        }
      }
      add(group, to: &groups)
    }
    return FoundObjects(groups: groups, failures: failures, unlisted: unlisted)
  }

  /// The list, or an answer for each name.
  private static func read(
    _ query: ObjectQuery,
    in namespace: String?,
    options: ListOptions,
    on cluster: any Cluster
  ) async -> [Result<[Value], any Error>] {
    guard query.names.isEmpty else {
      return await concurrently(query.names) { name in
        do {
          return .success([
            try await cluster.get(query.resource, namespace: namespace, name: name)
          ])
        } catch {
          return .failure(
            await MissingNamespace.reason(for: error, namespace: namespace, on: cluster))
        }
      }
    }
    do {
      let list = try await cluster.list(query.resource, namespace: namespace, options: options)
      return [.success(list.items)]
    } catch {
      return [.failure(error)]
    }
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
