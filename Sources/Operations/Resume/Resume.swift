import Document
import FluxModel
import Objects

/// Takes suspensions back and has the objects reconciled, which nothing else would do for up to an
/// hour.
package enum Resume {
  /// Which suspensions to take back.
  package struct Options: Sendable {
    /// Whether those that others have made with a reason go, too, where no object is named.
    package var includesOthers: Bool
    /// Only those with this reason, whoever gave it; nil for all.
    package var reason: String?

    package init(includesOthers: Bool = false, reason: String? = nil) {
      self.includesOthers = includesOthers
      self.reason = reason
    }
  }

  /// - Parameters:
  ///   - waits: Whether to follow the reconciliations.
  /// - Throws: When a precondition fails.
  package static func plan(
    _ selection: ActSelection, _ options: Options, by who: ActingUser, waits: Bool,
    dryRun: DryRun, in context: ActContext
  ) async throws -> ActPlan<RequestMachine> {
    let cluster = try context.writes
    let found = try await selection.resolve(
      on: cluster, throughArtifacts: cluster, doing: "resuming"
    )
    .refusingOthers("resumed")
    let chosen = found.targets.filter { options.chooses($0) }
    let suspended = chosen.filter(\.isSuspended)
    let releases = try await releases(options, suspended, named: found.named, by: who)
    let held = suspended.filter { releases($0).hold(in: SuspensionRecord(of: $0.object)) != nil }
    let resumed = suspended.filter { releases($0).hold(in: SuspensionRecord(of: $0.object)) == nil }
    let machine = RequestMachine(
      dryRun == .client ? [] : nodes(resumed, releases), waits: waits,
      isDryRun: dryRun == .server, token: context.token)
    try await ActRights.require(machine.rights, on: cluster)
    var plan = ActPlan(machine: machine, remarks: found.remarks, failures: found.failures)
    plan.order = chosen.map(\.id)
    for target in chosen where !target.isSuspended {
      plan.settled.append(ActOutcome(target, .already, message: "not suspended"))
    }
    for target in held {
      guard let hold = releases(target).hold(in: SuspensionRecord(of: target.object)) else {
        continue
      }
      plan.settled.append(
        ActOutcome(
          target, .skipped, reason: .heldByOther, message: "is \(hold.history)", hold: hold))
    }
    for target in resumed {
      plan.remarks += warnings(of: target)
      if dryRun == .client { plan.settled.append(ActOutcome(target, .resumed)) }
    }
    plan.remarks += SuspensionGroup.groups(resumed).map {
      .note($0.sentence("was", "were"))
    }
    if !held.isEmpty {
      plan.remarks.append(
        .note(
          "objects that others suspended with a reason are skipped: name the objects, or use "
            + "--include-others"))
    }
    return plan
  }

  /// Whose suspensions of an object are taken back: of one that is named, everybody's.
  private static func releases(
    _ options: Options, _ targets: [ActTarget], named: Set<ObjectID>, by who: ActingUser
  ) async throws -> @Sendable (ActTarget) -> SuspensionRelease {
    // Asked only where it matters.
    let strict = SuspensionRelease(
      user: nil, includesOthers: options.includesOthers, reason: options.reason)
    let matters = targets.contains {
      !named.contains($0.id) && strict.hold(in: SuspensionRecord(of: $0.object)) != nil
    }
    let release = SuspensionRelease(
      user: matters ? try await who.name() : nil, includesOthers: options.includesOthers,
      reason: options.reason)
    return { named.contains($0.id) ? .everybody : release }
  }

  /// Sources before generators before consumers; within a stage, each after its own sources.
  ///
  /// What lies between a source and a consumer need not be suspended itself.
  private static func nodes(
    _ targets: [ActTarget], _ releases: (ActTarget) -> SuspensionRelease
  ) -> [ActNode] {
    DeliveryOrder(targets).sorted(targets).map { target, after in
      // Whoever resumes all wants none left suspended because another failed.
      ActNode(
        target: target, change: .resume(releases(target)), after: after, needsSuccess: false,
        stage: target.stage)
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

extension Resume.Options {
  /// Whether an object is one of those that are meant.
  fileprivate func chooses(_ target: ActTarget) -> Bool {
    guard let reason else { return true }
    return target.isSuspended
      && SuspensionRecord(of: target.object).each.contains { $0.hasReason(reason) }
  }
}
