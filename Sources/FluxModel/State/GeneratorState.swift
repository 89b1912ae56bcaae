import Document
package import Objects
package import Text

/// How an ArtifactGenerator stands, by the rules of source-watcher.
package struct GeneratorState: Sendable, Hashable {
  package enum Phase: String, Sendable, Hashable, CaseIterable {
    case ready, inProgress, failing, stalled, suspended, stuck, behind, deleting, notObserved
    /// Something needed to decide could not be read.
    case unknown
  }

  package enum Cause: Sendable, Hashable {
    /// It has published the content of its sources, and that is still there.
    case published
    case reconciling
    /// Ready is Unknown for longer than an attempt lasts.
    ///
    /// - Parameter isUnread: Whether a source may not be read, so that it can be stuck as well.
    case overdue(isUnread: Bool)
    /// Ready is Unknown, and the controller sees nothing to do: it returns before it touches the
    /// conditions, whatever is requested.
    case noDrift
    case failing(Condition)
    case stalled(Condition)
    /// - Parameters:
    ///   - moved: The sources that have moved on since it was built, if any.
    ///   - isCurrent: Whether it was built from its sources as they are.
    ///   - lacks: What is missing of its sources: resumed, it could not build.
    case suspended(SuspensionRecord, moved: [Revision], isCurrent: Bool, lacks: Lack? = nil)
    case sourcesMoved([Revision])
    case sourceMissing(ObjectID)
    /// A source that has no artifact.
    case sourceEmpty(ObjectID)
    case sourceUnread(ObjectID)
    /// An artifact of its inventory that does not exist any more.
    case artifactMissing(ObjectID)
    case artifactChanged(ArtifactState.Change)
    case deleting
    case neverObserved(isOverdue: Bool)
    case changed
  }

  package enum Lack: Sendable, Hashable {
    /// A source that does not exist.
    case source(ObjectID)
    /// A source that has no artifact.
    case artifact(of: ObjectID)
  }

  /// What a source is at.
  package struct Revision: Sendable, Hashable {
    package let source: ObjectID
    package let revision: String
  }

  package let id: ObjectID
  package let cause: Cause
  package let since: Timestamp?

  package var phase: Phase {
    switch cause {
    case .published: .ready
    case .reconciling, .overdue(isUnread: false): .inProgress
    case .noDrift: .stuck
    case .failing: .failing
    case .stalled: .stalled
    case .suspended: .suspended
    case .sourcesMoved, .sourceMissing, .sourceEmpty, .artifactMissing, .artifactChanged: .behind
    case .sourceUnread, .overdue(isUnread: true): .unknown
    case .deleting: .deleting
    case .neverObserved, .changed: .notObserved
    }
  }

  package var freshness: Freshness {
    switch cause {
    case .published: .fresh
    case .reconciling, .neverObserved(isOverdue: false): .inProgress
    case .sourceUnread, .overdue(isUnread: true): .unknown
    case .failing: .failing
    case .stalled: .stalled
    case .noDrift: .stuck
    case .suspended: .suspended
    case .overdue(isUnread: false), .sourcesMoved, .sourceMissing, .sourceEmpty, .artifactMissing,
      .artifactChanged,
      .deleting, .neverObserved(isOverdue: true), .changed:
      .behind
    }
  }

  package var remedy: Remedy? {
    switch cause {
    case .published, .reconciling, .sourcesMoved, .sourceUnread, .deleting, .changed,
      .neverObserved(isOverdue: false):
      nil
    case .overdue, .neverObserved(isOverdue: true): .lookAtController(of: id)
    case .noDrift: .force(id)
    case .failing, .stalled: .fix(id)
    case .suspended(_, _, _, lacks: .source(let source)?),
      .suspended(_, _, _, lacks: .artifact(let source)?):
      .provide(source)
    case .suspended: .resume(id)
    case .sourceMissing(let source), .sourceEmpty(let source): .provide(source)
    case .artifactMissing, .artifactChanged: .reconcile(id)
    }
  }
}

/// Judges an ArtifactGenerator.
///
/// The order is that of source-watcher's own drift check (`detectDrift` in
/// `internal/controller/artifactgenerator_drift.go`: failed, changed, sources, artifacts), after what
/// keeps it from checking at all.
struct GeneratorJudge {
  let graph: DeliveryGraph
  let id: ObjectID
  let object: Value
  let now: Timestamp
  /// Whether the controller is known to have ended an attempt since Ready became Unknown.
  var isAnswered = false
  /// Whether what it has published counts: one artifact that is gone says nothing of the others.
  var countsArtifacts = true

  var state: GeneratorState {
    let (cause, since) = verdict
    return GeneratorState(id: id, cause: cause, since: since)
  }

  private typealias Verdict = (GeneratorState.Cause, Timestamp?)

