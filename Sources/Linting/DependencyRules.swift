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
    return (input.hasGeneratedObjects ? [] : unknown(of: consumers, known))
      + cycles(of: consumers, known)
  }

  /// What an object waits for, each with its position in the list.
  private static func dependencies(of object: LintInput.Object) -> [(position: Int, id: ObjectID)] {
    (0..<(object.value["spec", "dependsOn"]?.array?.count ?? 0)).compactMap { position in
      DeliveryLinks.dependency(at: position, of: object.value).map { (position, $0) }
    }
  }

  private func unknown(
    of consumers: [LintInput.Object], _ known: Set<ObjectID>
  ) -> [LintFinding] {
    consumers.flatMap { consumer in
      Self.dependencies(of: consumer).compactMap { position, id in
        guard !known.contains(id), !PostBuildVariable.isPart(of: id.name) else { return nil }
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

  /// One finding for each group of objects that wait for each other, at one of them.
  private func cycles(
    of consumers: [LintInput.Object], _ known: Set<ObjectID>
  ) -> [LintFinding] {
    var findings: [LintFinding] = []
    let objects = Dictionary(consumers.map { ($0.id, $0) }) { first, _ in first }
    let edges = objects.mapValues { object in
      Self.dependencies(of: object).filter { known.contains($0.id) }
    }
    var isDone: Set<ObjectID> = []
    var isNamed: Set<ObjectID> = []
    for consumer in consumers where !isDone.contains(consumer.id) {
      // Depth first, without recursion: a chain is as long as people make it.
      var path: [(id: ObjectID, next: Int)] = [(consumer.id, 0)]
      var positions: [ObjectID: Int] = [consumer.id: 0]
      while let last = path.last {
        let dependencies = edges[last.id] ?? []
        guard last.next < dependencies.count else {
          isDone.insert(last.id)
          positions[last.id] = nil
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let (position, id) = dependencies[last.next]
        guard !isDone.contains(id) else { continue }
        guard let start = positions[id] else {
          positions[id] = path.count
          path.append((id, 0))
          continue
        }
        let cycle = path[start...].map(\.id)
        guard let object = objects[last.id], isNamed.isDisjoint(with: cycle) else { continue }
        isNamed.formUnion(cycle)
        findings.append(
          LintFinding(
            .dependencyCycle, Self.sentence(cycle),
            at: object.place.at(
              .key("spec"), .key("dependsOn"), .index(position), .key("name")),
            of: "\(last.id)"))
      }
    }
    return findings
  }

  /// Objects that are named in a message; a cycle can have thousands.
  private static let mostNamed = 10

  private static func sentence(_ cycle: [ObjectID]) -> String {
    let names = cycle.map(\.phrase)
    guard names.count > 1 else { return "\(names.joined()) depends on itself" }
    let shown = names.prefix(mostNamed)
    let more = names.count > shown.count ? ["\(names.count - shown.count) more"] : []
    return "these depend on each other: "
      + (shown + more + names.prefix(1)).joined(separator: " -> ")
  }
}
