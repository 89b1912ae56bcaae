package import Document
package import Objects
package import Text

/// Judges a goal on the objects as they are.
///
/// What an object's state is, the graph says; this decides only what each state means for a goal.
/// Pure: what was seen earlier comes in by ``note(_:_:)``.
package struct WaitJudge: Sendable {
  package let goal: WaitGoal
  /// Whether consumers count as well.
  package let consumers: Bool
  /// Whether a later commit than the one waited for is as good.
  package let orLater: Bool
  /// The revisions that sources had when they were first seen.
  private var first: [ObjectID: String] = [:]
  /// Sources whose revision changed while we waited.
  private var moved: Set<ObjectID> = []

  package init(goal: WaitGoal, consumers: Bool = false, orLater: Bool = false) {
    self.goal = goal
    self.consumers = consumers
    self.orLater = orLater
  }

  /// Notes what an object's revision is now.
  ///
  /// Call for every state of a source, in order.
  package mutating func note(_ id: ObjectID, _ object: Value) {
    guard let revision = SourceArtifact(of: object)?.revision, !revision.isEmpty else { return }
    if let earlier = first[id] {
      if !equalUTF8(earlier, revision) { moved.insert(id) }
    } else {
      first[id] = revision
    }
  }

  /// How far `target` is.
  package func state(of target: ObjectID, in graph: DeliveryGraph, now: Timestamp) -> WaitState {
    guard graph.object(target) != nil else { return .failed(.gone(target)) }
    let look = Look(graph: graph, now: now, moved: moved, orLater: orLater)
    let own = look.state(of: target, goal)
    guard consumers, goal != .suspended else { return own }
    // Until the target itself is there, its consumers may well have what is current now.
    guard case .met = own else { return own }
    return .all(
      (Self.builders(of: target, in: graph) + Self.followers(of: target, in: graph))
        .map(look.hasFollowed))
  }

  /// What has to follow its sources before consumers can: the target, or the generator of an artifact.
  ///
  /// One that is suspended can be ready and behind.
  private static func builders(of target: ObjectID, in graph: DeliveryGraph) -> [ObjectID] {
    switch target.fluxKind {
    case .artifactGenerator, .kustomization, .helmRelease: [target]
    case .externalArtifact: graph.object(target).flatMap(Ownership.generator).map { [$0] } ?? []
    default: []
    }
  }

  /// What takes its content from an object: the generators that build from it, directly or from each
  /// other's artifacts, the charts that are packed from it, and everything that applies what they
  /// publish; generators first.
  package static func followers(of target: ObjectID, in graph: DeliveryGraph) -> [ObjectID] {
    graph.closure(from: [target], .down, roles: [.source, .chart, .publishes, .delivers])
      .filter { id in
        guard id != target, let kind = id.fluxKind else { return false }
        return kind == .artifactGenerator || kind == .helmChart || kind.isConsumer
      }.sorted()
  }
}

/// One look at the objects.
private struct Look {
  let graph: DeliveryGraph
  let now: Timestamp
  let moved: Set<ObjectID>
  let orLater: Bool

  func state(of id: ObjectID, _ goal: WaitGoal) -> WaitState {
    switch goal {
    case .ready: ready(id)
    case .suspended:
      graph.state(of: id, now: now).health?.isSuspended == true
        ? .met : .waiting(.notSuspended(id))
    case .revision(let wanted): revision(id, wanted)
    case .commit(let commit): arrived(id, commit, path: [])
    case .stored: stored(id)
    }
  }

  // MARK: Ready

  /// Ready, of the current generation.
  ///
  /// A failure that the controller retries by itself is waited out.
  private func ready(_ id: ObjectID) -> WaitState {
    // What happens to a generator does not show in its artifacts.
    if let generator = generator(of: id) { return .all([ready(generator), own(id)]) }
    return own(id)
  }

  private func generator(of id: ObjectID) -> ObjectID? {
    guard id.fluxKind == .externalArtifact else { return nil }
    return graph.object(id).flatMap(Ownership.generator)
  }

  private func own(_ id: ObjectID) -> WaitState {
    let state = graph.state(of: id, now: now)
    switch state.health {
    case nil: return .failed(.gone(id))
    case .ready: return .met
    case .deleting, .stalled: return .failed(.state(state))
    case .working, .neverObserved, .changed:
      return state.isStuck ? .failed(.state(state)) : .waiting(.state(state))
    case .failing(let condition): return failing(state, condition)
    case .suspended(_, let ready):
      guard let ready, ready.status == .yes, isBeforeSuspension(ready, id) else {
        return .failed(.suspended(id, ready: ready))
      }
      return .met
    }
  }

