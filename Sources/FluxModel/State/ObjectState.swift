import Document
package import Objects
package import Text

/// Whether what an object offers is what its own inputs call for.
///
/// An ExternalArtifact that is "Ready" can be fetched; this says whether it is current.
package enum Freshness: String, Sendable, Hashable, CaseIterable {
  case fresh = "Fresh"
  /// An artifact that is not what its generator would publish, although it may say that it is ready.
  case stale = "Stale"
  /// On its way: neither fresh nor stale nor behind.
  case inProgress = "InProgress"
  /// A generator that has not built from its sources as they are, or a Kustomization or HelmRelease
  /// that does not run what its artifact contains.
  case behind = "Behind"
  /// Its controller reports that it has failed, and does or does not try again; or it hangs: these
  /// words are those of ``ObjectState/Word``.
  case failing = "Failing"
  case stalled = "Stalled"
  case stuck = "Stuck"
  /// A generator that is suspended, so that its artifacts are stale; a consumer can be fresh then.
  case suspended = "Suspended"
  /// Nothing says it: something could not be read, or only a third party knows.
  case unknown = "Unknown"

  /// Whether it is not what its inputs call for, and does not become it by itself soon.
  package var isOutdated: Bool {
    switch self {
    case .stale, .behind, .failing, .stalled, .stuck, .suspended: true
    case .fresh, .inProgress, .unknown: false
    }
  }
}

/// How an object of the delivery stands: judged in one place, for every command.
package struct ObjectState: Sendable, Hashable {
  package enum Judgement: Sendable, Hashable {
    case generator(GeneratorState)
    case artifact(ArtifactState)
    case consumer(ConsumerState)
    /// A kind of Flux that says by itself how it stands: a source, an instance.
    case plain
    /// Of a kind that is not Flux's, and has a state.
    case workload(WorkloadHealth)
    /// Of a kind that has no state, or of which nothing is known.
    case none
    /// Something refers to it, and it is not there.
    case missing
    case unread(String?)
  }

  /// At a glance.
  package enum Word: String, Sendable, Hashable, CaseIterable {
    case ready = "Ready"
    case notReady = "NotReady"
    /// Its controller does not try again until the specification changes.
    case stalled = "Stalled"
    /// A generator at Ready=Unknown which its controller will not retry.
    case stuck = "Stuck"
    case stale = "Stale"
    case behind = "Behind"
    case inProgress = "InProgress"
    case suspended = "Suspended"
    /// Its deletion was requested.
    case deleting = "Deleting"
    /// Nothing says it.
    case unknown = "Unknown"
    /// Something refers to it, and it is not there.
    case missing = "Missing"
    /// It could not be read.
    case unread = "Unread"

    /// For people: Ready=False is failing for them, whatever shows it.
    package var text: String { self == .notReady ? Freshness.failing.rawValue : rawValue }
  }

  package let id: ObjectID
  package let judgement: Judgement
  /// Nil for objects that are not at hand, and for kinds that are not Flux's.
  package let health: ObjectHealth?
  /// What it contains or has applied.
  package let revision: String?
  /// When it got that, or when its conditions changed last.
  let lastChange: Timestamp?
  /// Why a generator publishes nothing, though it is ready.
  let emptiness: String?

  /// Nil for kinds that have none: all but generators, artifacts and consumers.
  package var freshness: Freshness? {
    let own: Freshness
    switch judgement {
    case .generator(let state): own = state.freshness
    case .artifact(let state): own = state.freshness
    case .consumer(let state): own = state.freshness
    case .plain, .workload, .none, .missing, .unread: return nil
    }
    // What it reports itself comes first, so that it has one word everywhere.
    return switch health {
    case .stalled: .stalled
    case .failing: .failing
    default: own
    }
  }

  /// Since when it is as it is; nil where that is not known, and for what is fresh.
  package var since: Timestamp? {
    switch judgement {
    case .generator(let state): state.since
    case .artifact(let state): state.since
    case .consumer(let state): state.since
    case .plain: health?.since
    case .workload, .none, .missing, .unread: nil
    }
  }

  /// Since when it is in the state of its word; of what is ready, since when it contains this revision.
  ///
  /// Nil where nothing that is recorded is about that: when an artifact was stored says nothing of
  /// how long its publisher has been failing.
  package var latest: Timestamp? {
    // What a suspended object was at before says nothing of the suspension.
    if case .suspended(let record, _)? = health { return record.at }
    return since ?? (word == .ready ? lastChange : nil)
  }

  package var remedy: Remedy? {
    switch judgement {
    case .generator(let state): state.remedy
    case .artifact(let state): state.remedy
    case .consumer(let state): state.remedy
    case .plain:
      switch health {
      case .suspended: .resume(id)
      case .failing, .stalled: .fix(id)
      default: nil
      }
    case .workload, .none, .missing, .unread: nil
    }
  }

  /// Whether it stays at Ready=Unknown because the controller does not retry.
  package var isStuck: Bool {
    if case .generator(let state) = judgement { state.phase == .stuck } else { false }
  }

  /// Whether a reconciliation is in progress.
  var isReconciling: Bool {
    switch judgement {
    case .generator(let state): if case .reconciling = state.cause { true } else { false }
    case .consumer(let state): if case .reconciling = state.cause { true } else { false }
    case .plain: if case .working? = health { true } else { false }
    case .artifact, .workload, .none, .missing, .unread: false
    }
  }

  /// Nil for what has no state of its own, or none that was read.
  package var word: Word? {
    switch judgement {
    case .missing: return .missing
    case .unread: return .unread
    case .none: return nil
    case .workload(let health): return health.word
    case .plain, .generator, .artifact, .consumer: break
    }
    // Before all else, as the controllers do.
    switch health {
    case .deleting: return .deleting
    case .suspended: return .suspended
    case .stalled: return .stalled
    case .failing: return .notReady
    default: break
    }
    switch freshness {
    case .stale: return .stale
    case .behind: return .behind
    case .failing: return .notReady
    case .stalled: return .stalled
    case .stuck: return .stuck
    case .suspended: return .suspended
    case .inProgress: return .inProgress
    case .unknown:
      // Whether it works or is stuck depends on what could not be read.
      if case .working = health { return .unknown }
    case .fresh, nil: break
    }
    if case .ready = health { return .ready }
    // Whoever publishes it need not report anything.
    if case .artifact = judgement, case .neverObserved = health { return .unknown }
    return .inProgress
  }
}

