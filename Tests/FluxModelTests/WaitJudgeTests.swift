import Document
import Objects
import TestSupport
import Testing
import Text

@testable import FluxModel

@Suite struct WaitJudgeTests {
  private static let generator = ObjectID(.artifactGenerator, namespace: "apps", name: "app")
  private static let repo = ObjectID(.gitRepository, namespace: "apps", name: "repo")

  private static let artifact = ObjectID(.externalArtifact, namespace: "apps", name: "app-out")

  private static let now = Timestamp(seconds: 1_795_226_400)

  /// `met`, or what is waited for or has failed.
  private static func told(
    _ judge: WaitJudge, _ target: ObjectID, _ objects: [Value]
  ) -> String {
    switch judge.state(of: target, in: DeliveryGraph(objects: objects), now: now) {
    case .met: "met"
    case .waiting(let reason): "waiting: \(reason)"
    case .failed(let reason): "failed: \(reason)"
    }
  }

  private static func unready(_ status: String, _ reason: String, _ message: String = "m") -> Value
  {
    ActObjects.generator(conditions: [ActObjects.condition("Ready", status, reason, message)])
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let goal: WaitGoal
    var consumers = false
    var target = WaitJudgeTests.generator
    let objects: [Value]
    let state: String
  }

  private static let all = [
    ActObjects.source(), ActObjects.generator(), ActObjects.published(), ActObjects.kustomization(),
  ]
  /// A generator that has just published something else.
  private static let rebuilt = MergePatch.apply(
    [
      "status": [
        "inventory": [["name": "app-out", "namespace": "apps", "digest": "sha256:new"]]
      ]
    ], to: ActObjects.generator())
  /// At the commit, while a later fetch has failed.
  private static let unfetched = MergePatch.apply(
    [
      "status": [
        "conditions": [ActObjects.condition("Ready", "False", "GitOperationFailed", "timeout")]
      ]
    ], to: ActObjects.source())
  private static let behind = ActObjects.source(
    revision: "main@sha1:" + String(repeating: "b", count: 40))

  /// A suspended consumer that was ready at its first generation.
  private static func ofGeneration(_ generation: Int64) -> Value {
    MergePatch.apply(
      ["metadata": ["generation": .integer(generation)]],
      to: ActObjects.kustomization(suspended: true))
  }

  /// A release of a chart that is packed from the repository.
  private static func chain(
    packedFrom revision: String, isSuspended: Bool = false, applied: String = "1.0.1"
  ) -> [Value] {
    [
      ActObjects.source(),
      ActObjects.object(
        .helmChart, "apps-web",
        spec: [
          "chart": "./c", "sourceRef": ["kind": "GitRepository", "name": "repo"],
          "suspend": .bool(isSuspended),
        ],
        status: [
          "observedSourceArtifactRevision": .string(revision),
          "artifact": ActObjects.artifact("1.0.1"), "conditions": ActObjects.ready,
        ]),
      ActObjects.object(
        .helmRelease, "web",
        spec: [
          "chart": [
            "spec": ["chart": "./c", "sourceRef": ["kind": "GitRepository", "name": "repo"]]
          ]
        ],
        status: [
          "helmChart": "apps/apps-web", "lastAttemptedRevision": .string(applied),
          "history": [["chartVersion": .string(applied), "status": "deployed"]],
          "conditions": ActObjects.ready,
        ]),
    ]
  }

