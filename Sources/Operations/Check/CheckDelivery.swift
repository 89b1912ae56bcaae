import Document
import FluxModel
import KubeAPI
import Objects
import Text

/// The checks of what is generated and who uses it.
enum CheckDelivery {
  // MARK: Generators

  static func generators(
    _ input: CheckInput, _ graph: DeliveryGraph, now: Timestamp
  ) -> [CheckFinding] {
    let unread = unreadable(input.generators, "generators", .artifactGenerator, input)
    guard case .success(let all) = input.generators else { return unread }
    let generators = input.checked(all)
    let findings = generators.compactMap(ObjectID.init(of:)).compactMap { id -> CheckFinding? in
      let state = graph.state(of: id, now: now)
      guard case .generator(let generator) = state.judgement,
        let (severity, why) = weight(of: generator, graph)
      else { return nil }
      return finding(
        state, severity, "generators", reason: why, fix: Self.unfinalized(id, state))
    }
    return unread
      + orWell(
        findings, "generators",
        counted(generators.count, "generator") + ", none failing or stuck, each with its sources",
        at: "artifactgenerators")
  }

  /// Why a state matters; nil where nothing is wrong, or it passes by itself.
  private static func weight(
    of state: GeneratorState, _ graph: DeliveryGraph
  ) -> (CheckFinding.Severity, reason: String)? {
    switch state.cause {
    case .suspended: (.info, "its artifacts are not updated")
    case .neverObserved(isOverdue: true): (.warning, "it has not published anything")
    case .sourceMissing, .sourceEmpty:
      (.error, "it cannot build: its artifacts are not updated, even though Ready is True")
    case .artifactMissing:
      (.warning, "consumers of the artifact keep what they have, and fail when they reconcile")
    case .artifactChanged: (.warning, "consumers apply content that its generator did not publish")
    case .deleting: (.warning, "its artifacts are deleted with it")
    case .overdue: (.warning, "its artifacts are not updated")
    case .failing, .stalled:
      (
        .error,
        graph.object(state.id).map { GeneratorSummary($0).inventory.isEmpty } ?? true
          ? "it publishes nothing"
          : "its artifacts still serve older content even though Ready is True"
      )
    case .noDrift:
      (
        .error,
        "it never becomes ready, and reconcile without --force does not help"
      )
    default: nil
    }
  }

  // MARK: Suspensions

  /// What is still suspended after the time that was recorded for its end.
  static func suspensions(_ input: CheckInput, now: Timestamp) -> [CheckFinding] {
    let answers = [input.generators, input.kustomizations, input.helmReleases]
    let sources = input.sources.sorted { $0.key.resource.plural < $1.key.resource.plural }
    let objects = (sources.map(\.value) + answers).flatMap { (try? $0.get()) ?? [] }
    return input.checked(objects).compactMap { object in
      guard let id = ObjectID(of: object), Suspension.isSuspended(object, kind: id.fluxKind),
        SuspensionRecord(of: object).isOverdue(now: now)
      else { return nil }
      return CheckFinding(
        .warning, "suspensions", "is still \(SuspensionRecord(of: object).phrase)", at: "\(id)",
        reason: "that time has passed, and nothing resumes automatically",
        fix: Remedy.resume(id).text)
    }
  }

  /// What to do about an object that is still being deleted; empty for others.
  private static func unfinalized(_ id: ObjectID, _ state: ObjectState) -> String {
    guard case .deleting? = state.health else { return "" }
    return "if it stays, check that \(id.fluxKind?.controller ?? "its controller") is running: it "
      + "removes the finalizer"
  }

  // MARK: Sources and appliers

