import Document
import Objects
import Synchronization
import Text

/// The edges between the objects of a store.
///
/// Nodes have positions in no order: with tens of thousands of objects, to sort them all costs more
/// than the way from one of them, which is what is asked for most. So whoever needs an order asks for
/// it, and the links of a node are put in order when they are read.
struct Edges: Sendable {
  struct Link: Sendable, Hashable {
    let node: Int
    let role: DeliveryGraph.Role
    let alias: String?
  }

  /// Every object of the store, and whatever they refer to.
  private(set) var ids: [ObjectID] = []
  private var positions: [ObjectID: Int] = [:]
  /// An edge that both of its ends know of is in here twice.
  private var down: [[Link]] = []
  private var up: [[Link]] = []

  init(_ objects: [ObjectID: Value]) {
    // About as many nodes are only referred to.
    ids.reserveCapacity(objects.count * 2)
    positions.reserveCapacity(objects.count * 2)
    down.reserveCapacity(objects.count * 2)
    up.reserveCapacity(objects.count * 2)
    for (id, object) in objects { add(object, id) }
  }

  /// Adds an object that none of the others is.
  mutating func add(_ object: Value, _ id: ObjectID) {
    let node = makePosition(of: id)
    let links = DeliveryLinks(of: object)
    for link in links.upstream {
      connect(makePosition(of: link.node), node, link.role, link.alias)
    }
    for link in links.downstream {
      connect(node, makePosition(of: link.node), link.role, link.alias)
    }
  }

  private mutating func makePosition(of id: ObjectID) -> Int {
    if let position = positions[id] { return position }
    positions[id] = ids.count
    ids.append(id)
    down.append([])
    up.append([])
    return ids.count - 1
  }

  private mutating func connect(
    _ from: Int, _ to: Int, _ role: DeliveryGraph.Role, _ alias: String?
  ) {
    down[from].append(Link(node: to, role: role, alias: alias))
    up[to].append(Link(node: from, role: role, alias: alias))
  }

  func position(of id: ObjectID) -> Int? { positions[id] }

  /// All positions, in the order of identifiers.
  var sortedPositions: [Int] {
    ids.indices.sorted { ids[$0] < ids[$1] }
  }

  /// The links of a node, in the order of identifiers, each once.
  func links(of index: Int, _ direction: DeliveryGraph.Direction) -> [Link] {
    let links = direction == .down ? down[index] : up[index]
    guard links.count > 1 else { return links }
    // Aliases distinguish two uses of one source.
    let sorted = links.sorted { left, right in
      if left.node != right.node { return ids[left.node] < ids[right.node] }
      if left.role != right.role { return left.role.rawValue < right.role.rawValue }
      return compareUTF8(left.alias ?? "", right.alias ?? "") < 0
    }
    var result: [Link] = []
    for link in sorted where result.last != link { result.append(link) }
    return result
  }

  /// The edges of one view, computed on first use: judging objects needs none.
  final class Later: Sendable {
    private let found = Mutex<Edges?>(nil)
    private let make: @Sendable () -> Edges

    init(_ store: DeliveryStore) {
      make = { Edges(store.objects) }
    }

    /// Those of a view, and of objects that it lacks.
    init(_ base: Later, adding objects: [ObjectID: Value]) {
      make = {
        var edges = base.edges
        for (id, object) in objects { edges.add(object, id) }
        return edges
      }
    }

    var edges: Edges {
      found.withLock { found in
        if let edges = found { return edges }
        let edges = make()
        found = edges
        return edges
      }
    }
  }
}
