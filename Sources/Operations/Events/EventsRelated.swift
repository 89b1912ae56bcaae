package import FluxModel
package import Objects

/// What an object's state depends on and what depends on it: where the reason of a failure shows.
package enum RelatedObjects {
  /// The objects themselves, their sources all the way up, and their artifacts, consumers and what
  /// those applied all the way down.
  ///
  /// Who applied the manifests of an object tells nothing of its state, and leads from anywhere to
  /// everything by way of the root Kustomization: those edges are followed downwards only, from a
  /// consumer to what it applied, and no further.
  package static func of(_ subjects: [ObjectID], in graph: DeliveryGraph) -> Set<ObjectID> {
    var found = Set(subjects)
    var waiting = subjects
    while let id = waiting.popLast() {
      for link in graph.upstream(of: id) where link.role != .applies {
        if found.insert(link.id).inserted { waiting.append(link.id) }
      }
    }
    var seen = Set(subjects)
    waiting = subjects
    while let id = waiting.popLast() {
      for link in graph.downstream(of: id) {
        found.insert(link.id)
        if link.role != .applies, seen.insert(link.id).inserted { waiting.append(link.id) }
      }
    }
    return found
  }
}
