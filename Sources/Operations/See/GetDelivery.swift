package import Document
package import FluxModel
package import KubeAPI
import Objects

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

    var needsGraph: Bool { isStale }

    /// Whether an object passes as far as it tells by itself.
    package func acceptsAlone(_ object: Value) -> Bool {
      guard let id = NodeID(of: object) else { return false }
      if let status, !status.matches(object) { return false }
      if isSuspended,
        !(id.fluxKind.map { Suspension.isSuspended(object, kind: $0) } ?? false)
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
    package var freshness: [NodeID: Freshness]
    package var notes: [String]
  }

  package var filter: Filter
  package var needsFreshness: Bool
  /// Whether a refusal to read one kind leaves the others: where a word stood for several kinds.
  package var toleratesRefusal: Bool

  package init(filter: Filter, needsFreshness: Bool, toleratesRefusal: Bool) {
    self.filter = filter
    self.needsFreshness = needsFreshness || filter.needsGraph
    self.toleratesRefusal = toleratesRefusal
  }

  /// - Parameters:
  ///   - namespace: Nil for every namespace.
  ///   - home: The namespace to fall back to for users who may not read all.
  package func run(
    _ queries: [ObjectQuery],
    in namespace: String?,
    home: String,
    options: ListOptions,
    on cluster: any Cluster,
    now: Timestamp
  ) async -> Result {
    async let graph = loadedGraph(queries, home: home, on: cluster)
    let found = await FindObjects.run(queries, in: namespace, options: options, on: cluster)
    let loaded = await graph
    var freshness: [NodeID: Freshness] = [:]
    var groups: [ObjectGroup] = []
    for var group in found.groups {
      let isNamed = queries.contains { $0.resource == group.resource && !$0.names.isEmpty }
      group.objects = group.objects.filter { object in
        guard let id = NodeID(of: object) else { return false }
        if let state = loaded?.graph.freshness(of: id, now: now) { freshness[id] = state }
        return accepts(object, freshness[id])
      }
      if !isNamed { group.objects.sort(by: Self.isBefore) }
      if !group.objects.isEmpty { groups.append(group) }
    }
    var notes = (loaded?.notes ?? []).map(\.description)
    var failures = found.failures
    if toleratesRefusal, failures.count < queries.count {
      let refusals = failures.filter(Self.isRefusal)
      failures.removeAll(where: Self.isRefusal)
      // The graph has said the same of the same kinds.
      if loaded == nil { notes += refusals.map { "\($0)" } }
    }
    return Result(
      found: FoundObjects(groups: groups, failures: failures), freshness: freshness, notes: notes)
  }

  private func accepts(_ object: Value, _ freshness: Freshness?) -> Bool {
    guard filter.acceptsAlone(object) else { return false }
    return !filter.isStale || freshness?.isStale == true || freshness?.isBehind == true
  }

  /// Of every namespace: a generator may draw on sources of others.
  private func loadedGraph(
    _ queries: [ObjectQuery], home: String, on cluster: any Cluster
  ) async -> LoadedGraph? {
    guard needsFreshness else { return nil }
    let wanted = Set(queries.map(\.kind))
    guard !wanted.isDisjoint(with: Self.freshKinds) else { return nil }
    let needed: Set<FluxKind> = [
      .gitRepository, .ociRepository, .bucket, .helmChart, .artifactGenerator, .externalArtifact,
    ]
    let kinds = FluxKind.allCases.filter(needed.union(wanted).contains)
    return await GraphLoader.load(from: cluster, namespace: nil, fallback: home, kinds: kinds)
  }

  private static let freshKinds: Set<FluxKind> = [
    .artifactGenerator, .externalArtifact, .kustomization, .helmRelease,
  ]

  private static func isRefusal(_ error: any Error) -> Bool {
    guard let error = error as? APIError else { return false }
    return error.isForbidden || error.isNotFound
  }

  private static func isBefore(_ left: Value, _ right: Value) -> Bool {
    let order = compareUTF8(left.namespace ?? "", right.namespace ?? "")
    return order == 0 ? compareUTF8(left.name ?? "", right.name ?? "") < 0 : order < 0
  }
}