extension WorkloadHealth {
  fileprivate var word: ObjectState.Word {
    switch status {
    case .current: .ready
    case .inProgress: .inProgress
    case .failed: .notReady
    case .terminating: .deleting
    case .unknown: .unknown
    }
  }
}

extension DeliveryGraph {
  /// What an object of Flux says of itself; nil for one that is not at hand.
  package func health(of id: ObjectID) -> ObjectHealth? {
    guard let kind = id.fluxKind else { return nil }
    return object(id).map { ObjectHealth(of: $0, kind: kind) }
  }

  /// Whether a generator may be stuck: depends on its sources and artifacts.
  package func maybeStuck(_ id: ObjectID, now: Timestamp) -> Bool {
    guard id.fluxKind == .artifactGenerator, let object = object(id),
      case .working(let condition)? = health(of: id)
    else { return false }
    return GeneratorJudge(graph: self, id: id, object: object, now: now).isSuspect(condition)
  }

  /// How an object stands.
  ///
  /// - Parameters:
  ///   - now: Distinguishes a generator in progress from a stuck one.
  ///   - isAnswered: Whether its controller is known to have ended an attempt since it became
  ///     Unknown, which distinguishes them earlier.
  package func state(of id: ObjectID, now: Timestamp, isAnswered: Bool = false) -> ObjectState {
    let object = object(id)
    if let object, id.fluxKind == nil, id.isOfFlux, Conditions(of: object).ready != nil {
      // Its users read Ready, and not what kstatus makes of it: failing is not in progress.
      return ObjectState(
        id: id, judgement: .plain, health: ObjectHealth(of: object, kind: nil), revision: nil,
        lastChange: Conditions(of: object).ready?.lastTransition, emptiness: nil)
    }
    guard let object, let kind = id.fluxKind else {
      let judgement: ObjectState.Judgement =
        switch presence(of: id) {
        case .missing: .missing
        case .unread(let reason) where id.fluxKind != nil: .unread(reason)
        case .present:
          object.flatMap { WorkloadHealth(of: $0, now: now) }.map { .workload($0) } ?? .none
        case .unread: .none
        }
      return ObjectState(
        id: id, judgement: judgement, health: nil, revision: nil, lastChange: nil, emptiness: nil)
    }
    let judgement: ObjectState.Judgement =
      switch kind {
      case .artifactGenerator:
        .generator(
          GeneratorJudge(graph: self, id: id, object: object, now: now, isAnswered: isAnswered)
            .state)
      case .externalArtifact:
        .artifact(ArtifactJudge(graph: self, id: id, object: object, now: now).state)
      case .kustomization, .helmRelease:
        .consumer(ConsumerJudge(graph: self, id: id, object: object).state)
      default: .plain
      }
    let artifact = SourceArtifact(of: object)
    let isApplier = kind.isConsumer || kind == .fluxInstance
    return ObjectState(
      id: id, judgement: judgement, health: health(of: id),
      revision: isApplier
        ? ConsumerAttempt(of: object, kind: kind).last : artifact.map(\.revision),
      lastChange: artifact?.updated ?? Conditions(of: object).ready?.lastTransition,
      emptiness: kind == .artifactGenerator ? GeneratorSummary(object).emptiness : nil)
  }
}
