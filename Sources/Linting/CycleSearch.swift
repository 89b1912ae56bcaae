/// Finds things that lead back to themselves.
enum CycleSearch {
  /// A way from one thing to another.
  struct Edge<Node: Hashable> {
    let target: Node
    /// Where it is written, among those of its thing.
    let position: Int
  }

  struct Cycle<Node: Hashable> {
    /// Each leads to the next, and the last to the first.
    let nodes: [Node]
    /// Where the last says so.
    let position: Int
  }

  /// One cycle for each group of things that share any.
  ///
  /// Depth first, without recursion: a chain is as long as people make it.
  ///
  /// - Parameter edges: To things that need not be among the nodes.
  static func cycles<Node: Hashable>(
    among nodes: [Node], _ edges: [Node: [Edge<Node>]]
  ) -> [Cycle<Node>] {
    var found: [Cycle<Node>] = []
    var isDone: Set<Node> = []
    var isNamed: Set<Node> = []
    for node in nodes where !isDone.contains(node) {
      var path: [(node: Node, next: Int)] = [(node, 0)]
      var positions: [Node: Int] = [node: 0]
      while let last = path.last {
        let own = edges[last.node] ?? []
        guard last.next < own.count else {
          isDone.insert(last.node)
          positions[last.node] = nil
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let edge = own[last.next]
        guard !isDone.contains(edge.target) else { continue }
        guard let start = positions[edge.target] else {
          positions[edge.target] = path.count
          path.append((edge.target, 0))
          continue
        }
        let cycle = path[start...].map(\.node)
        guard isNamed.isDisjoint(with: cycle) else { continue }
        isNamed.formUnion(cycle)
        found.append(Cycle(nodes: cycle, position: edge.position))
      }
    }
    return found
  }

  /// Things that are named in a message; a cycle can have thousands.
  private static let mostNamed = 10

  /// A cycle as `A -> B -> A`.
  static func text(_ names: [String]) -> String {
    let shown = names.prefix(mostNamed)
    let more = names.count > shown.count ? ["\(names.count - shown.count) more"] : []
    return (shown + more + names.prefix(1)).joined(separator: " -> ")
  }
}