  private var verdict: Verdict {
    switch ObjectHealth(of: object, kind: .artifactGenerator) {
    case .deleting(let since): (.deleting, since)
    case .suspended(let record, _):
      (
        .suspended(
          record, moved: movedMeanwhile, isCurrent: ofSources == nil, lacks: lack),
        record.at
      )
    case .stalled(let condition): (.stalled(condition), condition.lastTransition)
    case .failing(let condition): (.failing(condition), condition.lastTransition)
    case .working(let condition): working(condition)
    case .neverObserved(let created):
      (.neverObserved(isOverdue: isOverdue(created)), created)
    case .changed: (.changed, nil)
    case .ready: ofSources ?? ofArtifacts ?? (.published, nil)
    }
  }

  /// At work, or stuck.
  private func working(_ condition: Condition) -> Verdict {
    let since = condition.lastTransition
    if isSuspect(condition), condition.isCurrent(of: object) {
      let moved = ofSources
      // Without them nothing distinguishes a stuck generator from a late one. Who has not asked for
      // them follows it to its end.
      if case .sourceUnread(let source)? = moved?.0, isOverdue(since),
        case .unread(.some) = graph.presence(of: source)
      {
        return (.overdue(isUnread: true), since)
      }
      if moved == nil, ofArtifacts == nil { return (.noDrift, since) }
    }
    guard condition.status == .unknown, isOverdue(since) else { return (.reconciling, since) }
    return (.overdue(isUnread: false), since)
  }

  /// Whether nothing is under way any more, so that its sources decide whether it is stuck.
  func isSuspect(_ condition: Condition) -> Bool {
    let since = condition.lastTransition
    return condition.status == .unknown && (isAnswered || isOverdue(since) || hasAnswered(since))
  }

  /// Nothing is in progress for longer than source-watcher's `--reconciliation-timeout`.
  private func isOverdue(_ since: Timestamp?) -> Bool {
    since.map { now.seconds - $0.seconds > AttemptTracker.longest } ?? false
  }

  /// Whether a request of later than `since` has been handled: the controller copies it to the
  /// status when an attempt ends (`summarizeStatus`).
  private func hasAnswered(_ since: Timestamp?) -> Bool {
    guard let since, let token = object.annotations[AttemptTracker.annotation],
      object["status", "lastHandledReconcileAt"]?.string == token
    else { return false }
    return Timestamp(rfc3339: token).map { $0 > since } ?? false
  }

  private var lack: GeneratorState.Lack? {
    switch ofSources?.0 {
    case .sourceMissing(let source)?: .source(source)
    case .sourceEmpty(let source)?: .artifact(of: source)
    default: nil
    }
  }

  private var movedMeanwhile: [GeneratorState.Revision] {
    guard object["status", "observedSourcesDigest"]?.string != nil,
      case .sourcesMoved(let sources)? = ofSources?.0
    else { return [] }
    return sources
  }

  // MARK: Sources

  /// Nil when the artifacts that it has built from are the ones that are there.
  private var ofSources: Verdict? {
    var observed: [ObservedSource] = []
    for reference in DeliveryLinks(contentOf: object).upstream where reference.role == .source {
      let node = reference.node
      guard let source = graph.object(node) else {
        if case .unread = graph.presence(of: node) { return (.sourceUnread(node), nil) }
        return (.sourceMissing(node), nil)
      }
      guard let artifact = SourceArtifact(of: source) else { return (.sourceEmpty(node), nil) }
      observed.append(
        ObservedSource(alias: reference.alias ?? "", node: node, artifact: artifact))
    }
    if let recorded = object["status", "observedSourcesDigest"]?.string,
      equalUTF8(recorded, ObservedSource.digest(of: observed))
    {
      return nil
    }
    return moved(observed)
  }

  /// The recorded digest does not show which source has moved; the times do, mostly: a source whose
  /// artifact is younger than the end of the last build, when Ready became what it is.
  private func moved(_ observed: [ObservedSource]) -> Verdict {
    let built = Conditions(of: object).ready?.lastTransition
    var younger = observed.filter { source in
      guard let built, let updated = source.artifact.updated else { return false }
      return updated > built
    }
    // Without one that is younger, nothing says which moved, or when.
    let since = younger.compactMap(\.artifact.updated).max()
    if younger.isEmpty { younger = observed }
    return (
      .sourcesMoved(
        younger.map {
          GeneratorState.Revision(source: $0.node, revision: $0.artifact.revision)
        }),
      since
    )
  }

  // MARK: Artifacts

  /// An artifact that has disappeared, or is another's by now: artifacts are not watched, so that the
  /// controller finds this only with its next reconciliation, which can be in an hour
  /// (`ExternalArtifactsNotFound` and `ExternalArtifactsChanged` of its drift check).
  private var ofArtifacts: Verdict? {
    guard countsArtifacts else { return nil }
    for entry in GeneratorSummary(object).inventory {
      guard let artifact = graph.object(entry.id) else {
        guard case .missing = graph.presence(of: entry.id) else { continue }
        return (.artifactMissing(entry.id), nil)
      }
      if let content = SourceArtifact(of: artifact),
        let change = ArtifactState.Change(content, against: entry, of: id)
      {
        return (.artifactChanged(change), content.updated)
      }
    }
    return nil
  }
}
