import Document
import FluxModel
import KubeAPI
import Objects
import Synchronization
import TestSupport
import Testing

@testable import Operations

/// Machines that are run on a cluster, with controllers that misbehave.
@Suite struct ActDriverTests {
  private static func run(
    _ objects: [Value], force: Bool = false, on cluster: FakeCluster,
    timeout: Duration? = .seconds(60),
    token: @escaping @Sendable () -> String = { "token" }
  ) async throws -> [ActOutcome] {
    let nodes = objects.map {
      ActNode(
        target: ActTarget(FluxKind.artifactGenerator.resource, $0), change: .request(force: force))
    }
    let plan = ActPlan(RequestMachine(nodes, waits: true, token: token))
    let context = ActContext(cluster: cluster, token: token) { _ in }
    return try await plan.run(in: context, until: timeout.map { .now + $0 }).outcomes
  }

  private func run(
    _ cluster: FakeCluster, force: Bool = false, timeout: Duration? = .seconds(60)
  ) async throws -> ActOutcome? {
    let object = try await cluster.get(
      FluxKind.artifactGenerator.resource, namespace: "apps", name: "app")
    let count = Mutex(0)
    return try await Self.run([object], force: force, on: cluster, timeout: timeout) {
      count.withLock {
        $0 += 1
        return "token-\($0)"
      }
    }.first
  }

  private static let unknown: Value = [
    ActObjects.condition("Ready", "Unknown", "Progressing", "in progress")
  ]

  @Test func `an attempt that fails ends the wait`() async throws {
    let failed: Value = [ActObjects.condition("Ready", "False", "BuildFailed", "no files")]
    let cluster = FakeCluster.acting(
      [ActObjects.source(), ActObjects.generator()],
      react: {
        [ActObjects.answer($0, conditions: failed)]
      })
    let outcome = try await run(cluster)
    #expect(outcome?.result == .failed)
    #expect(outcome?.reason == .reported("BuildFailed"))
    #expect(outcome?.message == "no files")
  }

  @Test func `a stuck generator is told from a busy one`() async throws {
    let stuck = ActObjects.generator(conditions: Self.unknown)
    let cluster = FakeCluster.acting(
      [ActObjects.source(), stuck, ActObjects.published()], react: ActObjects.contentController)
    #expect(try await run(cluster)?.result == .stuck)
  }

  @Test func `force frees a stuck generator`() async throws {
    let stuck = ActObjects.generator(conditions: Self.unknown)
    let cluster = FakeCluster.acting(
      [ActObjects.source(), stuck, ActObjects.published()],
      react: { object in
        // Drift, because the fingerprint is gone.
        let isFree = object["status", "observedSourcesDigest"] == nil
        return [ActObjects.answer(object, conditions: isFree ? ActObjects.ready : nil)]
      })
    #expect(try await run(cluster, force: true)?.result == .reconciled)
    #expect(cluster.writes.count == 2)
  }

  @Test func `unstuck although the controller writes in between`() async throws {
    let stuck = ActObjects.generator(conditions: Self.unknown)
    let built = stuck["status", "observedSourcesDigest"] ?? .null
    let rounds = Mutex(0)
    let cluster = FakeCluster.acting(
      [ActObjects.source(), stuck, ActObjects.published()],
      reactToStatus: { object in
        // An attempt that was under way puts the fingerprint back, once.
        let isFirst = rounds.withLock {
          $0 += 1
          return $0 == 1
        }
        return isFirst
          ? [MergePatch.apply(["status": ["observedSourcesDigest": built]], to: object)] : []
      },
      react: { object in
        let isFree = object["status", "observedSourcesDigest"] == nil
        return [ActObjects.answer(object, conditions: isFree ? ActObjects.ready : nil)]
      })
    #expect(try await run(cluster, force: true)?.result == .reconciled)
    #expect(cluster.writes.count { $0.hasPrefix("patch artifactgenerators/status") } == 2)
  }

  @Test func `an object that is deleted ends the wait`() async throws {
    let holder = Holder()
    let cluster = FakeCluster.acting(
      [ActObjects.source(), ActObjects.generator()],
      react: { _ in
        // The cluster is locked while it reacts.
        Task { holder.cluster.withLock { $0 }?.remove("ArtifactGenerator", "app") }
        return []
      })
    holder.cluster.withLock { $0 = cluster }
    let outcome = try await run(cluster)
    #expect(outcome?.result == .failed)
    #expect(outcome?.message == "was deleted while waiting")
  }

  @Test func `a request that is never answered ends in time`() async throws {
    let cluster = FakeCluster.acting([ActObjects.source(), ActObjects.generator()], isDeaf: true)
    let outcome = try await run(cluster, timeout: .milliseconds(50))
    #expect(outcome?.result == .timedOut)
    #expect(outcome?.message == "still waiting: being requested")
  }

  @Test func `endless conflicts end`() async throws {
    let cluster = FakeCluster.acting(
      [ActObjects.source(), ActObjects.generator()], conflicts: 1000)
    // Its pauses are real, and a busy machine makes them long.
    let outcome = try await run(cluster, timeout: nil)
    #expect(outcome?.result == .failed)
    #expect(outcome?.message == "Error from server (Conflict): the object has been modified")
    #expect(cluster.writes.count == 8)
  }

  @Test func `suspended between plan and write`() async throws {
    let cluster = FakeCluster.acting([ActObjects.source(), ActObjects.generator()])
    let stale = try await cluster.get(
      FluxKind.artifactGenerator.resource, namespace: "apps", name: "app")
    let mark: Object = [Suspension.generatorAnnotation: "disabled"]
    _ = try await cluster.patch(
      FluxKind.artifactGenerator.resource, namespace: "apps", name: "app",
      .merge(["metadata": ["annotations": .object(mark)]]), options: WriteOptions())
    let outcome = try await Self.run([stale], on: cluster).first
    #expect(outcome?.message == "ArtifactGenerator/apps/app was suspended in the meantime")
    #expect(
      cluster.object("ArtifactGenerator", "app")?.annotations[AttemptTracker.annotation] == nil)
  }

  @Test func `many are followed by one watch`() async throws {
    let objects = (1...40).map { ActObjects.generator("app-\($0)") }
    let cluster = FakeCluster.acting(
      [ActObjects.source()] + objects, react: ActObjects.contentController)
    let listed = try await cluster.list(
      FluxKind.artifactGenerator.resource, namespace: "apps", options: ListOptions()
    ).items
    let outcomes = try await Self.run(listed, on: cluster)
    #expect(outcomes.map(\.result) == Array(repeating: .unchanged, count: 40))
    #expect(cluster.watches == ["watch artifactgenerators apps"])
  }
}

private final class Holder: Sendable {
  let cluster = Mutex<FakeCluster?>(nil)
}