  /// What the generators are built from, and what applies them and their sources.
  static func inputs(
    _ input: CheckInput, _ graph: DeliveryGraph, now: Timestamp
  ) -> [CheckFinding] {
    let generators = input.checked((try? input.generators.get()) ?? [])
    let sources = Set(
      generators.flatMap { DeliveryLinks(of: $0).sources.map(\.id) }
        .filter { $0.fluxKind?.isSource == true })
    let appliers = Set(
      (generators + sources.compactMap(graph.object)).flatMap(Ownership.appliers)
        .map { ObjectID($0) })
    guard !sources.isEmpty || !appliers.isEmpty else { return [] }
    let findings =
      failing(
        sources.sorted(), "sources", graph, now,
        "generators that use it do not get newer content, or do not build at all")
      + failing(
        appliers.sorted(), "appliers", graph, now,
        "changes to the generators and sources that it applies do not take effect")
    let unread = appliers.sorted().compactMap { id -> CheckFinding? in
      guard case .failure(let error)? = input.others[id],
        (error as? APIError)?.isNotFound != true
      else { return nil }
      return CheckFinding(
        unread: error, "appliers", "cannot be read", at: "\(id)",
        reason: "whether it is failing is unknown",
        fix: "ask for permission to get it")
    }
    return unread
      + orWell(
        findings, "sources", counted(sources.count, "source") + " of generators, none failing",
        at: "sources")
  }

  private static func failing(
    _ ids: [ObjectID], _ check: String, _ graph: DeliveryGraph, _ now: Timestamp, _ why: String
  ) -> [CheckFinding] {
    ids.compactMap { id in
      let state = graph.state(of: id, now: now)
      switch state.health {
      case .failing, .stalled: return finding(state, .error, check, reason: why)
      case .deleting:
        return finding(state, .warning, check, reason: why, fix: unfinalized(id, state))
      default: return nil
      }
    }
  }

  // MARK: Artifacts and consumers

  static func orphans(
    _ input: CheckInput, _ graph: DeliveryGraph, now: Timestamp
  ) -> [CheckFinding] {
    let unread = unreadable(input.artifacts, "artifacts", .externalArtifact, input)
    guard case .success(let all) = input.artifacts else { return unread }
    let artifacts = input.checked(all)
    let findings = artifacts.compactMap(ObjectID.init(of:)).compactMap { id -> CheckFinding? in
      let state = graph.state(of: id, now: now)
      guard case .artifact(let artifact) = state.judgement else { return nil }
      switch artifact.cause {
      case .failing, .stalled:
        return finding(
          state, .error, "artifacts", reason: "its consumers keep the older content, or fail")
      case .deleting:
        return finding(
          state, .warning, "artifacts", reason: "its consumers lose their source",
          fix: unfinalized(id, state))
      case .thirdParty(let publisher): return Self.publisher(publisher, of: state, input)
      default: break
      }
      guard let (severity, why) = weight(of: artifact) else { return nil }
      return finding(
        state, severity, "orphans", reason: why,
        fix: "set spec.sourceRef to its publisher, or delete it if nothing uses it")
    }
    // Without the generators, nothing is known of what they publish.
    guard case .success = input.generators else { return unread + findings }
    return unread
      + orWell(
        findings, "orphans",
        counted(artifacts.count, "artifact") + ", none failing, each with an existing publisher",
        at: "externalartifacts")
  }

  /// Whether the publisher of another kind exists, as far as it was read.
  private static func publisher(
    _ publisher: ObjectReference, of state: ObjectState, _ input: CheckInput
  ) -> CheckFinding? {
    let id = ObjectID(publisher)
    switch input.others[id] {
    case .success?: return nil
    case .failure(let error as APIError)?
    where error.isNotFound && error.kind != .notCaptured
      && !error.isOfUnknownResource:
      return CheckFinding(
        .error, "orphans", "its publisher \(id.phrase) does not exist", at: "\(state.id)",
        reason: "it is never updated again",
        fix: "set spec.sourceRef to its publisher, or delete it if nothing uses it")
    // Its plural is a guess, so that the object may still exist.
    case .failure(let error as APIError)? where error.isOfUnknownResource:
      return CheckFinding(
        .unknown, "orphans",
        "whether its publisher \(id.phrase) exists is unknown: the cluster does not have "
          + "\(publisher.kind) in \(publisher.apiVersion)",
        at: "\(state.id)", fix: "install the CRD of \(publisher.kind)")
    case .failure(let error)?:
      return CheckFinding(
        .unknown, "orphans", "whether its publisher \(id.phrase) exists is unknown: \(error)",
        at: "\(state.id)")
    case nil:
      return CheckFinding(
        .unknown, "orphans", "whether its publisher \(id.phrase) exists was not checked",
        at: "\(state.id)")
    }
  }

