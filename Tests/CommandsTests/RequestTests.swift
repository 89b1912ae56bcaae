import Commands
import Document
import FluxModel
import Objects
import TestSupport
import Testing
import Text

/// What each command sends.
///
/// The table is the promise that nothing else is written.
@Suite struct RequestTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: String
    /// All of the writes, in their order.
    let writes: [String]
    var status: Int32 = 0
    /// Something that is said.
    var says = ""
    var objects: [Value] = RequestTests.objects
    var denied: Set<String> = []
    var conflicts = 0
    /// Whether the server's definition of ArtifactGenerator knows `spec.suspend`.
    var hasSuspend = false
    /// The name of its transcript, if that is kept.
    var golden: String?

    var testDescription: String { arguments }
  }

  private static let token = #""reconcile.fluxcd.io/requestedAt":"2026-11-21T02:00:00.000000000Z""#
  private static let request = #"{"metadata":{"annotations":{\#(token)}}}"#
  private static let mark = Suspension.generatorAnnotation

  static let objects: [Value] = [
    ActObjects.source(), ActObjects.generator(), ActObjects.published(), ActObjects.kustomization(),
    ActObjects.object(.fluxInstance, "flux", status: ["conditions": ActObjects.ready]),
  ]
  private static let suspended =
    [ActObjects.generator(annotations: [mark: "Disabled", SuspensionRecord.reason: "why"])]
    + objects.filter { $0.kind != "ArtifactGenerator" }

  private static let heldBack = MergePatch.apply(
    ["status": ["lastAppliedRevision": "latest@sha256:old"]],
    to: ActObjects.kustomization(suspended: true))
  private static let heldByJohn = MergePatch.apply(
    [
      "metadata": [
        "annotations": [
          "artifactgen/suspended-by": "john", "artifactgen/suspended-reason": "incident 42",
        ]
      ]
    ], to: ActObjects.kustomization(suspended: true))
  private static let lifted =
    #"patch kustomizations apps/web {"metadata":{"annotations":{"artifactgen/suspended-by":null,"artifactgen/suspended-reason":null,\#(token)}},"spec":{"suspend":false}}"#
  private static let deleted = MergePatch.apply(
    ["metadata": ["deletionTimestamp": "2026-11-21T01:00:00Z"]], to: ActObjects.kustomization())
  private static let direct = ActObjects.object(
    .kustomization, "direct", spec: ["sourceRef": ["kind": "GitRepository", "name": "repo"]],
    status: ["conditions": ActObjects.ready])
  /// An artifact of a publisher that is no kind of Flux's.
  private static let foreign = ActObjects.object(
    .externalArtifact, "foreign",
    spec: ["sourceRef": ["apiVersion": "acme.example.com/v1", "kind": "Pipeline", "name": "p"]])

  /// A generator that is built from an artifact.
  private static func chained(
    _ name: String, from artifact: String, isSuspended: Bool = false
  ) -> Value {
    let source: Value = ["alias": "in", "kind": "ExternalArtifact", "name": .string(artifact)]
    return MergePatch.apply(
      ["spec": ["sources": [source]]],
      to: ActObjects.generator(name, annotations: isSuspended ? [mark: "disabled"] : [:]))
  }

  private static func suspension(_ mark: String, reason: String = "null") -> String {
    #""artifactgen/suspended-at":"2026-11-21T02:00:00Z","artifactgen/suspended-by":"jane","artifactgen/suspended-reason":\#(reason)\#(mark)"#
  }

  private static let probe =
    #"patch artifactgenerators apps/app unguarded dry-run {"spec":{"suspend":true}}"#

  static let cases: [Case] = [
    // Reconcile.
    Case(
      arguments: "reconcile ag/app", writes: ["patch artifactgenerators apps/app \(request)"],
      says: "unchanged: no drift", golden: "reconcile"),
    Case(
      arguments: "reconcile ea/app-out", writes: ["patch artifactgenerators apps/app \(request)"],
      says: "is published by ArtifactGenerator/apps/app: reconciling its publisher instead",
      golden: "reconcile-artifact"),
    Case(
      arguments: "reconcile git/repo --wait=false",
      writes: ["patch gitrepositories apps/repo \(request)"], says: "requested"),
    Case(
      arguments: "reconcile ag/app --no-wait=false",
      writes: ["patch artifactgenerators apps/app \(request)"], says: "unchanged: no drift"),
    Case(
      arguments: "reconcile ag/app --force",
      writes: [
        #"patch artifactgenerators/status apps/app {"status":{"observedSourcesDigest":null}}"#,
        "patch artifactgenerators apps/app \(request)",
      ], golden: "reconcile-force"),
    Case(
      arguments: "reconcile instance/flux --force",
      writes: [
        #"patch fluxinstances apps/flux {"metadata":{"annotations":{"reconcile.fluxcd.io/forceAt":"2026-11-21T02:00:00.000000000Z",\#(token)}}}"#
      ]),
    Case(
      arguments: "reconcile ag/app --with-source --with-consumers",
      writes: [
        "patch gitrepositories apps/repo \(request)",
        "patch artifactgenerators apps/app \(request)",
        "patch kustomizations apps/web \(request)",
      ], says: "3 unchanged", golden: "reconcile-chain"),
    Case(
      arguments: "reconcile ks/web --with-source",
      writes: [
        "patch gitrepositories apps/repo \(request)",
        "patch artifactgenerators apps/app \(request)",
        "patch kustomizations apps/web \(request)",
      ]),
    Case(
      arguments: "reconcile ag/app",
      writes: Array(repeating: "patch artifactgenerators apps/app \(request)", count: 3),
      conflicts: 2),
    // Preconditions: nothing is written.
    Case(arguments: "reconcile ag/nope", writes: [], status: 1, says: "\"nope\" not found"),
    Case(
      arguments: "reconcile ag/app", writes: [], status: 1,
      says: "is suspended (why): resume it first", objects: suspended, golden: "reconcile-suspended"
    ),
    Case(
      arguments: "reconcile ks/web --with-source", writes: [], status: 1,
      says: "ArtifactGenerator/apps/app is suspended", objects: suspended),
    Case(
      arguments: "reconcile ag --all", writes: [], says: "skipped: is suspended", objects: suspended
    ),
    Case(
      arguments: "reconcile ag/app --with-source", writes: [], status: 1,
      says: "GitRepository/apps/repo, a source of",
      objects: objects.filter { $0.kind != "GitRepository" }),
    Case(
      arguments: "reconcile ag --all --with-source",
      writes: [
        "patch gitrepositories apps/repo \(request)",
        "patch artifactgenerators apps/app \(request)",
      ], status: 1,
      says: "GitRepository/apps/nope, a source of ArtifactGenerator/apps/lost, was not found",
      objects: objects + [ActObjects.generator("lost", source: "nope")]),
    Case(
      arguments: "reconcile git/repo --with-consumers",
      writes: [
        "patch gitrepositories apps/repo \(request)",
        "patch artifactgenerators apps/app \(request)",
        "patch kustomizations apps/web \(request)",
      ], says: "3 unchanged"),
    Case(
      // What else hangs on the source is not what was asked for.
      arguments: "reconcile ag/app --with-source --with-consumers",
      writes: [
        "patch gitrepositories apps/repo \(request)",
        "patch artifactgenerators apps/app \(request)",
        "patch kustomizations apps/web \(request)",
      ], says: "3 unchanged", objects: objects + [ActObjects.generator("other"), direct]),
    Case(
      arguments: "reconcile ks/web", writes: [], status: 1,
      says: "Kustomization/apps/web is being deleted and is no longer reconciled",
      objects: [deleted]),
    Case(
      arguments: "reconcile ag/app", writes: [], status: 1,
      says:
        "no permission to patch artifactgenerators.source.extensions.fluxcd.io in namespace \"apps\"",
      denied: ["patch artifactgenerators apps/app"]),
    Case(
      arguments: "reconcile ag/app", writes: [], status: 1,
      says: "no permission to watch artifactgenerators",
      denied: ["watch artifactgenerators apps/app"]),
    Case(
      arguments: "reconcile ag/app --with-consumers", writes: [], status: 1,
      says: "no permission to patch kustomizations",
      denied: ["patch kustomizations apps/web"]),
    Case(
      arguments: "reconcile ag/app --force", writes: [], status: 1,
      says: "patch artifactgenerators.source.extensions.fluxcd.io/status",
      denied: ["patch artifactgenerators/status apps/app"]),
    Case(arguments: "reconcile", writes: [], status: 1, says: "resource name required"),
    Case(arguments: "reconcile ag/app --all", writes: [], status: 1, says: "cannot be combined"),
    // Suspend.
    Case(
      arguments: "suspend ag/app --reason why",
      writes: [
        probe,
        #"patch artifactgenerators apps/app {"metadata":{"annotations":{\#(suspension(#","\#(mark)":"disabled""#, reason: "\"why\""))}}}"#,
      ], says: "suspended", golden: "suspend"),
    Case(
      arguments: "suspend ag/app --reason why",
      writes: [
        probe,
        #"patch artifactgenerators apps/app {"metadata":{"annotations":{\#(suspension("", reason: "\"why\""))}},"spec":{"suspend":true}}"#,
      ], says: "suspended", hasSuspend: true),
    Case(
      arguments: "suspend ks/web",
      writes: [
        #"patch kustomizations apps/web {"metadata":{"annotations":{\#(suspension(""))}},"spec":{"suspend":true}}"#
      ]),
    Case(
      arguments: "suspend instance/flux",
      writes: [
        #"patch fluxinstances apps/flux {"metadata":{"annotations":{\#(suspension(#","fluxcd.controlplane.io/reconcile":"disabled""#))}}}"#
      ]),
    Case(
      arguments: "suspend ag/app", writes: [probe], says: "already suspended", objects: suspended
    ),
    Case(arguments: "suspend ks/web --dry-run=client", writes: [], says: "suspended (dry run)"),
    Case(
      arguments: "suspend ks/web --dry-run=server",
      writes: [
        #"patch kustomizations apps/web dry-run {"metadata":{"annotations":{\#(suspension(""))}},"spec":{"suspend":true}}"#
      ],
      says: "suspended (server dry run)"),
    Case(
      arguments: "suspend ks/nope ks/web",
      writes: [
        #"patch kustomizations apps/web {"metadata":{"annotations":{\#(suspension(""))}},"spec":{"suspend":true}}"#
      ],
      status: 1, says: "\"nope\" not found"),
    Case(
      arguments: "suspend ag/app", writes: [], status: 1,
      says: "no permission to patch artifactgenerators",
      denied: ["patch artifactgenerators apps/app"]),
    Case(
      arguments: "suspend ag/app --dry-run=client", writes: [], says: "suspended (dry run)",
      denied: ["patch artifactgenerators apps/app"]),
    Case(
      arguments: "suspend deploy --all", writes: [], status: 1,
      says: "resource type \"deploy\" is not supported by this command"),
    Case(
      arguments: "suspend ea/foreign ks/web",
      writes: [
        #"patch kustomizations apps/web {"metadata":{"annotations":{\#(suspension(""))}},"spec":{"suspend":true}}"#
      ],
      status: 1, says: "cannot be suspended by this plugin", objects: objects + [foreign]),
    Case(
      arguments: "suspend ks/web --reason mine",
      writes: [
        #"patch kustomizations apps/web {"metadata":{"annotations":{"artifactgen/suspended-also":"[{\"at\":\"2026-11-21T02:00:00Z\",\"by\":\"jane\",\"reason\":\"mine\"}]"}},"spec":{"suspend":true}}"#
      ],
      says: "Kustomization/apps/web is already suspended by john: incident 42; that record",
      objects: [heldByJohn], golden: "suspend-behind"),
    Case(
      arguments: "suspend ks/web --reason mine --overwrite-reason",
      writes: [
        #"patch kustomizations apps/web {"metadata":{"annotations":{\#(suspension("", reason: "\"mine\""))}},"spec":{"suspend":true}}"#
      ],
      says: "the record is replaced", objects: [heldByJohn]),
    Case(
      arguments: "suspend ks/web --until 2h",
      writes: [
        #"patch kustomizations apps/web {"metadata":{"annotations":{\#(suspension(#","artifactgen/suspended-until":"2026-11-21T04:00:00Z""#))}},"spec":{"suspend":true}}"#
      ]),
    Case(
      arguments: "suspend ks/web --until 2026-11-21T01:00:00Z", writes: [], status: 1,
      says: "is not in the future"),
    Case(
      arguments: "suspend ks/web --until soon", writes: [], status: 1, says: "invalid --until"),
    Case(
      arguments: "suspend ks/web --overwrite-reason", writes: [], status: 1,
      says: "requires --reason"),
    Case(
      arguments: "suspend ks,git --all --dry-run=client", writes: [],
      says: "2 suspended (dry run)"),
    // Resume.
    Case(
      arguments: "resume ag/app",
      writes: [
        #"patch artifactgenerators apps/app {"metadata":{"annotations":{"artifactgen/suspended-reason":null,\#(token),"\#(mark)":null}}}"#
      ], says: "resumed: no drift, nothing to do", objects: suspended, golden: "resume"),
    Case(
      arguments: "resume ks/web",
      writes: [
        #"patch kustomizations apps/web {"metadata":{"annotations":{\#(token)}},"spec":{"suspend":false}}"#
      ],
      objects: [ActObjects.kustomization(suspended: true)]),
    Case(arguments: "resume ag/app", writes: [], says: "not suspended"),
    Case(
      arguments: "suspend ea/app-out --dry-run=client", writes: [],
      says: "is published by ArtifactGenerator/apps/app: suspending its publisher instead"),
    Case(
      arguments: "suspend sources foo", writes: [], status: 1,
      says: "no source is named \"foo\" in apps namespace"),
    Case(
      arguments: "resume ks --all",
      writes: [
        #"patch kustomizations apps/mine {"metadata":{"annotations":{\#(token)}},"spec":{"suspend":false}}"#
      ],
      says: "1 resumed, 1 left (suspended by john: incident 42)",
      objects: [heldByJohn, ActObjects.kustomization("mine", suspended: true)],
      golden: "resume-left"),
    Case(
      arguments: "resume ks --all --include-others", writes: [lifted],
      says: "Kustomization/apps/web was suspended by john: incident 42", objects: [heldByJohn]),
    Case(
      arguments: "resume ks/web", writes: [lifted],
      says: "Kustomization/apps/web was suspended by john: incident 42", objects: [heldByJohn]),
    Case(
      arguments: "resume ks --all --as john", writes: [lifted], says: "web resumed",
      objects: [heldByJohn]),
    Case(
      arguments: "resume ks --reason=drill", writes: [], says: "",
      objects: [heldByJohn, ActObjects.kustomization("mine", suspended: true)]),
    Case(
      arguments: "resume ks/web --reason=drill", writes: [], status: 1, says: "cannot be combined",
      objects: [heldByJohn]),
    Case(
      arguments: "reconcile ag/b ag/app --with-source --force",
      writes: [
        "patch gitrepositories apps/repo \(request)",
        #"patch artifactgenerators/status apps/app {"status":{"observedSourcesDigest":null}}"#,
        "patch artifactgenerators apps/app \(request)",
        #"patch artifactgenerators/status apps/b {"status":{"observedSourcesDigest":null}}"#,
        "patch artifactgenerators apps/b \(request)",
      ], objects: objects + [chained("b", from: "app-out")]),
    Case(
      arguments: "reconcile ag/b --with-source --force",
      writes: [
        "patch gitrepositories apps/repo \(request)",
        "patch artifactgenerators apps/app \(request)",
        #"patch artifactgenerators/status apps/b {"status":{"observedSourcesDigest":null}}"#,
        "patch artifactgenerators apps/b \(request)",
      ], objects: objects + [chained("b", from: "app-out")]),
    Case(
      arguments: "resume ag/app --dry-run=client", writes: [], says: "resumed (dry run)",
      objects: suspended),
    Case(
      arguments: "resume ag/app", writes: [], status: 1,
      says: "no permission to patch artifactgenerators", objects: suspended,
      denied: ["patch artifactgenerators apps/app"]),
    Case(
      // The first uses what the second publishes.
      arguments: "resume ag --all",
      writes: ["b", "a"].map {
        #"patch artifactgenerators apps/\#($0) {"metadata":{"annotations":{\#(token),"\#(mark)":null}}}"#
      },
      objects: [
        chained("a", from: "b-out", isSuspended: true),
        chained("b", from: "nothing", isSuspended: true),
      ]),
    Case(
      // In a circle one has to be first.
      arguments: "resume ag --all",
      writes: ["b", "a"].map {
        #"patch artifactgenerators apps/\#($0) {"metadata":{"annotations":{\#(token),"\#(mark)":null}}}"#
      },
      objects: [
        chained("a", from: "b-out", isSuspended: true),
        chained("b", from: "a-out", isSuspended: true),
      ]),
    Case(
      arguments: "reconcile git/repo --with-consumers",
      writes: ["gitrepositories apps/repo", "b", "a"].map {
        "patch \($0.count > 1 ? $0 : "artifactgenerators apps/\($0)") \(request)"
      }, says: "3 unchanged",
      objects: [
        ActObjects.source(), chained("a", from: "b-out"), ActObjects.generator("b"),
      ]),
    Case(
      // The HelmChart between them is helm-controller's own.
      arguments: "reconcile git/repo --with-consumers",
      writes: ["gitrepositories apps/repo", "helmreleases apps/chart"].map {
        "patch \($0) \(request)"
      },
      objects: [
        ActObjects.source(),
        ActObjects.object(
          .helmRelease, "chart",
          spec: [
            "chart": [
              "spec": ["chart": "./c", "sourceRef": ["kind": "GitRepository", "name": "repo"]]
            ]
          ], status: ["conditions": ActObjects.ready]),
      ]),
    // Reading verbs.
    Case(arguments: "wait ag/app", writes: [], says: "condition met", golden: "wait"),
    Case(
      arguments: "wait ag/app --for=commit=aaaaaaa --consumers", writes: [], says: "condition met",
      golden: "wait-commit"),
    Case(
      arguments: "wait ag/app --for=suspended --timeout=0", writes: [], status: 1,
      says: "error: condition not met for artifactgenerators/app", golden: "wait-timeout"),
    Case(
      arguments: "wait git/repo --for=commit=aaaaaaa --consumers", writes: [], status: 1,
      says: "Kustomization apps/web is suspended, is at latest@sha256:old and has not applied",
      objects: objects.filter { $0.kind != "Kustomization" } + [heldBack]),
    Case(
      arguments: "wait ks/web", writes: [],
      says:
        "Warning: Kustomization apps/web is suspended, is at latest@sha256:old and has not applied "
        + "latest@sha256:out of ExternalArtifact apps/app-out; it does not change until it is resumed",
      objects: objects.filter { $0.kind != "Kustomization" } + [heldBack]),
    Case(
      arguments: "wait ag/app", writes: [],
      says: "Warning: ArtifactGenerator apps/app is suspended and has not built from main@sha1:",
      objects: [
        ActObjects.source(),
        ActObjects.generator(
          built: "sha256:older", annotations: [Suspension.generatorAnnotation: "disabled"]),
      ]),
    Case(
      arguments: "wait ea/app-out --for=suspended", writes: [],
      says: "ArtifactGenerator/apps/app: waiting for its publisher instead", objects: suspended),
    Case(
      arguments: "wait ea/foreign --for=suspended", writes: [], status: 1,
      says: "is not published by a Flux kind", objects: objects + [foreign]),
    Case(
      arguments: "wait ea/app-out", writes: [], status: 1,
      says: "is failing: BuildFailed: no files",
      objects: [
        ActObjects.source(), ActObjects.published(),
        ActObjects.generator(conditions: [
          ActObjects.condition("Ready", "False", "BuildFailed", "no files")
        ]),
      ]),
    Case(
      arguments: "wait git/repo --consumers", writes: [], says: "condition met",
      golden: "wait-source"),
    Case(
      arguments: "wait git/repo --consumers --timeout=0", writes: [], status: 1,
      says: "HelmChart/apps/apps-web has not been packed from main@sha1:aaaaaaaa of "
        + "GitRepository/apps/repo yet",
      objects: [
        ActObjects.source(),
        ActObjects.object(
          .helmChart, "apps-web",
          spec: ["chart": "./c", "sourceRef": ["kind": "GitRepository", "name": "repo"]],
          status: [
            "observedSourceArtifactRevision": "main@sha1:older",
            "artifact": ActObjects.artifact("1.0.1"), "conditions": ActObjects.ready,
          ]),
      ]),
    Case(
      arguments: "wait ag/app", writes: [], status: 1,
      says: "will not retry; run reconcile --force",
      objects: [
        ActObjects.source(),
        ActObjects.generator(conditions: [ActObjects.condition("Ready", "Unknown")]),
        ActObjects.published(),
      ]),
    Case(
      arguments: "wait ks/web", writes: [], status: 1, says: "is being deleted", objects: [deleted]),
    Case(
      arguments: "wait ag/app --or-later", writes: [], status: 1, says: "requires --for=commit=SHA"
    ),
    Case(
      arguments: "wait ag/app --consumers --for=suspended", writes: [], status: 1,
      says: "cannot be combined with --for=suspended"),
    Case(arguments: "wait ag/app --for=commit=aaa", writes: [], status: 1, says: "invalid commit"),
    Case(
      arguments: "wait ag/app --for=love", writes: [], status: 1, says: "unrecognized condition"),
    Case(
      arguments: "wait ks --all", writes: [], status: 1, says: "no matching resources found",
      objects: []),
    Case(arguments: "check", writes: [], status: 1, says: "the API server cannot be reached"),
  ]

  private static func run<T: Tool>(_ tool: T.Type, _ test: Case) async -> (Outcome, FakeCluster) {
    let cluster = FakeCluster.acting(
      test.objects, denied: test.denied, conflicts: test.conflicts,
      served: [
        "/apis/acme.example.com/v1": [
          "resources": [["name": "pipelines", "kind": "Pipeline", "namespaced": true]]
        ]
      ],
      generatorHasSuspend: test.hasSuspend,
      react: ActObjects.contentController)
    let arguments = test.arguments.split(separator: " ").map(String.init)
    let now = Timestamp(rfc3339: "2026-11-21T02:00:00Z")
    // On a busy machine five minutes may pass before a test has its turn.
    let patience = test.arguments.contains("--timeout") ? [] : ["--timeout=24h"]
    let outcome = await invoke(
      tool, arguments + ["-n", "apps"] + patience,
      in: TestSurroundings(now: now, cluster: cluster, contextNamespace: "apps"))
    return (outcome, cluster)
  }

  @Test(arguments: cases) func `nothing is written but this`(_ test: Case) async {
    let (outcome, cluster) = await Self.run(ArtifactGen.self, test)
    #expect(cluster.writes == test.writes)
    #expect(outcome.status == test.status, "\(outcome.output)\(outcome.errors)")
    #expect(
      test.says.isEmpty || (outcome.output + outcome.errors).contains(test.says),
      "\(outcome.output)\(outcome.errors)")
  }

  /// The other tool does the same and says it in Flux's words, all of it on stderr.
  @Test(arguments: cases) func `Flux tool writes the same`(_ test: Case) async {
    let (outcome, cluster) = await Self.run(ExternalArtifactTool.self, test)
    #expect(cluster.writes == test.writes)
    #expect(outcome.status == test.status)
    #expect(outcome.output.isEmpty || test.arguments == "check")
  }

  /// Everything that is sent and said, to be looked at as a whole.
  private static let transcripts = cases.filter { $0.golden != nil }

  @Test(arguments: transcripts) func `transcripts are as they were looked at`(_ test: Case)
    async throws
  {
    let name = try #require(test.golden)
    await Self.check(ArtifactGen.self, name, test)
    await Self.check(ExternalArtifactTool.self, name, test)
  }

  @Test func `every transcript is of a case`() {
    for tool in [ArtifactGen.executable, ExternalArtifactTool.executable] {
      Golden.expectNoneUnused(in: "act/\(tool)", cases: Self.transcripts.compactMap(\.golden))
    }
  }

  private static func check<T: Tool>(_ tool: T.Type, _ name: String, _ test: Case) async {
    let (outcome, cluster) = await run(tool, test)
    var text = "$ \(T.invocation) \(test.arguments)\n"
    text += cluster.questions.map { "may I \($0)?\n" }.joined()
    text += cluster.watches.map { "\($0)\n" }.joined()
    text += cluster.requests.map { "> \($0)\n" }.joined()
    text +=
      "--- output\n\(outcome.output)--- errors\n\(outcome.errors)--- status \(outcome.status)\n"
    Golden.expect(text, "act/\(T.executable)/\(name)")
  }

  /// All that there was at a moment: what is not in it did not exist.
  private static let snapshot: Value = [
    "apiVersion": "v1", "kind": "List",
    "metadata": ["annotations": ["artifactgen/capturedAt": "2026-11-21T02:00:00Z"]],
    "items": .array(
      objects + [
        MergePatch.apply(
          ["status": ["lastAppliedRevision": "latest@sha256:old"]],
          to: ActObjects.kustomization("held", from: "held-out", suspended: true)),
        ActObjects.published("held-out", by: "held"),
        ActObjects.kustomization("idle", from: "held-out", suspended: true),
      ]),
  ]

  /// Without a server, waiting is a single look.
  @Test(arguments: [
    ("ag/app", 0, "artifactgenerator.source.extensions.fluxcd.io/app condition met\n"),
    ("ag/app --for=stored", 0, "artifactgenerator.source.extensions.fluxcd.io/app condition met\n"),
    (
      "ks/web --for=commit=aaaaaaa --consumers", 0,
      "kustomization.kustomize.toolkit.fluxcd.io/web condition met\n"
    ),
    (
      "ag/app --for=commit=aaaaaaa --consumers --timeout=5m", 0,
      "artifactgenerator.source.extensions.fluxcd.io/app condition met\n"
    ),
    (
      "ag/app --for=commit=bbbbbbb", 1,
      "error: condition not met for artifactgenerators/app: GitRepository/apps/repo is at main@sha1:aaaaaaaa, not at bbbbbbb\n"
    ),
    (
      "ks/held", 0,
      "kustomization.kustomize.toolkit.fluxcd.io/held condition met\n"
        + "Warning: Kustomization apps/held is suspended, is at latest@sha256:old and has not applied "
        + "latest@sha256:out of ExternalArtifact apps/held-out; it does not change until it is resumed\n"
    ),
    (
      "ks/idle", 0,
      "kustomization.kustomize.toolkit.fluxcd.io/idle condition met\n"
        + "Warning: Kustomization apps/idle is suspended; it does not change until it is resumed\n"
    ),
    (
      "ks/held --for=suspended", 0, "kustomization.kustomize.toolkit.fluxcd.io/held condition met\n"
    ),
    ("ks/nope --for=create", 1, "error: condition not met for kustomizations/nope\n"),
    (
      "ag/nope", 1,
      "error: artifactgenerators.source.extensions.fluxcd.io \"nope\" not found\n"
    ),
  ])
  func `a snapshot is looked at once`(_ line: String, _ status: Int32, _ says: String) async {
    let outcome = await invoke(
      ArtifactGen.self,
      ["wait"] + line.split(separator: " ").map(String.init) + ["-n", "apps", "--snapshot", "-"],
      in: TestSurroundings(input: JSON.string(Self.snapshot, style: .compact)))
    #expect(outcome.status == status)
    #expect(outcome.output + outcome.errors == says)
  }

  /// Nothing was waited for, so nothing has timed out.
  @Test func `what a single look does not find is not met, and counted in one order`() async {
    let elsewhere = MergePatch.apply(
      ["metadata": ["namespace": "other"]], to: ActObjects.generator("far", conditions: []))
    var snapshot = Self.snapshot
    snapshot = MergePatch.apply(
      ["items": .array((snapshot["items"]?.array ?? []) + [elsewhere])], to: snapshot)
    let outcome = await invoke(
      ArtifactGen.self, ["wait", "ag", "--all", "-A", "--snapshot", "-"],
      in: TestSurroundings(input: JSON.string(snapshot, style: .compact)))
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        "error: condition not met for artifactgenerators/far in other namespace: "),
      "\(outcome.errors)")
    #expect(outcome.errors.hasSuffix("\n1 met, 1 not met\n"), "\(outcome.errors)")
  }

  @Test(arguments: ["reconcile", "suspend", "resume", "logs", "verify"])
  func `a snapshot cannot be acted on`(_ verb: String) async {
    let outcome = await invoke(
      ArtifactGen.self, [verb, "ag/app", "-n", "apps", "--snapshot", "-"],
      in: TestSurroundings(input: JSON.string(Self.snapshot, style: .compact)))
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.hasPrefix("error: \(verb) cannot be used with --snapshot: "),
      "\(outcome.errors)")
    #expect(outcome.errors.hasSuffix("\nSee 'kubectl artifactgen \(verb) --help' for usage.\n"))
  }

  /// As it comes from a variable that is not set.
  @Test(arguments: ["", " "]) func `an empty selector is refused`(_ selector: String) async {
    let cluster = FakeCluster.acting(Self.objects)
    let outcome = await invoke(
      ArtifactGen.self, ["suspend", "ks", "-l", selector],
      in: TestSurroundings(cluster: cluster, contextNamespace: "apps"))
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: the label selector is empty"))
    #expect(cluster.requests.isEmpty)
  }

  @Test func `precondition as data`() async throws {
    let test = Case(arguments: "reconcile ag/app -o json", writes: [], objects: Self.suspended)
    let (outcome, _) = await Self.run(ArtifactGen.self, test)
    #expect(outcome.status == 1)
    let result = try JSON.parse(Array(outcome.output.utf8))
    #expect(result["items"] == [])
    let error = try #require(result["errors"]?.array?.first?.string)
    #expect(error.contains("ArtifactGenerator/apps/app is suspended (why): resume it first"))
    #expect(outcome.errors.contains(error))
  }

  @Test func `left as data`() async throws {
    let test = Case(arguments: "resume ks --all -o json", writes: [], objects: [Self.heldByJohn])
    let (outcome, _) = await Self.run(ArtifactGen.self, test)
    #expect(outcome.status == 0)
    let item = try JSON.parse(Array(outcome.output.utf8))["items"]?.array?.first
    #expect(item?["result"] == "skipped")
    #expect(item?["reason"] == "SuspendedByOther")
    #expect(item?["suspension"] == ["by": "john", "reason": "incident 42"])
  }

  /// Whether or not its reconciliation ends: what was done is said, and once for all.
  @Test(arguments: [ArtifactGen.executable, ExternalArtifactTool.executable])
  func `resumed, but not in time`(_ tool: String) async throws {
    let objects = (1...5).map { ActObjects.kustomization("web-\($0)", suspended: true) }
    let arguments = ["resume", "ks", "--all", "-n", "apps", "--timeout=1s"]
    let surroundings = TestSurroundings(
      now: Timestamp(rfc3339: "2026-11-21T02:00:00Z"), cluster: FakeCluster.acting(objects),
      contextNamespace: "apps")
    let outcome =
      tool == ArtifactGen.executable
      ? await invoke(ArtifactGen.self, arguments, in: surroundings)
      : await invoke(ExternalArtifactTool.self, arguments, in: surroundings)
    #expect(outcome.status == 1)
    let text =
      "5 objects (Kustomization/apps/web-1, Kustomization/apps/web-2, Kustomization/apps/web-3 and 2 more): "
      + "resumed, but timed out, still waiting: the controller has not responded yet\n"
    #expect(outcome.errors.contains(text), "\(outcome.errors)")
    #expect(outcome.errors.contains("5 resumed but timed out"), "\(outcome.errors)")
    #expect(outcome.errors.count { $0 == "\n" } <= 12, "\(outcome.errors)")
  }

  @Test func `dry run as data`() async throws {
    let test = Case(
      arguments: "resume ag/app --dry-run=client -o json", writes: [], objects: Self.suspended)
    let (outcome, _) = await Self.run(ArtifactGen.self, test)
    let result = try JSON.parse(Array(outcome.output.utf8))
    #expect(result["dryRun"] == "client")
    #expect(result["items"]?.array?.first?["result"] == "resumed")
  }

  @Test func `resumed as data`() async throws {
    let test = Case(arguments: "resume ag/app -o json", writes: [], objects: Self.suspended)
    let (outcome, _) = await Self.run(ArtifactGen.self, test)
    let result = try JSON.parse(Array(outcome.output.utf8))
    #expect(result["dryRun"] == nil)
    #expect(result["items"]?.array?.first?["result"] == "resumed")
  }

  @Test func `result as data`() async throws {
    let test = Case(arguments: "reconcile ag/app ag/nope -o json", writes: [])
    let (outcome, _) = await Self.run(ArtifactGen.self, test)
    #expect(outcome.status == 1)
    let result = try JSON.parse(Array(outcome.output.utf8))
    let expected: Value = [
      "apiVersion": "artifactgen/v1", "kind": "ReconcileResult",
      "items": [
        [
          "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
          "name": "app",
          "namespace": "apps", "result": "unchanged",
          "message": "reconciliation succeeded, generated 1 artifact(s)",
          "requestedAt": "2026-11-21T02:00:00.000000000Z",
        ]
      ],
      "errors": [
        "Error from server (NotFound): artifactgenerators.source.extensions.fluxcd.io \"nope\" not found"
      ],
    ]
    #expect(result == expected)
  }
}
