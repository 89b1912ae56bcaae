import Document
import FluxModel
import KubeAPI
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

/// Has objects reconciled, with what they are made from and what is made of them.
package enum Reconcile {
  /// - Parameter waits: Whether to follow the reconciliations.
  /// - Throws: When a precondition fails.
  package static func plan(
    _ selection: ActSelection, _ options: ReconcileOptions, waits: Bool, in context: ActContext
  ) async throws -> ActPlan<RequestMachine> {
    let cluster = try context.writes
    let found = try await selection.resolve(
      on: cluster, throughArtifacts: cluster, doing: "reconciling")
    var planner = ReconcilePlanner(options, cluster)
    try await planner.add(found)
    let machine = RequestMachine(
      planner.thirdParty.map(node) + planner.nodes, waits: waits, token: context.token)
    try await ActRights.require(machine.rights, on: cluster)
    return ActPlan(
      machine: machine, remarks: found.remarks + planner.notes.map(ActEvent.note),
      settled: planner.skipped, failures: found.failures + planner.failures)
  }

  /// A request whose result is not awaited: how its receiver answers is unknown.
  private static func node(_ owner: ThirdPartyOwner) -> ActNode {
    ActNode(
      target: owner.target,
      farewell:
        "publishes \(owner.via) and is not a Flux kind: its controller may ignore the request"
    )
  }
}
