import Document
import FluxModel
package import KubeAPI
import Objects

/// What to reconcile along with the objects that were named.
package struct ReconcileOptions: Sendable {
  package var withSources = false
  package var withConsumers = false
  package var force = false

  package init(withSources: Bool = false, withConsumers: Bool = false, force: Bool = false) {
    self.withSources = withSources
    self.withConsumers = withConsumers
    self.force = force
  }
}

/// The reconciliations to carry out, with everything read and checked that can be without writing.
package struct ReconcilePlan: Sendable {
  package internal(set) var nodes: [ReconcileNode] = []
  package private(set) var thirdParty: [ThirdPartyOwner] = []
  package internal(set) var notes: [String] = []
  /// Objects that are left out, with the reason.
  package internal(set) var skipped: [ActOutcome] = []
  /// What was asked for and cannot be read.
  package private(set) var failures: [any Error] = []

  /// Why nothing of it may be done: what of it is suspended.
  private var suspended: [String] = []
  /// Where each object stands in ``nodes``.
  var order: [ObjectID: Int] = [:]

  /// - Throws: when a precondition fails; nothing has been written then.
  package static func make(
    _ selection: ActSelection, options: ReconcileOptions, on cluster: any WritableCluster
  ) async throws -> ReconcilePlan {
    let found = try await selection.resolve(on: cluster, throughArtifacts: true)
    var plan = ReconcilePlan()
    plan.failures = found.failures
    plan.notes = found.notes
    plan.thirdParty = found.thirdParty
    for target in found.targets {
      if Suspension.isSuspended(target.object, kind: target.kind) {
        if found.named.contains(target.reference) {
          plan.suspended.append(Self.suspendedText(target))
        } else {
          plan.skipped.append(
            ActOutcome(target, .skipped, reason: "Suspended", message: "is suspended"))
        }
        continue
      }
      // What cannot be planned for one object leaves no trace in the plan of the others.
      var attempt = plan
      do {
        try await attempt.add(
          target, options, isSource: false, path: [], cluster)
        plan = attempt
      } catch let error as OperationError {
        plan.failures.append(error)
      } catch let error as APIError where error.isForbidden {
        plan.failures.append(error)
      }
    }
    guard plan.suspended.isEmpty else {
      throw OperationError(
        .precondition, plan.suspended.joined(separator: "; ") + "; nothing was changed")
    }
    if options.withConsumers {
      try await plan.addFollowers(of: found.targets.map(\.reference), cluster)
    }
    return plan
  }

  /// What makes the plan possible.
  package func requireRights(waits: Bool, on cluster: any WritableCluster) async throws {
    var rights = ReconcileRunner.rights(for: nodes, waits: waits)
    rights += thirdParty.map {
      ActRight("patch", $0.resource, namespace: $0.namespace, name: $0.name)
    }
    try await ActRights.require(rights, on: cluster)
  }

  private mutating func add(
    _ target: ActTarget, _ options: ReconcileOptions, isSource: Bool, path: [ObjectID],
    _ cluster: any WritableCluster
  ) async throws {
    guard order[target.reference] == nil else { return }
    guard !path.contains(target.reference) else {
      throw OperationError(.cycle, "\(target.reference) is its own source")
    }
    guard target.object.deletionTimestamp == nil else {
      throw OperationError(
        .precondition, "\(target.reference) is being deleted: nothing reconciles it any more")
    }
    var after: [ObjectID] = []
    if options.withSources {
      for (kind, source) in DeliveryLinks(of: target.object).sources {
        if let node = try await addSource(
          source, kind, options, path + [target.reference], of: target, cluster)
        {
          after.append(node)
        }
      }
    }
    // A source that is reconciled on the way is not forced: --force is for what was named.
    order[target.reference] = nodes.count
    nodes.append(ReconcileNode(target, after: after, force: options.force && !isSource))
  }

  /// Adds a source with its own sources; an artifact stands for its generator.
  private mutating func addSource(
    _ source: ObjectID, _ kind: FluxKind, _ options: ReconcileOptions, _ path: [ObjectID],
    of user: ActTarget, _ cluster: any WritableCluster
  ) async throws -> ObjectID? {
    if order[source] != nil { return source }
    let object: Value
    do {
      object = try await cluster.get(
        kind.resource, namespace: source.namespace, name: source.name)
    } catch let error as APIError where error.isNotFound {
      // helm-controller makes the HelmChart of a release at its first turn, which is about to come.
      if kind == .helmChart, user.kind == .helmRelease, user.object["spec", "chartRef"] == nil,
        user.object["status", "helmChart"] == nil
      {
        return try await addSourceOfTemplate(options, path, of: user, cluster)
      }
      throw OperationError(
        .notFound,
        "\(source), a source of \(user.reference), is not found: \(path.first ?? user.reference) is not reconciled"
      )
    }
    var target = ActTarget(kind, resource: kind.resource, object: object)
    if kind == .externalArtifact {
      switch try await ArtifactOwner.find(of: object, source, on: cluster) {
      case .flux(let owner): target = owner
      case .thirdParty(let owner):
        if !thirdParty.contains(owner) { thirdParty.append(owner) }
        return nil
      }
      if order[target.reference] != nil { return target.reference }
    }
    // An OCI HelmRepository is only an address: no controller answers for it (source-controller,
    // `spec.type: oci`).
    if target.kind == .helmRepository, object["spec", "type"]?.string == "oci" { return nil }
    if Suspension.isSuspended(target.object, kind: target.kind) {
      let text = Self.suspendedText(target)
      if !suspended.contains(text) { suspended.append(text) }
      return nil
    }
    try await add(target, options, isSource: true, path: path, cluster)
    return target.reference
  }

  /// Adds what the chart of a HelmRelease will be packed from.
  private mutating func addSourceOfTemplate(
    _ options: ReconcileOptions, _ path: [ObjectID], of user: ActTarget,
    _ cluster: any WritableCluster
  ) async throws -> ObjectID? {
    guard let source = DeliveryLinks.templateSource(of: user.object) else { return nil }
    return try await addSource(source.id, source.kind, options, path, of: user, cluster)
  }

  private static func suspendedText(_ target: ActTarget) -> String {
    "\(target.reference) is \(SuspensionRecord(of: target.object).phrase): resume it first"
  }
}

