import Document
import FluxModel
import Testing
import Text

/// Against `pkg/kstatus/status/core.go` of cli-utils and `runtime/statusreaders/job.go` of fluxcd/pkg.
@Suite struct WorkloadHealthTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let object: String
    /// Nil for an object without health.
    let health: String?
  }

  private static func workload(
    _ kind: String, _ spec: String, _ status: String, api: String = "apps/v1",
    metadata: String = ""
  ) -> String {
    "{apiVersion: \(api), kind: \(kind), metadata: {name: web, namespace: apps\(metadata)}, "
      + "spec: {\(spec)}, status: {\(status)}}"
  }

  private static let rolledOut =
    "replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, conditions: "
    + "[{type: Available, status: 'True'}, "
    + "{type: Progressing, status: 'True', reason: NewReplicaSetAvailable}]"

  static let cases = [
    Case(
      testDescription: "a Deployment that is rolled out",
      object: workload("Deployment", "replicas: 2, progressDeadlineSeconds: 600", rolledOut),
      health: "Current: is available with 2 replicas"),
    Case(
      testDescription: "too few replicas",
      object: workload("Deployment", "replicas: 3", rolledOut),
      health: "InProgress: has 2 of 3 replicas created"),
    Case(
      testDescription: "the default is one replica",
      object: workload("Deployment", "", "updatedReplicas: 1, replicas: 1"),
      health: "InProgress: has 0 of 1 replicas available"),
    Case(
      testDescription: "replicas of the revision before",
      object: workload("Deployment", "replicas: 1", rolledOut),
      health: "InProgress: has 1 replica more than desired"),
    Case(
      testDescription: "past its deadline",
      object: workload(
        "Deployment", "replicas: 2",
        "conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]"),
      health: "Failed: has not progressed within its deadline"),
    Case(
      testDescription: "scaled to zero",
      object: workload(
        "Deployment", "replicas: 0", "conditions: [{type: Available, status: 'True'}]"),
      health: "Current: is available with 0 replicas"),
    Case(
      testDescription: "a change that nobody has seen",
      object: workload(
        "Deployment", "replicas: 2", "observedGeneration: 1, \(rolledOut)",
        metadata: ", generation: 2"),
      health: "InProgress: is at generation 2, but its controller observed generation 1"),
    Case(
      testDescription: "being deleted",
      object: workload(
        "Deployment", "replicas: 2", rolledOut,
        metadata: ", deletionTimestamp: '2026-11-21T02:00:00Z'"),
      health: "Terminating: is being deleted"),
    Case(
      testDescription: "a StatefulSet between two revisions",
      object: workload(
        "StatefulSet", "replicas: 1",
        "replicas: 1, readyReplicas: 1, currentReplicas: 1, currentRevision: a, updateRevision: b"),
      health: "InProgress: is being updated to another revision"),
    Case(
      testDescription: "a StatefulSet with a partition",
      object: workload(
        "StatefulSet", "replicas: 3, updateStrategy: {rollingUpdate: {partition: 2}}",
        "replicas: 3, readyReplicas: 3, updatedReplicas: 1"),
      health: "Current: is rolled out up to its partition"),
    Case(
      testDescription: "a StatefulSet of its user",
      object: workload("StatefulSet", "updateStrategy: {type: OnDelete}", ""),
      health: "Current: is updated when its Pods are deleted (OnDelete)"),
    Case(
      testDescription: "a DaemonSet that nobody has looked at",
      object: workload("DaemonSet", "", ""),
      health: "InProgress: has not been observed by its controller"),
    Case(
      testDescription: "a DaemonSet on some nodes",
      object: workload(
        "DaemonSet", "",
        "observedGeneration: 1, desiredNumberScheduled: 3, currentNumberScheduled: 3, "
          + "updatedNumberScheduled: 3, numberAvailable: 2", metadata: ", generation: 1"),
      health: "InProgress: has 2 of 3 replicas available"),
    Case(
      testDescription: "a ReplicaSet that may not make Pods",
      object: workload(
        "ReplicaSet", "", "conditions: [{type: ReplicaFailure, status: 'True', reason: Quota}]"),
      health: "InProgress: cannot create its Pods: Quota"),
    Case(
      testDescription: "a Job at work is not healthy for Flux",
      object: workload("Job", "", "startTime: '2026-11-21T02:00:00Z', active: 1", api: "batch/v1"),
      health: "InProgress: has not completed yet"),
    Case(
      testDescription: "a Job that has failed",
      object: workload(
        "Job", "", "conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded}]",
        api: "batch/v1"), health: "Failed: has failed: BackoffLimitExceeded"),
    Case(
      testDescription: "a Pod that crashes",
      object: workload(
        "Pod", "",
        "phase: Running, containerStatuses: "
          + "[{name: app, state: {waiting: {reason: CrashLoopBackOff}}}]", api: "v1"),
      health: "Failed: is crash-looping (app)"),
    Case(
      testDescription: "a Pod that no node takes",
      object: workload(
        "Pod", "",
        "phase: Pending, conditions: "
          + "[{type: PodScheduled, status: 'False', reason: Unschedulable, message: no memory}]",
        api: "v1", metadata: ", creationTimestamp: '2026-11-21T01:00:00Z'"),
      health: "Failed: cannot be scheduled: Unschedulable: no memory"),
    Case(
      testDescription: "the same, made just now",
      object: workload(
        "Pod", "",
        "phase: Pending, conditions: "
          + "[{type: PodScheduled, status: 'False', reason: Unschedulable}]",
        api: "v1", metadata: ", creationTimestamp: '2026-11-21T01:59:50Z'"),
      health: "InProgress: has not been scheduled yet"),
    Case(
      testDescription: "a claim",
      object: workload("PersistentVolumeClaim", "", "phase: Pending", api: "v1"),
      health: "InProgress: is not bound (Pending)"),
    Case(
      testDescription: "a kind of a third party that is not ready",
      object: workload(
        "Database", "", "conditions: [{type: Ready, status: 'False', reason: Booting}]",
        api: "acme.com/v1"), health: "InProgress: is not ready: Booting"),
    Case(
      testDescription: "one that is stalled",
      object: workload(
        "Database", "",
        "conditions: [{type: Ready, status: 'True'}, "
          + "{type: Stalled, status: 'True', reason: NoDisk}]", api: "acme.com/v1"),
      health: "Failed: is stalled: NoDisk"),
    Case(
      testDescription: "a ConfigMap is there, and that is all",
      object: workload("ConfigMap", "", "", api: "v1"), health: nil),
    Case(
      testDescription: "Flux's own kinds are judged elsewhere",
      object: workload(
        "Kustomization", "", "conditions: [{type: Ready, status: 'True'}]",
        api: "kustomize.toolkit.fluxcd.io/v1"), health: nil),
  ]

  @Test(arguments: cases) func `health is what kstatus says`(_ test: Case) throws {
    let object = try #require(try YAML.parse(Array(test.object.utf8)).first)
    let now = try #require(Timestamp(rfc3339: "2026-11-21T02:00:00Z"))
    let health = WorkloadHealth(of: object, now: now)
    #expect(health.map { "\($0.status.rawValue): \($0.message)" } == test.health)
  }
}
