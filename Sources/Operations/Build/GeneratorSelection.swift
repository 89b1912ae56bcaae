import FluxModel
import Objects

/// Which generators of an input are meant by names, and which of them feed those.
package struct GeneratorSelection: Sendable {
  /// Those that are built, in the order of the input.
  package let inputs: [GeneratorInput]
  /// Those that were meant.
  package let selected: Set<BuildReport.ObjectName>

  /// - Parameters:
  ///   - queries: Of generators, and of ExternalArtifacts, each of which stands for its generator.
  ///   - namespace: Where they are; nil for wherever.
  /// - Throws: `OperationError` for a name that nothing in the input has.
  package init(
    _ queries: [ObjectQuery], in namespace: String?, from all: [GeneratorInput]
  ) throws(OperationError) {
    var chosen: Set<Int> = []
    for query in queries {
      for name in query.names {
        let found = Self.indices(of: name, query, in: namespace, among: all)
        guard !found.isEmpty else {
          throw OperationError(
            .notFound,
            query.resource.fluxKind == .externalArtifact
              ? "no generator in the files publishes an ExternalArtifact \(name)"
              : "ArtifactGenerator \(name) not found in the files")
        }
        chosen.formUnion(found)
      }
    }
    selected = Set(
      chosen.map {
        BuildReport.ObjectName(namespace: all[$0].namespace, name: all[$0].generator.name)
      })
    inputs = Self.withProducers(chosen, in: all).sorted().map { all[$0] }
  }

  /// What is asked for by names that no generator of an input answers to.
  package static func missing(
    _ queries: [ObjectQuery], in namespace: String?, from all: [GeneratorInput]
  ) -> [ObjectQuery] {
    queries.compactMap { query in
      let names = query.names.filter {
        indices(of: $0, query, in: namespace, among: all).isEmpty
      }
      return names.isEmpty ? nil : ObjectQuery(query.resource, names: names)
    }
  }

  private static func indices(
    of name: String, _ query: ObjectQuery, in namespace: String?, among all: [GeneratorInput]
  ) -> [Int] {
    all.indices.filter { index in
      let input = all[index]
      guard namespace == nil || namespace == input.namespace else { return false }
      return query.resource.fluxKind == .externalArtifact
        ? input.generator.spec.artifacts.contains { $0.name == name }
        : input.generator.name == name
    }
  }

  /// With whatever may make an ExternalArtifact that one of them draws on.
  private static func withProducers(_ chosen: Set<Int>, in all: [GeneratorInput]) -> Set<Int> {
    var result = chosen
    var waiting = Array(chosen)
    while let index = waiting.popLast() {
      for source in all[index].generator.spec.sources where source.kind == "ExternalArtifact" {
        let namespace = source.namespace ?? all[index].namespace
        for (other, input) in all.enumerated() where input.namespace == namespace {
          let spec = input.generator.spec
          let mayMake =
            spec.pathPattern != nil || spec.artifacts.contains { $0.name == source.name }
          if mayMake, result.insert(other).inserted { waiting.append(other) }
        }
      }
    }
    return result
  }
}
