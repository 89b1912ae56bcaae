import FluxModel
import KubeAPI
import Objects
import TestSupport
import Testing

@testable import Operations

/// `suspend --timeout`: what was done is told, also when the time is over before all is done.
@Suite struct SuspendDeadlineTests {
  @Test func `what was suspended in time is reported beside what was not`() async throws {
    let cluster = FakeCluster.acting(
      [ActObjects.kustomization(), ActObjects.source()], deafTo: ["gitrepositories"])
    let (suspended, feed) = AsyncStream.makeStream(of: Void.self)
    let context = ActContext(cluster: cluster, token: { "token" }) { event in
      if case .ended(let outcome) = event, outcome.result == .suspended { feed.finish() }
    }
    let suspend = Suspend(context, user: "jane", now: "2026-11-21T02:00:00Z", reason: nil)
    let found = ActTargets(targets: [
      ActTarget(
        .gitRepository, resource: FluxKind.gitRepository.resource, object: ActObjects.source()),
      ActTarget(
        .kustomization, resource: FluxKind.kustomization.resource,
        object: ActObjects.kustomization()),
    ])
    let deadline = Deadline("1s", .seconds(3600)) { _ in for await _ in suspended {} }
    let outcomes = try await suspend.run(found, until: deadline)
    #expect(outcomes.map(\.result) == [.timedOut, .suspended])
    #expect(outcomes[0].message == "still waiting: the server has not confirmed it")
  }
}
