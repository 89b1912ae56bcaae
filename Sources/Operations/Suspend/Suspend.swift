import Document
package import FluxModel
package import KubeAPI
package import Objects

/// Whether a change is made for real.
package enum DryRun: Sendable, Hashable {
  case none
  /// Nothing is sent.
  case client
  /// The server does everything but store.
  case server
}

/// Suspends objects, and records who did it, when and why.
package struct Suspend: Sendable {
  package let context: ActContext
  /// The user, as the server or else the kubeconfig calls him.
  package let user: String?
  /// RFC 3339.
  package let now: String
  package let reason: String?
  package let dryRun: DryRun

  package init(
    _ context: ActContext, user: String?, now: String, reason: String?, dryRun: DryRun = .none
  ) {
    self.context = context
    self.user = user
    self.now = now
    self.reason = reason
    self.dryRun = dryRun
  }

  /// - Throws: when a precondition fails; nothing has been written then.
  package func run(
    _ found: ActTargets, until deadline: Deadline?
  ) async throws -> [ActOutcome] {
    let hasSuspend = try await deadline.run { try await checked(found) }
    // Consumers first: nothing new is to reach them while their sources stop one by one.
    let ordered = found.targets.enumerated().sorted {
      (-$0.element.kind.rank, $0.offset) < (-$1.element.kind.rank, $1.offset)
    }
    let outcomes = try await concurrently(ordered.map(\.element), width: ActContext.concurrency) {
      target in
      do {
        return try await deadline.run { try await suspend(target, generatorHasSuspend: hasSuspend) }
      } catch let error as OperationError where error.kind == .timedOut {
        return ended(
          ActOutcome(
            target, .timedOut, reason: "Timeout",
            message: "still waiting: the server has not confirmed it"))
      }
    }
    return zip(ordered, outcomes).sorted { $0.0.offset < $1.0.offset }.map(\.1)
  }

  /// Checks the user's rights, and whether the server knows `spec.suspend` of generators.
  private func checked(_ found: ActTargets) async throws -> Bool {
    let rights = found.targets.map {
      ActRight(
        "patch", $0.resource, namespace: $0.reference.namespace,
        name: found.targets.count <= 16 ? $0.reference.name : nil)
    }
    if dryRun != .client { try await ActRights.require(rights, on: context.cluster) }
    let generator = found.targets.first { $0.kind == .artifactGenerator }
    guard let generator, dryRun != .client else { return false }
    return try await GeneratorSchema.hasSuspend(on: context.cluster, probing: generator)
  }

  private func suspend(_ target: ActTarget, generatorHasSuspend: Bool) async throws -> ActOutcome {
    guard let form = SuspensionForm(target.kind, generatorHasSuspend: generatorHasSuspend) else {
      return ended(
        ActOutcome(
          target, .failed, reason: "NotSuspendable",
          message: "nothing reconciles an ExternalArtifact"))
    }
    if Suspension.isSuspended(target.object, kind: target.kind), reason == nil {
      return ended(ActOutcome(target, .already, message: "is suspended already"))
    }
    for owner in SuspensionOwner.appliers(of: form, in: target.object) {
      context.onEvent(.warning(Self.warning(owner, form, target.reference)))
    }
    let record = SuspensionRecord(of: target.object)
    if Suspension.isSuspended(target.object, kind: target.kind), record.by != nil {
      context.onEvent(
        .note("\(target.reference) was \(record.phrase) before; who and why are recorded anew"))
    }
    guard dryRun != .client else { return ended(ActOutcome(target, .suspended)) }
    context.onEvent(.acting(target))
    do {
      let changed = try await ActWriter(context.cluster).change(
        target, options: WriteOptions(dryRun: dryRun == .server),
        { [user, now, reason] _ in SuspensionChange.suspend(form, by: user, at: now, reason: reason)
        })
      let after = changed?.after ?? target.object
      guard Suspension.isSuspended(after, kind: target.kind) else {
        return ended(
          ActOutcome(
            target, .failed, reason: "NotKept",
            message: "the server did not keep the change: it is not suspended"))
      }
      return ended(ActOutcome(target, .suspended))
    } catch {
      // Out of time: that is what is to be said of it.
      try Task.checkCancellation()
      return ended(ActOutcome(target, .failed, reason: "NotWritten", message: "\(error)"))
    }
  }

  private func ended(_ outcome: ActOutcome) -> ActOutcome {
    context.onEvent(.ended(outcome))
    return outcome
  }

  /// Names who will undo the change.
  package static func warning(
    _ owner: SuspensionOwner, _ form: SuspensionForm, _ target: ObjectID
  ) -> String {
    let field =
      switch form {
      case .spec: "spec.suspend"
      case .annotation(let name): "the annotation \(name)"
      }
    let applier = owner.applier.map { ", by \($0)," } ?? ""
    let fix =
      owner.applier.map { "change it in the source of \($0), or suspend that too" }
      ?? "change it in what is applied"
    return
      "\(owner.manager)\(applier) applies \(field) of \(target) itself and will set it back at its next turn: \(fix)"
  }
}

/// What the server's definition of ArtifactGenerator knows.
package enum GeneratorSchema {
  /// Whether the server would keep `spec.suspend`.
  ///
  /// Asked by a dry run, because that needs no right but the one to suspend: a server drops fields
  /// that it does not know.
  package static func hasSuspend(on cluster: any WritableCluster, probing target: ActTarget)
    async throws -> Bool
  {
    if target.object["spec", "suspend"] != nil { return true }
    do {
      let answer = try await cluster.patch(
        target.resource, namespace: target.reference.namespace, name: target.reference.name,
        .merge(["spec": ["suspend": true]]),
        options: WriteOptions(dryRun: true, fieldValidation: "Ignore"))
      return answer["spec", "suspend"]?.bool == true
    } catch let error as APIError where error.code == 422 || error.code == 400 {
      // Refused as unknown, by a schema or a policy.
      return false
    }
  }
}

extension FluxKind {
  /// The place in the way of content from source to workload.
  var rank: Int {
    switch self {
    case .fluxInstance: 0
    case .helmRepository: 1
    case .gitRepository, .ociRepository, .bucket: 2
    case .helmChart: 3
    case .artifactGenerator: 4
    case .externalArtifact: 5
    case .kustomization: 6
    case .helmRelease: 7
    }
  }
}

extension FluxKind {
  /// Sources, generators, consumers.
  var stage: Int {
    switch self {
    case .fluxInstance: 0
    case .helmRepository, .gitRepository, .ociRepository, .bucket, .helmChart: 1
    case .artifactGenerator, .externalArtifact: 2
    case .kustomization, .helmRelease: 3
    }
  }
}
