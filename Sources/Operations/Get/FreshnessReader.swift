import Document
import FluxModel
import KubeAPI
import Objects

/// Reads what the freshness of some objects hangs on, and no more of the cluster than that.
///
/// An artifact hangs on its generator, a generator on its sources, a consumer on its one source. What
/// those are called stands in the objects, so they are read in rounds, each all at once: one round
/// for generators (their artifacts too, which may have been changed by hand) and consumers, two for
/// artifacts, one less where the list of generators was asked for together with that of the artifacts.
struct FreshnessReader {
  /// So many objects of a kind are read one by one; for more of them a list costs less.
  private static let few = 4

  private let cluster: any Cluster
  private(set) var store: DeliveryStore
  private(set) var notes: [ReadGap] = []

  private enum Request {
    case object(ObjectID, FluxKind)
    /// For some objects of a kind.
    case list(FluxKind, in: String?, for: [ObjectID])
  }

  private typealias Answer = Result<[Value], any Error>

  init(_ cluster: any Cluster, store: DeliveryStore = DeliveryStore()) {
    self.cluster = cluster
    self.store = store
  }

  /// Takes what has been read already.
  ///
  /// - Parameter namespace: Where nothing else of the kind is; nil for every namespace.
  mutating func add(_ found: [Value], all kind: FluxKind, in namespace: String?) {
    store.take(found, all: kind, in: namespace)
  }

  /// A graph in which the objects can be judged.
  mutating func graph(judging judged: [Value]) async -> DeliveryGraph {
    store.take(judged)
    // What generators have published is read only of those that are judged themselves.
    var needs = Set(judged.flatMap(DeliveryStore.needs))
    while !needs.isEmpty {
      await read(needs.filter { $0.fluxKind != nil && !store.knows($0) })
      // The publisher of an artifact is judged in its place.
      let publishers = needs.filter { $0.fluxKind == .artifactGenerator }.compactMap { store[$0] }
      needs = Set(publishers.flatMap { DeliveryLinks(contentOf: $0).inputs })
    }
    return store.graph
  }

  /// Reads those of the objects that are not known.
  mutating func learn(_ ids: [ObjectID]) async {
    await read(Set(ids.filter { $0.fluxKind != nil && !store.knows($0) }))
  }

  // MARK: Reading

  private mutating func read(_ wanted: Set<ObjectID>) async {
    var requests: [Request] = []
    for kind in FluxKind.allCases {
      let ids = wanted.filter { $0.fluxKind == kind }.sorted()
      guard ids.count > Self.few else {
        requests += ids.map { .object($0, kind) }
        continue
      }
      let namespaces = Set(ids.map(\.namespace))
      let namespace = namespaces.count == 1 ? namespaces.first : nil
      requests.append(.list(kind, in: namespace, for: ids))
    }
    for narrower in await ask(requests) {
      _ = await ask(narrower)
    }
  }

  /// - Returns: What to ask in place of lists of all namespaces that are refused.
  private mutating func ask(_ requests: [Request]) async -> [[Request]] {
    let cluster = cluster
    let answers = await concurrently(requests) { await Self.answer(to: $0, on: cluster) }
    var narrower: [[Request]] = []
    for (request, answer) in zip(requests, answers) {
      switch (request, answer) {
      case (.object, .success(let found)): store.take(found)
      case (.list(let kind, let namespace, _), .success(let found)):
        add(found, all: kind, in: namespace)
      case (.object(let id, let kind), .failure(let error)):
        guard (error as? APIError)?.isNotFound != true else {
          store.remove(id)
          continue
        }
        refuse([id], kind, verb: "get", in: id.namespace, error)
      case (.list(let kind, let namespace, let ids), .failure(let error)):
        guard (error as? APIError)?.isNotFound != true else {
          for id in ids { store.remove(id) }
          continue
        }
        guard namespace == nil, (error as? APIError)?.isForbidden == true else {
          refuse(ids, kind, verb: "list", in: namespace, error)
          continue
        }
        let places = Dictionary(grouping: ids, by: \.namespace).sorted { $0.key < $1.key }
        narrower.append(places.map { .list(kind, in: $0.key, for: $0.value) })
      }
    }
    return narrower
  }

  private mutating func refuse(
    _ ids: [ObjectID], _ kind: FluxKind, verb: String, in namespace: String?, _ error: any Error
  ) {
    let note = ReadGap(
      kind: kind, namespace: namespace, cause: .init(error), verb: verb)
    for id in ids { store.refuse(id, because: note.description) }
    if !notes.contains(where: { $0.kind == kind && $0.namespace == namespace }) {
      notes.append(note)
    }
  }

  private static func answer(to request: Request, on cluster: any Cluster) async -> Answer {
    do {
      switch request {
      case .object(let id, let kind):
        return .success([
          try await cluster.get(kind.resource, namespace: id.namespace, name: id.name)
        ])
      case .list(let kind, let namespace, _):
        let list = try await cluster.list(
          kind.resource, namespace: namespace, options: ListOptions(pageSize: 0))
        return .success(list.items)
      }
    } catch {
      return .failure(error)
    }
  }
}
