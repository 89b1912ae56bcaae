package import Document
package import Objects
package import Text

/// Whether an object of Kubernetes itself, or of a third party, does what its spec asks for.
///
/// Computed as Flux does for its health checks: `kstatus` (`pkg/kstatus/status` of cli-utils), and for
/// Jobs Flux's own rule, by which one is healthy when it has completed (`runtime/statusreaders` of
/// `fluxcd/pkg`).
package struct WorkloadHealth: Sendable, Hashable {
  package enum Status: String, Sendable, Hashable {
    case current = "Current"
    case inProgress = "InProgress"
    case failed = "Failed"
    case terminating = "Terminating"
    case unknown = "Unknown"
  }

  package let status: Status
  /// What it comes from, as what follows the name in a sentence.
  package let message: String

  private init(_ status: Status, _ message: String) {
    self.status = status
    self.message = message
  }

  /// Kinds that run something, or that something cannot run without.
  package static func isWorkload(_ id: ObjectID) -> Bool {
    switch (id.group, id.kind) {
    case ("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet"),
      ("apps", "ReplicaSet"), ("batch", "Job"), ("", "Pod"), ("", "PersistentVolumeClaim"):
      true
    default: false
    }
  }

  /// Nil for Flux's own kinds, which are judged by more than this, and for an object that has neither a
  /// rule nor conditions: it is there, and that is all.
  ///
  /// - Parameter now: Distinguishes a Pod that cannot be scheduled from one that is new.
  package init?(of object: Value, now: Timestamp) {
    guard let id = ObjectID(of: object), id.fluxKind == nil else { return nil }
    let conditions = Conditions(of: object)
    let known = ["Ready", "Reconciling", "Stalled"].contains { conditions[$0] != nil }
    guard Self.isWorkload(id) || known else { return nil }
    self =
      Self.generic(object, conditions) ?? Self.byKind(id, object, conditions, now)
      ?? Self.byReady(conditions)
  }

  /// What counts for every kind, before its own rule.
  private static func generic(_ object: Value, _ conditions: Conditions) -> WorkloadHealth? {
    if object.deletionTimestamp != nil { return Self(.terminating, "is being deleted") }
    if let generation = object.generation,
      let observed = object["status", "observedGeneration"]?.integer, observed != generation
    {
      return Self(
        .inProgress,
        "is at generation \(generation), but its controller observed generation \(observed)")
    }
    for condition in conditions.all where condition.status == .yes {
      if condition.type == "Reconciling" {
        return Self(.inProgress, "is being reconciled: \(condition.account)")
      }
      if condition.type == "Stalled" { return Self(.failed, "is stalled: \(condition.account)") }
    }
    return nil
  }

  private static func byReady(_ conditions: Conditions) -> WorkloadHealth {
    guard let ready = conditions.ready else { return Self(.current, "exists") }
    return ready.status == .yes
      ? Self(.current, "is ready") : Self(.inProgress, "is not ready: \(ready.account)")
  }

  private static func byKind(
    _ id: ObjectID, _ object: Value, _ conditions: Conditions, _ now: Timestamp
  ) -> WorkloadHealth? {
    let counts = Counts(object)
    switch id.kind {
    case "Deployment" where id.group == "apps": return deployment(object, conditions, counts)
    case "StatefulSet" where id.group == "apps": return statefulSet(object, counts)
    case "DaemonSet" where id.group == "apps": return daemonSet(object, counts)
    case "ReplicaSet" where id.group == "apps": return replicaSet(conditions, counts)
    case "Job" where id.group == "batch": return job(conditions, counts)
    case "Pod" where id.group.isEmpty: return pod(object, conditions, now)
    case "PersistentVolumeClaim" where id.group.isEmpty:
      let phase = object["status", "phase"]?.string ?? "unknown"
      return phase == "Bound"
        ? Self(.current, "is bound") : Self(.inProgress, "is not bound (\(phase))")
    default: return nil
    }
  }

  /// Numbers of a spec and a status, with the defaults of the controllers.
  private struct Counts {
    private let object: Value
    let wanted: Int64

    init(_ object: Value) {
      self.object = object
      wanted = object["spec", "replicas"]?.integer ?? 1
    }

    subscript(key: String) -> Int64 { object["status", key]?.integer ?? 0 }

    /// The first count that is below what it has to be.
    func lack(_ checks: [(key: String, of: Int64, verb: String)]) -> WorkloadHealth? {
      for check in checks where self[check.key] < check.of {
        return WorkloadHealth(
          .inProgress, "has \(self[check.key]) of \(check.of) replicas \(check.verb)")
      }
      return nil
    }

    var surplus: WorkloadHealth? {
      let extra = self["replicas"] - wanted
      return extra > 0
        ? WorkloadHealth(
          .inProgress, "has \(WorkloadHealth.replicas(extra)) more than desired") : nil
    }
  }

  private static func replicas(_ count: Int64) -> String {
    counted(count, "replica")
  }

  private static func deployment(
    _ object: Value, _ conditions: Conditions, _ counts: Counts
  ) -> WorkloadHealth {
    let progress = conditions["Progressing"]
    if let progress, progress.reason == "ProgressDeadlineExceeded" {
      return Self(.failed, "has not progressed within its deadline")
    }
    let lacking =
      counts.lack([
        ("replicas", counts.wanted, "created"), ("updatedReplicas", counts.wanted, "updated"),
      ]) ?? counts.surplus
      ?? counts.lack([
        ("availableReplicas", counts["updatedReplicas"], "available"),
        ("readyReplicas", counts.wanted, "ready"),
      ])
    if let lacking { return lacking }
    // Without a deadline the controller sets no such condition.
    let deadline = object["spec", "progressDeadlineSeconds"]?.integer ?? Int64(Int32.max)
    let hasProgressed =
      deadline == Int64(Int32.max)
      || progress?.status == .yes && progress?.reason == "NewReplicaSetAvailable"
    guard hasProgressed else { return Self(.inProgress, "has a ReplicaSet that is unavailable") }
    guard conditions["Available"]?.status == .yes else {
      return Self(.inProgress, "is not available")
    }
    return Self(.current, "is available with \(replicas(counts["replicas"]))")
  }

  private static func statefulSet(_ object: Value, _ counts: Counts) -> WorkloadHealth {
    let strategy = object["spec", "updateStrategy"]
    if strategy?["type"]?.string == "OnDelete" {
      return Self(.current, "is updated when its Pods are deleted (OnDelete)")
    }
    let lacking =
      counts.lack([
        ("replicas", counts.wanted, "created"), ("readyReplicas", counts.wanted, "ready"),
      ])
      ?? counts.surplus
    if let lacking { return lacking }
    if let partition = strategy?["rollingUpdate", "partition"]?.integer {
      return counts.lack([("updatedReplicas", counts.wanted - partition, "updated")])
        ?? Self(.current, "is rolled out up to its partition")
    }
    if let lacking = counts.lack([("currentReplicas", counts.wanted, "current")]) { return lacking }
    let status = object["status"]
    guard status?["currentRevision"]?.string == status?["updateRevision"]?.string else {
      return Self(.inProgress, "is being updated to another revision")
    }
    return Self(.current, "has \(replicas(counts["replicas"]))")
  }

  private static func daemonSet(_ object: Value, _ counts: Counts) -> WorkloadHealth {
    guard object.generation != nil, object["status", "observedGeneration"]?.integer != nil,
      let wanted = object["status", "desiredNumberScheduled"]?.integer
    else { return Self(.inProgress, "has not been observed by its controller") }
    return counts.lack([
      ("currentNumberScheduled", wanted, "scheduled"),
      ("updatedNumberScheduled", wanted, "updated"), ("numberAvailable", wanted, "available"),
      ("numberReady", wanted, "ready"),
    ]) ?? Self(.current, "has \(replicas(wanted))")
  }

  private static func replicaSet(_ conditions: Conditions, _ counts: Counts) -> WorkloadHealth {
    if let failure = conditions["ReplicaFailure"], failure.status == .yes {
      return Self(.inProgress, "cannot create its Pods: \(failure.account)")
    }
    return counts.lack([
      ("fullyLabeledReplicas", counts.wanted, "labelled"),
      ("availableReplicas", counts.wanted, "available"), ("readyReplicas", counts.wanted, "ready"),
    ]) ?? counts.surplus ?? Self(.current, "has \(replicas(counts["replicas"]))")
  }

  private static func job(_ conditions: Conditions, _ counts: Counts) -> WorkloadHealth {
    for condition in conditions.all where condition.status == .yes {
      if condition.type == "Complete" { return Self(.current, "has completed") }
      if condition.type == "Failed" { return Self(.failed, "has failed: \(condition.account)") }
    }
    return Self(.inProgress, "has not completed yet")
  }

  /// How long a Pod may wait for a node before that counts as a failure.
  private static let scheduleWindow: Int64 = 15

  private static func pod(
    _ object: Value, _ conditions: Conditions, _ now: Timestamp
  ) -> WorkloadHealth {
    switch object["status", "phase"]?.string ?? "" {
    case "Succeeded": return Self(.current, "has completed")
    case "Failed": return Self(.current, "has completed, with a failure")
    case "Running":
      if conditions.ready?.status == .yes { return Self(.current, "is ready") }
      let looping = (object["status", "containerStatuses"]?.array ?? []).filter {
        $0["state", "waiting", "reason"]?.string == "CrashLoopBackOff"
      }.compactMap { $0["name"]?.string }
      return looping.isEmpty
        ? Self(.inProgress, "runs and is not ready")
        : Self(.failed, "is crash-looping (\(looping.joined(separator: ", ")))")
    case "Pending":
      guard let scheduled = conditions["PodScheduled"], scheduled.status == .no,
        scheduled.reason == "Unschedulable"
      else { return Self(.inProgress, "is pending") }
      let created = object.creationTimestamp.flatMap(Timestamp.init(rfc3339:))
      let isYoung = created.map { now.seconds - $0.seconds < scheduleWindow } ?? false
      return isYoung
        ? Self(.inProgress, "has not been scheduled yet")
        : Self(.failed, "cannot be scheduled: \(scheduled.account)")
    case "": return Self(.inProgress, "has not been observed by its controller")
    case let phase: return Self(.unknown, "is in phase \(phase)")
    }
  }
}
