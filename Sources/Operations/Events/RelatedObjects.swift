package import FluxModel
package import KubeAPI
package import Objects

extension EventQuery {
  /// Asks for the events about the objects of these names in every namespace, and about nothing else.
  package static func everywhere(_ queries: [ObjectQuery], types: [String]) -> EventQuery {
    let subjects = queries.flatMap { query in
      query.names.map { ObjectID(query.resource, namespace: "", name: $0) }
    }
    var query = EventQuery(subjects: Set(subjects), namespace: nil, types: types)
    query.isEverywhere = true
    return query
  }

  /// Asks for the events about objects, and where wanted about all that their state depends on.
  ///
  /// - Parameters:
  ///   - namespace: Where the objects are.
  ///   - related: Nil for the rule: all for generators and artifacts, whose own events rarely show
  ///     the reason of their state; the sources alone for Kustomizations and HelmReleases, as
  ///     `flux events` has it.
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
    guard !wide.isEmpty else {
      guard related == nil else { return (query, []) }
      let sources = await RelatedObjects.sources(
        of: subjects.filter { $0.fluxKind?.isConsumer ?? false }, on: cluster)
      query.subjects?.formUnion(sources.found)
      return (query, sources.notes)
    }
    let loaded = await GraphLoader.load(from: cluster, fallback: namespace)
    // Whoever asks for events will meet it, too.
    if loaded.outage != nil { return (query, []) }
    query.subjects?.formUnion(RelatedObjects.of(wide, in: loaded.graph))
    return (query, ReadGap.lines(loaded.relevantNotes))
  }
}

/// What an object's state depends on and what depends on it: where the reason of a failure shows.
package enum RelatedObjects {
  /// What objects get their content from, all the way up; one read for each.
  ///
  /// - Returns: What could not be read, too. An object that is not there may still have events.
  static func sources(
    of subjects: [ObjectID], on cluster: any Cluster
  ) async -> (found: Set<ObjectID>, notes: [String]) {
    let reader = TraceReader(cluster)
    var found = Set(subjects)
    var level = subjects.compactMap { id in
      id.fluxKind.map { kind in
        ObjectReference(
          apiVersion: kind.apiVersion, kind: id.kind, namespace: id.namespace,
          name: id.name)
      }
    }
    while !level.isEmpty {
      let objects = await concurrently(level, width: level.count) { try? await reader.read($0) }
      level = objects.compactMap(\.self).flatMap { DeliveryLinks(of: $0).upstream }
        .filter { $0.role != .applies && found.insert($0.node).inserted }.map(\.object)
    }
    let failures = await reader.failures.filter { !TraceObject.isNotFound($0.value) }
    let notes = failures.sorted { $0.key < $1.key }.map {
      "the sources of \($0.key) are unknown: \($0.value)"
    }
    return (found.subtracting(subjects), notes)
  }

  /// The objects themselves, their sources all the way up, and their artifacts, consumers and what
  /// those applied all the way down.
  ///
  /// Who applied the manifests of an object says nothing about its state, and leads from anywhere to
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