  private static func weight(
    of state: ArtifactState
  ) -> (CheckFinding.Severity, reason: String)? {
    switch state.cause {
    case .generatorMissing:
      (.error, "it is never updated again, and its file may already be deleted")
    case .earlierGenerator:
      (.warning, "the current generator of that name does not manage it")
    case .dropped: (.warning, "the generator neither updates nor deletes it")
    case .unstated: (.warning, "no controller is recorded as its publisher")
    default: nil
    }
  }

  static func consumers(
    _ input: CheckInput, _ graph: DeliveryGraph, now: Timestamp
  ) -> [CheckFinding] {
    guard case .success = input.artifacts else { return [] }
    var unread: [CheckFinding] = []
    var findings: [CheckFinding] = []
    var count = 0
    for (kind, answer) in [
      (FluxKind.kustomization, input.kustomizations), (.helmRelease, input.helmReleases),
    ] {
      unread += unreadable(answer, "consumers", kind, input)
      guard case .success(let objects) = answer else { continue }
      for id in input.checked(objects).compactMap(ObjectID.init(of:))
      where graph.usesExternalArtifact(id) {
        count += 1
        let state = graph.state(of: id, now: now)
        guard case .consumer(let consumer) = state.judgement, let why = weight(of: consumer)
        else { continue }
        findings.append(finding(state, .error, "consumers", reason: why))
      }
    }
    return unread
      + orWell(
        findings, "consumers",
        counted(count, "consumer") + " of artifacts, none failing, each with an existing artifact",
        at: "kustomizations, helmreleases")
  }

  /// Why the state of a consumer is an error; nil where it is none.
  private static func weight(of state: ConsumerState) -> String? {
    if state.missingSource != nil { return "it cannot be reconciled" }
    switch state.cause {
    case .failed, .stalled: return "the artifact is not deployed, or only in part"
    default: return nil
    }
  }

  /// - Parameter fix: Where the state itself has no remedy.
  private static func finding(
    _ state: ObjectState, _ severity: CheckFinding.Severity, _ check: String, reason: String,
    fix: String = ""
  ) -> CheckFinding {
    CheckFinding(
      severity, check, state.headline, at: "\(state.id)", reason: reason,
      fix: state.remedy?.text ?? fix)
  }

  /// What was found, or that all is well.
  private static func orWell(
    _ findings: [CheckFinding], _ check: String, _ what: String, at place: String
  ) -> [CheckFinding] {
    findings.isEmpty ? [CheckFinding(.ok, check, what, at: place)] : findings
  }

  private static func unreadable(
    _ answer: CheckInput.Answer<[Value]>, _ check: String, _ kind: FluxKind, _ input: CheckInput
  ) -> [CheckFinding] {
    let error: any Error
    switch answer {
    case .failure(let failure): error = failure
    case .success:
      // What may not be listed in other namespaces is one finding of its own.
      guard let gap = input.gaps[kind], gap.error.kind == .notCaptured else { return [] }
      error = gap.error
    }
    // Another check reports that the kind is missing.
    if let error = error as? APIError, error.isNotFound { return [] }
    return [
      CheckFinding(
        unread: error, check, "cannot be read", at: kind.resource.groupResource,
        reason: "problems there cannot be detected",
        fix: "ask for permission to list them in all namespaces")
    ]
  }
}
