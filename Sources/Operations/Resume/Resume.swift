import Document
import FluxModel
import Objects

/// Takes suspensions back and has the objects reconciled, which nothing else would do for up to an
/// hour.
package enum Resume {
  /// - Parameters:
  ///   - waits: Whether to follow the reconciliations.
  /// - Throws: When a precondition fails.
  package static func plan(
    _ selection: ActSelection, waits: Bool, dryRun: DryRun, in context: ActContext
  ) async throws -> ActPlan<RequestMachine> {
    let cluster = try context.writes
    let found = try await selection.resolve(on: cluster, throughArtifacts: cluster)
      .refusingOthers("resumed")
    let suspended = found.targets.filter(\.isSuspended)
    let machine = RequestMachine(
      dryRun == .client ? [] : nodes(suspended), waits: waits, isDryRun: dryRun == .server,
      token: context.token)
    try await ActRights.require(machine.rights, on: cluster)
    var plan = ActPlan(machine: machine, remarks: found.remarks, failures: found.failures)
    plan.order = found.targets.map(\.id)
    for target in found.targets where !target.isSuspended {
      plan.settled.append(ActOutcome(target, .already, message: "is not suspended"))
    }
    for target in suspended {
      plan.remarks += warnings(of: target)
      if dryRun == .client { plan.settled.append(ActOutcome(target, .resumed)) }
    }
    return plan
  }

  /// Sources before generators before consumers; within a stage, each after its own sources.
  ///
  /// What lies between a source and a consumer need not be suspended itself.
  private static func nodes(_ targets: [ActTarget]) -> [ActNode] {
    DeliveryOrder(targets).sorted(targets).map { target, after in
      // Whoever resumes all wants none left suspended because another failed.
      ActNode(
        target: target, change: .resume, after: after, needsSuccess: false, stage: target.stage)
    }
  }

  private static func warnings(of target: ActTarget) -> [ActEvent] {
    let isBySpec = target.object["spec", "suspend"]?.bool == true
    guard let form = isBySpec ? .spec : SuspensionForm(target.kind, generatorHasSuspend: false)
    else { return [] }
    return SuspensionOwner.appliers(of: form, in: target.object).map {
      .warning(Suspend.warning($0, form, target.id))
    }
  }
}
