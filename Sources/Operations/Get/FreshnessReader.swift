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
  private var objects: [ObjectID: Value] = [:]
  private var absent: Set<ObjectID> = []
  private var refused: [ObjectID: String] = [:]
  private var scopes: Set<Scope> = []
  private(set) var notes: [GraphNote] = []

  private struct Scope: Hashable {
    let kind: FluxKind
    /// Nil for all.
    let namespace: String?
  }

  private enum Request {
    case object(ObjectID, FluxKind)
    /// For some objects of a kind.
    case list(Scope, for: [ObjectID])
  }

  private enum Answer {
    case objects([Value])
    case failure(any Error)
  }

  init(_ cluster: any Cluster) {
    self.cluster = cluster
  }

  /// Takes what has been read already.
  ///
  /// - Parameter namespace: Where nothing else of the kind is; nil for every namespace.
  mutating func add(_ found: [Value], all kind: FluxKind, in namespace: String?) {
    scopes.insert(Scope(kind: kind, namespace: namespace))
    add(found)
  }

  mutating func add(_ found: [Value]) {
    for object in found {
      if let id = ObjectID(of: object) { objects[id] = object }
    }
  }

  /// A graph in which the objects can be judged.
  mutating func graph(judging judged: [Value]) async -> DeliveryGraph {
    add(judged)
    var waiting = judged
    // What generators have published is read only of those that are judged themselves.
    var needs = Self.published(by: judged)
    while !waiting.isEmpty {
      needs += Self.needs(of: waiting)
      await read(needs.filter(isUnknown))
      // The publisher of an artifact is judged in its place.
      waiting = needs.filter { $0.fluxKind == .artifactGenerator }.compactMap { objects[$0] }
      needs = []
    }
    return graph()
  }

  private func graph() -> DeliveryGraph {
    DeliveryGraph(objects: Array(objects.values)) { id in
      if let reason = refused[id] { return .unread(reason) }
      guard let kind = id.fluxKind else { return .unread(nil) }
      return absent.contains(id) || isCovered(id, kind) ? .missing : .unread(nil)
    }
  }

  private static func needs(of objects: [Value]) -> [ObjectID] {
    var seen: Set<ObjectID> = []
    return objects.flatMap { DeliveryLinks(of: $0).upstream }.compactMap { link in
      switch link.role {
      case .source, .publishes, .delivers: seen.insert(link.node).inserted ? link.node : nil
      case .chart, .applies, .owns: nil
      }
    }
  }

  private static func published(by objects: [Value]) -> [ObjectID] {
    objects.filter { ObjectID(of: $0)?.fluxKind == .artifactGenerator }
      .flatMap { GeneratorSummary($0).published }
  }

  private func isUnknown(_ id: ObjectID) -> Bool {
    guard let kind = id.fluxKind else { return false }
    return objects[id] == nil && !absent.contains(id) && refused[id] == nil && !isCovered(id, kind)
  }

  private func isCovered(_ id: ObjectID, _ kind: FluxKind) -> Bool {
    scopes.contains(Scope(kind: kind, namespace: nil))
      || scopes.contains(Scope(kind: kind, namespace: id.namespace))
  }

  // MARK: Reading

  private mutating func read(_ wanted: [ObjectID]) async {
    var requests: [Request] = []
    for kind in FluxKind.allCases {
      let ids = wanted.filter { $0.fluxKind == kind }.sorted()
      guard ids.count > Self.few else {
        requests += ids.map { .object($0, kind) }
        continue
      }
      let namespaces = Set(ids.map(\.namespace))
      let namespace = namespaces.count == 1 ? namespaces.first : nil
      requests.append(.list(Scope(kind: kind, namespace: namespace), for: ids))
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
      case (.object, .objects(let found)): add(found)
      case (.list(let scope, _), .objects(let found)):
        add(found, all: scope.kind, in: scope.namespace)
      case (.object(let id, let kind), .failure(let error)):
        guard (error as? APIError)?.isNotFound != true else {
          absent.insert(id)
          continue
        }
        refuse([id], kind, verb: "get", in: id.namespace, error)
      case (.list(let scope, let ids), .failure(let error)):
        guard (error as? APIError)?.isNotFound != true else {
          absent.formUnion(ids)
          continue
        }
        guard scope.namespace == nil, (error as? APIError)?.isForbidden == true else {
          refuse(ids, scope.kind, verb: "list", in: scope.namespace, error)
          continue
        }
        let places = Dictionary(grouping: ids, by: \.namespace).sorted { $0.key < $1.key }
        narrower.append(
          places.map { .list(Scope(kind: scope.kind, namespace: $0.key), for: $0.value) })
      }
    }
    return narrower
  }

  private mutating func refuse(
    _ ids: [ObjectID], _ kind: FluxKind, verb: String, in namespace: String?, _ error: any Error
  ) {
    let note = GraphNote(
      kind: kind, namespace: namespace, cause: GraphNote.Cause(error), verb: verb)
    for id in ids { refused[id] = note.description }
    if !notes.contains(where: { $0.kind == kind && $0.namespace == namespace }) {
      notes.append(note)
    }
  }

  private static func answer(to request: Request, on cluster: any Cluster) async -> Answer {
    do {
      switch request {
      case .object(let id, let kind):
        return .objects([
          try await cluster.get(kind.resource, namespace: id.namespace, name: id.name)
        ])
      case .list(let scope, _):
        let list = try await cluster.list(
          scope.kind.resource, namespace: scope.namespace, options: ListOptions())
        return .objects(list.items)
      }
    } catch {
      return .failure(error)
    }
  }
}
