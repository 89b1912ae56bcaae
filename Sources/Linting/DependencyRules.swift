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
        guard !known.contains(id) else { return nil }
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

  /// One finding for each cycle, at its first object.
  private func cycles(
    of consumers: [LintInput.Object], _ known: Set<ObjectID>
  ) -> [LintFinding] {
    var findings: [LintFinding] = []
    let objects = Dictionary(consumers.map { ($0.id, $0) }) { first, _ in first }
    var isDone: Set<ObjectID> = []
    for consumer in consumers where !isDone.contains(consumer.id) {
      // Depth first, without recursion: a chain is as long as people make it.
      var path: [(id: ObjectID, next: Int)] = [(consumer.id, 0)]
      var positions: [ObjectID: Int] = [consumer.id: 0]
      while let last = path.last {
        let dependencies = objects[last.id].map(Self.dependencies) ?? []
        guard last.next < dependencies.count else {
          isDone.insert(last.id)
          positions[last.id] = nil
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let (position, id) = dependencies[last.next]
        guard known.contains(id), !isDone.contains(id) else { continue }
        guard let start = positions[id] else {
          positions[id] = path.count
          path.append((id, 0))
          continue
        }
        guard let object = objects[last.id] else { continue }
        let names = path[start...].map { $0.id.phrase } + [id.phrase]
        findings.append(
          LintFinding(
            .dependencyCycle,
            names.count == 2
              ? "\(id.phrase) depends on itself"
              : "these depend on each other: \(names.joined(separator: " -> "))",
            at: object.place.at(
              .key("spec"), .key("dependsOn"), .index(position), .key("name")),
            of: "\(last.id)"))
      }
    }
    return findings
  }
}
