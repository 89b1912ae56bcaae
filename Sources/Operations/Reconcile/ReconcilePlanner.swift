import Document
import FluxModel
import KubeAPI
import Objects

/// Collects the reconciliations to carry out, and what stands in their way.
struct ReconcilePlanner {
  private let options: ReconcileOptions
  private let cluster: any WritableCluster
  private(set) var nodes: [ActNode] = []
  private(set) var thirdParty: [ThirdPartyOwner] = []
  private(set) var notes: [String] = []
  /// Objects that are left out, with the reason.
  private(set) var skipped: [ActOutcome] = []
  private var leftOut: Set<ObjectID> = []
  /// What cannot be reconciled.
  private(set) var failures: [any Error] = []
  /// Why nothing may be done at all: what of it is suspended.
  private var suspended: [String] = []
  /// What was asked for: named, or found by the selection.
  private var chosen: Set<ObjectID> = []
  /// Where each object stands in ``nodes``.
  private var places: [ObjectID: Int] = [:]

  init(_ options: ReconcileOptions, _ cluster: any WritableCluster) {
    self.options = options
    self.cluster = cluster
  }

  /// - Throws: When something suspended is in the way.
  mutating func add(_ found: ActTargets) async throws {
    thirdParty = found.thirdParty
    chosen = Set(found.targets.map(\.id))
    for target in found.targets {
      if !target.isSuspended {
        try await addWhole(target)
      } else if found.named.contains(target.id) {
        suspended.append(Self.suspendedText(target))
      } else {
        skip(target, .suspended)
      }
    }
    guard suspended.isEmpty else {
      throw OperationError(
        .precondition, suspended.joined(separator: "; ") + "; no changes were made")
    }
    if options.withConsumers { try await addConsumers(of: found.targets) }
  }

  private static func suspendedText(_ target: ActTarget) -> String {
    "\(target.id) is \(SuspensionRecord(of: target.object).phrase): resume it first"
  }

  // MARK: Sources

  /// Adds an object with its sources, or nothing of it when one of them cannot be planned: that
  /// leaves no trace in the plan of the others.
  private mutating func addWhole(_ target: ActTarget) async throws {
    let (count, thirdParty, suspended) = (nodes.count, thirdParty, suspended)
    do {
      try await add(target, path: [])
    } catch  where Self.concernsOneObject(error) {
      for node in nodes[count...] { places[node.id] = nil }
      nodes.removeSubrange(count...)
      (self.thirdParty, self.suspended) = (thirdParty, suspended)
      failures.append(error)
    }
  }

  private static func concernsOneObject(_ error: any Error) -> Bool {
    error is OperationError || (error as? APIError)?.isForbidden == true
  }

  private mutating func add(_ target: ActTarget, path: [ObjectID]) async throws {
    guard places[target.id] == nil else { return }
    guard !path.contains(target.id) else {
      throw OperationError(.cycle, "\(target.id) is its own source")
    }
    guard target.object.deletionTimestamp == nil else {
      throw OperationError(
        .precondition, "\(target.id) is being deleted and is no longer reconciled")
    }
    var after: [ObjectID] = []
    if options.withSources {
      for source in DeliveryLinks(of: target.object).sources {
        let node = try await addSource(source, path: path + [target.id], of: target)
        if let node { after.append(node) }
      }
    }
    // --force is for what was asked for, whatever order that is in, not for what comes along.
    let change = ActChange.request(force: options.force && chosen.contains(target.id))
    append(ActNode(target: target, change: change, after: after))
  }

  private mutating func append(_ node: ActNode) {
    places[node.id] = nodes.count
    nodes.append(node)
  }

  /// Adds a source with its own sources; an artifact stands for its generator.
  ///
  /// - Returns: What has to end before the one that uses the source.
  private mutating func addSource(
    _ source: (kind: FluxKind, id: ObjectID), path: [ObjectID], of user: ActTarget
  ) async throws -> ObjectID? {
    if places[source.id] != nil { return source.id }
    guard var target = try await read(source, path: path, of: user) else {
      guard let template = DeliveryLinks.templateSource(of: user.object) else { return nil }
      return try await addSource(template, path: path, of: user)
    }
    if target.kind == .externalArtifact {
      switch try await ArtifactOwner.find(of: target, on: cluster) {
      case .flux(let owner): target = owner
      case .thirdParty(let owner):
        if !thirdParty.contains(owner) { thirdParty.append(owner) }
        return nil
      }
    }
    // An OCI HelmRepository is only an address: no controller answers for it (source-controller,
    // `spec.type: oci`).
    if target.kind == .helmRepository, target.object["spec", "type"]?.string == "oci" {
      return nil
    }
    if target.isSuspended, places[target.id] == nil {
      let text = Self.suspendedText(target)
      if !suspended.contains(text) { suspended.append(text) }
      return nil
    }
    try await add(target, path: path)
    return target.id
  }

