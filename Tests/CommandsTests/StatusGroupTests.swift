import Document
import FluxModel
import Objects
import TestSupport
import Testing
import Text

@testable import Commands

/// One cause is one line, whatever it is the cause of.
@Suite struct StatusGroupTests {
  private static let now = RandomDelivery.now

  private static func states(_ objects: [Value], _ kind: FluxKind) -> [ObjectState] {
    let graph = DeliveryGraph(objects: objects)
    return objects.compactMap(ObjectID.init(of:)).filter { $0.fluxKind == kind }.map {
      graph.state(of: $0, now: now)
    }
  }

  private static let suspended = [Suspension.generatorAnnotation: "disabled"]

  @Test func `artifacts of suspended generators are one line`() {
    let objects = (1...5).flatMap { index in
      [
        ActObjects.generator("g\(index)", annotations: Self.suspended),
        ActObjects.published("g\(index)-out", by: "g\(index)"),
      ]
    }
    let states = Self.states([ActObjects.source()] + objects, .externalArtifact)
    #expect(
      StatusGroup.lines(states, now: Self.now) == [
        "5 ExternalArtifacts (apps/g1-out, apps/g2-out, apps/g3-out and 2 more): its generator is "
          + "suspended"
      ])
    #expect(
      StatusGroup.lines(Array(states.prefix(1)), now: Self.now) == [
        "ExternalArtifact/apps/g1-out: ArtifactGenerator apps/g1 is suspended"
      ])
  }

  @Test func `different times are the longest`() {
    let objects = [60, 3600].map { age in
      MergePatch.apply(
        [
          "status": [
            "conditions": [
              ActObjects.condition(
                "Ready", "False", "GitOperationFailed", "timeout",
                since: Timestamp(seconds: Self.now.seconds - age).rfc3339)
            ]
          ]
        ], to: ActObjects.source("repo-\(age)"))
    }
    #expect(
      StatusGroup.lines(Self.states(objects, .gitRepository), now: Self.now) == [
        "2 GitRepositories (apps/repo-60, apps/repo-3600): is failing: GitOperationFailed: timeout, "
          + "for up to 60m"
      ])
  }

  @Test func `no screen holds every cause`() {
    let objects = (1...25).map { index in
      MergePatch.apply(
        [
          "status": [
            "conditions": [ActObjects.condition("Ready", "False", "Failed", "cause \(index)")]
          ]
        ], to: ActObjects.source("repo-\(index)"))
    }
    let lines = StatusGroup.lines(Self.states(objects, .gitRepository), now: Self.now)
    #expect(lines.count == 21)
    #expect(lines.last == "and 5 more causes: -o json lists them all")
  }
}
