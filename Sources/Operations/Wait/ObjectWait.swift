package import Document
package import KubeAPI
package import Objects

/// What `kubectl wait` waits for: something that each object shows by itself.
package enum ObjectWait: Sendable {
  /// - Parameter isMet: Throws where an object can never meet it.
  case state(isMet: @Sendable (Value) throws -> Bool)
  case deletion
  case creation

  /// What is usually waited for of kinds that are not Flux's.
  package static let usualConditions = [
    "Deployment": "Available", "Job": "Complete", "Pod": "Ready", "Node": "Ready",
    "CustomResourceDefinition": "Established",
  ]

  /// A condition of the status, as kubectl looks for it: case does not matter, and one that its
  /// controller set for an earlier generation does not count
  /// (`kubectl/pkg/cmd/wait/condition.go`).
  package static func condition(_ type: String, is status: String) -> ObjectWait {
    .state { object in
      let conditions = object["status", "conditions"]?.array ?? []
      for condition in conditions {
        guard condition["type"]?.string?.lowercased() == type.lowercased(),
          let found = condition["status"]?.string
        else { continue }
        let observed =
          condition["observedGeneration"]?.integer
          ?? object["status", "observedGeneration"]?.integer
        if let generation = object.generation, let observed, observed < generation { return false }
        return found.lowercased() == status.lowercased()
      }
      return false
    }
  }
}