  /// - Returns: Nil for the HelmChart of a release that helm-controller has not looked at: it makes
  ///   the chart at its first turn, which is about to come.
  private func read(
    _ source: (kind: FluxKind, id: ObjectID), path: [ObjectID], of user: ActTarget
  ) async throws -> ActTarget? {
    let resource = source.kind.resource
    do {
      return ActTarget(
        resource,
        try await cluster.get(resource, namespace: source.id.namespace, name: source.id.name))
    } catch let error as APIError where error.isNotFound {
      if source.kind == .helmChart, user.kind == .helmRelease,
        user.object["spec", "chartRef"] == nil, user.object["status", "helmChart"] == nil
      {
        return nil
      }
      throw OperationError(
        .notFound,
        "\(source.id), a source of \(user.id), was not found: \(path.first ?? user.id) is not reconciled"
      )
    }
  }

  // MARK: Consumers

  /// Adds what takes its content from the given objects of the plan, directly or through generators.
  ///
  /// Suspended objects are said and left out, with what is behind them.
  private mutating func addConsumers(of named: [ActTarget]) async throws {
    let planned = named.filter { places[$0.id] != nil }
    var order = DeliveryOrder(planned)
    let namespaces = Set(order.publishers.keys.map(\.namespace)).sorted()
    var consumers: [ActTarget] = []
    if planned.contains(where: { $0.kind?.isSource == true }) {
      consumers += fed(try await list(.artifactGenerator, in: namespaces), &order)
    }
    for kind in [FluxKind.kustomization, .helmRelease] {
      consumers += try await list(kind, in: namespaces).filter {
        !order.sources(of: $0).isEmpty && isFree($0)
      }
    }
    for (target, after) in order.sorted(consumers) where places[target.id] == nil {
      append(ActNode(target: target, after: after))
    }
  }

  /// The generators that build from what is in the order, or from each other's artifacts; they are in
  /// the order then.
  private mutating func fed(
    _ generators: [ActTarget], _ order: inout DeliveryOrder
  ) -> [ActTarget] {
    var users: [ObjectID: [ActTarget]] = [:]
    for generator in generators {
      for source in DeliveryLinks(of: generator.object).sources {
        users[source.id, default: []].append(generator)
      }
    }
    var seen: Set<ObjectID> = []
    var fed: [ActTarget] = []
    var rest = order.publishers.keys.sorted()
    while let publication = rest.popLast() {
      for user in users[publication] ?? [] where seen.insert(user.id).inserted && isFree(user) {
        fed.append(user)
        rest += order.add(user)
      }
    }
    return fed.sorted { $0.id < $1.id }
  }

  /// Whether an object may be added; says why not.
  private mutating func isFree(_ target: ActTarget) -> Bool {
    guard places[target.id] == nil else { return true }
    if target.object.deletionTimestamp != nil {
      skip(target, .deleted, isConsumer: true)
      return false
    }
    if target.isSuspended { skip(target, .suspended, isConsumer: true) }
    return !target.isSuspended
  }

  private mutating func skip(_ target: ActTarget, _ reason: ActReason, isConsumer: Bool = false) {
    let text = reason == .deleted ? "is being deleted" : "is suspended"
    if isConsumer { notes.append("\(target.id) \(text) and is skipped") }
    guard leftOut.insert(target.id).inserted else { return }
    skipped.append(ActOutcome(target, .skipped, reason: reason, message: text))
  }

  /// Consumers may live anywhere; without the right to look everywhere, the namespaces of the plan
  /// have to do.
  private mutating func list(_ kind: FluxKind, in namespaces: [String]) async throws -> [ActTarget]
  {
    let resource = kind.resource
    var objects: [Value] = []
    do {
      objects = try await cluster.list(resource, namespace: nil, options: ListOptions()).items
    } catch let error as APIError where error.isNotFound {
      return []
    } catch let error as APIError where error.isForbidden {
      notes.append(ActRights.narrowed(resource, to: namespaces))
      for namespace in namespaces {
        objects += try await cluster.list(
          resource, namespace: namespace, options: ListOptions()
        ).items
      }
    }
    return objects.map { ActTarget(resource, $0) }
  }
}
