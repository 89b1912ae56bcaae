import Document
import FluxModel
import Objects
import Operations
import TestSupport
import Testing

/// What needs somebody's eye, on one screen.
@Suite struct StatusReportTests {
  private func report(_ objects: [Value]) -> StatusReport {
    StatusReport(
      of: objects, in: DeliveryGraph(objects: objects), events: [], notes: [],
      now: RandomDelivery.now)
  }

  /// `get --stale` lists it, too: that it is suspended is why it stays behind.
  @Test func `a consumer that is suspended and behind is both`() {
    let report = report([
      ActObjects.source(), ActObjects.generator(), ActObjects.published(digest: "sha256:new"),
      ActObjects.kustomization(suspended: true),
    ])
    // The generator is behind what was changed in its artifact; only artifacts are stale.
    #expect(report.behind.map(\.id.name) == ["app", "web"])
    #expect(report.stale.map(\.id.name) == ["app-out"])
    #expect(report.suspended.map(\.id.name) == ["web"])
    #expect(report.failing.isEmpty)
  }

  @Test func `what fails is listed once`() {
    let failing = MergePatch.apply(
      [
        "status": [
          "conditions": [ActObjects.condition("Ready", "False", "BuildFailed", "no files")]
        ]
      ], to: ActObjects.kustomization())
    let report = report([
      ActObjects.source(), ActObjects.generator(), ActObjects.published(), failing,
    ])
    #expect(report.failing.map(\.id.name) == ["web"])
    #expect(report.behind.isEmpty)
  }

  @Test func `counts of a kind add up to its total`() {
    for seed in UInt64(1)...50 {
      for count in report(RandomDelivery(seed: seed).objects).counts {
        #expect(count.byWord.values.reduce(0, +) == count.total)
      }
    }
  }
}
