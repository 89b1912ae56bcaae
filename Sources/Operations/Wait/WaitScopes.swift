import Document
import FluxModel
import KubeAPI
import Objects

/// Collects everything that a goal depends on.
struct WaitScopes {
  private let judge: WaitJudge
  private let context: ActContext
  /// Whether every object is to be read once: then nothing is gained by lists.
  private let looksOnce: Bool
  private(set) var scopes: [WatchScope] = []
  /// What the goal does not depend on: it explains why an object is not ready, or what a suspended one
  /// lacks.
  private(set) var beside: Set<WatchScope> = []
  private(set) var notes: [String] = []
  /// What was read on the way.
  private(set) var read: [Value] = []
  private var known: Set<WatchScope> = []

  init(_ judge: WaitJudge, looksOnce: Bool, _ context: ActContext) {
    self.judge = judge
    self.looksOnce = looksOnce
    self.context = context
  }

  /// - Throws: What keeps an object from being read.
  mutating func collect(_ targets: [ActTarget]) async throws {
    guard !targets.isEmpty else { return }
    if judge.consumers { try await addDownstream(of: targets) }
    let isMany = !looksOnce && targets.count > WatchScope.few
    for target in targets {
      add(target.resource, target.id.namespace, isMany ? nil : target.id.name)
      if target.kind == .artifactGenerator, needsArtifacts {
        add(FluxKind.externalArtifact.resource, target.id.namespace, nil)
      }
      if let generator = Ownership.generator(of: target.object), target.kind == .externalArtifact {
        let resource = FluxKind.artifactGenerator.resource
        add(resource, generator.namespace, isMany ? nil : generator.name)
      }
    }
    if case .commit = judge.goal { return try await addUpstream(of: targets) }
    if judge.consumers {
      for target in targets where target.kind != .externalArtifact { addSources(of: target.object) }
    }
  }

  /// Adds the sources of consumers: of one that is missing, the consumer itself says only that it
  /// failed; of what is suspended, its sources show what it lacks.
  mutating func addBeside(_ targets: [ActTarget]) {
    guard judge.goal != .suspended else { return }
    let before = scopes.count
    let suspended = targets.filter(\.isSuspended)
    let consumers = targets.filter { $0.kind?.isConsumer == true }
    for group in [consumers, suspended] where group.count <= WatchScope.few {
      for target in group { addSources(of: target.object) }
    }
    beside = Set(scopes[before...])
  }

  private var needsArtifacts: Bool {
    switch judge.goal {
    case .ready, .suspended: judge.consumers
    case .revision, .commit, .stored: true
    }
  }

  private mutating func add(_ resource: ResourceType, _ namespace: String?, _ name: String?) {
    // A whole collection covers its objects.
    let wider = [
      WatchScope(resource: resource, namespace: nil),
      WatchScope(resource: resource, namespace: namespace),
      WatchScope(resource: resource, namespace: namespace, name: name),
    ]
    guard known.isDisjoint(with: wider), let scope = wider.last else { return }
    known.insert(scope)
    scopes.append(scope)
  }

  private mutating func addSources(of object: Value) {
    for (kind, id) in DeliveryLinks(of: object).sources {
      add(kind.resource, id.namespace, id.name)
    }
  }

  /// Everything that the objects are made from, all the way up.
  private mutating func addUpstream(of targets: [ActTarget]) async throws {
    var rest = targets.map(\.object)
    var visited: Set<ObjectID> = []
    while let object = rest.popLast() {
      guard let id = ObjectID(of: object), visited.insert(id).inserted else { continue }
      if id.fluxKind == .artifactGenerator {
        add(FluxKind.externalArtifact.resource, id.namespace, nil)
      }
      addSources(of: object)
      for (kind, source) in DeliveryLinks(of: object).sources where !visited.contains(source) {
        do {
          let found = try await context.reads.get(
            kind.resource, namespace: source.namespace, name: source.name)
          read.append(found)
          rest.append(found)
        } catch let error as APIError where error.isNotFound {
          // It may still come; its own sources are then not followed.
        }
      }
    }
  }

  /// The consumers, and the generators between the targets and them.
  private mutating func addDownstream(of targets: [ActTarget]) async throws {
    // HelmCharts are packed from these.
    let packs = targets.contains {
      [.gitRepository, .bucket, .helmRepository].contains($0.kind)
    }
    for kind in (packs ? [FluxKind.helmChart] : []) + [.kustomization, .helmRelease] {
      for namespace in try await readable(kind.resource, targets) {
        add(kind.resource, namespace, nil)
      }
    }
    for generator in try await generators(behind: targets) {
      add(FluxKind.artifactGenerator.resource, generator.namespace, generator.name)
      add(FluxKind.externalArtifact.resource, generator.namespace, nil)
      addSources(of: generator)
    }
  }

  private mutating func generators(behind targets: [ActTarget]) async throws -> [Value] {
    let resource = FluxKind.artifactGenerator.resource
    var store = DeliveryStore()
    for target in targets { store.take(target.object) }
    for namespace in try await readable(resource, targets) {
      do {
        let list = try await context.reads.list(
          resource, namespace: namespace, options: ListOptions())
        store.take(list.items)
      } catch let error as APIError where error.isForbidden || error.isNotFound {
        // Whoever may only see the named generator waits for its own consumers.
      }
    }
    let graph = store.graph
    let publishers = targets.filter { $0.kind == .externalArtifact }.compactMap {
      Ownership.generator(of: $0.object)
    }
    let found = Set(targets.flatMap { WaitJudge.followers(of: $0.id, in: graph) } + publishers)
    let generators = found.filter { $0.fluxKind == .artifactGenerator }.sorted()
      .compactMap { store[$0] }
    read += generators
    return generators
  }

  /// All namespaces where that is allowed, else those of the targets.
  private mutating func readable(
    _ resource: ResourceType, _ targets: [ActTarget]
  ) async throws -> [String?] {
    let everywhere = ActRight(verb: "list", resource: resource, namespace: nil)
    guard try await !context.missing([everywhere]).isEmpty else { return [nil] }
    let own = Set(targets.map(\.id.namespace)).sorted()
    notes.append(ActRights.narrowed(resource, to: own))
    return own
  }
}
