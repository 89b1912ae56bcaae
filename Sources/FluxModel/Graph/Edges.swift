import Document
import Objects
import Synchronization
import Text

/// The edges between the objects of a store, by position in the order of identifiers.
struct Edges: Sendable {
  struct Link: Sendable, Hashable {
    let node: Int
    let role: DeliveryGraph.Role
    let alias: String?
  }

  private struct Edge: Hashable {
    let from: ObjectID
    let to: ObjectID
    let role: DeliveryGraph.Role
    let alias: String?
  }

  /// Every object of the store, and whatever they refer to.
  let order: [ObjectID]
  let positions: [ObjectID: Int]
  private let down: [[Link]]
  private let up: [[Link]]

  init(_ objects: [ObjectID: Value]) {
    var edges: Set<Edge> = []
    for (id, object) in objects {
      let links = DeliveryLinks(of: object)
      for link in links.upstream {
        edges.insert(Edge(from: link.node, to: id, role: link.role, alias: link.alias))
      }
      for link in links.downstream {
        edges.insert(Edge(from: id, to: link.node, role: link.role, alias: link.alias))
      }
    }
    var identifiers = Set(objects.keys)
    for edge in edges {
      identifiers.insert(edge.from)
      identifiers.insert(edge.to)
    }
    let order = identifiers.sorted()
    var positions: [ObjectID: Int] = [:]
    positions.reserveCapacity(order.count)
    for (index, id) in order.enumerated() { positions[id] = index }
    var down = [[Link]](repeating: [], count: order.count)
    var up = down
    for edge in edges {
      guard let from = positions[edge.from], let to = positions[edge.to] else { continue }
      down[from].append(Link(node: to, role: edge.role, alias: edge.alias))
      up[to].append(Link(node: from, role: edge.role, alias: edge.alias))
    }
    self.order = order
    self.positions = positions
    self.down = down.map(Self.sorted)
    self.up = up.map(Self.sorted)
  }

  func links(of index: Int, _ direction: DeliveryGraph.Direction) -> [Link] {
    direction == .down ? down[index] : up[index]
  }

  private static func sorted(_ links: [Link]) -> [Link] {
    // Positions follow the order of identifiers; aliases distinguish two uses of one source.
    links.sorted { left, right in
      if left.node != right.node { return left.node < right.node }
      if left.role != right.role { return left.role.rawValue < right.role.rawValue }
      return compareUTF8(left.alias ?? "", right.alias ?? "") < 0
    }
  }

  /// The edges of one view, computed on first use: judging objects needs none.
  final class Later: Sendable {
    private let found = Mutex<Edges?>(nil)

    func of(_ store: DeliveryStore) -> Edges {
      found.withLock { found in
        if let edges = found { return edges }
        let edges = Edges(store.objects)
        found = edges
        return edges
      }
    }
  }
}
