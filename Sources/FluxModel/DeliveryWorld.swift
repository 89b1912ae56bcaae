package import Document
package import Objects
import Text

/// The objects of a delivery as they are at one moment, by reference.
package struct DeliveryWorld: Sendable {
  package private(set) var objects: [ObjectID: Value] = [:]

  package init() {}

  package subscript(reference: ObjectID) -> Value? {
    get { objects[reference] }
    set { objects[reference] = newValue }
  }

  /// The artifacts that a generator publishes: those of its inventory.
  package func artifacts(of generator: Value) -> [(reference: ObjectID, digest: String)] {
    (generator["status", "inventory"]?.array ?? []).compactMap { entry in
      guard let name = entry["name"]?.string else { return nil }
      let namespace = entry["namespace"]?.string ?? generator.namespace ?? ""
      return (
        ObjectID(.externalArtifact, namespace: namespace, name: name),
        entry["digest"]?.string ?? ""
      )
    }
  }

  /// What comes after an object: the generators that build from it, directly or from each other's
  /// artifacts, and everything from which consumers take what it holds.
  package func downstream(
    of target: ObjectID
  ) -> (generators: [ObjectID], publications: Set<ObjectID>) {
    var publications: Set<ObjectID> = [target]
    if target.fluxKind == .artifactGenerator, let object = self[target] {
      publications = Set(artifacts(of: object).map(\.reference))
    }
    var generators: [ObjectID] = []
    var rest = objects.filter { $0.key.fluxKind == .artifactGenerator && $0.key != target }
    while let (reference, object) = rest.first(where: {
      DeliveryLinks(of: $0.value).sources
        .contains { publications.contains($0.id) }
    }) {
      rest[reference] = nil
      generators.append(reference)
      publications.formUnion(artifacts(of: object).map(\.reference))
    }
    return (generators.sorted { "\($0)" < "\($1)" }, publications)
  }

  /// The Kustomizations and HelmReleases that take their content from one of the sources, ordered
  /// by name.
  package func consumers(of sources: Set<ObjectID>) -> [ObjectID] {
    objects.filter { reference, object in
      reference.fluxKind?.isConsumer == true
        && DeliveryLinks(of: object).sources.contains { sources.contains($0.id) }
    }.keys.sorted { "\($0)" < "\($1)" }
  }
}

/// What `wait` waits for.
package enum WaitGoal: Sendable, Hashable {
  case ready
  case suspended
  /// A revision, or a part of it that names it: `main@sha1:0123abc…`, `sha256:…`, `6.9.2`.
  case revision(String)
  /// A Git commit, whole or its first seven digits or more.
  case commit(String)
  /// The artifact is published.
  case stored
}

/// How far a goal is.
package enum WaitState: Sendable, Hashable {
  case met
  /// What is being waited for.
  case waiting(String)
  /// It will not come by waiting.
  case failed(String)

  /// The first that fails, else the first that waits.
  static func all(_ states: [WaitState]) -> WaitState {
    for case .failed(let text) in states { return .failed(text) }
    for case .waiting(let text) in states { return .waiting(text) }
    return .met
  }
}

