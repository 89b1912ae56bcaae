import Document
import FluxModel
import KubeAPI
import Objects

/// Reads what depends on one object, and no more of the cluster than that: of generators their own
/// artifacts, by the label of source-watcher; of what else can refer to a dependent one list for each
/// kind; and single objects for what the states hang on.
struct DependentsReader {
  /// Up to this many generators are asked for their artifacts one by one; for more a list costs less.
  private static let fewGenerators = 2

  private let cluster: any Cluster
  /// The namespace to list in where the user may not list in all of them.
  private let fallback: String?
  private var loaded: LoadedGraph
  private var listed: Set<FluxKind> = []
  /// The generators whose artifacts were read.
  private var asked: Set<ObjectID> = []

  /// - Parameter store: What has been read already, the object itself included.
  init(_ cluster: any Cluster, fallback: String?, store: DeliveryStore) {
    self.cluster = cluster
    self.fallback = fallback
    loaded = LoadedGraph(store: store)
  }

  /// The graph with everything that depends on the object, and what could not be read.
  mutating func read(around subject: ObjectID) async -> LoadedGraph {
    while true {
      let members = loaded.graph.closure(
        from: [subject], .down, roles: DeliveryGraph.Role.delivery)
      let generators = members.filter { $0.fluxKind == .artifactGenerator }
      var kinds = Set(members.compactMap(\.fluxKind).flatMap(Self.users)).subtracting(listed)
      var publishers = generators.filter { !asked.contains($0) }
      if listed.contains(.externalArtifact) { publishers = [] }
      if publishers.count > Self.fewGenerators {
        kinds.insert(.externalArtifact)
        publishers = []
      }
      guard !kinds.isEmpty || !publishers.isEmpty else {
        return await judged(members)
      }
      listed.formUnion(kinds)
      await readArtifacts(of: publishers)
      loaded = await GraphLoader.load(
        from: cluster, fallback: fallback, kinds: FluxKind.allCases.filter(kinds.contains),
        into: loaded)
    }
  }

  /// What is known so far.
  var store: DeliveryStore {
    get { loaded.store }
    set { loaded = loaded.with(newValue) }
  }

  /// Reads what generators have published, one list for each.
  mutating func readArtifacts(of generators: [ObjectID]) async {
    asked.formUnion(generators)
    let published = await artifacts(of: generators)
    var store = loaded.store
    store.take(published.found)
    loaded = loaded.with(store, notes: published.gaps)
  }

  /// The kinds that can draw on one.
  ///
  /// What a Kustomization applies does not count.
  private static func users(of kind: FluxKind) -> [FluxKind] {
    switch kind {
    case .gitRepository, .bucket: [.artifactGenerator, .kustomization, .helmChart]
    case .ociRepository, .externalArtifact: [.artifactGenerator, .kustomization, .helmRelease]
    case .helmRepository: [.helmChart]
    case .helmChart: [.artifactGenerator, .helmRelease]
    case .artifactGenerator, .kustomization, .helmRelease, .fluxInstance: []
    }
  }

  /// What generators have published.
  ///
  /// source-watcher marks it with the generator's UID; a manifest without one has its namespace read.
  private func artifacts(of generators: [ObjectID]) async -> (found: [Value], gaps: [ReadGap]) {
    let uids = generators.map { ($0, loaded.graph.object($0)?.uid) }
    let answers = await concurrently(uids) {
      [cluster] id, uid -> Swift.Result<[Value], any Error> in
      let options = ListOptions(
        labelSelector: uid.map { "\(Ownership.generatorLabel)=\($0)" }, pageSize: 0)
      do {
        return .success(
          try await cluster.list(
            FluxKind.externalArtifact.resource, namespace: id.namespace, options: options
          ).items)
      } catch {
        return .failure(error)
      }
    }
    var found: [Value] = []
    var gaps: [ReadGap] = []
    for (id, answer) in zip(generators, answers) {
      switch answer {
      case .success(let objects): found += objects
      case .failure(let error):
        gaps.append(
          ReadGap(kind: .externalArtifact, namespace: id.namespace, cause: .init(error)))
      }
    }
    return (found, gaps)
  }

  /// With what the states of the members hang on.
  private func judged(_ members: [ObjectID]) async -> LoadedGraph {
    var reader = FreshnessReader(cluster, store: loaded.store)
    // A generator declares what may not exist.
    await reader.learn(members)
    _ = await reader.graph(judging: members.compactMap { reader.store[$0] })
    return loaded.with(reader.store)
  }
}
