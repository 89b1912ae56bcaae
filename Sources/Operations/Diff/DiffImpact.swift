import Document
import FluxModel
package import Objects

extension DiffReport {
  /// Something that comes of the changes, in the cluster.
  package struct Impact: Sendable, Hashable {
    /// The worst first; the names are those of output.
    package enum Kind: String, Sendable, Hashable, CaseIterable, Comparable {
      /// It will fail: its source goes away, or no longer has what it applies.
      case breaks
      /// It deletes objects from the cluster.
      case dangerous
      /// An artifact that stays as it is, because something before it fails.
      case frozen
      /// An artifact that changes only when nothing is in its way any longer, or that was frozen so far.
      case thaws
      /// It would reconcile, but is suspended.
      case suspended
      /// It waits for what it depends on.
      case waits
      /// Objects stay in the cluster, and nothing manages them any longer.
      case orphans
      /// It reconciles.
      case rolls

      package static func < (one: Kind, other: Kind) -> Bool {
        (allCases.firstIndex(of: one) ?? 0) < (allCases.firstIndex(of: other) ?? 0)
      }
    }

    package let kind: Kind
    /// To what it happens: a consumer; an ExternalArtifact that is frozen or thaws.
    package let subject: ObjectID
    /// What it comes of: artifacts, generators on the way, what is depended on.
    package var causes: [ObjectID]
    /// Why, where that is not plain; a clause.
    package var reason: String?
    /// What is deleted or orphaned; the consumers of what thaws.
    package var objects: [ObjectID] = []
    /// False for what may happen.
    package var isCertain = true
  }

  /// Finds what comes of the changes that are known so far.
  mutating func findImpact() {
    impact = ImpactFinder(self).found
  }
}

/// Goes from artifacts to all that draws on them.
private struct ImpactFinder {
  typealias Impact = DiffReport.Impact

  private let graph: DeliveryGraph
  /// The generators whose artifacts are compared: what they publish is known.
  private let own: Set<ObjectID>
  private var entries: [Impact] = []
  private var positions: [Key: Int] = [:]

  private struct Key: Hashable {
    let kind: Impact.Kind
    let subject: ObjectID
    let reason: String?
    let isCertain: Bool
    let objects: [ObjectID]
  }

  var found: [Impact] {
    entries.sorted { one, other in
      one.kind == other.kind ? one.subject < other.subject : one.kind < other.kind
    }
  }

  init(_ report: DiffReport) {
    graph = report.delivery
    own = Set(report.items.map { $0.generator.generatorID })
    for item in report.items {
      addConsumers(of: item)
      addRemovals(of: item)
      addFreeze(of: item)
    }
    addDependents()
  }

  private mutating func add(_ impact: Impact) {
    let key = Key(
      kind: impact.kind, subject: impact.subject, reason: impact.reason,
      isCertain: impact.isCertain, objects: impact.objects)
    guard let known = positions[key] else {
      positions[key] = entries.count
      entries.append(impact)
      return
    }
    for cause in impact.causes where !entries[known].causes.contains(cause) {
      entries[known].causes.append(cause)
    }
  }

  // MARK: - Consumers

  private mutating func addConsumers(of item: DiffReport.Item) {
    for consumer in item.consumers {
      var entry = Impact(
        kind: .rolls, subject: consumer.id, causes: [item.id], reason: consumer.reason)
      switch consumer.effect {
      case .none: continue
      case .suspended:
        entry = Impact(
          kind: .suspended, subject: consumer.id, causes: [item.id], reason: consumer.reason)
      case .breaks:
        entry = Impact(
          kind: .breaks, subject: consumer.id, causes: [item.id],
          reason: consumer.reason ?? "its source is deleted")
        freeze(behind: consumer.id, item)
      case .reconciles: follow(consumer.id, from: item)
      }
      add(entry)
    }
  }

  /// The artifacts of a generator that loses its source.
  private mutating func freeze(behind generator: ObjectID, _ item: DiffReport.Item) {
    guard generator.fluxKind == .artifactGenerator, !own.contains(generator) else { return }
    for link in graph.downstream(of: generator) where link.role == .publishes {
      add(
        Impact(
          kind: .frozen, subject: link.id, causes: [item.id, generator],
          reason: "its generator has lost a source"))
    }
  }

  /// What may roll through a generator that draws on an artifact, and through those behind it.
  private mutating func follow(_ generator: ObjectID, from item: DiffReport.Item) {
    guard generator.fluxKind == .artifactGenerator else { return }
    var seen: Set<ObjectID> = [generator]
    var pending = [generator]
    while let id = pending.popLast() {
      // What these publish is compared.
      guard !own.contains(id) else { continue }
      for link in graph.downstream(of: id)
      where link.role != .applies && link.role != .owns && seen.insert(link.id).inserted {
        guard let object = graph.object(link.id), link.id.fluxKind != .externalArtifact else {
          pending.append(link.id)
          continue
        }
        let isSuspended = Suspension.isSuspended(object, kind: link.id.fluxKind)
        add(
          Impact(
            kind: isSuspended ? .suspended : .rolls, subject: link.id,
            causes: [item.id, generator],
            reason: isSuspended ? SuspensionRecord.account(of: object) : nil, isCertain: false))
        if !isSuspended { pending.append(link.id) }
      }
    }
  }

  // MARK: - Objects