/// Waits for one object after the other, as kubectl does, until all have what is waited for or the
/// time is over.
package struct WaitForObjects: Sendable {
  package enum Update: Sendable {
    /// - Parameter object: As it was last seen.
    case met(ResourceType, Value)
    case failed(any Error)
  }

  /// Each is awaited after the one before it; creation, which can only be the first, of all objects
  /// before anything else of one (`RunWait` of `kubectl/pkg/cmd/wait/wait.go`).
  private let goals: [ObjectWait]
  private let reads: any Cluster
  /// Nil for a snapshot, which does not change: the first look is the last.
  private let watches: (any WatchingCluster)?
  /// Nil for every namespace.
  private let namespace: String?
  private let options: ListOptions
  /// Nil for a single look.
  private let deadline: ContinuousClock.Instant?
  private let looksOnce: Bool

  package init(
    for goals: [ObjectWait], in namespace: String?, options: ListOptions, on reads: any Cluster,
    watching watches: (any WatchingCluster)?, until deadline: ContinuousClock.Instant?,
    looksOnce: Bool
  ) {
    self.goals = goals
    self.reads = reads
    self.watches = watches
    self.namespace = namespace
    self.options = options
    self.deadline = deadline
    self.looksOnce = looksOnce || watches == nil
  }

  private struct Target {
    let resource: ResourceType
    let namespace: String?
    let name: String
    /// As it was read; nil where it is not there yet, or may not be.
    var object: Value?
  }

  package func run(
    _ queries: [ObjectQuery], onUpdate: (Update) throws -> Void
  ) async throws {
    var targets: [Target] = []
    var isRefused = false
    for query in queries {
      do {
        targets += try await self.targets(of: query, onUpdate)
      } catch let error as APIError {
        isRefused = true
        try onUpdate(.failed(MissingKind.account(error, of: query.resource)))
      }
    }
    let isNamed = queries.contains { !$0.names.isEmpty }
    if targets.isEmpty, !isNamed, !isDeletion {
      guard !isRefused else { return }
      guard isCreation, !looksOnce, let watches else {
        return try onUpdate(.failed(OperationError(.notFound, "no matching resources found")))
      }
      guard try await appears(queries, on: watches) else {
        return try onUpdate(.failed(Self.neverCreated))
      }
      for query in queries { targets += try await self.targets(of: query, onUpdate) }
    }
    let creation = goals.prefix(while: \.isCreation)
    for phase in [creation, goals.dropFirst(creation.count)] {
      var hasFailed = false
      for index in targets.indices {
        do {
          for goal in phase {
            guard let object = try await wait(for: goal, targets[index]) else { continue }
            targets[index].object = goal.isDeletion ? nil : object
            try onUpdate(.met(targets[index].resource, object))
          }
        } catch let error as CancellationError {
          throw error
        } catch {
          hasFailed = true
          try onUpdate(.failed(error))
        }
      }
      if hasFailed { return }
    }
  }

  /// Waits for the first object of some kinds of which there is none yet.
  private func appears(
    _ queries: [ObjectQuery], on cluster: any WatchingCluster
  ) async throws -> Bool {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      defer { group.cancelAll() }
      for query in queries {
        group.addTask {
          var isThere = false
          try await cluster.watch(
            query.resource, namespace: query.resource.isNamespaced ? namespace : nil,
            options: WatchOptions(
              labelSelector: options.labelSelector, fieldSelector: options.fieldSelector)
          ) { update in
            switch update {
            case .snapshot(let list): isThere = !list.items.isEmpty
            case .added, .modified: isThere = true
            case .deleted, .interrupted: break
            }
            return isThere ? .stop : .next
          }
          return isThere
        }
      }
      if let deadline {
        group.addTask {
          try await Task.sleep(until: deadline)
          return false
        }
      }
      return try await group.next() ?? false
    }
  }

  private var isDeletion: Bool { goals.contains(where: \.isDeletion) }
  private var isCreation: Bool { goals.contains(where: \.isCreation) }

  private func targets(
    of query: ObjectQuery, _ onUpdate: (Update) throws -> Void
  ) async throws -> [Target] {
    let place = query.resource.isNamespaced ? namespace : nil
    guard !query.names.isEmpty else {
      return try await reads.list(query.resource, namespace: place, options: options).items.map {
        Target(
          resource: query.resource, namespace: $0.namespace, name: $0.name ?? "", object: $0)
      }
    }
    var targets: [Target] = []
    for name in query.names {
      var object: Value?
      do {
        object = try await reads.get(query.resource, namespace: place, name: name)
      } catch let error as APIError where error.isNotFound && !error.isOfUnknownResource {
        // What is gone already is as good as what goes.
        if isDeletion { continue }
        guard isCreation else {
          try onUpdate(
            .failed(await MissingNamespace.reason(for: error, namespace: place, on: reads)))
          continue
        }
      }
      targets.append(
        Target(resource: query.resource, namespace: place, name: name, object: object))
    }
    return targets
  }

  /// - Returns: The object when it has what is waited for.
  private func wait(for goal: ObjectWait, _ target: Target) async throws -> Value? {
    var last = target.object
    if let met = try goal.met(by: target.object, last: &last) { return met }
    guard !looksOnce, let watches else { throw notMet(goal, target) }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      defer { group.cancelAll() }
      group.addTask { [last] in try await follow(target, for: goal, last, on: watches) }
      if let deadline {
        group.addTask {
          try await Task.sleep(until: deadline)
          return nil
        }
      }
      guard let met = try await group.next() ?? nil else { throw timedOut(goal, target) }
      return met
    }
  }

  private func follow(
    _ target: Target, for goal: ObjectWait, _ seen: Value?, on cluster: any WatchingCluster
  ) async throws -> Value? {
    var last = seen
    var result: Value?
    try await cluster.watch(
      target.resource, namespace: target.namespace, options: .object(named: target.name)
    ) { update in
      switch update {
      case .snapshot(let list): result = try goal.met(by: list.items.first, last: &last)
      case .added(let object), .modified(let object): result = try goal.met(by: object, last: &last)
      case .deleted: result = try goal.met(by: nil, last: &last)
      case .interrupted: break
      }
      return result == nil ? .next : .stop
    }
    return result
  }

  private func notMet(_ goal: ObjectWait, _ target: Target) -> OperationError {
    // Nothing is created in a snapshot, however long anybody waits.
    goal.isCreation && watches != nil
      ? Self.neverCreated
      : OperationError(.timedOut, "condition not met for \(target.resource.plural)/\(target.name)")
  }

  private func timedOut(_ goal: ObjectWait, _ target: Target) -> OperationError {
    goal.isCreation
      ? Self.neverCreated
      : OperationError(
        .timedOut,
        "timed out waiting for the condition on \(target.resource.plural)/\(target.name)")
  }

  /// kubectl does not know the name of what is not there yet.
  private static let neverCreated = OperationError(
    .timedOut, "timed out waiting for the condition")
}

extension ObjectWait {
  fileprivate var isDeletion: Bool { if case .deletion = self { true } else { false } }
  package var isCreation: Bool { if case .creation = self { true } else { false } }

  /// The object if it has what is waited for.
  ///
  /// - Parameter last: As it was before; what is gone has no other state.
  fileprivate func met(by object: Value?, last: inout Value?) throws -> Value? {
    let before = last
    last = object ?? last
    switch self {
    case .creation: return object
    case .deletion: return object == nil ? before : nil
    case .state(let isMet): return try object.flatMap { try isMet($0) ? $0 : nil }
    }
  }
}
