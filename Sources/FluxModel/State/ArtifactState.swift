import Document
package import Objects
package import Text

/// How an ExternalArtifact stands: as the generator that publishes it, and by itself.
///
/// That of a generator never goes NotReady, whatever happens to the generator: "Ready" says that it can
/// be fetched, not that it is current. A third party may report its own failures there (RFC-0012).
package struct ArtifactState: Sendable, Hashable {
  package enum Cause: Sendable, Hashable {
    /// It is what its generator has published of its sources as they are.
    case published(by: ObjectID)
    /// It is no fresher than its generator.
    case generator(GeneratorState)
    case generatorMissing(ObjectID)
    case generatorUnread(ObjectID, String?)
    /// Not in the inventory of its generator any more.
    case dropped(by: ObjectID)
    /// Published by a generator of the same name that was deleted: source-watcher looks for its
    /// artifacts by a label with its UID.
    case earlierGenerator(ObjectID)
    case empty(ObjectID)
    case changed(Change)
    /// Its publisher reports here that it fails.
    case failing(Condition)
    case stalled(Condition)
    /// Published by a kind whose state only its own controller reports.
    case thirdParty(ObjectReference)
    /// It does not say who publishes it.
    case unstated
    case deleting
  }

  /// How an artifact was changed by others than its generator.
  package struct Change: Sendable, Hashable {
    package let artifact: ObjectID
    package let digest: String
    package let generator: ObjectID
    /// What the generator has written down.
    package let published: String

    /// Nil when the artifact is as the generator has published it.
    init?(
      _ content: SourceArtifact, against entry: GeneratorSummary.Entry, of generator: ObjectID
    ) {
      guard let published = entry.digest, !equalUTF8(published, content.digest) else { return nil }
      artifact = entry.id
      digest = content.digest
      self.generator = generator
      self.published = published
    }
  }

  package let id: ObjectID
  package let cause: Cause
  package let since: Timestamp?
  /// Whether it is what its generator has written down, however that stands.
  package let isAsWritten: Bool

  package var freshness: Freshness {
    switch cause {
    case .published: .fresh
    case .generator(let state): state.freshness.isOutdated ? .stale : state.freshness
    case .generatorUnread, .thirdParty, .unstated: .unknown
    default: .stale
    }
  }

  package var remedy: Remedy? {
    switch cause {
    case .published, .generatorUnread, .thirdParty, .unstated, .deleting: nil
    case .generator(let state): state.remedy
    case .failing, .stalled: .fix(id)
    case .generatorMissing, .dropped, .earlierGenerator: .delete(id)
    case .empty(let generator): .reconcile(generator)
    case .changed(let change): .reconcile(change.generator)
    }
  }
}

/// Judges an ExternalArtifact by who publishes it.
struct ArtifactJudge {
  let graph: DeliveryGraph
  let id: ObjectID
  let object: Value
  let now: Timestamp

  var state: ArtifactState {
    let health = ObjectHealth(of: object, kind: .externalArtifact)
    if case .deleting(let since) = health { return made(.deleting, since) }
    let failure = failure(in: health)
    let links = DeliveryLinks(contentOf: object)
    guard let publisher = links.upstream.first(where: { $0.role == .publishes }) else {
      return failure ?? made(.unstated)
    }
    let generator = publisher.node
    guard generator.fluxKind == .artifactGenerator else {
      return failure ?? made(.thirdParty(publisher.object))
    }
    guard let published = graph.object(generator) else {
      if case .unread(let reason) = graph.presence(of: generator) {
        return made(.generatorUnread(generator, reason))
      }
      return made(.generatorMissing(generator))
    }
    let state = GeneratorJudge(
      graph: graph, id: generator, object: published, now: now, countsArtifacts: false
    ).state
    let (own, since) = compared(with: generator, published)
    // While it builds, a new artifact is there before it is in the inventory.
    guard case .published = state.cause else {
      return made(.generator(state), state.since, isAsWritten: own == nil)
    }
    if own == nil, let failure { return failure }
    return made(own ?? .published(by: generator), since, isAsWritten: own == nil)
  }

  /// What it reports of itself; nil unless that is a failure.
  private func failure(in health: ObjectHealth) -> ArtifactState? {
    switch health {
    case .failing(let condition): made(.failing(condition), condition.lastTransition)
    case .stalled(let condition): made(.stalled(condition), condition.lastTransition)
    default: nil
    }
  }

  private func made(
    _ cause: ArtifactState.Cause, _ since: Timestamp? = nil, isAsWritten: Bool = false
  ) -> ArtifactState {
    ArtifactState(id: id, cause: cause, since: since, isAsWritten: isAsWritten)
  }

  /// Nil when the artifact is the one that the generator has written down: artifacts are not watched,
  /// so a change by hand stays until the next reconciliation.
  private func compared(
    with generator: ObjectID, _ published: Value
  ) -> (ArtifactState.Cause?, Timestamp?) {
    if let mark = object.labels[Ownership.generatorLabel],
      let uid = published.uid, mark != uid
    {
      return (.earlierGenerator(generator), nil)
    }
    guard let entry = GeneratorSummary(published).inventory.first(where: { $0.id == id }) else {
      return (.dropped(by: generator), nil)
    }
    guard let content = SourceArtifact(of: object) else { return (.empty(generator), nil) }
    let change = ArtifactState.Change(content, against: entry, of: generator)
    return (change.map(ArtifactState.Cause.changed), change == nil ? nil : content.updated)
  }
}
