import Document
package import FluxModel
package import Objects
package import Text

/// A part of the delivery graph, ready to be shown: its nodes with their states, and the edges
/// between them.
package struct TreeView: Sendable {
  package let graph: DeliveryGraph
  /// Where the part begins; nil for a whole namespace or cluster.
  package let root: ObjectID?
  package let direction: DeliveryGraph.Direction
  /// The nodes that belong to it, sorted.
  package let members: [ObjectID]
  package let states: [ObjectID: ObjectState]
  package let depth: Int?
  /// The edges that belong to it.
  package let roles: Set<DeliveryGraph.Role>
  /// What is missing because it could not be read.
  package let notes: [String]
  /// Why the root could not be read, though its place is known.
  package internal(set) var failure: TraceFailure?

  package struct Edge: Sendable, Hashable {
    package let from: ObjectID
    package let to: ObjectID
    package let role: DeliveryGraph.Role
    package let alias: String?
  }

  /// Everything below or above a node.
  ///
  /// - Parameters:
  ///   - depth: The number of edges to go; nil for all.
  ///   - roles: The edges to follow.
  package init(
    of graph: DeliveryGraph,
    root: ObjectID,
    direction: DeliveryGraph.Direction,
    depth: Int? = nil,
    roles: Set<DeliveryGraph.Role> = DeliveryGraph.Role.all,
    now: Timestamp,
    notes: [String] = []
  ) {
    self.graph = graph
    self.root = root
    self.roles = roles
    self.direction = direction
    self.depth = depth
    self.notes = notes
    members = Self.members(of: graph, root, direction, depth: depth, roles: roles)
    states = Self.states(of: members, in: graph, now: now)
  }

  /// A whole graph, or a namespace with what its objects are linked to.
  package init(
    of graph: DeliveryGraph, namespace: String?, depth: Int? = nil, now: Timestamp,
    notes: [String] = []
  ) {
    self.graph = graph
    self.depth = depth
    self.notes = notes
    root = nil
    direction = .down
    roles = DeliveryGraph.Role.all
    members = Self.members(of: graph, namespace: namespace, depth: depth)
    states = Self.states(of: members, in: graph, now: now)
  }

  /// Everything below or above a node, sorted.
  static func members(
    of graph: DeliveryGraph, _ root: ObjectID, _ direction: DeliveryGraph.Direction, depth: Int?,
    roles: Set<DeliveryGraph.Role> = DeliveryGraph.Role.all
  ) -> [ObjectID] {
    graph.closure(from: [root], direction, depth: depth, roles: roles).sorted()
  }

  /// A whole graph, or a namespace with what its objects are linked to, sorted.
  static func members(of graph: DeliveryGraph, namespace: String?, depth: Int?) -> [ObjectID] {
    var members = Set<ObjectID>()
    for node in graph.nodes where namespace == nil || node.id.namespace == namespace {
      members.insert(node.id)
      if namespace == nil { continue }
      for link in graph.upstream(of: node.id) { members.insert(link.id) }
      // What a cluster-wide applier contains elsewhere is not this namespace's.
      for link in graph.downstream(of: node.id) { members.insert(link.id) }
    }
    if let depth {
      members = Set(
        graph.closure(from: graph.roots(where: members.contains), .down, depth: depth)
      ).intersection(members)
    }
    return members.sorted()
  }

  private static func states(
    of members: [ObjectID], in graph: DeliveryGraph, now: Timestamp
  ) -> [ObjectID: ObjectState] {
    var states: [ObjectID: ObjectState] = [:]
    states.reserveCapacity(members.count)
    for id in members { states[id] = graph.state(of: id, now: now) }
    return states
  }

  /// The roots to draw, so that every member is drawn.
  package var roots: [ObjectID] {
    if let root { return [root] }
    let included = Set(members)
    return graph.roots(where: included.contains)
  }

  /// Edges between members, sorted by their ends.
  package var edges: [Edge] {
    let included = Set(members)
    var edges: [Edge] = []
    for id in members {
      for link in graph.downstream(of: id)
      where included.contains(link.id) && roles.contains(link.role) {
        edges.append(Edge(from: id, to: link.id, role: link.role, alias: link.alias))
      }
    }
    return edges
  }
}