  static let cases: [Case] = [
    Case(testDescription: "ready", goal: .ready, objects: all, state: "met"),
    Case(
      testDescription: "no condition", goal: .ready,
      objects: [ActObjects.generator(conditions: [])],
      state: "waiting: ArtifactGenerator apps/app has not been reconciled yet"),
    Case(
      testDescription: "build failed", goal: .ready,
      objects: [unready("False", "BuildFailed", "no files")],
      state: "failed: ArtifactGenerator apps/app is failing: BuildFailed: no files"),
    Case(
      testDescription: "a source may still come", goal: .ready,
      objects: [unready("False", "SourceFetchFailed", "get sources failed")],
      state: "waiting: ArtifactGenerator apps/app is failing: SourceFetchFailed: get sources failed"
    ),
    Case(
      testDescription: "stalled", goal: .ready,
      objects: [
        ActObjects.generator(conditions: [
          ActObjects.condition("Stalled", "True", "ValidationFailed", "bad")
        ])
      ], state: "failed: ArtifactGenerator apps/app is stalled: ValidationFailed: bad"),
    Case(
      testDescription: "suspended before it was ready", goal: .ready,
      objects: [
        ActObjects.generator(
          conditions: [], annotations: [Suspension.generatorAnnotation: "disabled"])
      ],
      state: "failed: ArtifactGenerator/apps/app is suspended and Ready is not True"),
    Case(
      testDescription: "gone", goal: .ready, objects: [],
      state: "failed: ArtifactGenerator/apps/app no longer exists"),
    Case(
      testDescription: "commit, all there", goal: .commit("aaaaaaa"), consumers: true, objects: all,
      state: "met"),
    Case(
      testDescription: "commit, source behind", goal: .commit("aaaaaaa"),
      objects: [behind, ActObjects.generator()],
      state: "waiting: GitRepository/apps/repo is at main@sha1:bbbbbbbb, not at aaaaaaa"),
    Case(
      testDescription: "commit, generator behind", goal: .commit("aaaaaaa"),
      objects: [ActObjects.source(), ActObjects.generator(built: "sha256:older")],
      state:
        "waiting: ArtifactGenerator apps/app has not built from \(ActObjects.revision) of "
        + "GitRepository apps/repo"),
    Case(
      testDescription: "ready when it was suspended by its spec", goal: .ready,
      target: ObjectID(.kustomization, namespace: "apps", name: "web"),
      objects: [ofGeneration(2)], state: "met"),
    Case(
      testDescription: "changed and then suspended", goal: .ready,
      target: ObjectID(.kustomization, namespace: "apps", name: "web"),
      objects: [ofGeneration(3)],
      state:
        "failed: Kustomization/apps/web is suspended; Ready was True only before its last change"),
    Case(
      testDescription: "commit, generator suspended and behind", goal: .commit("aaaaaaa"),
      objects: [
        ActObjects.source(),
        ActObjects.generator(
          built: "sha256:older", annotations: [Suspension.generatorAnnotation: "disabled"]),
      ],
      state: "failed: ArtifactGenerator apps/app is suspended and has not built from "
        + "\(ActObjects.revision) of GitRepository apps/repo"),
    Case(
      testDescription: "commit, generator failed", goal: .commit("aaaaaaa"),
      objects: [ActObjects.source(), unready("False", "BuildFailed", "no files")],
      state: "failed: ArtifactGenerator apps/app is failing: BuildFailed: no files"),
    Case(
      testDescription: "commit, consumer behind", goal: .commit("aaaaaaa"), consumers: true,
      objects: [
        ActObjects.source(), rebuilt, ActObjects.published(digest: "sha256:new"),
        ActObjects.kustomization(),
      ],
      state:
        "waiting: Kustomization apps/web is at latest@sha256:out and has not applied "
        + "latest@sha256:new of ExternalArtifact apps/app-out"),
    Case(
      testDescription: "commit, consumer suspended and behind", goal: .commit("aaaaaaa"),
      consumers: true,
      objects: [
        ActObjects.source(), rebuilt, ActObjects.published(digest: "sha256:new"),
        ActObjects.kustomization(suspended: true),
      ],
      state:
        "failed: Kustomization apps/web is suspended, is at latest@sha256:out and has not applied "
        + "latest@sha256:new of ExternalArtifact apps/app-out"
    ),
    Case(
      testDescription: "commit, consumer suspended with it", goal: .commit("aaaaaaa"),
      consumers: true,
      objects: [
        ActObjects.source(), ActObjects.generator(), ActObjects.published(),
        ActObjects.kustomization(suspended: true),
      ], state: "met"),
    Case(
      testDescription: "commit of a consumer, from below", goal: .commit("aaaaaaa"),
      target: ObjectID(.kustomization, namespace: "apps", name: "web"), objects: all,
      state: "met"),
    Case(
      testDescription: "commit, applied before a later fetch failed", goal: .commit("aaaaaaa"),
      target: ObjectID(.kustomization, namespace: "apps", name: "web"),
      objects: [unfetched] + all.dropFirst(), state: "met"),
    Case(
      testDescription: "consumer suspended and behind", goal: .ready, consumers: true,
      target: ObjectID(.kustomization, namespace: "apps", name: "web"),
      objects: [
        ActObjects.source(), rebuilt, ActObjects.published(digest: "sha256:new"),
        ActObjects.kustomization(suspended: true),
      ],
      state:
        "failed: Kustomization apps/web is suspended, is at latest@sha256:out and has not applied "
        + "latest@sha256:new of ExternalArtifact apps/app-out"),
    Case(
      testDescription: "generator of an artifact suspended and behind", goal: .ready,
      consumers: true, target: artifact,
      objects: [
        ActObjects.source(),
        ActObjects.generator(
          built: "sha256:older", annotations: [Suspension.generatorAnnotation: "disabled"]),
        ActObjects.published(),
      ],
      state: "failed: ArtifactGenerator apps/app is suspended and has not built from "
        + "\(ActObjects.revision) of GitRepository apps/repo"),
    Case(
      testDescription: "a chart packed from an older revision", goal: .ready, consumers: true,
      target: repo, objects: chain(packedFrom: "main@sha1:older"),
      state: "waiting: HelmChart/apps/apps-web has not been packed from main@sha1:aaaaaaaa of "
        + "GitRepository/apps/repo yet"),
    Case(
      testDescription: "a suspended chart packed from an older revision", goal: .ready,
      consumers: true, target: repo,
      objects: chain(packedFrom: "main@sha1:older", isSuspended: true),
      state: "failed: HelmChart apps/apps-web is suspended"),
    Case(
      testDescription: "a release that is behind its chart", goal: .ready, consumers: true,
      target: repo, objects: chain(packedFrom: ActObjects.revision, applied: "1.0.0"),
      state: "waiting: HelmRelease apps/web is at 1.0.0 and has not applied 1.0.1 of "
        + "HelmChart apps/apps-web"),
    Case(
      testDescription: "chart and release follow", goal: .ready, consumers: true, target: repo,
      objects: chain(packedFrom: ActObjects.revision), state: "met"),
    Case(
      testDescription: "its own source", goal: .commit("aaaaaaa"),
      objects: [
        MergePatch.apply(
          [
            "spec": ["sources": [["alias": "self", "kind": "ExternalArtifact", "name": "app-out"]]]
          ], to: ActObjects.generator()),
        ActObjects.published(),
      ], state: "failed: ArtifactGenerator/apps/app is its own source"),
    Case(testDescription: "stored", goal: .stored, objects: all, state: "met"),
    Case(
      testDescription: "stored, not what was built", goal: .stored,
      objects: [ActObjects.generator(), ActObjects.published(digest: "sha256:older")],
      state: "waiting: ExternalArtifact/apps/app-out is not published with sha256:out"),
    Case(
      testDescription: "an artifact stands for its generator", goal: .ready, target: artifact,
      objects: all, state: "met"),
    Case(
      testDescription: "an artifact whose generator fails", goal: .ready, target: artifact,
      objects: [unready("False", "BuildFailed", "no files"), ActObjects.published()],
      state: "failed: ArtifactGenerator apps/app is failing: BuildFailed: no files"),
    Case(
      testDescription: "the revision of an artifact whose generator is at work",
      goal: .revision("latest"), target: artifact,
      objects: [unready("Unknown", "Progressing", "p"), ActObjects.published()],
      state: "waiting: ArtifactGenerator apps/app has not finished reconciling: "
        + "is source-watcher running?"),
    Case(
      testDescription: "the content of an artifact whose generator has failed", goal: .stored,
      target: artifact,
      objects: [unready("False", "BuildFailed", "no files"), ActObjects.published()],
      state: "failed: ArtifactGenerator apps/app is failing: BuildFailed: no files"),
    Case(
      testDescription: "an artifact whose generator is gone", goal: .stored, target: artifact,
      objects: [ActObjects.published()],
      state: "failed: ArtifactGenerator/apps/app no longer exists"),
    Case(
      testDescription: "an artifact of a third party", goal: .ready, target: artifact,
      objects: [
        MergePatch.apply(
          ["spec": ["sourceRef": ["apiVersion": "acme.com/v1", "kind": "Widget"]]],
          to: ActObjects.published())
      ], state: "met"),
    Case(
      testDescription: "revision", goal: .revision("main"), target: repo, objects: all, state: "met"
    ),
    Case(
      testDescription: "another revision", goal: .revision("v2"), target: repo, objects: all,
      state: "waiting: GitRepository/apps/repo is at main@sha1:aaaaaaaa"),
    Case(
      testDescription: "suspended", goal: .suspended, objects: all,
      state: "waiting: ArtifactGenerator/apps/app is not suspended"),
  ]

