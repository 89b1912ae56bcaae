import Document
import FluxModel
import Generation
import KubeAPI
import Objects

/// The base of a comparison: the artifacts of some generators, and who uses them.
struct PublishedArtifacts: Sendable {
  struct Artifact: Sendable {
    let state: DiffReport.State
    /// Who publishes it, when it says so.
    let publisher: ObjectID?
    /// Why it cannot be built, where the base is built.
    var failure: String?
    /// What the base would publish if nothing failed before it, and what does.
    var heldBack: (digest: String, by: ObjectID)?
    /// What is in it, where the base is built.
    var content: StagedArtifact?
  }

  /// By the identifier of the ExternalArtifact.
  private(set) var artifacts: [ObjectID: Artifact] = [:]
  /// The generators, and whatever draws on artifacts.
  private(set) var graph = DeliveryGraph(objects: [])
  private(set) var notes: [String] = []
  /// The consumers as the cluster has them.
  private(set) var consumers = ConsumerChanges.Side()

  /// What another build publishes.
  ///
  /// - Parameters:
  ///   - users: Objects that may use artifacts, as they will be.
  ///   - cluster: What says the rest of the users, and what is suspended.
  init(
    _ build: BuildReport, users: [Value], on cluster: (any Cluster)? = nil, fallback: String? = nil
  ) async {
    for item in build.items {
      let id = ObjectID(.externalArtifact, namespace: item.namespace, name: item.name)
      let generator = item.generator.generatorID
      switch item.outcome {
      case .success(let built) where item.blockedBy == nil:
        artifacts[id] = Artifact(
          state: DiffReport.State(
            revision: built.revision, digest: "\(built.archive.digest)",
            filename: built.archive.filename, originRevision: built.originRevision),
          publisher: generator, content: built.content)
      case .success(let built):
        let blocker = item.blockedBy ?? ""
        artifacts[id] = Artifact(
          state: DiffReport.State(), publisher: generator,
          failure: "is not built while \(blocker) fails",
          heldBack: (
            "\(built.archive.digest)",
            ObjectID(.externalArtifact, namespace: item.namespace, name: blocker)
          ), content: built.content)
      case .failure(let failure):
        artifacts[id] = Artifact(
          state: DiffReport.State(), publisher: generator,
          failure: "cannot be built: \(failure.message)")
      }
    }
    if let cluster {
      await readGraph(from: cluster, fallback: fallback, adding: users)
    } else {
      var store = DeliveryStore()
      store.take(users)
      graph = store.graph
    }
  }

  private mutating func readGraph(
    from cluster: any Cluster, fallback: String?, generators: [Value] = [], adding users: [Value]
  ) async {
    let loaded = await GraphLoader.load(
      from: cluster, namespace: nil, fallback: fallback,
      kinds: [.artifactGenerator, .kustomization, .helmRelease])
    notes += ReadGap.lines(loaded.notes)
    consumers.isLive = true
    consumers.take(loaded.objects)
    consumers.complete = [.kustomization, .helmRelease]
    for note in loaded.notes { consumers.complete.remove(note.kind) }
    var store = loaded.store
    store.take(generators)
    for user in users {
      guard let id = ObjectID(of: user) else { continue }
      guard let live = store[id] else {
        store.take(user)
        continue
      }
      let isSuspended = Suspension.isSuspended(live, kind: id.fluxKind)
      store.take((isSuspended ? user.suspended(like: live) : user).reported(as: live))
    }
    graph = store.graph
  }

  /// Everything that a cluster publishes, whoever does.
  ///
  /// - Parameters:
  ///   - namespace: Of the artifacts; nil for all.
  /// - Throws: `APIError` where artifacts cannot be listed.
  init(in namespace: String?, on cluster: any Cluster) async throws {
    take(
      try await cluster.list(
        FluxKind.externalArtifact.resource, namespace: namespace, options: ListOptions()
      ).items)
    await readGraph(from: cluster, fallback: namespace, adding: [])
  }

  /// The same artifacts, with whoever uses others.
  func used(as others: PublishedArtifacts) -> PublishedArtifacts {
    var result = self
    result.graph = others.graph
    return result
  }

  private mutating func take(_ objects: [Value]) {
    for object in objects {
      guard let id = ObjectID(of: object) else { continue }
      artifacts[id] = Artifact(of: object)
    }
  }