  /// Whether nothing but the suspension has changed an object since a condition: where the mark is in
  /// the spec, setting it is a generation of its own, at which no controller looks.
  private func isBeforeSuspension(_ ready: Condition, _ id: ObjectID) -> Bool {
    guard let object = graph.object(id), !ready.isCurrent(of: object) else { return true }
    guard object["spec", "suspend"]?.bool == true, let seen = ready.observedGeneration,
      let now = object.generation
    else { return false }
    return seen == now - 1
  }

  private func failing(_ state: ObjectState, _ condition: Condition) -> WaitState {
    // source-watcher asks for its sources again after five seconds.
    condition.isTransient || condition.reason == "SourceFetchFailed" || isBeforeSource(state)
      ? .waiting(.state(state)) : .failed(.state(state))
  }

  /// Whether a consumer has failed without what its source holds now: its controller begins again
  /// when the source is there, or changes (`kustomization_indexers.go`, `helmrelease_indexers.go`).
  private func isBeforeSource(_ state: ObjectState) -> Bool {
    guard case .consumer(let consumer) = state.judgement else { return false }
    switch consumer.cause {
    case .sourceMissing, .sourceEmpty: return true
    case .failed(_, at: nil):
      let source = graph.object(state.id).flatMap { DeliveryLinks(of: $0).sources.first?.id }
      return source.flatMap(graph.object) != nil
    default: return false
    }
  }

  /// Whether an object was ready when it was suspended, not observed since: the suspend field
  /// itself is a change of the spec.
  private func frozen(_ state: ObjectState) -> WaitState {
    let ready = state.health?.condition
    return ready?.status == .yes ? .met : .failed(.suspended(state.id, ready: ready))
  }

  // MARK: Revisions

  private func revision(_ id: ObjectID, _ wanted: String) -> WaitState {
    let readiness = ready(id)
    if case .failed = readiness { return readiness }
    let present = revisions(id)
    guard !present.isEmpty else { return .waiting(.noRevision(id)) }
    if let other = present.first(where: { !RevisionMatch.matches($0, wanted) }) {
      return .waiting(.at(id, revision: other))
    }
    return readiness
  }

  /// The revisions that an object stands for: of a generator, those of all its artifacts.
  private func revisions(_ id: ObjectID) -> [String] {
    let object = graph.object(id) ?? [:]
    func text(_ path: String) -> [String] { object["status", path]?.string.map { [$0] } ?? [] }
    switch id.fluxKind {
    case .artifactGenerator:
      return GeneratorSummary(object).published.map {
        graph.object($0).flatMap(SourceArtifact.init)?.revision ?? ""
      }
    case .kustomization, .fluxInstance: return text("lastAppliedRevision")
    case .helmRelease: return text("lastAttemptedRevision")
    default: return object["status", "artifact", "revision"]?.string.map { [$0] } ?? []
    }
  }

  private func stored(_ id: ObjectID) -> WaitState {
    let object = graph.object(id) ?? [:]
    switch id.fluxKind {
    case .artifactGenerator:
      let readiness = ready(id)
      guard case .met = readiness else { return readiness }
      let state = graph.state(of: id, now: now)
      guard !GeneratorSummary(object).inventory.isEmpty else {
        return state.health?.isSuspended == true
          ? .failed(.state(state)) : .waiting(.publishesNothing(id))
      }
      return .all(
        GeneratorSummary(object).inventory.map { entry in
          let published = graph.object(entry.id).flatMap(SourceArtifact.init)?.digest
          let digest = entry.digest ?? ""
          return published == digest ? .met : .waiting(.notPublished(entry.id, digest: digest))
        })
    case .kustomization, .helmRelease, .fluxInstance: return .failed(.storesNothing(id))
    default:
      if SourceArtifact(of: object) != nil { return generator(of: id).map(ready) ?? .met }
      let readiness = ready(id)
      if case .met = readiness { return .waiting(.noArtifact(id)) }
      return readiness
    }
  }

  // MARK: The way of a commit

