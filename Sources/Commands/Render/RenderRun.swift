import Archive
import Document
import FluxModel
import Generation
import KubeAPI
import Objects
import Operations

/// Settles what `render` renders, and from what.
struct RenderRun<T: Tool, Flags: SnapshotReader> {
  let tool: T.Type
  let options: RenderOptions
  let target: RenderTargetOptions
  let fetching: FetchOptions
  let cluster: Flags
  let surroundings: Surroundings

  func request(
    _ queries: [ObjectQuery], _ meter: FetchProgressMeter
  ) async throws -> RenderConsumers.Request {
    // Nothing connects that was not asked to.
    let session =
      options.files.isEmpty || options.fromCluster || cluster.snapshotPath != nil
      ? try await cluster.session(tool, in: surroundings) : nil
    let namespace =
      session?.namespace ?? cluster.place.offlineNamespace(of: tool, in: surroundings)
    // Both readers get the same.
    let input = options.files.contains("-") ? try surroundings.readInput() : []
    var manifests = RenderManifests(namespace: namespace)
    for path in options.manifests {
      try manifests.add(at: path, flag: "--manifests", readInput: { [] })
    }
    for path in options.files {
      try manifests.add(at: path, flag: "-f", readInput: { input })
    }
    let build = try build(session, namespace: namespace, input: input, meter)
    var consumers = manifests.consumers
    if options.files.isEmpty, let session {
      consumers = try await Self.consumers(queries, of: kinds, on: session)
    } else if !queries.isEmpty {
      consumers = try Self.selected(queries, consumers, given: cluster.place.given, namespace)
    }
    if options.valuesOnly {
      consumers.removeAll { ObjectID(of: $0)?.fluxKind != .helmRelease }
    }
    guard !consumers.isEmpty else {
      let words = kinds.map { "\($0.resource.kind)s" }.joined(separator: " or ")
      throw OperationError(
        .notFound,
        options.files.isEmpty
          ? "no \(words) found in \(namespace) namespace"
          : "\(options.files.joined(separator: ", ")): no \(words) found")
    }
    var request = RenderConsumers.Request(
      build: build, consumers: consumers, namespace: namespace)
    request.references = manifests.references
    // A snapshot has neither Secrets nor the data of ConfigMaps.
    request.references.cluster = cluster.snapshotPath == nil ? session?.cluster : nil
    request.target = target.settled
    request.isValuesOnly = options.valuesOnly
    request.isRaw = options.raw
    request.showsSecrets = options.showSecrets
    return request
  }

  /// What is looked for where nothing is named.
  private var kinds: [FluxKind] {
    options.valuesOnly ? [.helmRelease] : RenderConsumers.kinds
  }

  private func build(
    _ session: ClusterSession?, namespace: String, input: [UInt8],
    _ meter: FetchProgressMeter
  ) throws -> BuildRequest {
    var objects = SourceObjects()
    objects.namespace = namespace
    var notes = try objects.add(options.manifests)
    var generators: [GeneratorInput] = []
    if !options.files.isEmpty {
      let found = try GeneratorFiles(allowsNone: true, readInput: { input })
        .read(options.files, namespace: namespace)
      generators = found.generators
      objects.documents = found.sources
      notes += found.notes.filter { !notes.contains($0) }
    }
    for note in notes { surroundings.note("Note: \(note)") }
    objects.cluster = session?.cluster
    var build = BuildRequest(
      inputs: generators, compressor: ControllerRelease.newest.compressor ?? .go126,
      temporaryFolder: surroundings.temporaryFolder)
    build.objects = objects
    build.environment = surroundings.environment
    build.sizeLimit = try fetching.sizeLimit()
    build.needsRevisions = false
    build.warnsOfUnused = false
    build.mappings = try SourceMapping.all(options.sources, flag: "--source", kind: sourceKind)
    build.revisions = try SourceMapping.all(
      options.revisions, flag: "--revision", kind: sourceKind)
    if let session, session.forwarding != nil {
      build.content = try fetching.content(
        of: session, onBytes: meter.report, in: surroundings
      ).keeping
    }
    return build
  }

  /// Those of a cluster: the named ones, or all of the namespace.
  private static func consumers(
    _ queries: [ObjectQuery], of kinds: [FluxKind], on session: ClusterSession
  ) async throws -> [Value] {
    var consumers: [Value] = []
    guard !queries.isEmpty else {
      var missing: APIError?
      for kind in kinds {
        do {
          consumers += try await session.cluster.list(
            kind.resource, namespace: session.namespace, options: ListOptions()
          ).items
        } catch let error as APIError where error.missingFluxKind != nil {
          // A cluster need not have both controllers.
          missing = missing ?? error
        }
      }
      if let missing, consumers.isEmpty { throw missing }
      return consumers
    }
    for query in queries {
      for name in query.names {
        consumers.append(
          try await session.cluster.get(
            query.resource, namespace: session.namespace, name: name))
      }
    }
    return consumers
  }

  /// Those of the files that are named.
  private static func selected(
    _ queries: [ObjectQuery], _ all: [Value], given: String?, _ namespace: String
  ) throws -> [Value] {
    var selected: [Value] = []
    for query in queries {
      for name in query.names {
        let found = all.filter { object in
          object.kind == query.resource.kind && object.name == name
            && (given == nil || (object.namespace ?? namespace) == given)
        }
        guard !found.isEmpty else {
          throw OperationError(
            .notFound, "\(query.resource.kind) \(name) not found in the files")
        }
        selected += found
      }
    }
    return selected
  }
}
