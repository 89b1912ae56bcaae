import Document
package import FluxModel
import KubeAPI
import Objects
package import Text

/// Waits until objects are as they should be, or until it is clear that they will not: what wait
/// does next.
package struct WaitMachine: ActMachine {
  private let targets: [ActTarget]
  private let indices: [ObjectID: Int]
  private let scopes: [WatchScope]
  private let beside: Set<WatchScope>
  private let looksOnce: Bool
  /// Whether nothing but a target itself changes what is judged of it.
  private let dependsOnTargetsOnly: Bool
  private let now: @Sendable () -> Timestamp
  private var judge: WaitJudge
  private var store: DeliveryStore
  private var unlisted: Set<WatchScope>
  /// What has changed since the last look; nil for what may have changed anything.
  private var changed: Set<ObjectID>?
  private var ended: [ObjectID: ActOutcome] = [:]
  /// What was last said that an object waits for.
  private var said: [ObjectID: String] = [:]
  /// Generators whose sources are to be read, to see whether they are stuck, with the state that
  /// they are read for.
  private var suspects: [ObjectID: Value?] = [:]
  private var examinations = ActTurns()
  private var reminders: [ObjectID: Timestamp] = [:]
  private var effects: [ActEffect] = []

  /// - Parameters:
  ///   - scopes: Everything that the goal depends on.
  ///   - beside: Those of them that the wait goes on without.
  ///   - known: What has been read already.
  ///   - looksOnce: Whether the state at the first look is the answer.
  package init(
    _ targets: [ActTarget], for judge: WaitJudge, in scopes: [WatchScope],
    beside: Set<WatchScope> = [], knowing known: DeliveryStore = DeliveryStore(), looksOnce: Bool,
    now: @escaping @Sendable () -> Timestamp
  ) {
    store = known
    self.targets = targets
    indices = Dictionary(uniqueKeysWithValues: zip(targets.map(\.id), targets.indices))
    self.judge = judge
    self.scopes = scopes
    self.beside = beside
    self.looksOnce = looksOnce
    dependsOnTargetsOnly =
      !judge.consumers && (judge.goal == .ready || judge.goal == .suspended)
      // These depend on their generators, too.
      && !targets.contains { $0.kind == .externalArtifact }
    self.now = now
    unlisted = Set(scopes)
  }

  package var outcomes: [ActOutcome] { targets.compactMap { ended[$0.id] } }

  package mutating func take(_ message: ActMessage) -> [ActEffect] {
    switch message {
    case .start: start()
    case .seen(let id, let object): see(id, object)
    case .gone(let id): see(id, nil)
    case .complete(let scope): complete(scope)
    case .interrupted(let error): effects.append(.emit(.interruption(error)))
    case .watchFailed(let scope, let error): drop(scope, error)
    case .reminded(let id): suspect(id)
    case .examined(let id, let sources): decide(id, sources)
    case .quiet: if !looksOnce || suspects.isEmpty { look(isLast: looksOnce) }
    case .deadline: giveUp()
    case .answered: break
    }
    examine()
    if ended.count == targets.count { effects.append(.end) }
    defer { effects = [] }
    return effects
  }

  /// One look needs no second reading of an object.
  private mutating func start() {
    guard looksOnce else {
      effects += scopes.map(ActEffect.follow)
      return
    }
    for scope in scopes {
      if let id = scope.object, store.knows(id) {
        unlisted.remove(scope)
        see(id, store[id])
      } else {
        effects.append(.look(scope))
      }
    }
  }

  private mutating func see(_ id: ObjectID, _ object: Value?) {
    if let object {
      store.take(object)
      judge.note(id, object)
    } else {
      store.remove(id)
    }
    if dependsOnTargetsOnly, indices[id] != nil { changed?.insert(id) } else { changed = nil }
    suspect(id)
  }

  /// What has not been seen in a scope by now is not there.
  private mutating func complete(_ scope: WatchScope) {
    unlisted.remove(scope)
    if let id = scope.object {
      if store[id] == nil { store.remove(id) }
    } else if let kind = scope.resource.fluxKind {
      store.cover(kind, in: scope.namespace)
    }
  }

  /// Goes on without a scope, if something is left to go by.
  private mutating func drop(_ scope: WatchScope, _ error: any Error) {
    unlisted.remove(scope)
    if beside.contains(scope), let id = scope.object {
      return store.refuse(id, because: "\(error)")
    }
    let watched = targets.filter { scope.covers($0.id) }
    guard (error as? APIError)?.isForbidden == true, !watched.isEmpty else {
      return effects.append(.fail(error))
    }
    for target in watched { end(target, .failed, "\(error)", .watchFailed) }
  }

  // MARK: Looks

  /// Judges the targets that may be judged otherwise than before; at the last look, all.
  private mutating func look(isLast: Bool) {
    guard unlisted.isEmpty else { return }
    let due = isLast ? nil : changed?.compactMap { indices[$0] }.sorted()
    changed = []
    let graph = store.graph
    for target in due.map({ $0.map { targets[$0] } }) ?? targets where ended[target.id] == nil {
      switch judge.state(of: target.id, in: graph, now: now()) {
      case .met:
        warn(of: target.id, in: graph)
        end(target, .met)
      case .failed(.state(let state)) where state.isStuck && state.id == target.id: endStuck(target)
      case .failed(let reason): end(target, .failed, "\(reason)")
      case .waiting(let reason) where isLast:
        end(target, .timedOut, "\(reason)", looksOnce ? .notMet : .timeout)
      case .waiting(let reason):
        let text = "\(reason)"
        // What is being examined may be stuck: that is said then.
        guard said[target.id] != text, suspects[target.id] == nil else { continue }
        said[target.id] = text
        effects.append(.emit(.waiting(target.id, text)))
      }
    }
  }

  /// An object that was ready when it was suspended counts as ready, whatever it may lack since.
  private mutating func warn(of id: ObjectID, in graph: DeliveryGraph) {
    guard judge.goal == .ready || judge.goal == .stored else { return }
    let state = graph.state(of: id, now: now())
    guard case .suspended? = state.health else { return }
    effects.append(
      .emit(.warning("\(shortenHex(state.sentence)); it does not change until it is resumed")))
  }

  private mutating func giveUp() {
    look(isLast: true)
    let missing = unlisted.map(\.resource.groupResource).min() ?? ""
    for target in targets {
      end(target, .timedOut, "the server has not listed \(missing) yet", .timeout)
    }
  }

  private mutating func end(
    _ target: ActTarget, _ result: ActOutcome.Result, _ message: String = "",
    _ reason: ActReason? = nil
  ) {
    guard ended[target.id] == nil else { return }
    let outcome = ActOutcome(
      target, result, reason: reason, message: message, object: store[target.id])
    ended[target.id] = outcome
    effects.append(.emit(.ended(outcome)))
  }

  // MARK: Stuck generators

  /// Has a generator examined that has been at Ready=Unknown for longer than an attempt takes.
  private mutating func suspect(_ id: ObjectID) {
    guard let index = indices[id], ended[id] == nil, suspects[id] == nil,
      judge.goal != .suspended, id.fluxKind == .artifactGenerator,
      case .working(let ready)? = store.graph.health(of: id), ready.status == .unknown,
      let since = ready.lastTransition
    else { return }
    let left = since.seconds + AttemptTracker.longest - now().seconds
    if store.graph.maybeStuck(id, now: now()) {
      suspects[id] = .some(nil)
      examinations.add(index)
    } else if reminders[id] != since, !looksOnce {
      reminders[id] = since
      effects.append(.remind(id, after: .seconds(left + 1)))
    }
  }

  private mutating func examine() {
    while let index = examinations.take() {
      let id = targets[index].id
      let sources = store[id].map(StuckGenerator.sources(of:)) ?? []
      if sources.isEmpty {
        suspects[id] = nil
        examinations.release()
      } else {
        suspects[id] = store[id]
        effects.append(.examine(id, sources: sources))
      }
    }
  }

  private mutating func decide(_ id: ObjectID, _ sources: [ObjectID: Value]) {
    examinations.release()
    let examined = suspects.removeValue(forKey: id) ?? nil
    guard let examined, let index = indices[id], let object = store[id] else { return }
    guard object.resourceVersion == examined.resourceVersion else {
      // What was examined is not what there is any more.
      return suspect(id)
    }
    if StuckGenerator.isStuck(object, sources) {
      endStuck(targets[index])
    } else {
      // What it waits for has not been said yet.
      changed?.insert(id)
    }
  }

  private mutating func endStuck(_ target: ActTarget) {
    end(target, .stuck, GeneratorState.noDrift, .stuck)
  }
}
