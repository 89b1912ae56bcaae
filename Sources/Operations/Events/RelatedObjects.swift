package import FluxModel
package import KubeAPI
package import Objects

extension EventQuery {
  /// Asks for the events about objects, and where wanted about all that their state depends on.
  ///
  /// - Parameters:
  ///   - namespace: Where the objects are.
  ///   - related: Nil for the rule: of generators and artifacts, whose own events rarely tell the
  ///     reason of their state.
  /// - Returns: What could not be read, too.
  package static func about(
    _ queries: [ObjectQuery], in namespace: String, related: Bool?, types: [String],
    on cluster: any Cluster
  ) async -> (query: EventQuery, notes: [String]) {
    let subjects = queries.flatMap { query in
      query.names.map { name in
        ObjectID(
          query.resource, namespace: query.resource.isNamespaced ? namespace : "", name: name)
      }
    }
    let wide = subjects.filter {
      related ?? ($0.fluxKind == .artifactGenerator || $0.fluxKind == .externalArtifact)
    }
    var query = EventQuery(subjects: Set(subjects), namespace: nil, types: types)
    guard !wide.isEmpty else { return (query, []) }
    let loaded = await GraphLoader.load(from: cluster, fallback: namespace)
    query.subjects?.formUnion(RelatedObjects.of(wide, in: loaded.graph))
    return (query, ReadGap.lines(loaded.relevantNotes))
  }
}

/// What an object's state depends on and what depends on it: where the reason of a failure shows.
package enum RelatedObjects {
  /// The objects themselves, their sources all the way up, and their artifacts, consumers and what
  /// those applied all the way down.
  ///
  /// Who applied the manifests of an object tells nothing of its state, and leads from anywhere to
  /// everything by way of the root Kustomization: those edges are followed downwards only, from a
  /// consumer to what it applied, and no further. Of an object that is not Flux's, who applied it is
  /// what it depends on.
  package static func of(_ subjects: [ObjectID], in graph: DeliveryGraph) -> Set<ObjectID> {
    var found = Set(subjects)
    var waiting = subjects
    while let id = waiting.popLast() {
      for link in graph.upstream(of: id) where link.role != .applies || id.fluxKind == nil {
        if found.insert(link.id).inserted { waiting.append(link.id) }
      }
    }
    var seen = Set(subjects)
    waiting = subjects
    while let id = waiting.popLast() {
      for link in graph.downstream(of: id) {
        found.insert(link.id)
        if link.role != .applies, seen.insert(link.id).inserted { waiting.append(link.id) }
      }
    }
    return found
  }
}
