package import Document
package import FluxModel
package import KubeAPI
import Objects

/// A graph, the objects that it was made from, and what is missing in it.
package struct LoadedGraph: Sendable {
  let store: DeliveryStore
  package let graph: DeliveryGraph
  package let objects: [Value]
  /// In the order of ``FluxKind``.
  package let notes: [ReadGap]
  /// The failures behind the notes that leave nothing at all of a kind.
  package let failures: [FluxKind: any Error]

  init(
    store: DeliveryStore, objects: [Value] = [], notes: [ReadGap] = [],
    failures: [FluxKind: any Error] = [:]
  ) {
    self.store = store
    graph = store.graph
    self.objects = objects
    self.notes = notes
    self.failures = failures
  }

  /// The same with a store that knows more.
  func with(_ store: DeliveryStore, notes more: [ReadGap] = []) -> LoadedGraph {
    LoadedGraph(store: store, objects: objects, notes: notes + more, failures: failures)
  }

  /// - Throws: Why nothing at all could be read: that is a failure of its own, not an empty graph.
  func orFailure() throws -> LoadedGraph {
    if objects.isEmpty, failures.count == FluxKind.allCases.count,
      let failure = failures[.artifactGenerator]
    {
      throw MissingKind.account(failure, of: FluxKind.artifactGenerator.resource)
    }
    return self
  }

  /// Why the server cannot be reached, if it has not answered at all: then nothing else needs asking.
  var outage: (any Error)? {
    guard objects.isEmpty, failures.count == FluxKind.allCases.count else { return nil }
    return failures[.artifactGenerator].flatMap { $0 is APIError ? nil : $0 }
  }

  /// The graph with objects of other kinds in it.
  ///
  /// - Parameter absent: What is known not to exist.
  func adding(_ others: [Value], absent: [ObjectID] = []) -> DeliveryGraph {
    graph.adding(others, absent: absent)
  }

  /// The notes that matter to a reader of the graph.
  ///
  /// A kind that the cluster does not have is not missing; nor are sources that a snapshot lacks and
  /// that nothing refers to.
  package var relevantNotes: [ReadGap] {
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
  ///   - known: What has been read before.
  package static func load(
    from cluster: any Cluster,
    namespace: String? = nil,
    fallback: String? = nil,
    kinds: [FluxKind] = FluxKind.allCases,
    into known: LoadedGraph = LoadedGraph(store: DeliveryStore())
  ) async -> LoadedGraph {
    let lists = await concurrently(kinds, width: kinds.count) {
      await list($0, from: cluster, namespace: namespace, fallback: fallback)
    }
    var store = known.store
    var objects = known.objects
    var notes = known.notes
    var failures = known.failures
    for (kind, list) in zip(kinds, lists) {
      objects += list.objects
      let isRead = list.isWhole || list.readNamespace != nil
      if isRead { store.take(list.objects, all: kind, in: list.readNamespace) }
      if let note = list.note {
        notes.append(note)
        // Of a kind that the cluster does not have, nothing exists.
        if note.isUnknownKind {
          store.take([], all: kind, in: nil)
        } else {
          store.refuse(kind, because: note.description)
        }
      }
      if !isRead { failures[kind] = list.failure }
    }
    return LoadedGraph(store: store, objects: objects, notes: notes, failures: failures)
  }

  /// All in one answer: servers of our day give that from their memory, and only then
  /// (ConsistentListFromCache of Kubernetes 1.31); ten pages of a kind take ten times as long.
  private static let wholeList = ListOptions(pageSize: 0)

  private struct KindList: Sendable {
    var objects: [Value] = []
    /// Whether every namespace was read.
    var isWhole = false
    /// The only namespace that was read.
    var readNamespace: String?
    var note: ReadGap?
    var failure: (any Error)?
  }

  private static func list(
    _ kind: FluxKind, from cluster: any Cluster, namespace: String?, fallback: String?
  ) async -> KindList {
    var result = KindList()
    do {
      result.objects = try await cluster.list(
        kind.resource, namespace: namespace, options: wholeList
      ).items
      result.isWhole = namespace == nil
      result.readNamespace = namespace
    } catch {
      result.failure = error
      result.note = ReadGap(kind: kind, namespace: namespace, cause: .init(error))
      let refusal = error as? APIError
      guard namespace == nil, let fallback = refusal?.capturedNamespace ?? fallback,
        refusal?.isForbidden ?? false
      else {
        return result
      }
      var narrow = await list(kind, from: cluster, namespace: fallback, fallback: nil)
      guard narrow.failure == nil else { return result }
      narrow.note = ReadGap(kind: kind, namespace: nil, cause: .init(error), onlyRead: fallback)
      return narrow
    }
    return result
  }
}
