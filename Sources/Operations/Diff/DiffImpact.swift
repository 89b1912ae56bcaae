package import Differences
import Document
import FluxModel
package import Objects
import Text

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
      /// Objects stay in the cluster, and nothing manages them any longer.
      case orphans
      /// It reconciles.
      case rolls
      /// It waits for what it depends on.
      case waits

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
    /// The field of the subject that it hangs on, such as `spec.path`; nil for the object as a whole.
    package var field: String?
    /// What is dangerous of it, where that is not that a consumer deletes objects.
    package var danger: ObjectDanger.Kind?
  }

  /// Finds what comes of the changes that are known so far.
  package mutating func findImpact() {
    impact = ImpactFinder(self).found
  }
}

/// Goes from artifacts to all that draws on them.
private struct ImpactFinder {
  typealias Impact = DiffReport.Impact

  private let report: DiffReport
  private let graph: DeliveryGraph
  /// The generators whose artifacts are compared: what they publish is known.
  private let own: Set<ObjectID>
  private let changes: [ObjectID: DiffReport.ConsumerChange]
  private var entries: [Impact] = []
  private var positions: [Key: Int] = [:]
  /// What fails for certain.
  private var broken: Set<ObjectID> = []

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
    self.report = report
    graph = report.delivery
    own = Set(report.items.map { $0.generator.generatorID })
    changes = Dictionary(
      report.consumerChanges.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
    for item in report.items {
      addConsumers(of: item)
      addFreeze(of: item)
    }
    for id in report.changedSources { addDirectUsers(of: id) }
    for change in report.consumerChanges { add(change) }
    for diff in report.rendered { add(diff) }
    for (id, failure) in report.contentFailures.sorted(by: { $0.key < $1.key }) {
      addFailure(failure, of: id)
    }
    for (id, removals) in report.removals.sorted(by: { $0.key < $1.key }) { add(removals, of: id) }
    addDependents()
  }