  private mutating func addRemovals(of item: DiffReport.Item) {
    for consumer in item.consumers {
      guard let removals = item.removals(for: consumer) else { continue }
      let deleted = removals.objects.filter { consumer.prunes && !$0.isKept }
      let kept = removals.objects.filter { !consumer.prunes || $0.isKept }
      func entry(_ kind: Impact.Kind, _ objects: [ObjectID], _ reason: String?) -> Impact {
        Impact(
          kind: kind, subject: consumer.id, causes: [item.id], reason: reason, objects: objects,
          isCertain: removals.isCertain)
      }
      if !deleted.isEmpty { add(entry(.dangerous, deleted.map(\.id), nil)) }
      if !kept.isEmpty {
        add(
          entry(
            .orphans, kept.map(\.id),
            consumer.prunes ? "these are excluded from prune" : "prune is off"))
      }
      for removed in deleted where removed.legacy != .none {
        let applied = graph.downstream(of: removed.id).filter { $0.role == .applies }.map(\.id)
        add(
          Impact(
            kind: removed.legacy == .deleted ? .dangerous : .orphans, subject: removed.id,
            causes: [consumer.id],
            reason: "is deleted itself, and "
              + (removed.legacy == .deleted
                ? "everything that it applied with it" : "leaves everything that it applied"),
            objects: applied, isCertain: removals.isCertain))
      }
    }
  }

  // MARK: - Artifacts

  private mutating func addFreeze(of item: DiffReport.Item) {
    let generator = item.generator.generatorID
    guard item.change == .blocked else {
      thawWithChange(item, generator)
      return
    }
    let blocker =
      item.blockedBy.map {
        ObjectID(.externalArtifact, namespace: item.generator.namespace, name: $0)
      } ?? generator
    switch item.afterwards {
    case .unchanged?: return
    case nil, .failed?, .blocked?:
      add(Impact(kind: .frozen, subject: item.id, causes: [blocker]))
    case .changed?, .new?, .deleted?:
      let what =
        switch item.afterwards {
        case .new: "is published"
        case .deleted: "is deleted"
        default: "changes"
        }
      add(Impact(kind: .frozen, subject: item.id, causes: [blocker]))
      add(
        Impact(
          kind: .thaws, subject: item.id, causes: [blocker],
          reason: "\(what) as soon as \(blocker.phrase) no longer fails",
          objects: item.consumers.map(\.id)))
    }
  }

  /// What a generator that fails in the cluster has not published for a while comes all at once.
  private mutating func thawWithChange(_ item: DiffReport.Item, _ generator: ObjectID) {
    guard [.changed, .new, .deleted].contains(item.change) else { return }
    switch graph.health(of: generator) {
    case .failing, .stalled: break
    default: return
    }
    add(
      Impact(
        kind: .thaws, subject: item.id, causes: [generator],
        reason: "was held back: \(generator.phrase) fails now",
        objects: item.consumers.filter { $0.effect == .reconciles }.map(\.id)))
  }

  // MARK: - dependsOn

  private mutating func addDependents() {
    var dependents: [ObjectID: [ObjectID]] = [:]
    for node in graph.nodes {
      guard let object = node.object else { continue }
      for dependency in DeliveryLinks.dependencies(of: object) {
        dependents[dependency, default: []].append(node.id)
      }
    }
    guard !dependents.isEmpty else { return }
    let broken = Set(entries.filter { $0.kind == .breaks }.map(\.subject))
    let rolling = Set(entries.filter { $0.kind == .rolls }.map(\.subject))
    var waiting: Set<ObjectID> = []
    for (start, isBroken) in [(broken, true), (rolling, false)] {
      var seen = start
      var pending = start.sorted()
      while let id = pending.popLast() {
        for dependent in dependents[id] ?? [] where seen.insert(dependent).inserted {
          pending.append(dependent)
          guard !broken.contains(dependent), waiting.insert(dependent).inserted else { continue }
          wait(dependent, for: id, isBroken: isBroken, rolls: rolling.contains(dependent))
        }
        // What rolls itself after another that rolls says so as well.
        guard !isBroken else { continue }
        for dependent in dependents[id] ?? []
        where rolling.contains(dependent) && waiting.insert(dependent).inserted {
          wait(dependent, for: id, isBroken: false, rolls: true)
        }
      }
    }
  }

  private mutating func wait(
    _ dependent: ObjectID, for id: ObjectID, isBroken: Bool, rolls: Bool
  ) {
    if rolls {
      // It is one entry in any case: what comes of the content, and when.
      let own = entries.indices.filter {
        entries[$0].kind == .rolls && entries[$0].subject == dependent
      }
      guard isBroken else {
        for index in own { entries[index].reason = "after \(id.phrase)" }
        return
      }
      entries.removeAll { $0.kind == .rolls && $0.subject == dependent }
      positions = [:]
    }
    add(
      Impact(
        kind: .waits, subject: dependent, causes: [id],
        reason: isBroken
          ? "does not reconcile before \(id.phrase), which it depends on, is ready"
          : "depends on \(id.phrase), and does not reconcile until that is ready"))
  }
}

extension SuspensionRecord {
  /// Who suspended an object, when and why; nil where nothing is known but that it is suspended.
  static func account(of object: Value) -> String? {
    let record = SuspensionRecord(of: object)
    return record.isEmpty ? nil : record.account
  }
}
