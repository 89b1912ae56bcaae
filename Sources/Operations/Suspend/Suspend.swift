import Document
import FluxModel
import KubeAPI
import Objects
package import Text

/// Whether a change is made for real.
package enum DryRun: String, Sendable, CaseIterable {
  case none
  /// Nothing is sent.
  case client
  /// The server does everything but store.
  case server
}

/// Suspends objects, and records who did it, when and why.
package enum Suspend {
  /// What to record.
  package struct Record: Sendable {
    package var now: Timestamp
    package var reason: String?
    /// When the suspension is meant to end.
    package var until: Timestamp?
    /// Whether the records of others are replaced.
    package var overwrites: Bool

    package init(
      now: Timestamp, reason: String? = nil, until: Timestamp? = nil, overwrites: Bool = false
    ) {
      self.now = now
      self.reason = reason
      self.until = until
      self.overwrites = overwrites
    }

    /// Whether it says anything that an object which already suspended may lack.
    fileprivate var saysMore: Bool { reason != nil || until != nil }
  }

  /// - Throws: When a precondition fails; nothing has been written then.
  package static func plan(
    _ selection: ActSelection, _ record: Record, by who: ActingUser, dryRun: DryRun,
    in context: ActContext
  ) async throws -> ActPlan<RequestMachine> {
    let cluster = try context.writes
    let found = try await selection.resolve(
      on: cluster, throughArtifacts: cluster, doing: "suspending"
    )
    .refusingOthers("suspended")
    let changing = found.targets.filter { !$0.isSuspended || record.saysMore }
    var user: String?
    var generatorHasSuspend = false
    // A dry run on this side need not know, unless it reports the existing records.
    if !changing.isEmpty, dryRun != .client || changing.contains(where: \.isSuspended) {
      user = try await who.name()
    }
    if dryRun != .client, !found.targets.isEmpty {
      try await ActRights.require(ActRight.patching(found.targets), on: cluster)
      if let generator = found.targets.first(where: { $0.kind == .artifactGenerator }) {
        generatorHasSuspend = try await GeneratorSchema.hasSuspend(on: cluster, probing: generator)
      }
    }
    let new = SuspensionRecord(
      by: user, at: record.now, reason: record.reason, until: record.until)
    var remarks = found.remarks
    var settled: [ActOutcome] = []
    var nodes: [ActNode] = []
    for target in found.targets {
      if target.isSuspended, !record.saysMore {
        settled.append(ActOutcome(target, .already, message: "already suspended"))
        continue
      }
      guard let form = SuspensionForm(target.kind, generatorHasSuspend: generatorHasSuspend) else {
        throw OperationError(
          .precondition, "\(target.id) cannot be suspended because it is not reconciled")
      }
      remarks += SuspensionOwner.appliers(of: form, in: target.object).map {
        .warning(warning($0, form, target.id))
      }
      if dryRun == .client {
        settled.append(ActOutcome(target, .suspended))
      } else {
        let change = ActChange.suspend(form, new, overwrites: record.overwrites)
        // Consumers first: nothing new is to reach them while their sources stop one by one.
        nodes.append(ActNode(target: target, change: change, stage: -target.stage))
      }
    }
    return ActPlan(
      machine: RequestMachine(
        nodes, waits: false, isDryRun: dryRun == .server, token: context.token),
      remarks: remarks + notes(on: changing, new, overwrites: record.overwrites),
      settled: settled, order: found.targets.map(\.id), failures: found.failures)
  }

  /// Says what becomes of the records that are there, once for all objects with the same.
  private static func notes(
    on targets: [ActTarget], _ new: SuspensionRecord, overwrites: Bool
  ) -> [ActEvent] {
    SuspensionGroup.groups(targets).map { group in
      let text = group.sentence("is already", "are already")
      let isOwn = group.record.each.allSatisfy { $0.isOf(new.by) }
      return .note(
        overwrites || isOwn
          ? "\(text); the record is replaced"
          : "\(text); that record is kept and yours is added "
            + "(--overwrite-reason replaces it)")
    }
  }

  /// Names who will undo the change.
  static func warning(
    _ owner: SuspensionOwner, _ form: SuspensionForm, _ target: ObjectID
  ) -> String {
    let field =
      switch form {
      case .spec: "spec.suspend"
      case .annotation(let name): "the annotation \(name)"
      }
    let applier = owner.applier.map { ", by \($0)," } ?? ""
    let fix =
      owner.applier.map { "change it in the source of \($0), or also suspend that" }
      ?? "change it in the applied manifests"
    return
      "\(owner.manager)\(applier) applies \(field) of \(target) and will revert it at its next reconciliation: \(fix)"
  }
}

/// What the server's definition of ArtifactGenerator knows.
enum GeneratorSchema {
  /// Whether the server would keep `spec.suspend`.
  ///
  /// Asked by a dry run, because that needs no right but the one to suspend: a server drops fields
  /// that it does not know.
  static func hasSuspend(
    on cluster: any WritableCluster, probing target: ActTarget
  ) async throws -> Bool {
    if target.object["spec", "suspend"] != nil { return true }
    do {
      let answer = try await cluster.patch(
        target.resource, namespace: target.id.namespace, name: target.id.name,
        .merge(["spec": ["suspend": true]]),
        options: WriteOptions(dryRun: true, fieldValidation: "Ignore"))
      return answer["spec", "suspend"]?.bool == true
    } catch let error as APIError where error.code == 422 || error.code == 400 {
      // Refused as unknown, by a schema or a policy.
      return false
    }
  }
}
