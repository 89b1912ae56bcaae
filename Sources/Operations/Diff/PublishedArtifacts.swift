import Document
import FluxModel
import KubeAPI
import Objects

/// What a cluster holds of some generators: their artifacts and who draws on those.
struct PublishedArtifacts: Sendable {
  struct Artifact: Sendable {
    let state: DiffReport.State
    /// Who publishes it, when it says so.
    let publisher: ObjectID?
  }

  struct Reader: Sendable {
    let id: ObjectID
    let object: Value
  }

  /// By the identifier of the ExternalArtifact.
  private(set) var artifacts: [ObjectID: Artifact] = [:]
  private(set) var generators: [ObjectID: Value] = [:]
  /// By the artifact that they draw on, in the order of their identifiers.
  private(set) var readers: [ObjectID: [Reader]] = [:]
  private(set) var notes: [String] = []

  /// Reads only: nothing here needs more than `get` and `list`.
  init(of names: [BuildReport.ObjectName], on cluster: any Cluster) async throws {
    for name in names {
      try await readGenerator(name, on: cluster)
    }
    for namespace in Set(names.map(\.namespace)).sorted() {
      try await readArtifacts(in: namespace, on: cluster)
    }
    await readConsumers(fallback: names.first?.namespace, on: cluster)
  }

  private mutating func readGenerator(
    _ name: BuildReport.ObjectName,
    on cluster: any Cluster
  ) async throws {
    let id = ObjectID(.artifactGenerator, namespace: name.namespace, name: name.name)
    do {
      generators[id] = try await cluster.get(
        FluxKind.artifactGenerator.resource, namespace: name.namespace, name: name.name)
    } catch let error as APIError where error.isNotFound {
      return
    } catch let error as APIError where error.isForbidden {
      notes.append("\(id.phrase) was not read: \(error)")
    }
  }

  private mutating func readArtifacts(
    in namespace: String,
    on cluster: any Cluster
  ) async throws {
    do {
      let list = try await cluster.list(
        FluxKind.externalArtifact.resource, namespace: namespace, options: ListOptions())
      for object in list.items {
        guard let id = ObjectID(of: object) else { continue }
        let view = ExternalArtifactView(object)
        artifacts[id] = Artifact(
          state: DiffReport.State(
            revision: view.artifact?.revision,
            digest: view.artifact?.digest,
            filename: view.artifact?.url.flatMap(Self.lastComponent)
              ?? object["status", "artifact", "path"]?.string.flatMap(Self.lastComponent),
            originRevision: view.artifact?.originRevision),
          publisher: view.sourceReference.map(ObjectID.init))
      }
    } catch let error as APIError where error.isForbidden {
      let inventories = try readInventories(in: namespace, refusal: error)
      notes.append(
        "ExternalArtifacts of namespace \(namespace) were not read (\(error)): compared with "
          + "the inventories of \(inventories) instead, which hold no revisions")
    }
  }

  /// The generators' own record of what they published, for users who may read no more than those.
  private mutating func readInventories(
    in namespace: String,
    refusal: APIError
  ) throws -> String {
    let known = generators.filter { $0.key.namespace == namespace }
    // With neither the artifacts nor the generators, everything would look new.
    guard !known.isEmpty else { throw refusal }
    for (generator, object) in known {
      for entry in object["status", "inventory"]?.array ?? [] {
        guard let name = entry["name"]?.string else { continue }
        let id = ObjectID(
          .externalArtifact, namespace: entry["namespace"]?.string ?? namespace, name: name)
        artifacts[id] = Artifact(
          state: DiffReport.State(
            digest: entry["digest"]?.string, filename: entry["filename"]?.string),
          publisher: generator)
      }
    }
    return known.count == 1 ? "its generator" : "\(known.count) generators"
  }

  private mutating func readConsumers(fallback: String?, on cluster: any Cluster) async {
    let loaded = await GraphLoader.load(
      from: cluster, namespace: nil, fallback: fallback,
      kinds: [.artifactGenerator, .kustomization, .helmRelease])
    notes += GraphNote.lines(loaded.notes)
    var found: [ObjectID: [ObjectID: Value]] = [:]
    for object in loaded.objects {
      guard let id = ObjectID(of: object) else { continue }
      for link in DeliveryLinks(of: object).upstream
      where link.role != .applies && link.node.fluxKind == .externalArtifact {
        found[link.node, default: [:]][id] = object
      }
    }
    readers = found.mapValues { objects in
      objects.sorted { $0.key < $1.key }.map { Reader(id: $0.key, object: $0.value) }
    }
  }

  private static func lastComponent(_ path: String) -> String? {
    path.split(separator: "/").last.map(String.init)
  }
}