/// Carries out a plan.
package enum Reconcile {
  /// - Returns: The outcomes, also of what was skipped. Third-party owners only get the request:
  ///   how they answer is not known.
  package static func run(
    _ plan: ReconcilePlan, waits: Bool, timeout: Duration?, in context: ActContext
  ) async throws -> [ActOutcome] {
    var outcomes: [ActOutcome] = []
    for owner in plan.thirdParty {
      outcomes.append(await request(owner, context))
    }
    outcomes += try await ReconcileRunner(context, waits: waits, timeout: timeout).run(plan.nodes)
    return outcomes + plan.skipped
  }

  private static func request(_ owner: ThirdPartyOwner, _ context: ActContext) async -> ActOutcome {
    let token = context.token()
    func outcome(_ result: ActOutcome.Result, _ reason: String, _ message: String) -> ActOutcome {
      ActOutcome(
        resource: owner.resource, namespace: owner.namespace, name: owner.name, result,
        reason: reason,
        message: message, requestedAt: result == .requested ? token : nil)
    }
    var ended: ActOutcome
    do {
      _ = try await context.cluster.patch(
        owner.resource, namespace: owner.namespace, name: owner.name,
        .merge(ReconcileNode.annotations(token, forced: false)), options: WriteOptions())
      ended = outcome(
        .requested, "",
        "publishes \(owner.via) and is no kind of Flux's: whether it heeds the request is up to its controller"
      )
    } catch {
      ended = outcome(.failed, "NotRequested", "\(error)")
    }
    context.onEvent(.ended(ended))
    return ended
  }
}
