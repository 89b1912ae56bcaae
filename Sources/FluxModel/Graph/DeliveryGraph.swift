package import Document
package import Objects
import Text

/// How content gets from its sources to the objects of a cluster: who draws on whom.
///
/// An edge leads from what is drawn on to what draws on it: source, ArtifactGenerator,
/// ExternalArtifact, Kustomization or HelmRelease, the objects that those apply. A Kustomization
/// usually applies generators and sources as well, its own source included, so cycles are normal.
/// What is referred to and is not there is a node too.
package struct DeliveryGraph: Sendable {
  package enum Role: String, Sendable, Hashable, CaseIterable {
    /// A source of a generator.
    case source
    /// What a HelmChart is packed from.
    case chart
    /// The publisher of an ExternalArtifact.
    case publishes
    /// The artifact that a Kustomization or HelmRelease applies.
    case delivers
    /// What a Kustomization, HelmRelease, ResourceSet or FluxInstance has applied.
    case applies
    /// What an object of another kind has made, by `ownerReferences`: a Deployment its ReplicaSet.
    case owns

    package static let all = Set(allCases)
    /// The way of content up to who applies it, without what comes of that.
    package static let delivery = all.subtracting([.applies])
  }

  /// What is known of a node's object.
  package enum Presence: Sendable, Hashable {
    case present
    /// Something refers to it, and it does not exist.
    case missing
    /// Not read, or the reason why it could not be read.
    case unread(String?)
  }

  package struct Node: Sendable {
    package let id: ObjectID
    /// Set for objects that are present.
    package let object: Value?
    package let presence: Presence
  }

  /// One end of an edge, seen from the other.
  package struct Link: Sendable, Hashable {
    package let id: ObjectID
    package let role: Role
    package let alias: String?
  }

  package enum Direction: Sendable {
    case down
    case up
  }

  private let store: DeliveryStore
  private let later: Edges.Later
  private var edges: Edges { later.edges }

  init(_ store: DeliveryStore) {
    self.init(store, Edges.Later(store))
  }

  private init(_ store: DeliveryStore, _ edges: Edges.Later) {
    self.store = store
    later = edges
  }

  /// The graph of everything that there is.
  ///
  /// - Parameter objects: Of any kind and in any order; of several that are one object, the last
  ///   counts. Other objects that they refer to do not exist.
  package init(objects: [Value]) {
    self.init(DeliveryStore(whole: objects))
  }

  /// The graph with more objects in it.
  ///
  /// - Parameter absent: What is known not to exist.
  package func adding(_ others: [Value], absent: [ObjectID] = []) -> DeliveryGraph {
    guard !others.isEmpty || !absent.isEmpty else { return self }
    var store = store
    let added = Set(others.compactMap { store.take($0) })
    for id in absent { store.remove(id) }
    // The edges of what was here before stay, unless it is replaced.
    guard (added.union(absent)).allSatisfy({ self.store[$0] == nil }) else {
      return DeliveryGraph(store)
    }
    let objects = Dictionary(
      added.compactMap { id in store[id].map { (id, $0) } }, uniquingKeysWith: { first, _ in first }
    )
    return DeliveryGraph(store, Edges.Later(later, adding: objects))
  }

  /// In the order of their identifiers, with whatever is referred to.
  package var nodes: [Node] {
    let edges = edges
    return edges.sortedPositions.map { index in
      let id = edges.ids[index]
      return Node(id: id, object: store[id], presence: presence(of: id))
    }
  }

  /// Nil for what is neither there nor referred to.
  package func node(_ id: ObjectID) -> Node? {
    if let object = store[id] { return Node(id: id, object: object, presence: .present) }
    guard edges.position(of: id) != nil else { return nil }
    return Node(id: id, object: nil, presence: presence(of: id))
  }

  package func object(_ id: ObjectID) -> Value? {
    store[id]
  }

  /// What is known of an object, whether something refers to it or not.
  package func presence(of id: ObjectID) -> Presence {
    store.presence(of: id)
  }

  package func downstream(of id: ObjectID) -> [Link] {
    links(of: id, .down)
  }

  package func upstream(of id: ObjectID) -> [Link] {
    links(of: id, .up)
  }

  package func links(of id: ObjectID, _ direction: Direction) -> [Link] {
    let edges = edges
    guard let index = edges.position(of: id) else { return [] }
    return edges.links(of: index, direction).map {
      Link(id: edges.ids[$0.node], role: $0.role, alias: $0.alias)
    }
  }

  /// Everything that can be reached, the starting points first, breadth first, each once.
  ///
  /// - Parameters:
  ///   - depth: The number of edges to go at most; nil for all.
  ///   - roles: The edges to follow.
  package func closure(
    from start: [ObjectID], _ direction: Direction, depth: Int? = nil,
    roles: Set<Role> = Role.all
  ) -> [ObjectID] {
    let edges = edges
    var order = start.compactMap { edges.position(of: $0) }
    var seen = [Bool](repeating: false, count: edges.ids.count)
    order = order.filter { index in
      defer { seen[index] = true }
      return !seen[index]
    }
    var levelStart = 0
    var level = 0
    while levelStart < order.count, depth.map({ level < $0 }) ?? true {
      let levelEnd = order.count
      for position in levelStart..<levelEnd {
        for link in edges.links(of: order[position], direction)
        where !seen[link.node] && roles.contains(link.role) {
          seen[link.node] = true
          order.append(link.node)
        }
      }
      levelStart = levelEnd
      level += 1
    }
    return order.map { edges.ids[$0] }
  }

  /// The nodes that a name can mean.
  ///
  /// - Parameters:
  ///   - kind: Nil for every kind of Flux.
  ///   - namespace: Nil for every namespace.
  package func candidates(kind: FluxKind?, name: String, namespace: String?) -> [ObjectID] {
    edges.ids.filter { id in
      equalUTF8(id.name, name) && (namespace == nil || id.namespace == namespace)
        && (kind.map { id.fluxKind == $0 } ?? (id.fluxKind != nil))
    }.sorted()
  }

  /// Whether a Kustomization or HelmRelease applies an ExternalArtifact.
  package func usesExternalArtifact(_ id: ObjectID) -> Bool {
    upstream(of: id).contains { $0.role == .delivers && $0.id.fluxKind == .externalArtifact }
  }

  /// Where to begin so that every node is met on the way down: what nothing leads to, and of what
  /// only cycles lead to, the first.
  ///
  /// - Parameter included: Which nodes take part; edges to and from others do not count.
  package func roots(where included: (ObjectID) -> Bool = { _ in true }) -> [ObjectID] {
    let edges = edges
    let order = edges.sortedPositions
    let taking = edges.ids.map(included)
    var reached = [Bool](repeating: false, count: taking.count)
    var roots: [Int] = []
    func reach(_ start: Int) {
      var stack = [start]
      reached[start] = true
      while let index = stack.popLast() {
        for link in edges.links(of: index, .down) where taking[link.node] && !reached[link.node] {
          reached[link.node] = true
          stack.append(link.node)
        }
      }
    }
    for index in order where taking[index] {
      let above = edges.links(of: index, .up)
      guard !above.contains(where: { taking[$0.node] && $0.node != index }) else { continue }
      roots.append(index)
      reach(index)
    }
    // Nodes are in the order of delivery, so a source is found before the Kustomization that
    // applies it.
    for index in order where taking[index] && !reached[index] {
      roots.append(index)
      reach(index)
    }
    return roots.map { edges.ids[$0] }.sorted()
  }
}
