import Document
import FluxModel
import KubeAPI
import Objects

/// Takes suspensions back and has the objects reconciled, which nothing else would do for up to an
/// hour.
package struct Resume: Sendable {
  package let context: ActContext
  package let waits: Bool
  package let dryRun: DryRun

  package init(_ context: ActContext, waits: Bool, dryRun: DryRun = .none) {
    self.context = context
    self.waits = waits
    self.dryRun = dryRun
  }

  /// What to resume, in which order.
  ///
  /// - Throws: when a precondition fails.
  package func plan(_ found: ActTargets) async throws -> [ReconcileNode] {
    let nodes = Self.ordered(
      found.targets.filter { Suspension.isSuspended($0.object, kind: $0.kind) })
    if dryRun != .client {
      try await ActRights.require(
        ReconcileRunner.rights(for: nodes, waits: waits && dryRun == .none), on: context.cluster)
    }
    return nodes
  }

  /// Carries out a plan.
  ///
  /// - Parameter timeout: Nil waits for ever.
  package func run(
    _ found: ActTargets, _ nodes: [ReconcileNode], timeout: Duration?
  ) async throws -> [ActOutcome] {
    let suspended = found.targets.filter { Suspension.isSuspended($0.object, kind: $0.kind) }
    for target in suspended { warn(target) }
    var outcomes: [ObjectID: ActOutcome] = [:]
    for target in found.targets
    where !suspended.contains(where: { $0.reference == target.reference }) {
      let outcome = ActOutcome(target, .already, message: "is not suspended")
      context.onEvent(.ended(outcome))
      outcomes[target.reference] = outcome
    }
    let done =
      dryRun == .none
      ? try await ReconcileRunner(context, waits: waits, timeout: timeout).run(nodes)
      : await rehearse(suspended)
    for (node, outcome) in zip(
      dryRun == .none ? nodes.map(\.reference) : suspended.map(\.reference), done)
    {
      outcomes[node] = outcome
    }
    return found.targets.compactMap { outcomes[$0.reference] }
  }

  /// Sources before generators before consumers; each also after its own sources that are resumed
  /// as well.
  private static func ordered(_ targets: [ActTarget]) -> [ReconcileNode] {
    let sorted = targets.enumerated()
      .sorted { ($0.element.kind.rank, $0.offset) < ($1.element.kind.rank, $1.offset) }
      .map(\.element)
    var publishers: [ObjectID: ObjectID] = [:]
    for target in sorted {
      publishers[target.reference] = target.reference
      for artifact in DeliveryWorld().artifacts(of: target.object) {
        publishers[artifact.reference] = target.reference
      }
    }
    return sorted.enumerated().map { index, target in
      let sources = Set(
        DeliveryLinks(of: target.object).sources.compactMap { publishers[$0.id] })
      // What lies between a source and a consumer need not be suspended itself, so the order goes by
      // stages; within a stage, by the sources themselves.
      let after = sorted[..<index].filter {
        $0.kind.stage < target.kind.stage || sources.contains($0.reference)
      }.map(\.reference)
      let kind = target.kind
      var node = ReconcileNode(target, after: after) { object, token in
        SuspensionChange.resume(object, kind: kind, requestedAt: token)
      }
      // Whoever resumes all wants none left suspended because another failed.
      node.needsSuccess = false
      return node
    }
  }

  private func rehearse(_ targets: [ActTarget]) async -> [ActOutcome] {
    await concurrently(targets, width: ActContext.concurrency) { target in
      var outcome = ActOutcome(target, .resumed)
      if dryRun == .server {
        let token = context.token()
        do {
          _ = try await ActWriter(context.cluster).change(
            target, options: WriteOptions(dryRun: true)
          ) {
            SuspensionChange.resume($0, kind: target.kind, requestedAt: token)
          }
        } catch {
          outcome = ActOutcome(target, .failed, reason: "NotWritten", message: "\(error)")
        }
      }
      context.onEvent(.ended(outcome))
      return outcome
    }
  }

  private func warn(_ target: ActTarget) {
    let isBySpec = target.object["spec", "suspend"]?.bool == true
    guard let form = isBySpec ? .spec : SuspensionForm(target.kind, generatorHasSuspend: false)
    else { return }
    for owner in SuspensionOwner.appliers(of: form, in: target.object) {
      context.onEvent(.warning(Suspend.warning(owner, form, target.reference)))
    }
  }
}