/// Judges a goal on the objects as they are.
///
/// Pure: what was seen earlier comes in as ``moved``.
package struct WaitJudge: Sendable {
  package let goal: WaitGoal
  /// Whether consumers count as well.
  package let consumers: Bool
  /// Whether a later commit than the one waited for is as good.
  package let orLater: Bool
  /// Sources whose revision changed while we waited, with the revision they had first.
  package private(set) var moved: [ObjectID: String] = [:]
  private var first: [ObjectID: String] = [:]

  package init(goal: WaitGoal, consumers: Bool = false, orLater: Bool = false) {
    self.goal = goal
    self.consumers = consumers
    self.orLater = orLater
  }

  /// Notes what an object's revision is now.
  ///
  /// Call for every state of a source, in order.
  package mutating func note(_ reference: ObjectID, _ object: Value) {
    guard let revision = object["status", "artifact", "revision"]?.string, !revision.isEmpty else {
      return
    }
    guard let earlier = first[reference] else {
      first[reference] = revision
      return
    }
    if !equalUTF8(earlier, revision) { moved[reference] = earlier }
  }

  /// How far `target` is.
  package func state(of target: ObjectID, in world: DeliveryWorld) -> WaitState {
    guard let object = world[target] else { return .failed("\(target) is gone") }
    let own: WaitState =
      switch goal {
      case .ready: ready(target, object)
      case .suspended:
        Suspension.isSuspended(object, kind: target.fluxKind)
          ? .met : .waiting("\(target) is not suspended")
      case .revision(let wanted): revision(target, object, wanted, world)
      case .commit(let commit): arrived(target, commit: commit, in: world, visited: [])
      case .stored: stored(target, object, world)
      }
    guard consumers, goal != .suspended else { return own }
    // Until the target itself is there, its consumers may well have what is current now.
    guard case .met = own else { return own }
    let (generators, publications) = world.downstream(of: target)
    return .all(
      generators.map { reference in
        world[reference].map { built(reference, $0, in: world) } ?? .failed("\(reference) is gone")
      } + world.consumers(of: publications).map { delivered($0, in: world) })
  }

  // MARK: Goals

  /// Ready, of the current generation.
  ///
  /// A failure that the controller retries by itself is waited out.
  private func ready(_ reference: ObjectID, _ object: Value) -> WaitState {
    guard object.deletionTimestamp == nil else { return .failed("\(reference) is being deleted") }
    let conditions = Conditions(of: object)
    let generation = object.generation ?? 0
    if let stalled = conditions.stalled, stalled.status == .yes,
      (stalled.observedGeneration ?? generation) >= generation
    {
      return .failed("\(reference) is stalled: \(stalled.message)")
    }
    let isSuspended = Suspension.isSuspended(object, kind: reference.fluxKind)
    guard let ready = conditions.ready, (ready.observedGeneration ?? generation) >= generation
    else {
      if isSuspended {
        return .failed(
          conditions.ready?.status == .yes
            ? "\(reference) is suspended, and was ready before its last change only"
            : "\(reference) is suspended and not ready")
      }
      return .waiting("\(reference) has not been reconciled")
    }
    switch ready.status {
    case .yes: return .met
    case _ where isSuspended:
      return .failed("\(reference) is suspended and not ready: \(ready.message)")
    case .unknown: return .waiting("\(reference): \(ready.message)")
    case .no where AttemptTracker.isTransient(ready.reason) || ready.reason == "SourceFetchFailed":
      return .waiting("\(reference): \(ready.message)")
    case .no: return .failed("\(reference) failed: \(ready.reason): \(ready.message)")
    }
  }

  private func revision(
    _ reference: ObjectID, _ object: Value, _ wanted: String, _ world: DeliveryWorld
  ) -> WaitState {
    let readiness = ready(reference, object)
    if case .failed = readiness { return readiness }
    let present = revisions(reference, object, world)
    guard !present.isEmpty else { return .waiting("\(reference) has no revision yet") }
    if let other = present.first(where: { !Self.matches($0, wanted) }) {
      return .waiting("\(reference) is at \(shortenHex(other))")
    }
    return readiness
  }

  /// The revisions that an object stands for: of a generator, those of all its artifacts.
  private func revisions(_ reference: ObjectID, _ object: Value, _ world: DeliveryWorld)
    -> [String]
  {
    switch reference.fluxKind {
    case .artifactGenerator:
      return world.artifacts(of: object).map {
        world[$0.reference]?["status", "artifact", "revision"]?.string ?? ""
      }
    case .kustomization: return object["status", "lastAppliedRevision"]?.string.map { [$0] } ?? []
    case .helmRelease: return object["status", "lastAttemptedRevision"]?.string.map { [$0] } ?? []
    case .fluxInstance: return object["status", "lastAppliedRevision"]?.string.map { [$0] } ?? []
    default: return object["status", "artifact", "revision"]?.string.map { [$0] } ?? []
    }
  }

  private func stored(_ reference: ObjectID, _ object: Value, _ world: DeliveryWorld)
    -> WaitState
  {
    switch reference.fluxKind {
    case .artifactGenerator:
      let readiness = ready(reference, object)
      guard case .met = readiness else { return readiness }
      return .all(
        world.artifacts(of: object).map { artifact, digest in
          let published = world[artifact]?["status", "artifact", "digest"]?.string
          return published == digest
            ? .met : .waiting("\(artifact) is not published with \(shortenHex(digest))")
        })
    case .kustomization, .helmRelease, .fluxInstance:
      return .failed("\(reference) stores no artifact")
    default:
      if let artifact = object["status", "artifact"], !artifact.isNull { return .met }
      let readiness = ready(reference, object)
      if case .met = readiness { return .waiting("\(reference) has no artifact yet") }
      return readiness
    }
  }

  // MARK: The way of a commit

  /// Whether what `target` holds was made from sources of which one is at the commit.
  private func arrived(
    _ target: ObjectID, commit: String, in world: DeliveryWorld, visited: Set<ObjectID>
  ) -> WaitState {
    guard let object = world[target] else { return .waiting("\(target) does not exist yet") }
    guard !visited.contains(target) else { return .failed("\(target) is its own source") }
    let path = visited.union([target])
    switch target.fluxKind {
    case .artifactGenerator:
      let sources = DeliveryLinks(of: object).sources.map(\.id)
      let settled = settled(
        sources.map { arrived($0, commit: commit, in: world, visited: path) })
      guard case .met = settled else { return settled }
      return built(target, object, in: world)
    case .externalArtifact:
      guard let source = DeliveryLinks(of: object).sources.first?.id else {
        return holds(target, object, commit)
      }
      let upstream = arrived(source, commit: commit, in: world, visited: path)
      guard case .met = upstream, let generator = world[source] else { return upstream }
      let inventory = world.artifacts(of: generator).first { $0.reference == target }
      guard let inventory, inventory.digest == object["status", "artifact", "digest"]?.string else {
        return .waiting("\(target) is not what \(source) published last")
      }
      return .met
    case .kustomization, .helmRelease, .helmChart:
      guard let source = DeliveryLinks(of: object).sources.first?.id else {
        return .failed("\(target) has no source that is known here")
      }
      let upstream = arrived(source, commit: commit, in: world, visited: path)
      guard case .met = upstream else { return upstream }
      return target.fluxKind == .helmChart ? ready(target, object) : delivered(target, in: world)
    default:
      return holds(target, object, commit)
    }
  }

  /// A source that can be at a commit itself.
  private func holds(_ source: ObjectID, _ object: Value, _ commit: String) -> WaitState {
    let readiness = ready(source, object)
    if case .failed = readiness { return readiness }
    let artifact = object["status", "artifact"]
    let origin = artifact?["metadata", "org.opencontainers.image.revision"]?.string ?? ""
    guard let revision = artifact?["revision"]?.string else {
      return .waiting("\(source) has no artifact yet")
    }
    if Self.isAt(commit, revision) || Self.isAt(commit, origin) { return readiness }
    if moved[source] != nil {
      if orLater { return readiness }
      return .failed(
        "\(source) has moved to \(shortenHex(revision)), another commit than \(commit.prefix(8)): use --or-later to take what came after"
      )
    }
    return .waiting("\(source) is at \(shortenHex(revision)), not at \(commit.prefix(8))")
  }

  /// Of several sources one has to be at the commit; the others count only with what has failed.
  private func settled(_ states: [WaitState]) -> WaitState {
    if states.contains(.met) { return .met }
    return states.isEmpty ? .failed("there is no source that could be at the commit") : .all(states)
  }

  /// Whether a generator is ready with what its sources hold now.
  private func built(_ reference: ObjectID, _ object: Value, in world: DeliveryWorld)
    -> WaitState
  {
    let isFrozenReady = isFrozenReady(reference, object)
    let readiness = isFrozenReady ? .met : ready(reference, object)
    if case .failed = readiness { return readiness }
    guard let digest = ObservedSources.digest(of: object, source: { world[$0] }) else {
      return .waiting("a source of \(reference) has no artifact yet")
    }
    guard object["status", "observedSourcesDigest"]?.string == digest else {
      if Suspension.isSuspended(object, kind: reference.fluxKind) {
        return .failed("\(reference) is suspended and behind its sources")
      }
      return .waiting("\(reference) has not built from its current sources yet")
    }
    return readiness
  }

  /// Whether a consumer runs what its source holds now.
  private func delivered(_ consumer: ObjectID, in world: DeliveryWorld) -> WaitState {
    guard let object = world[consumer] else { return .waiting("\(consumer) does not exist yet") }
    guard let source = DeliveryLinks(of: object).sources.first?.id else {
      return .failed("\(consumer) has no source that is known here")
    }
    if Suspension.isSuspended(object, kind: consumer.fluxKind) {
      guard let revision = world[source]?["status", "artifact"],
        Self.applied(object, consumer.fluxKind, revision)
      else {
        return .failed("\(consumer) is suspended and behind \(source)")
      }
    }
    guard let artifact = world[source]?["status", "artifact"], !artifact.isNull else {
      return .waiting("\(source) has no artifact yet")
    }
    guard Self.applied(object, consumer.fluxKind, artifact) else {
      let readiness = ready(consumer, object)
      // A failure with the new content is final; with older content it says nothing about the new
      // one.
      if case .failed = readiness, Self.attempted(object, consumer.fluxKind, artifact) {
        return readiness
      }
      if case .failed(let text) = readiness, text.contains(" is stalled") { return readiness }
      return .waiting(
        "\(consumer) has not applied \(shortenHex(artifact["revision"]?.string ?? "")) yet")
    }
    return isFrozenReady(consumer, object) ? .met : ready(consumer, object)
  }

  /// Whether an object was ready when it was suspended, which nobody has observed since: the mark
  /// itself is a change of the spec.
  private func isFrozenReady(_ reference: ObjectID, _ object: Value) -> Bool {
    Suspension.isSuspended(object, kind: reference.fluxKind) && object.deletionTimestamp == nil
      && Conditions(of: object).ready?.status == .yes
  }

  /// Kustomizations record the revision; HelmReleases the chart's version and its digest.
  private static func applied(_ consumer: Value, _ kind: FluxKind?, _ artifact: Value) -> Bool {
    kind == .kustomization
      ? consumer["status", "lastAppliedRevision"]?.string == artifact["revision"]?.string
      : attempted(consumer, kind, artifact) && Conditions(of: consumer).ready?.status == .yes
  }

  private static func attempted(_ consumer: Value, _ kind: FluxKind?, _ artifact: Value) -> Bool {
    let revision = artifact["revision"]?.string ?? ""
    if consumer["status", "lastAttemptedRevision"]?.string == revision { return true }
    guard kind == .helmRelease,
      let digest = consumer["status", "lastAttemptedRevisionDigest"]?.string
    else { return false }
    return digest == artifact["digest"]?.string || revision.hasSuffix("@\(digest)")
  }

  // MARK: Revisions

  /// Whether a revision is the one that somebody wrote, whole or in one of its parts.
  package static func matches(_ revision: String, _ wanted: String) -> Bool {
    if equalUTF8(revision, wanted) { return true }
    guard let at = revision.lastIndex(of: "@") else { return isAt(wanted, revision) }
    return equalUTF8(String(revision[..<at]), wanted)
      || equalUTF8(String(revision[revision.index(after: at)...]), wanted)
      || isAt(wanted, revision)
  }

  /// Whether a revision's hexadecimal digest begins with the given digits, of which there must be
  /// seven at least.
  package static func isAt(_ commit: String, _ revision: String) -> Bool {
    let wanted = commit.lowercased().split(separator: ":").last.map(String.init) ?? ""
    guard wanted.utf8.count >= 7,
      wanted.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) })
    else {
      return false
    }
    return revision.lowercased().split { !$0.isHexDigit }.contains {
      $0.utf8.count >= 40 && $0.hasPrefix(wanted)
    }
  }
}
