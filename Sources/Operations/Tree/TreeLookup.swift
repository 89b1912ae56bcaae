package import FluxModel
package import Objects

/// Finds the node that a command line means.
package enum TreeLookup {
  /// - Parameters:
  ///   - kind: Nil when only a name was given.
  ///   - namespace: Nil for every namespace.
  /// - Throws: `OperationError` when there is none, or when it could be several: with the candidates.
  package static func find(
    kind: FluxKind?, defaultKind: FluxKind, name: String, namespace: String?,
    in graph: DeliveryGraph
  ) throws -> ObjectID {
    let wanted = kind ?? defaultKind
    let found = present(graph.candidates(kind: wanted, name: name, namespace: namespace), graph)
    if found.count == 1 { return found[0] }
    if found.count > 1 {
      throw OperationError(
        .invalidArgument,
        "\"\(name)\" is ambiguous: choose one of \(listed(found)) with -n")
    }
    let place = namespace.map { " in namespace \($0)" } ?? ""
    let text = "there is no \(wanted.resource.kind) \"\(name)\"\(place)"
    let others = present(
      graph.candidates(kind: kind, name: name, namespace: kind == nil ? namespace : nil), graph)
    guard !others.isEmpty else { throw OperationError(.notFound, text) }
    let hint =
      kind == nil ? "say which kind you mean: \(listed(others))" : "found \(listed(others))"
    throw OperationError(.notFound, "\(text); \(hint)")
  }

  private static func present(_ candidates: [ObjectID], _ graph: DeliveryGraph) -> [ObjectID] {
    candidates.filter { graph.object($0) != nil }
  }

  private static func listed(_ candidates: [ObjectID]) -> String {
    candidates.map(\.description).joined(separator: ", ")
  }
}
