import Document
import FluxModel
package import KubeAPI
import Objects

/// Generators as a cluster has them.
package struct ClusterGenerators: Sendable {
  private let cluster: any Cluster
  private let namespace: String

  package init(on cluster: any Cluster, in namespace: String) {
    self.cluster = cluster
    self.namespace = namespace
  }

  /// Reads the generators that names stand for, an ExternalArtifact for the one that publishes it.
  ///
  /// - Parameter queries: Of generators and ExternalArtifacts, with names.
  /// - Throws: `APIError` where an object cannot be read; `OperationError` for an artifact that no
  ///   generator publishes, and for a generator that cannot be read.
  package func read(_ queries: [ObjectQuery]) async throws -> [GeneratorInput] {
    var ids: [ObjectID] = []
    for query in queries {
      for name in query.names {
        let id = ObjectID(query.resource, namespace: namespace, name: name)
        let generator = try await self.generator(behind: id)
        if !ids.contains(generator) { ids.append(generator) }
      }
    }
    var inputs: [GeneratorInput] = []
    for id in ids { inputs.append(try await input(id)) }
    return inputs
  }

  private func generator(behind id: ObjectID) async throws -> ObjectID {
    guard id.fluxKind == .externalArtifact else { return id }
    let object = try await get(.externalArtifact, id)
    guard let generator = Ownership.generator(of: object) else {
      let publisher = Ownership.publisher(of: object).map { ": \(ObjectID($0).phrase) does" }
      throw OperationError(
        .precondition, "no ArtifactGenerator publishes \(id.phrase)\(publisher ?? "")")
    }
    return generator
  }

  private func input(_ id: ObjectID) async throws -> GeneratorInput {
    let object = try await get(.artifactGenerator, id)
    do {
      return GeneratorInput(
        origin: "the cluster", generator: try ArtifactGenerator(object), namespace: id.namespace,
        strictFindings: [])
    } catch {
      throw OperationError(.invalidInput, "\(id.phrase): \(error)")
    }
  }

  private func get(_ kind: FluxKind, _ id: ObjectID) async throws -> Value {
    try await MissingNamespace.object(id, of: kind, on: cluster)
  }
}