  @Test(arguments: cases) func `a goal is met, failed or waited for`(_ test: Case) {
    let judge = WaitJudge(goal: test.goal, consumers: test.consumers)
    #expect(Self.told(judge, test.target, test.objects) == test.state)
  }

  @Test(arguments: [true, false]) func `a source that moves on`(orLater: Bool) {
    var judge = WaitJudge(goal: .commit("ccccccc"), orLater: orLater)
    judge.note(Self.repo, ActObjects.source())
    #expect(
      Self.told(judge, Self.repo, [ActObjects.source()])
        == "waiting: GitRepository/apps/repo is at main@sha1:aaaaaaaa, not at ccccccc")
    judge.note(Self.repo, Self.behind)
    let moved =
      "failed: GitRepository/apps/repo moved to main@sha1:bbbbbbbb instead of ccccccc; "
      + "use --or-later to accept later commits"
    #expect(Self.told(judge, Self.repo, [Self.behind]) == (orLater ? "met" : moved))
  }

  @Test(arguments: [
    ("aaaaaaa", true), ("AAAAAAAA", true), ("sha1:aaaaaaa", true), ("aaaaaa", false),
    ("baaaaaa", false), ("", false),
    ("main", false),
  ])
  func `a commit is known by its first digits`(_ commit: String, _ isAt: Bool) {
    #expect(RevisionMatch.isAt(commit, ActObjects.revision) == isAt)
  }

  @Test(arguments: [
    ("main", true), ("sha1:" + String(repeating: "a", count: 40), true),
    (ActObjects.revision, true), ("aaaaaaaa", true),
    ("mai", false), ("", false),
  ])
  func `a revision is known by a part of it`(_ wanted: String, _ matches: Bool) {
    #expect(RevisionMatch.matches(ActObjects.revision, wanted) == matches)
  }

  /// Computed by hand from source-watcher's `HashObservedSources`: the order of the spec does not
  /// count.
  @Test func `the fingerprint is source-watcher's`() throws {
    func source(_ alias: String, _ digest: String, _ revision: String, _ url: String)
      throws -> ObservedSource
    {
      let artifact: Value = [
        "digest": .string(digest), "revision": .string(revision), "url": .string(url),
      ]
      return ObservedSource(
        alias: alias, node: Self.repo,
        artifact: try #require(SourceArtifact(of: ["status": ["artifact": artifact]])))
    }
    let a = try source("a", "sha256:1", "main@sha1:2", "http://x/1")
    let b = try source("b", "", "r", "")
    let digest = "sha256:67634c290af24442d4284a6e28e09c8ce71eb38c5eb03a0efcb43269a1890669"
    #expect(ObservedSource.digest(of: [a, b]) == digest)
    #expect(ObservedSource.digest(of: [b, a]) == digest)
  }
}
