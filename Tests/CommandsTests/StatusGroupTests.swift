import Document
import FluxModel
import Objects
import Operations
import Presentation
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

  /// Of the state, of the cause and of how long it has been so, only the cause can be wrapped or cut.
  @Test(arguments: [40, 60, 80, 120]) func `how long it has been so is never cut`(_ room: Int) {
    let record = [
      "artifactgen/suspended-by": "jane@example.com",
      "artifactgen/suspended-at": Timestamp(seconds: Self.now.seconds - 40 * 3600).rfc3339,
      "artifactgen/suspended-reason": "incident 42: the new configuration does not start",
    ]
    let objects = [
      ActObjects.source(),
      MergePatch.apply(
        [
          "status": [
            "inventory": [["name": "app-out", "namespace": "apps", "digest": "sha256:new"]]
          ]
        ], to: ActObjects.generator()),
      MergePatch.apply(
        [
          "status": [
            "artifact": [
              "lastUpdateTime": .string(Timestamp(seconds: Self.now.seconds - 1140).rfc3339)
            ]
          ]
        ], to: ActObjects.published(digest: "sha256:new")),
      MergePatch.apply(
        ["metadata": ["annotations": .object(Object(record.map { ($0.key, .string($0.value)) }))]],
        to: ActObjects.kustomization("a-kustomization-with-a-long-name", suspended: true)),
      MergePatch.apply(
        [
          "status": [
            "conditions": [
              ActObjects.condition(
                "Ready", "False", "GitOperationFailed",
                String(repeating: "no route to host, ", count: 9),
                since: Timestamp(seconds: Self.now.seconds - 7200).rfc3339)
            ]
          ]
        ], to: ActObjects.source("a-repository-with-a-name-that-is-long")),
    ]
    let report = StatusReport(
      of: objects, in: DeliveryGraph(objects: objects), events: [], notes: [], now: Self.now)
    let text = StatusText(
      report: report, now: Self.now, style: .plain, headers: true, namespaces: true,
      namespace: "apps", isWhole: false, room: room
    ).text
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { displayWidth($0) <= room }, "\(text)")
    #expect(!lines.contains("Behind:"), "\(text)")
    #expect(lines.count { $0.contains("for 40h") } == 1, "\(text)")
    #expect(lines.count { $0.contains("for 19m") } == 1, "\(text)")
    #expect(lines.count { $0.contains("for 120m") } == 1, "\(text)")
    if room == 80 {
      #expect(
        Array(lines.suffix(5)) == [
          "  Kustomization/apps/a-kustomization-with-a-long-name, for 40h:",
          "    suspended by jane@example.com: incident 42: the new configuration does not",
          "    start",
          "    is at latest@sha256:out and has not applied latest@sha256:new of",
          "    ExternalArtifact apps/app-out, for 19m",
        ], "\(text)")
    }
  }

  /// An error begins with what was tried and ends with why it failed.
  @Test func `the middle of a long text is cut, and the heading is not repeated`() {
    let failing = MergePatch.apply(
      [
        "status": [
          "conditions": [
            ActObjects.condition(
              "Ready", "False", "GitOperationFailed",
              "failed to checkout: " + String(repeating: "and then ", count: 30)
                + "no route to host")
          ]
        ]
      ], to: ActObjects.source("repo"))
    let states = Self.states([failing], .gitRepository)
    let lines = StatusGroup.lines(states, under: "Failing", now: Self.now, room: 60)
    #expect(lines.count == 4, "\(lines)")
    #expect(lines.allSatisfy { displayWidth($0) <= 60 }, "\(lines)")
    #expect(lines[1].hasPrefix("  GitOperationFailed: failed to checkout: and"), "\(lines)")
    #expect(lines[2].hasPrefix("  … "), "\(lines)")
    let words = lines.joined(separator: " ").split(separator: " ")
    #expect(words.suffix(4) == ["no", "route", "to", "host"], "\(lines)")
    #expect(
      StatusGroup.lines(states, now: Self.now)[0].contains("is failing: GitOperationFailed"))
  }

  @Test func `several that are suspended lack something together`() {
    let objects =
      [
        ActObjects.source(), ActObjects.generator(), ActObjects.published(digest: "sha256:new"),
        ActObjects.kustomization("current", from: "other", suspended: true),
      ] + ["a", "b"].map { ActObjects.kustomization($0, suspended: true) }
    let report = StatusReport(
      of: objects + [ActObjects.published("other")],
      in: DeliveryGraph(objects: objects + [ActObjects.published("other")]), events: [], notes: [],
      now: Self.now)
    #expect(
      StatusGroup.lines(report.suspended, now: Self.now) == [
        "2 Kustomizations (apps/a, apps/b): suspended",
        "  have not applied what their sources contain",
        "Kustomization/apps/current: suspended",
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
