import Document
package import FluxModel
import KubeAPI
import Objects
package import Text

/// Waits until objects are as they should be, or until it is clear that they will not.
package struct WaitFor: Sendable {
  private enum Message: Sendable {
    case seen(FollowMessage)
    /// A generator has been left at Ready=Unknown, in this version of it.
    case stuck(ObjectID, version: String?)
    case deadline
  }

  package let context: ActContext
  package let goal: WaitGoal
  package let consumers: Bool
  package let orLater: Bool
  private let now: @Sendable () -> Timestamp

  package init(
    _ context: ActContext, goal: WaitGoal, consumers: Bool, orLater: Bool,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.context = context
    self.goal = goal
    self.consumers = consumers
    self.orLater = orLater
    self.now = now
  }

  /// - Parameters:
  ///   - scopes: Those for the targets.
  ///   - timeout: Nil waits for ever; zero looks once.
  /// - Returns: An outcome for each target, in their order.
  package func run(
    _ targets: [ActTarget], _ scopes: [FollowScope], timeout: Duration?
  ) async throws -> [ActOutcome] {
    guard !targets.isEmpty else { return [] }
    var judge = WaitJudge(goal: goal, consumers: consumers, orLater: orLater)
    var world = DeliveryWorld()
    let (messages, feed) = AsyncStream.makeStream(of: Message.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      for scope in scopes {
        group.addTask {
          await ActFollower(cluster: context.cluster).follow(scope) { feed.yield(.seen($0)) }
        }
      }
      if let timeout, timeout > .zero {
        group.addTask {
          try await Task.sleep(for: timeout)
          feed.yield(.deadline)
        }
      }
      var incomplete = Set(scopes)
      var outcomes: [ObjectID: ActOutcome] = [:]
      var waiting: [ObjectID: String] = [:]

      func end(
        _ target: ActTarget, _ result: ActOutcome.Result, _ message: String, reason: String = ""
      ) {
        guard outcomes[target.reference] == nil else { return }
        let outcome = ActOutcome(
          target, result, reason: reason, message: message, object: world[target.reference])
        outcomes[target.reference] = outcome
        context.onEvent(.ended(outcome))
      }
      func look(isLast: Bool = false) {
        for target in targets where outcomes[target.reference] == nil {
          switch judge.state(of: target.reference, in: world) {
          case .met: end(target, .met, "")
          case .failed(let text): end(target, .failed, text)
          case .waiting(let text):
            if isLast {
              end(target, .timedOut, text, reason: timeout == .zero ? "NotMet" : "")
            } else if waiting[target.reference] != text {
              waiting[target.reference] = text
              context.onEvent(.waiting(target, text))
            }
          }
        }
      }

      for await message in messages {
        switch message {
        case .seen(.object(let reference, let object)):
          world[reference] = object
          judge.note(reference, object)
          if isLeftUnknown(reference, object) {
            group.addTask {
              guard await StuckGenerator.isFound(in: object, on: context.cluster) else { return }
              feed.yield(.stuck(reference, version: object.resourceVersion))
            }
          }
        case .seen(.gone(let reference)):
          world[reference] = nil
        case .seen(.complete(let scope)):
          incomplete.remove(scope)
        case .seen(.interrupted(_, let error)):
          context.onEvent(.note("the connection was lost and is being opened again: \(error)"))
        case .seen(.failed(_, let error)):
          throw error
        case .stuck(let reference, let version):
          guard world[reference]?.resourceVersion == version else { break }
          for target in targets where target.reference == reference {
            end(target, .stuck, StuckGenerator.text, reason: "Stuck")
          }
        case .deadline:
          look(isLast: true)
        }
        guard incomplete.isEmpty || outcomes.count == targets.count else { continue }
        look(isLast: timeout == .zero)
        if outcomes.count == targets.count { break }
      }
      try Task.checkCancellation()
      return targets.compactMap { outcomes[$0.reference] }
    }
  }

  /// Whether a generator has been at Ready=Unknown for longer than an attempt takes.
  private func isLeftUnknown(_ reference: ObjectID, _ object: Value) -> Bool {
    guard goal != .suspended, reference.fluxKind == .artifactGenerator,
      !Suspension.isSuspended(object, kind: reference.fluxKind),
      let ready = Conditions(of: object).ready, ready.status == .unknown,
      let since = ready.lastTransition
    else { return false }
    return now().seconds - since.seconds > AttemptTracker.longest
  }

  /// Everything that the goal depends on.
  package func scopes(for targets: [ActTarget]) async throws -> [FollowScope] {
    var scopes: [FollowScope] = []
    func add(_ kind: FluxKind, _ namespace: String?, _ name: String?) {
      // A whole collection covers its objects.
      if scopes.contains(where: {
        $0.kind == kind && $0.name == nil && ($0.namespace == nil || $0.namespace == namespace)
      }) {
        return
      }
      let scope = FollowScope(kind: kind, resource: kind.resource, namespace: namespace, name: name)
      if !scopes.contains(scope) { scopes.append(scope) }
    }
    if consumers {
      for kind in [FluxKind.kustomization, .helmRelease] {
        for namespace in try await readable(kind, targets.map(\.reference.namespace)) {
          add(kind, namespace, nil)
        }
      }
      for generator in try await downstream(of: targets) {
        let namespace = generator.namespace ?? ""
        add(.artifactGenerator, namespace, generator.name)
        add(.externalArtifact, namespace, nil)
        for source in DeliveryLinks(of: generator).sources {
          add(source.kind, source.id.namespace, source.id.name)
        }
      }
    }
    let isMany = targets.count > 16
    for target in targets {
      add(target.kind, target.reference.namespace, isMany ? nil : target.reference.name)
    }
    var todo = targets
    var visited: Set<ObjectID> = []
    while let target = todo.popLast() {
      guard visited.insert(target.reference).inserted else { continue }
      let reference = target.reference
      if target.kind == .artifactGenerator, needsArtifacts {
        add(.externalArtifact, reference.namespace, nil)
      }
      guard case .commit = goal else {
        if consumers, target.kind.isConsumer {
          for source in DeliveryLinks(of: target.object).sources {
            add(source.kind, source.id.namespace, source.id.name)
          }
        }
        continue
      }
      for source in DeliveryLinks(of: target.object).sources {
        add(source.kind, source.id.namespace, source.id.name)
        do {
          let object = try await context.cluster.get(
            source.kind.resource, namespace: source.id.namespace, name: source.id.name)
          todo.append(ActTarget(source.kind, resource: source.kind.resource, object: object))
        } catch let error as APIError where error.isNotFound {
          // It may still come; its own sources are then not followed.
        }
      }
    }
    return scopes
  }

  /// The generators between the targets and their consumers, as they are now.
  private func downstream(of targets: [ActTarget]) async throws -> [Value] {
    var world = DeliveryWorld()
    for target in targets { world[target.reference] = target.object }
    for namespace in try await readable(.artifactGenerator, targets.map(\.reference.namespace)) {
      let list: ObjectList
      do {
        list = try await context.cluster.list(
          FluxKind.artifactGenerator.resource, namespace: namespace, options: ListOptions())
      } catch let error as APIError where error.isForbidden || error.isNotFound {
        // Whoever may only see the named generator waits for its own consumers.
        continue
      }
      for object in list.items {
        guard let reference = ObjectID(of: object) else { continue }
        world[reference] = object
      }
    }
    let found = Set(targets.flatMap { world.downstream(of: $0.reference).generators })
    return found.sorted { "\($0)" < "\($1)" }.compactMap { world[$0] }
  }

  private var needsArtifacts: Bool {
    switch goal {
    case .ready, .suspended: consumers
    case .revision, .commit, .stored: true
    }
  }

  /// All namespaces where that is allowed, else those of the targets.
  private func readable(_ kind: FluxKind, _ namespaces: [String]) async throws -> [String?] {
    let everywhere = ActRight("list", kind.resource, namespace: nil)
    guard try await !ActRights.missing([everywhere], on: context.cluster).isEmpty else {
      return [nil]
    }
    let own = Set(namespaces).sorted()
    context.onEvent(.note(ActRights.narrowed(kind, to: own)))
    return own
  }
}
