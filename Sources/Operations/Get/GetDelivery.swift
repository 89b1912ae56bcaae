package import Document
package import FluxModel
package import KubeAPI
package import Objects
package import Text

/// Reads objects together with what tells how fresh they are.
package struct GetDelivery: Sendable {
  /// Which of the objects that were found are wanted.
  package struct Filter: Sendable {
    package var status: StatusSelector?
    package var isSuspended = false
    package var isStale = false
    /// Whether only those consumers are wanted that use an ExternalArtifact.
    package var artifactConsumersOnly = false

    package init() {}

    /// Whether an object passes as far as it tells by itself.
    package func acceptsAlone(_ object: Value) -> Bool {
      guard let id = ObjectID(of: object) else { return false }
      if let status, !status.matches(object) { return false }
      if isSuspended,
        !Suspension.isSuspended(object, kind: id.fluxKind)
      {
        return false
      }
      return !artifactConsumersOnly || id.fluxKind?.isConsumer != true
        || DeliveryLinks(of: object).upstream.contains {
          $0.role == .delivers && $0.node.fluxKind == .externalArtifact
        }
    }
  }

  package struct Result: Sendable {
    package var found: FoundObjects
    /// Of those objects that have a freshness, when it was asked for.
    package var states: [ObjectID: ObjectState]
    package var notes: [String]
  }

  package var filter: Filter
  package var needsFreshness: Bool
  /// Whether a refusal to read one kind leaves the others: where a word stood for several kinds.
  package var toleratesRefusal: Bool

  package init(filter: Filter, needsFreshness: Bool, toleratesRefusal: Bool) {
    self.filter = filter
    self.needsFreshness = needsFreshness || filter.isStale
    self.toleratesRefusal = toleratesRefusal
  }

  /// - Parameters:
  ///   - namespace: Nil for every namespace.
  ///   - home: Where to read what may not be read everywhere, if refusals are tolerated.
  package func run(
    _ queries: [ObjectQuery],
    in namespace: String?,
    home: String,
    options: ListOptions,
    on cluster: any Cluster,
    now: Timestamp
  ) async -> Result {
    async let generators = publishers(of: queries, in: namespace, on: cluster)
    let whole = await FindObjects.run(queries, in: namespace, options: options, on: cluster)
    let (found, refusals) = await tolerated(
      whole, queries, in: namespace, home: home, options: options, on: cluster)
    var notes = refusals
    var groups = found.groups
    for index in groups.indices {
      groups[index].objects = groups[index].objects.filter(filter.acceptsAlone)
    }
    var states: [ObjectID: ObjectState] = [:]
    if needsFreshness {
      var reader = FreshnessReader(cluster)
      if let generators = await generators {
        reader.add(generators, all: .artifactGenerator, in: namespace)
      }
      let isSelecting = options.labelSelector != nil || options.fieldSelector != nil
      for query in queries
      where query.names.isEmpty && !isSelecting && whole.unlisted[query.kind] == nil {
        let objects = found.groups.filter { $0.kind == query.kind }.flatMap(\.objects)
        reader.add(objects, all: query.kind, in: namespace)
      }
      let graph = await reader.graph(judging: groups.flatMap(\.objects))
      for id in groups.flatMap(\.objects).compactMap(ObjectID.init(of:)) {
        states[id] = graph.state(of: id, now: now)
      }
      // That all of a kind is missing says that some of it is.
      notes += reader.notes.filter { note in !notes.contains { $0.kind == note.kind } }
    }
    for (index, group) in groups.enumerated() {
      if filter.isStale {
        groups[index].objects = group.objects.filter { object in
          let freshness = ObjectID(of: object).flatMap { states[$0]?.freshness }
          return freshness == .stale || freshness == .behind
        }
      }
      let isNamed = queries.contains { $0.resource == group.resource && !$0.names.isEmpty }
      if !isNamed { groups[index].objects.sort(by: Self.isBefore) }
    }
    return Result(
      found: FoundObjects(
        groups: groups.filter { !$0.objects.isEmpty }, failures: found.failures),
      states: states, notes: ReadGap.lines(notes))
  }

  /// What is left when refusals are turned into notes: for one word that stands for several kinds,
  /// what may be read is worth showing.
  private func tolerated(
    _ found: FoundObjects, _ queries: [ObjectQuery], in namespace: String?, home: String,
    options: ListOptions, on cluster: any Cluster
  ) async -> (FoundObjects, [ReadGap]) {
    guard toleratesRefusal else { return (found, []) }
    let forbidden = queries.filter { (found.unlisted[$0.kind] as? APIError)?.isForbidden == true }
    let again =
      namespace == nil
      ? await FindObjects.run(forbidden, in: home, options: options, on: cluster)
      : FoundObjects(groups: [], failures: [], unlisted: found.unlisted)
    let order = queries.map(\.kind)
    let groups = (found.groups + again.groups).sorted {
      order.firstIndex(of: $0.kind) ?? 0 < order.firstIndex(of: $1.kind) ?? 0
    }
    guard !groups.isEmpty || found.failures.count < queries.count else { return (found, []) }
    let notes = FluxKind.allCases.compactMap { kind -> ReadGap? in
      guard let error = found.unlisted[kind], Self.isRefusal(error) else { return nil }
      let isNarrower =
        namespace == nil && again.unlisted[kind] == nil && forbidden.contains { $0.kind == kind }
      return ReadGap(
        kind: kind, namespace: namespace, cause: ReadGap.Cause(error),
        onlyRead: isNarrower ? home : nil)
    }
    return (
      FoundObjects(groups: groups, failures: found.failures.filter { !Self.isRefusal($0) }), notes
    )
  }

  /// The generators of the artifacts that are listed, which is where artifacts get their state from:
  /// source-watcher publishes into the generator's own namespace.
  ///
  /// - Returns: Nil when they are not needed, and when they may not be listed.
  private func publishers(
    of queries: [ObjectQuery], in namespace: String?, on cluster: any Cluster
  ) async -> [Value]? {
    guard needsFreshness, !queries.contains(where: { $0.kind == .artifactGenerator }),
      queries.contains(where: { $0.kind == .externalArtifact && $0.names.isEmpty })
    else { return nil }
    return try? await cluster.list(
      FluxKind.artifactGenerator.resource, namespace: namespace, options: ListOptions()
    ).items
  }

  private static func isRefusal(_ error: any Error) -> Bool {
    guard let error = error as? APIError else { return false }
    return error.isForbidden || error.isNotFound
  }

  private static func isBefore(_ left: Value, _ right: Value) -> Bool {
    let order = compareUTF8(left.namespace ?? "", right.namespace ?? "")
    return order == 0 ? compareUTF8(left.name ?? "", right.name ?? "") < 0 : order < 0
  }
}