  private mutating func add(_ impact: Impact) {
    let key = Key(
      kind: impact.kind, subject: impact.subject, reason: impact.reason,
      isCertain: impact.isCertain, objects: impact.objects)
    if impact.kind == .breaks, impact.isCertain { broken.insert(impact.subject) }
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
    for consumer in item.consumers where changes[consumer.id]?.change != .deleted {
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
          reason: consumer.reason ?? "its source is deleted",
          field: consumer.reason == ArtifactPaths.missing(consumer.path)
            ? "spec.path" : Self.referenceField(of: consumer.id, graph.object(consumer.id)))
        freeze(behind: consumer.id, item)
      case .reconciles:
        // What is published may have been the same before it was held back.
        entry.isCertain = item.heldBack?.isSame != true
        follow(consumer.id, from: item)
      }
      add(entry)
    }
  }

  /// Consumers that apply a source itself: of what they find there, nothing is compared.
  private mutating func addDirectUsers(of source: ObjectID) {
    for link in graph.downstream(of: source) {
      guard link.id.fluxKind?.isConsumer == true, let object = graph.object(link.id) else {
        continue
      }
      let isSuspended = Suspension.isSuspended(object, kind: link.id.fluxKind)
      add(
        Impact(
          kind: isSuspended ? .suspended : .rolls, subject: link.id, causes: [source],
          reason: isSuspended
            ? SuspensionRecord.account(of: object)
            : "uses it directly, which is not compared", isCertain: false))
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

  /// Where a consumer names its source.
  private static func referenceField(of id: ObjectID, _ object: Value?) -> String {
    switch id.fluxKind {
    case .artifactGenerator: "spec.sources"
    case .helmRelease:
      object?["spec", "chartRef"] == nil ? "spec.chart.spec.sourceRef.name" : "spec.chartRef.name"
    default: "spec.sourceRef.name"
    }
  }

  // MARK: - Manifests of consumers

  private mutating func add(_ change: DiffReport.ConsumerChange) {
    switch change.change {
    case .deleted: change.old.map { addDeletion(of: change.id, $0) }
    case .new, .changed: change.new.map { addChange(change, $0) }
    }
  }

  /// A consumer deletes what it applied, or leaves it behind, by its own policy.
  private mutating func addDeletion(of id: ObjectID, _ object: Value) {
    let source = KustomizationPlace.source(of: object)
    let objects = report.removals[id]?.objects ?? []
    let isDeleted: Bool
    let reason: String
    if id.fluxKind == .kustomization {
      isDeleted = AppliedRemovals.legacy(of: object, id.fluxKind) == .deleted
      reason =
        isDeleted
        ? "is deleted, and everything that it applied with it"
        : "is deleted, and leaves everything that it applied"
    } else {
      // helm-controller uninstalls unless the HelmRelease is suspended (`reconcileDelete`).
      isDeleted = !Suspension.isSuspended(object, kind: id.fluxKind)
      reason =
        isDeleted
        ? "is deleted, and its release is uninstalled" : "is deleted, and leaves its release"
    }
    add(
      Impact(
        kind: isDeleted ? .dangerous : .orphans, subject: id,
        causes: source.map { [$0] } ?? [], reason: reason,
        objects: objects.filter { !isDeleted || !$0.isKept }.map(\.id)))
  }

  private mutating func addChange(_ change: DiffReport.ConsumerChange, _ object: Value) {
    let id = change.id
    let source = KustomizationPlace.source(of: object)
    let causes = source.map { [$0] } ?? []
    let isSuspended =
      Suspension.isSuspended(object, kind: id.fluxKind)
      || graph.object(id).map { Suspension.isSuspended($0, kind: id.fluxKind) } == true
    let account = change.change == .new ? "new: will apply it" : change.account
    guard !isSuspended else {
      explain(.suspended, id, causes, account)
      return
    }
    if let failure = failure(of: object, id, source) {
      entries.removeAll { [.rolls, .breaks].contains($0.kind) && $0.subject == id }
      positions = [:]
      add(
        Impact(
          kind: .breaks, subject: id, causes: causes, reason: failure.reason,
          isCertain: failure.isCertain, field: failure.field))
    } else if !entries.contains(where: { $0.kind == .breaks && $0.subject == id }) {
      explain(.rolls, id, causes, account)
    }
    addMove(change, object, causes)
  }

  /// Says why, in the entry that there is of the artifact, or in one of its own.
  private mutating func explain(
    _ kind: Impact.Kind, _ id: ObjectID, _ causes: [ObjectID], _ reason: String
  ) {
    let known = entries.indices.first {
      entries[$0].kind == kind && entries[$0].subject == id && entries[$0].isCertain
    }
    guard let known else {
      add(Impact(kind: kind, subject: id, causes: causes, reason: reason))
      return
    }
    entries[known].reason = entries[known].reason.map { "\($0); \(reason)" } ?? reason
    positions = [:]
  }

  private struct Failure {
    let reason: String
    let field: String
    var isCertain = true
  }

  /// Why a consumer that is new or changes cannot apply what it names.
  private func failure(of object: Value, _ id: ObjectID, _ source: ObjectID?) -> Failure? {
    guard let source, source.fluxKind == .externalArtifact else { return nil }
    let field = Self.referenceField(of: id, object)
    guard let item = report.items.first(where: { $0.id == source }) else {
      // The artifacts of other namespaces are not read.
      let isRead = !report.isLive || report.known.contains { $0.namespace == source.namespace }
      let isOther = changes[id]?.old.flatMap(KustomizationPlace.source) != source
      guard isRead, isOther, !report.known.contains(source) else { return nil }
      return Failure(
        reason: "no generator here publishes \(source.phrase)", field: field, isCertain: false)
    }
    switch item.change {
    case .deleted: return Failure(reason: "its source is deleted", field: field)
    case .failed, .blocked:
      guard item.published?.digest == nil else { return nil }
      return Failure(reason: "\(source.phrase) is not published", field: field)
    case .unchanged, .changed, .new: break
    }
    let path = object["spec", "path"]?.string ?? ""
    guard id.fluxKind == .kustomization, let content = item.content.predicted,
      !ArtifactPaths(content).contains(path)
    else { return nil }
    return Failure(reason: ArtifactPaths.missing(path), field: "spec.path")
  }

  /// What comes of another place of its objects, where they were not looked at or are not known.
  private mutating func addMove(
    _ change: DiffReport.ConsumerChange, _ object: Value, _ causes: [ObjectID]
  ) {
    guard change.change == .changed else { return }
    if change.id.fluxKind == .helmRelease {
      // helm-controller then uninstalls the old release (`ReleaseTargetChanged`).
      let moving = ["spec.releaseName", "spec.targetNamespace", "spec.storageNamespace"]
      guard moving.contains(where: change.changes) else { return }
      add(
        Impact(
          kind: .dangerous, subject: change.id, causes: causes,
          reason: "its release is uninstalled and installed anew: \(change.account)",
          field: moving.first(where: change.changes)))
      return
    }
    let moving = ["spec.targetNamespace", "spec.sourceRef", "spec.path"].filter(change.changes)
    guard let field = moving.first, report.removals[change.id] == nil,
      report.comparesObjects || field == "spec.targetNamespace"
    else { return }
    let prunes = object["spec", "prune"]?.bool == true
    let isCertain = field == "spec.targetNamespace"
    let what =
      prunes ? "what it no longer applies is deleted" : "leaves what it no longer applies"
    add(
      Impact(
        kind: prunes ? .dangerous : .orphans, subject: change.id, causes: causes,
        reason: "\(what): \(change.account)", isCertain: isCertain, field: field))
  }

  // MARK: - Rendered objects

  private mutating func add(_ diff: RenderedDiff) {
    let causes = diff.source.map { [$0] } ?? []
    func addBreak(_ reason: String) {
      guard !broken.contains(diff.id) else { return }
      entries.removeAll { $0.kind == .rolls && $0.subject == diff.id }
      positions = [:]
      add(Impact(kind: .breaks, subject: diff.id, causes: causes, reason: reason))
    }
    if diff.breaks, let reason = diff.failure { addBreak("cannot be rendered: \(reason)") }
    guard !diff.isSuspended else { return }
    let refused = diff.refusals.filter(\.breaks)
    if let first = refused.first {
      addBreak("\(named("\(first.id)", others: refused.count - 1)): \(first.reason)")
    }
    // What asks the server has its refusal already.
    for object in diff.objects where report.renderedMode != .server {
      guard let reason = object.replacement, case .object(let id) = object.change.identity else {
        continue
      }
      guard object.isForced else {
        addBreak(reason)
        continue
      }
      var impact = Impact(
        kind: .dangerous, subject: diff.id, causes: causes, reason: reason, objects: [id],
        isCertain: !diff.isPartial)
      impact.danger = .deletes
      add(impact)
    }
    for object in diff.objects {
      for danger in object.dangers {
        guard case .object(let id) = object.change.identity else { continue }
        var impact = Impact(
          kind: .dangerous, subject: diff.id, causes: causes,
          reason: "\(id.kind)/\(id.name): \(danger.text)", objects: [id],
          isCertain: !diff.isPartial)
        impact.danger = danger.kind
        add(impact)
      }
    }
  }

  // MARK: - Objects

  /// A consumer that cannot apply what it finds.
  private mutating func addFailure(_ failure: String, of id: ObjectID) {
    guard !broken.contains(id), changes[id]?.change != .deleted,
      let object = changes[id]?.new ?? graph.object(id)
    else { return }
    let suspended = entries.indices.first {
      entries[$0].kind == .suspended && entries[$0].subject == id
    }
    if let suspended {
      let known = entries[suspended].reason.map { "\($0); " } ?? ""
      entries[suspended].reason = known + "would fail when resumed: \(failure)"
      positions = [:]
      return
    }
    entries.removeAll { $0.kind == .rolls && $0.subject == id }
    positions = [:]
    add(
      Impact(
        kind: .breaks, subject: id, causes: causes(of: id, object), reason: failure,
        field: id.fluxKind == .kustomization
          ? "spec.path" : Self.referenceField(of: id, object)))
  }

  private mutating func add(_ removals: AppliedRemovals, of id: ObjectID) {
    guard changes[id]?.change != .deleted, let object = changes[id]?.new ?? graph.object(id) else {
      return
    }
    guard report.contentFailures[id] == nil else { return }
    addLostMakers(removals.lostMakers, of: id, object)
    guard !removals.objects.isEmpty else { return }
    let isRelease = id.fluxKind == .helmRelease
    let prunes = isRelease || object["spec", "prune"]?.bool == true
    let isSuspended = graph.object(id).map { Suspension.isSuspended($0, kind: id.fluxKind) } == true
    let causes = causes(of: id, object)
    // Those that are dangerous by themselves have been told.
    let told = Set(
      entries.filter { $0.subject == id && $0.danger == .deletes }.flatMap(\.objects))
    let deleted = removals.objects.filter { prunes && !$0.isKept && !told.contains($0.id) }
    let kept = removals.objects.filter { !prunes || $0.isKept }
    func entry(_ kind: Impact.Kind, _ objects: [ObjectID], _ reason: String?) -> Impact {
      Impact(
        kind: kind, subject: id, causes: causes, reason: reason, objects: objects,
        isCertain: removals.isCertain, field: isRelease ? nil : "spec.prune")
    }
    guard !isSuspended else {
      if !deleted.isEmpty {
        let count = counted(deleted.count, "object")
        add(
          entry(
            .suspended, deleted.map(\.id),
            "\(removals.isCertain ? "would" : "could") delete \(count) when resumed"))
      }
      return
    }
    // It does not come to that while it fails.
    guard !broken.contains(id) else { return }
    if !deleted.isEmpty { add(entry(.dangerous, deleted.map(\.id), nil)) }
    if !kept.isEmpty {
      add(
        entry(
          .orphans, kept.map(\.id),
          isRelease
            ? "helm does not delete these"
            : prunes ? "these are excluded from prune" : "prune is off"))
    }
    for removed in deleted where removed.legacy != .none {
      let applied = graph.downstream(of: removed.id).filter { $0.role == .applies }.map(\.id)
      add(
        Impact(
          kind: removed.legacy == .deleted ? .dangerous : .orphans, subject: removed.id,
          causes: [id],
          reason: "is deleted itself, and "
            + (removed.legacy == .deleted
              ? "everything that it applied with it" : "leaves everything that it applied"),
          objects: applied, isCertain: removals.isCertain))
    }
  }

  /// What generators and remote resources of kustomizations brought, and no longer do.
  private mutating func addLostMakers(_ makers: [String], of id: ObjectID, _ object: Value) {
    guard let first = makers.first, object["spec", "prune"]?.bool == true, !broken.contains(id),
      graph.object(id).map({ Suspension.isSuspended($0, kind: id.fluxKind) }) != true
    else { return }
    add(
      Impact(
        kind: .dangerous, subject: id, causes: causes(of: id, object),
        reason: "no longer builds what \(named(first, others: makers.count - 1)) made",
        isCertain: false, field: "spec.prune"))
  }

  /// The artifacts that a consumer draws on, before and after.
  private func causes(of id: ObjectID, _ object: Value) -> [ObjectID] {
    var causes: [ObjectID] = []
    for side in [object, changes[id]?.old] {
      guard let source = side.flatMap(KustomizationPlace.source), !causes.contains(source) else {
        continue
      }
      causes.append(source)
    }
    return causes
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
    let consumers = item.consumers.filter { $0.effect == .reconciles }.map(\.id)
    if let held = item.heldBack {
      add(
        Impact(
          kind: .thaws, subject: item.id, causes: [held.by],
          reason: "is not built at the base, where \(held.by.phrase) fails"
            + (held.isSame ? "; this change does not touch it" : ""), objects: consumers))
      return
    }
    switch graph.health(of: generator) {
    case .failing, .stalled: break
    default: return
    }
    add(
      Impact(
        kind: .thaws, subject: item.id, causes: [generator],
        reason: "was held back: \(generator.phrase) fails now", objects: consumers))
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
    let gone = report.consumerChanges.filter { $0.change == .deleted }.map(\.id)
    let broken = Set(entries.filter { $0.kind == .breaks }.map(\.subject) + gone)
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
    // What changes in its own manifest comes then.
    var own: String?
    if rolls {
      // It is one entry in any case: what comes of the content, and when.
      let known = entries.indices.filter {
        entries[$0].kind == .rolls && entries[$0].subject == dependent
      }
      guard isBroken else {
        for index in known {
          let reason = entries[index].reason.map { "\($0); " } ?? ""
          entries[index].reason = reason + "after \(id.phrase)"
        }
        return
      }
      own = known.first.flatMap { entries[$0].reason }
      entries.removeAll { $0.kind == .rolls && $0.subject == dependent }
      positions = [:]
    }
    let rest = own.map { "; \($0)" } ?? ""
    guard changes[id]?.change != .deleted else {
      add(
        Impact(
          kind: .breaks, subject: dependent, causes: [id],
          reason: "depends on \(id.phrase), which is deleted: it does not reconcile again\(rest)",
          field: "spec.dependsOn"))
      return
    }
    add(
      Impact(
        kind: .waits, subject: dependent, causes: [id],
        reason: isBroken
          ? "does not reconcile before \(id.phrase), which it depends on, is ready\(rest)"
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
