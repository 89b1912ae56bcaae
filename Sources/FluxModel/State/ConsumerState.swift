import Document
package import Objects
package import Text

/// How a Kustomization or HelmRelease stands, by the rules of its controller.
package struct ConsumerState: Sendable, Hashable {
  package enum Phase: String, Sendable, Hashable, CaseIterable {
    case applied, inProgress, behind, failed, suspended, sourceMissing, deleting
    /// Something needed to decide could not be read.
    case unknown
  }

  package enum Cause: Sendable, Hashable {
    /// It has applied what its source contains.
    case applied(of: ObjectID)
    case reconciling
    case neverObserved
    /// Its spec has changed since.
    case changed
    case behind(Lag)
    /// - Parameter at: The revision that it has tried, where that is what its source contains.
    case failed(Condition, at: String?)
    /// - Parameter at: As for a failure.
    case stalled(Condition, at: String?)
    /// - Parameter lacks: What it would apply if it were resumed; nil if that is what it has.
    case suspended(SuspensionRecord, lacks: Lack?)
    case sourceMissing(ObjectID)
    /// A source that has no artifact.
    case sourceEmpty(ObjectID)
    case sourceUnread(ObjectID, String?)
    /// A release that is ready and does not say what of.
    case unrecorded(Lag)
    /// It names no source.
    case unstated
    case deleting
  }

  /// A revision of the source that has not been applied.
  package struct Lag: Sendable, Hashable {
    package let source: ObjectID
    package let revision: String
    package let attempt: ConsumerAttempt
  }

  package enum Lack: Sendable, Hashable {
    case revision(Lag)
    /// Whether it lacks the revision is unknown.
    case unrecorded(Lag)
    case source(ObjectID)
    /// A source that has no artifact.
    case artifact(ObjectID)
  }

  package let id: ObjectID
  package let cause: Cause
  package let since: Timestamp?

  package var phase: Phase {
    switch cause {
    case .applied: .applied
    case .reconciling, .neverObserved: .inProgress
    case .changed, .behind: .behind
    case .failed, .stalled: .failed
    case .suspended: .suspended
    case .sourceMissing, .sourceEmpty: .sourceMissing
    case .sourceUnread, .unrecorded, .unstated: .unknown
    case .deleting: .deleting
    }
  }

  package var freshness: Freshness {
    switch phase {
    case .applied: .fresh
    case .inProgress: .inProgress
    case .unknown: .unknown
    case .suspended:
      switch cause {
      case .suspended(_, lacks: nil): .fresh
      case .suspended(_, lacks: .unrecorded?): .unknown
      default: .behind
      }
    case .failed:
      switch cause {
      // It has tried what its source contains: it is not behind.
      case .failed(_, at: _?), .stalled(_, at: _?): .failing
      default: .behind
      }
    case .behind, .sourceMissing, .deleting: .behind
    }
  }

  package var remedy: Remedy? {
    switch cause {
    case .applied, .reconciling, .neverObserved, .changed, .sourceUnread, .unstated, .deleting: nil
    // Its controller then reports what it has installed.
    case .behind, .unrecorded: .reconcile(id)
    case .failed, .stalled: .fix(id)
    // To resume it would only make it fail.
    case .suspended(_, lacks: .source(let source)?), .suspended(_, lacks: .artifact(let source)?):
      .provide(source)
    case .suspended: .resume(id)
    case .sourceMissing(let source), .sourceEmpty(let source): .provide(source)
    }
  }

  /// The source that it names and that does not exist.
  package var missingSource: ObjectID? {
    switch cause {
    case .sourceMissing(let source), .suspended(_, lacks: .source(let source)?): source
    default: nil
    }
  }
}

/// Judges a Kustomization or HelmRelease by the comparison of its own controller.
///
/// Both controllers pass over a consumer whose source changes only if it is ready or at work, and its
/// last attempt was at the revision of the source (`kustomization_indexers.go`,
/// `helmrelease_indexers.go`).
struct ConsumerJudge {
  let graph: DeliveryGraph
  let id: ObjectID
  let object: Value

  var state: ConsumerState {
    let (cause, since) = verdict
    return ConsumerState(id: id, cause: cause, since: since)
  }

  private typealias Verdict = (ConsumerState.Cause, Timestamp?)

  private var verdict: Verdict {
    let health = ObjectHealth(of: object, kind: id.fluxKind)
    if case .deleting(let since) = health { return (.deleting, since) }
    let reference = DeliveryLinks(contentOf: object).upstream.first { $0.role == .delivers }?.node
    guard let reference else { return (.unstated, nil) }
    guard let source = graph.object(reference) else {
      if case .unread(let reason) = graph.presence(of: reference) {
        return alone(health) ?? (.sourceUnread(reference, reason), nil)
      }
      return lacking(.source(reference), health)
    }
    guard let artifact = SourceArtifact(of: source) else {
      return lacking(.artifact(reference), health)
    }
    return compare(with: artifact, of: reference, health)
  }

  /// Nothing records since when something is not there.
  private func lacking(_ lack: ConsumerState.Lack, _ health: ObjectHealth) -> Verdict {
    if case .suspended(let record, _) = health { return (.suspended(record, lacks: lack), nil) }
    switch lack {
    case .source(let source): return (.sourceMissing(source), nil)
    case .artifact(let source): return (.sourceEmpty(source), nil)
    case .revision(let lag): return (.behind(lag), nil)
    case .unrecorded(let lag): return (.unrecorded(lag), nil)
    }
  }

  private func compare(
    with artifact: SourceArtifact, of source: ObjectID, _ health: ObjectHealth
  ) -> Verdict {
    let attempt = ConsumerAttempt(of: object, kind: id.fluxKind)
    let isAttempted = attempt.matches(artifact.revision, of: source)
    let isApplied = isAttempted && attempt.hasApplied(artifact.revision, object)
    let lag = ConsumerState.Lag(source: source, revision: artifact.revision, attempt: attempt)
    let isUnrecorded = !isAttempted && attempt.isUnrecorded(artifact.revision, of: source, object)
    switch health {
    case .suspended(let record, _) where isUnrecorded:
      return (.suspended(record, lacks: .unrecorded(lag)), nil)
    case .suspended(let record, _):
      return isApplied
        ? (.suspended(record, lacks: nil), nil)
        : (.suspended(record, lacks: .revision(lag)), artifact.updated)
    case .failing(let condition) where isAttempted:
      return (.failed(condition, at: artifact.revision), condition.lastTransition)
    case .stalled(let condition) where isAttempted:
      return (.stalled(condition, at: artifact.revision), condition.lastTransition)
    case .ready where isUnrecorded:
      return (.unrecorded(lag), nil)
    default:
      return alone(health)
        ?? (isApplied ? (.applied(of: source), nil) : (.behind(lag), artifact.updated))
    }
  }

  /// What is known without its source.
  private func alone(_ health: ObjectHealth) -> Verdict? {
    switch health {
    case .deleting(let since): return (.deleting, since)
    case .stalled(let condition): return (.stalled(condition, at: nil), condition.lastTransition)
    case .failing(let condition): return (.failed(condition, at: nil), condition.lastTransition)
    case .working(let ready):
      let reconciling = Conditions(of: object).reconciling
      let since = reconciling?.status == .yes ? reconciling?.lastTransition : nil
      return (.reconciling, since ?? ready.lastTransition)
    case .neverObserved(let created): return (.neverObserved, created)
    case .changed: return (.changed, nil)
    case .suspended, .ready: return nil
    }
  }
}
