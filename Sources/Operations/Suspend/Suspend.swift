import Document
import FluxModel
package import KubeAPI
import Objects

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
    /// As the kubeconfig calls him, for servers that do not say.
    package var user: String?
    /// RFC 3339.
    package var now: String
    package var reason: String?

    package init(user: String?, now: String, reason: String?) {
      self.user = user
      self.now = now
      self.reason = reason
    }
  }

  /// - Parameter who: Knows the user better than the record.
  /// - Throws: When a precondition fails; nothing has been written then.
  package static func plan(
    _ selection: ActSelection, _ record: Record, by who: (any WhoAmI)?, dryRun: DryRun,
    in context: ActContext
  ) async throws -> ActPlan<RequestMachine> {
    let cluster = try context.writes
    let found = try await selection.resolve(on: cluster, throughArtifacts: cluster)
      .refusingOthers("suspended")
    var record = record
    var generatorHasSuspend = false
    if dryRun != .client, !found.targets.isEmpty {
      record.user = try await who?.userName() ?? record.user
      try await ActRights.require(ActRight.patching(found.targets), on: cluster)
      if let generator = found.targets.first(where: { $0.kind == .artifactGenerator }) {
        generatorHasSuspend = try await GeneratorSchema.hasSuspend(on: cluster, probing: generator)
      }
    }
    var remarks = found.remarks
    var settled: [ActOutcome] = []
    var nodes: [ActNode] = []
    for target in found.targets {
      if target.isSuspended, record.reason == nil {
        settled.append(ActOutcome(target, .already, message: "is suspended already"))
        continue
      }
      guard let form = SuspensionForm(target.kind, generatorHasSuspend: generatorHasSuspend) else {
        throw OperationError(
          .precondition, "\(target.id) cannot be suspended: nothing reconciles it")
      }
      remarks += self.remarks(on: target, form)
      if dryRun == .client {
        settled.append(ActOutcome(target, .suspended))
      } else {
        let change = ActChange.suspend(
          form, by: record.user, at: record.now, reason: record.reason)
        // Consumers first: nothing new is to reach them while their sources stop one by one.
        nodes.append(ActNode(target: target, change: change, stage: -target.stage))
      }
    }
    return ActPlan(
      machine: RequestMachine(
        nodes, waits: false, isDryRun: dryRun == .server, token: context.token),
      remarks: remarks, settled: settled, order: found.targets.map(\.id),
      failures: found.failures)
  }

  private static func remarks(on target: ActTarget, _ form: SuspensionForm) -> [ActEvent] {
    var remarks = SuspensionOwner.appliers(of: form, in: target.object).map {
      ActEvent.warning(warning($0, form, target.id))
    }
    let earlier = SuspensionRecord(of: target.object)
    if target.isSuspended, earlier.by != nil {
      remarks.append(
        .note("\(target.id) was \(earlier.phrase) before; who and why are recorded anew"))
    }
    return remarks
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
      owner.applier.map { "change it in the source of \($0), or suspend that too" }
      ?? "change it in what is applied"
    return
      "\(owner.manager)\(applier) applies \(field) of \(target) itself and will set it back at its next turn: \(fix)"
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
