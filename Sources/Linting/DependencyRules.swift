import Document
import FluxModel
import Objects

/// Whether what consumers wait for (`spec.dependsOn`) can become ready.
///
/// The controllers require that each exists and is ready, and do not look for cycles: they try again for ever.
struct DependencyRules {
  let input: LintInput

  func findings() -> [LintFinding] {
    let consumers = input.objects.filter { $0.id.fluxKind?.isConsumer == true }
    let known = Set(consumers.map(\.id))
    let isPartial = input.hasGeneratedObjects || input.hasUnreadManifests
    return (isPartial ? [] : unknown(of: consumers, known))
      + cycles(of: consumers, known)
  }

  /// What an object waits for, each with its position in the list.
  private static func dependencies(of object: LintInput.Object) -> [(position: Int, id: ObjectID)] {
    (0..<(object.value["spec", "dependsOn"]?.array?.count ?? 0)).compactMap { position in
      DeliveryLinks.dependency(at: position, of: object.value).map { (position, $0) }
    }
  }

  private static func name(_ id: ObjectID) -> String { "\(id.namespace)/\(id.name)" }

  private func unknown(
    of consumers: [LintInput.Object], _ known: Set<ObjectID>
  ) -> [LintFinding] {
    consumers.flatMap { consumer in
      Self.dependencies(of: consumer).compactMap { position, id in
        guard !known.contains(id), !PostBuildVariable.isPart(of: Self.name(id)) else { return nil }
        let others = consumers.map(\.id)
          .filter { $0.fluxKind == id.fluxKind && $0 != consumer.id }
          .map { SimilarName(namespace: $0.namespace, name: $0.name) }
        let hint = SimilarName.hint(for: id, among: others) {
          "\($0.name) is in namespace \($0.namespace)"
        }
        return LintFinding(
          .unknownDependency,
          "\(consumer.id.phrase) depends on \(id.phrase), which is not here\(hint)",
          at: consumer.place.at(
            .key("spec"), .key("dependsOn"), .index(position), .key("name")),
          of: "\(consumer.id)")
      }
    }
  }

  private func cycles(
    of consumers: [LintInput.Object], _ known: Set<ObjectID>
  ) -> [LintFinding] {
    let objects = Dictionary(consumers.map { ($0.id, $0) }) { first, _ in first }
    let edges = objects.mapValues { object in
      Self.dependencies(of: object).filter { known.contains($0.id) }
        .map { CycleSearch.Edge(target: $0.id, position: $0.position) }
    }
    return CycleSearch.cycles(among: consumers.map(\.id), edges).compactMap { cycle in
      guard let last = cycle.nodes.last, let object = objects[last] else { return nil }
      return LintFinding(
        .dependencyCycle, Self.sentence(cycle.nodes),
        at: object.place.at(
          .key("spec"), .key("dependsOn"), .index(cycle.position), .key("name")),
        of: "\(last)")
    }
  }

  private static func sentence(_ cycle: [ObjectID]) -> String {
    let names = cycle.map(\.phrase)
    return names.count > 1
      ? "these depend on each other: \(CycleSearch.text(names))"
      : "\(names.joined()) depends on itself"
  }
}