  /// Whether what an object contains was made from sources of which one is at the commit.
  private func arrived(_ id: ObjectID, _ commit: String, path: Set<ObjectID>) -> WaitState {
    guard let object = graph.object(id) else { return .waiting(.absent(id)) }
    guard !path.contains(id) else { return .failed(.ownSource(id)) }
    let sources = DeliveryLinks(of: object).sources.map(\.id)
    let states = sources.map { arrived($0, commit, path: path.union([id])) }
    switch id.fluxKind {
    case .artifactGenerator:
      // One has to be at the commit; the others count only with what has failed.
      guard !states.isEmpty else { return .failed(.noSourceForCommit) }
      return states.contains(.met) ? built(id) : .all(states)
    case .externalArtifact:
      guard let upstream = states.first else { return holds(id, object, commit) }
      guard case .met = upstream else { return upstream }
      let state = graph.state(of: id, now: now)
      if case .artifact(let artifact) = state.judgement, artifact.isAsWritten { return .met }
      return .waiting(.state(state))
    case .kustomization, .helmRelease, .helmChart:
      guard let upstream = states.first else { return .failed(.noKnownSource(id)) }
      guard case .met = upstream else { return upstream }
      return id.fluxKind == .helmChart ? ready(id) : delivered(id)
    default: return holds(id, object, commit)
    }
  }

  /// A source that can be at a commit itself.
  private func holds(_ id: ObjectID, _ object: Value, _ commit: String) -> WaitState {
    let readiness = ready(id)
    let artifact = object["status", "artifact"]
    let origin = artifact?["metadata", "org.opencontainers.image.revision"]?.string ?? ""
    let revision = artifact?["revision"]?.string
    if let revision, RevisionMatch.isAt(commit, revision) || RevisionMatch.isAt(commit, origin) {
      switch graph.state(of: id, now: now).health {
      // It has the commit, whatever became of a later fetch.
      case .failing, .stalled, .suspended: return .met
      default: return readiness
      }
    }
    if case .failed = readiness { return readiness }
    guard let revision else { return .waiting(.noArtifact(id)) }
    guard moved.contains(id) else {
      return .waiting(.notAt(id, revision: revision, commit: commit))
    }
    return orLater ? readiness : .failed(.movedPast(id, revision: revision, commit: commit))
  }

  func hasFollowed(_ id: ObjectID) -> WaitState {
    switch id.fluxKind {
    case .artifactGenerator: built(id)
    case .helmChart: packed(id)
    default: delivered(id)
    }
  }

  /// Whether a chart is ready with what its source contains now.
  ///
  /// source-controller packs it again when its source is at another revision than
  /// `status.observedSourceArtifactRevision` (`helmchart_controller.go`).
  private func packed(_ id: ObjectID) -> WaitState {
    let object = graph.object(id) ?? [:]
    let source = DeliveryLinks(of: object).sources.first?.id
    guard let source, let used = object["status", "observedSourceArtifactRevision"]?.string,
      let current = graph.object(source).flatMap(SourceArtifact.init)?.revision,
      !equalUTF8(used, current)
    else { return ready(id) }
    let state = graph.state(of: id, now: now)
    switch state.health {
    case .suspended, .stalled, .deleting: return .failed(.state(state))
    default: return .waiting(.notPacked(id, from: source, revision: current))
    }
  }

  /// Whether a generator is ready with what its sources hold now.
  private func built(_ id: ObjectID) -> WaitState {
    let state = graph.state(of: id, now: now)
    guard case .generator(let generator) = state.judgement else { return .failed(.gone(id)) }
    switch generator.cause {
    case .published: return .met
    case .suspended(_, _, isCurrent: true, _): return frozen(state)
    case .suspended, .stalled, .deleting, .noDrift: return .failed(.state(state))
    case .failing(let condition): return failing(state, condition)
    case .reconciling, .overdue, .neverObserved, .changed, .sourcesMoved, .sourceMissing,
      .sourceEmpty, .sourceUnread, .artifactMissing, .artifactChanged:
      return .waiting(.state(state))
    }
  }

  /// Whether a consumer runs what its source contains now.
  private func delivered(_ id: ObjectID) -> WaitState {
    let state = graph.state(of: id, now: now)
    guard case .consumer(let consumer) = state.judgement else { return .waiting(.absent(id)) }
    switch consumer.cause {
    case .applied: return .met
    case .suspended(_, lacks: nil): return frozen(state)
    case .suspended, .stalled, .deleting: return .failed(.state(state))
    case .unstated: return .failed(.noKnownSource(id))
    case .sourceUnread(let source, _) where source.fluxKind == nil:
      return .failed(.noKnownSource(id))
    // With older content a failure says nothing about the new one.
    case .failed(_, at: nil): return .waiting(.state(state))
    case .failed(let condition, _): return failing(state, condition)
    case .reconciling, .neverObserved, .changed, .behind, .sourceMissing, .sourceEmpty,
      .sourceUnread, .unrecorded:
      return .waiting(.state(state))
    }
  }
}
