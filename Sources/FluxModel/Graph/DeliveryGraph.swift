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
    /// Nobody read it, or the reason why it could not be read.
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

  /// In the order of their identifiers.
  package let nodes: [Node]
  private let positions: [ObjectID: Int]
  private let down: [[IndexedLink]]
  private let up: [[IndexedLink]]

  private struct IndexedLink: Sendable, Hashable {
    let node: Int
    let role: Role
    let alias: String?
  }

  private struct Edge: Hashable {
    let from: ObjectID
    let to: ObjectID
    let role: Role
    let alias: String?
  }

  /// - Parameters:
  ///   - objects: Of any kind and in any order; of several that are one object, the last counts.
  ///   - presence: What is known of an object that others refer to and that is not in `objects`. It
  ///     is asked for the kinds of Flux only; other kinds count as unread.
  package init(objects: [Value], presence: (ObjectID) -> Presence = { _ in .missing }) {
    var found: [ObjectID: Value] = [:]
    found.reserveCapacity(objects.count)
    for object in objects {
      if let id = ObjectID(of: object) { found[id] = object }
    }
    var edges: Set<Edge> = []
    for (id, object) in found {
      let links = DeliveryLinks(of: object)
      for link in links.upstream {
        edges.insert(Edge(from: link.node, to: id, role: link.role, alias: link.alias))
      }
      for link in links.downstream {
        edges.insert(Edge(from: id, to: link.node, role: link.role, alias: link.alias))
      }
    }
    var identifiers = Set(found.keys)
    for edge in edges {
      identifiers.insert(edge.from)
      identifiers.insert(edge.to)
    }
    let order = identifiers.sorted()
    nodes = order.map { id in
      if let object = found[id] { return Node(id: id, object: object, presence: .present) }
      let isKnown = id.fluxKind != nil
      return Node(id: id, object: nil, presence: isKnown ? presence(id) : .unread(nil))
    }
    var positions: [ObjectID: Int] = [:]
    positions.reserveCapacity(order.count)
    for (index, id) in order.enumerated() { positions[id] = index }
    self.positions = positions
    var down = [[IndexedLink]](repeating: [], count: order.count)
    var up = down
    for edge in edges {
      guard let from = positions[edge.from], let to = positions[edge.to] else { continue }
      down[from].append(IndexedLink(node: to, role: edge.role, alias: edge.alias))
      up[to].append(IndexedLink(node: from, role: edge.role, alias: edge.alias))
    }
    self.down = down.map(Self.sorted)
    self.up = up.map(Self.sorted)
  }

  private static func sorted(_ links: [IndexedLink]) -> [IndexedLink] {
    // Positions follow the order of identifiers; aliases tell two uses of one source apart.
    links.sorted { left, right in
      if left.node != right.node { return left.node < right.node }
      if left.role != right.role { return left.role.rawValue < right.role.rawValue }
      return compareUTF8(left.alias ?? "", right.alias ?? "") < 0
    }
  }

  package func node(_ id: ObjectID) -> Node? {
    positions[id].map { nodes[$0] }
  }

  package func object(_ id: ObjectID) -> Value? {
    node(id)?.object
  }

  package func downstream(of id: ObjectID) -> [Link] {
    links(of: id, .down)
  }

  package func upstream(of id: ObjectID) -> [Link] {
    links(of: id, .up)
  }

  package func links(of id: ObjectID, _ direction: Direction) -> [Link] {
    guard let index = positions[id] else { return [] }
    let links = direction == .down ? down[index] : up[index]
    return links.map { Link(id: nodes[$0.node].id, role: $0.role, alias: $0.alias) }
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
    var order = start.compactMap { positions[$0] }
    var seen = [Bool](repeating: false, count: nodes.count)
    order = order.filter { index in
      defer { seen[index] = true }
      return !seen[index]
    }
    var levelStart = 0
    var level = 0
    while levelStart < order.count, depth.map({ level < $0 }) ?? true {
      let levelEnd = order.count
      for position in levelStart..<levelEnd {
        let links = direction == .down ? down[order[position]] : up[order[position]]
        for link in links where !seen[link.node] && roles.contains(link.role) {
          seen[link.node] = true
          order.append(link.node)
        }
      }
      levelStart = levelEnd
      level += 1
    }
    return order.map { nodes[$0].id }
  }

  /// The nodes that a name can mean.
  ///
  /// - Parameters:
  ///   - kind: Nil for every kind of Flux.
  ///   - namespace: Nil for every namespace.
  package func candidates(kind: FluxKind?, name: String, namespace: String?) -> [ObjectID] {
    nodes.lazy.map(\.id).filter { id in
      id.name == name && (namespace == nil || id.namespace == namespace)
        && (kind.map { id.fluxKind == $0 } ?? (id.fluxKind != nil))
    }
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
    let taking = nodes.map { included($0.id) }
    var reached = [Bool](repeating: false, count: nodes.count)
    var roots: [Int] = []
    func reach(_ start: Int) {
      var stack = [start]
      reached[start] = true
      while let index = stack.popLast() {
        for link in down[index] where taking[link.node] && !reached[link.node] {
          reached[link.node] = true
          stack.append(link.node)
        }
      }
    }
    for index in nodes.indices
    where taking[index] && !up[index].contains(where: { taking[$0.node] && $0.node != index }) {
      roots.append(index)
      reach(index)
    }
    // Nodes are in the order of delivery, so a source is found before the Kustomization that
    // applies it.
    for index in nodes.indices where taking[index] && !reached[index] {
      roots.append(index)
      reach(index)
    }
    return roots.sorted().map { nodes[$0].id }
  }
}
