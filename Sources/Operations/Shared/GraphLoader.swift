package import Document
package import FluxModel
package import KubeAPI
import Objects

/// A graph, the objects that it was made from, and what is missing in it.
package struct LoadedGraph: Sendable {
  package let graph: DeliveryGraph
  package let objects: [Value]
  /// In the order of ``FluxKind``.
  package let notes: [GraphNote]
  /// The failures behind the notes that leave nothing at all of a kind.
  package let failures: [FluxKind: any Error]
  fileprivate let presence: @Sendable (ObjectID) -> DeliveryGraph.Presence

  /// The graph with objects of other kinds in it.
  func adding(_ others: [Value]) -> LoadedGraph {
    LoadedGraph(
      graph: DeliveryGraph(objects: objects + others, presence: presence), objects: objects,
      notes: notes, failures: failures, presence: presence)
  }

  /// The notes that matter to somebody who looks at the graph.
  ///
  /// A kind that the cluster does not have is not missing; nor are sources that a snapshot lacks and
  /// that nothing refers to.
  package var relevantNotes: [GraphNote] {
    notes.filter { note in
      switch note.cause {
      case .unknownKind: false
      case .notCaptured where note.kind.isSource || note.kind == .fluxInstance:
        graph.nodes.contains { $0.object == nil && $0.id.fluxKind == note.kind }
      default: true
      }
    }
  }
}

/// Reads everything that the delivery graph is made of, one list for each kind, all at once.
package enum GraphLoader {
  /// - Parameters:
  ///   - namespace: Nil for every namespace. Objects elsewhere that these refer to count as unread.
  ///   - fallback: The namespace to read when the user may not list a kind in all of them.
  ///   - kinds: The kinds to read.
  package static func load(
    from cluster: any Cluster,
    namespace: String? = nil,
    fallback: String? = nil,
    kinds: [FluxKind] = FluxKind.allCases
  ) async -> LoadedGraph {
    let lists = await concurrently(kinds, width: kinds.count) {
      await list($0, from: cluster, namespace: namespace, fallback: fallback)
    }
    var objects: [Value] = []
    var notes: [GraphNote] = []
    var failures: [FluxKind: any Error] = [:]
    let scopes = Dictionary(uniqueKeysWithValues: zip(kinds, lists))
    for (kind, list) in zip(kinds, lists) {
      objects += list.objects
      if let note = list.note { notes.append(note) }
      if list.readNamespace == nil, !list.isWhole { failures[kind] = list.failure }
    }
    let presence: @Sendable (ObjectID) -> DeliveryGraph.Presence = { id in
      guard let kind = id.fluxKind, let list = scopes[kind] else { return .unread(nil) }
      if list.isWhole || list.readNamespace == id.namespace { return .missing }
      return .unread(list.note?.description)
    }
    return LoadedGraph(
      graph: DeliveryGraph(objects: objects, presence: presence), objects: objects, notes: notes,
      failures: failures, presence: presence)
  }

  private struct KindList: Sendable {
    var objects: [Value] = []
    /// Whether every namespace was read.
    var isWhole = false
    /// The only namespace that was read.
    var readNamespace: String?
    var note: GraphNote?
    var failure: (any Error)?
  }

  private static func list(
    _ kind: FluxKind, from cluster: any Cluster, namespace: String?, fallback: String?
  ) async -> KindList {
    var result = KindList()
    do {
      let options = ListOptions()
      result.objects = try await cluster.list(kind.resource, namespace: namespace, options: options)
        .items.map { Self.completed($0, kind) }
      result.isWhole = namespace == nil
      result.readNamespace = namespace
    } catch {
      result.failure = error
      result.note = GraphNote(kind: kind, namespace: namespace, cause: GraphNote.Cause(error))
      let refusal = error as? APIError
      guard namespace == nil, let fallback = refusal?.capturedNamespace ?? fallback,
        refusal?.isForbidden ?? false
      else {
        return result
      }
      var narrow = await list(kind, from: cluster, namespace: fallback, fallback: nil)
      guard narrow.failure == nil else { return result }
      narrow.note = GraphNote(
        kind: kind, namespace: nil, cause: GraphNote.Cause(error), onlyRead: fallback)
      return narrow
    }
    return result
  }

  /// The API server leaves `apiVersion` and `kind` out of the items of a list.
  private static func completed(_ item: Value, _ kind: FluxKind) -> Value {
    guard item.kind == nil || item.apiVersion == nil, var fields = item.object else { return item }
    fields["apiVersion"] = .string(kind.resource.apiVersion)
    fields["kind"] = .string(kind.resource.kind)
    return .object(fields)
  }
}