  /// Reads only: nothing here needs more than `get` and `list`.
  ///
  /// - Parameter users: Objects as they will be: they take the place of the cluster's, which only say
  ///   whether they are suspended.
  init(
    of names: [BuildReport.ObjectName], on cluster: any Cluster, users: [Value] = []
  ) async throws {
    var generators: [ObjectID: Value] = [:]
    for name in names {
      let id = name.generatorID
      generators[id] = try await readGenerator(id, on: cluster)
    }
    for namespace in Set(names.map(\.namespace)).sorted() {
      try await readArtifacts(in: namespace, of: generators, on: cluster)
    }
    await readGraph(
      from: cluster, fallback: names.first?.namespace, generators: Array(generators.values),
      adding: users)
  }

  private mutating func readGenerator(
    _ id: ObjectID, on cluster: any Cluster
  ) async throws -> Value? {
    do {
      return try await cluster.get(
        FluxKind.artifactGenerator.resource, namespace: id.namespace, name: id.name)
    } catch let error as APIError where error.isNotFound || isSilent(cluster, error) {
      return nil
    } catch let error as APIError where error.isForbidden {
      notes.append("\(id.phrase) was not read: \(error)")
      return nil
    }
  }

  /// Whether a snapshot has none of a kind and does not state its coverage: manifests that
  /// were put together by hand, where what is missing is not published.
  private func isSilent(_ cluster: any Cluster, _ error: APIError) -> Bool {
    error.kind == .notCaptured && (cluster as? Snapshot)?.statesCoverage == false
  }

  private mutating func readArtifacts(
    in namespace: String, of generators: [ObjectID: Value], on cluster: any Cluster
  ) async throws {
    do {
      let list = try await cluster.list(
        FluxKind.externalArtifact.resource, namespace: namespace, options: ListOptions())
      take(list.items)
    } catch let error as APIError where isSilent(cluster, error) {
      let known = generators.filter { $0.key.namespace == namespace }
      guard known.isEmpty else {
        let inventories = try readInventories(of: known, refusal: error)
        notes.append(
          "\(error): compared with the inventories of \(inventories) instead, which have no "
            + "revisions")
        return
      }
      notes.append("\(error): everything built in namespace \(namespace) is reported as new")
    } catch let error as APIError where error.isForbidden {
      let inventories = try readInventories(
        of: generators.filter { $0.key.namespace == namespace }, refusal: error)
      notes.append(
        "ExternalArtifacts of namespace \(namespace) were not read (\(error)): compared with "
          + "the inventories of \(inventories) instead, which have no revisions")
    }
  }

  /// The generators' own record of what they published, for users who may read no more than those.
  private mutating func readInventories(
    of known: [ObjectID: Value], refusal: APIError
  ) throws -> String {
    // With neither the artifacts nor the generators, everything would look new.
    guard !known.isEmpty else { throw refusal }
    for (generator, object) in known {
      for entry in GeneratorSummary(object).inventory {
        artifacts[entry.id] = Artifact(
          state: DiffReport.State(digest: entry.digest, filename: entry.filename),
          publisher: generator)
      }
    }
    return known.count == 1 ? "its generator" : "\(known.count) generators"
  }

}

extension PublishedArtifacts.Artifact {
  /// What an ExternalArtifact says of itself.
  init(of object: Value) {
    func lastComponent(_ path: String) -> String? {
      path.split(separator: "/").last.map(String.init)
    }
    let artifact = object["status", "artifact"]
    self.init(
      state: DiffReport.State(
        revision: artifact?["revision"]?.string, digest: artifact?["digest"]?.string,
        filename: artifact?["url"]?.string.flatMap(lastComponent)
          ?? artifact?["path"]?.string.flatMap(lastComponent),
        originRevision: SourceArtifact(of: object)?.originRevision),
      publisher: Ownership.publisher(of: object).map(ObjectID.init))
  }
}

extension Value {
  /// With what controllers report of the object in the cluster: a manifest has no status.
  fileprivate func reported(as live: Value) -> Value {
    guard var fields = object else { return self }
    fields["status"] = live["status"]
    var metadata = fields["metadata"]?.object ?? [:]
    metadata["generation"] = live["metadata", "generation"]
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }

  /// As a suspended object of Flux's toolkit is, with the record of who did it: what people suspend by
  /// hand stays so when Git is applied.
  fileprivate func suspended(like live: Value) -> Value {
    guard var fields = object else { return self }
    var spec = fields["spec"]?.object ?? [:]
    spec["suspend"] = true
    fields["spec"] = .object(spec)
    var metadata = fields["metadata"]?.object ?? [:]
    var annotations = metadata["annotations"]?.object ?? [:]
    for name in SuspensionRecord.all {
      guard let value = live["metadata", "annotations", name] else { continue }
      annotations[name] = value
    }
    if !annotations.isEmpty { metadata["annotations"] = .object(annotations) }
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }
}
