import Commands
import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import TestSupport
import Testing
import Text

@Suite struct CheckTests {
  private static func deployment(
    _ name: String, available: Int64 = 1, replicas: Int64 = 1, args: [String] = []
  ) -> Value {
    [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": ["name": .string(name), "namespace": "flux-system"],
      "spec": [
        "replicas": .integer(replicas),
        "template": [
          "spec": [
            "containers": [
              [
                "name": "manager", "image": .string("ghcr.io:443/fluxcd/\(name):v1.2.3@sha256:0"),
                "args": .array(args.map { .string($0) }),
              ]
            ]
          ]
        ],
      ],
      "status": ["availableReplicas": .integer(available)],
    ]
  }

  private static let gate = [
    "--log-severity=info", "--feature-gates=Other=true,ExternalArtifact=true",
  ]
  private static let controllers = [
    deployment("source-watcher"), deployment("source-controller"),
    deployment("notification-controller"),
    deployment("kustomize-controller", args: gate), deployment("helm-controller", args: gate),
  ]
  private static let address: [Value] = [
    [
      "apiVersion": "v1", "kind": "Service",
      "metadata": ["name": "source-controller", "namespace": "flux-system"],
    ],
    slice([["addresses": ["10.0.0.1"], "conditions": ["ready": true]]]),
  ]

  private static func slice(_ endpoints: Value) -> Value {
    [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
      "metadata": [
        "name": "source-controller-x1", "namespace": "flux-system",
        "labels": ["kubernetes.io/service-name": "source-controller"],
      ],
      "endpoints": endpoints,
    ]
  }
  private static let policy: Value = [
    "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
    "metadata": ["name": "guard"],
    "spec": [
      "matchConstraints": [
        "resourceRules": [
          [
            "apiGroups": ["source.toolkit.fluxcd.io"], "apiVersions": ["v1"],
            "operations": ["CREATE", "UPDATE"], "resources": ["externalartifacts"],
          ]
        ]
      ]
    ],
  ]
  private static let binding: Value = [
    "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
    "metadata": ["name": "guard-all"],
    "spec": ["policyName": "guard", "validationActions": ["Deny"]],
  ]

  /// The sound cluster with a policy, or its binding, that is weaker.
  private static func weakened(policy: Value = [:], binding patch: Value = [:]) -> [Value] {
    sound.map { object in
      switch object.kind {
      case "ValidatingAdmissionPolicy": MergePatch.apply(["spec": policy], to: object)
      case "ValidatingAdmissionPolicyBinding": MergePatch.apply(["spec": patch], to: object)
      default: object
      }
    }
  }
  private static let delivery = [
    ActObjects.source(), ActObjects.generator(), ActObjects.published(), ActObjects.kustomization(),
  ]
  private static let served: [String: Value] = [
    "/version": ["gitVersion": "v1.36.2"],
    "/apis/source.extensions.fluxcd.io": ["versions": [["version": "v1beta1"]]],
    "/apis/source.toolkit.fluxcd.io": ["versions": [["version": "v1"]]],
    "/apis/kustomize.toolkit.fluxcd.io": ["versions": [["version": "v1"]]],
    "/apis/helm.toolkit.fluxcd.io": ["versions": [["version": "v2"]]],
    "/apis/notification.toolkit.fluxcd.io": ["versions": [["version": "v1beta3"]]],
  ]
  private static let unalerted = controllers + address + [policy, binding] + delivery
  private static let sound =
    unalerted + [
      alert(
        ["kind": "ArtifactGenerator", "name": "*", "namespace": "*"],
        ["kind": "ExternalArtifact", "name": "*", "namespace": "*"], in: "flux-system")
    ]

  private static let now = Timestamp(seconds: 1_795_226_400)

  private static func findings(
    _ objects: [Value], served: [String: Value] = served, denied: Set<String> = []
  ) async -> [CheckFinding] {
    let cluster = FakeCluster.acting(objects, denied: denied, served: served)
    let findings = CheckCluster.findings(
      await CheckInput.read(namespace: "apps", on: cluster, cluster), now: now)
    #expect(cluster.writes == [])
    return findings
  }

  private static func alert(
    _ sources: Value..., suspended: Bool = false, in namespace: String = "apps"
  ) -> Value {
    [
      "apiVersion": "notification.toolkit.fluxcd.io/v1beta3", "kind": "Alert",
      "metadata": ["name": "on-call", "namespace": .string(namespace)],
      "spec": ["suspend": .bool(suspended), "eventSources": .array(sources)],
    ]
  }

  private static let covering: [Value] = [
    alert(["kind": "ArtifactGenerator", "name": "*"]),
    alert(["kind": "ArtifactGenerator", "name": "app"]),
    alert(["kind": "ArtifactGenerator", "name": "*", "namespace": "*"], in: "flux-system"),
    alert(["kind": "ArtifactGenerator", "name": "app", "namespace": "apps"], in: "flux-system"),
  ]

  @Test(arguments: covering) func `an Alert that covers a generator`(_ alert: Value) async {
    let findings = await Self.findings(Self.unalerted + [alert])
    #expect(findings.filter { $0.severity != .ok } == [])
    #expect(findings.contains { $0.check == "alerts" && $0.severity == .ok })
  }

  /// `lost` is in the namespace `apps`, its like in `other`.
  private static let lost = [
    ActObjects.kustomization("lost", from: "nope"),
    MergePatch.apply(
      ["metadata": ["namespace": "other"]], to: ActObjects.kustomization("far", from: "nope")),
  ]

  @Test func `one namespace is checked alone`() async {
    let cluster = FakeCluster.acting(Self.sound + Self.lost, served: Self.served)
    for (scope, places) in [
      (CheckInput.Scope.namespace, ["Kustomization/apps/lost"]),
      (.everywhere, ["Kustomization/apps/lost", "Kustomization/other/far"]),
    ] {
      let findings = CheckCluster.findings(
        await CheckInput.read(namespace: "apps", on: cluster, cluster, scope: scope), now: Self.now)
      let errors = findings.filter { $0.severity == .error }
      #expect(errors.map(\.resource).sorted() == places)
    }
  }

  @Test func `a namespace that is not there is an error`() async {
    for (line, status) in [("-n nosuch", 1), ("-n apps", 0), ("", 0)] {
      let outcome = await invoke(
        ArtifactGen.self,
        ["check", "--snapshot", "-"] + line.split(separator: " ").map(String.init),
        in: TestSurroundings(
          now: Self.now,
          input: JSON.string(
            ["apiVersion": "v1", "kind": "List", "items": .array(Self.sound)], style: .compact)))
      #expect(Int(outcome.status) == status, "\(outcome.output)\(outcome.errors)")
      #expect(
        outcome.output.contains("error Namespace/nosuch: not found in the snapshot\n")
          == (status == 1))
      #expect(outcome.output.contains(status == 1 ? ": 0 generators, none" : ": 1 generator, none"))
    }
  }

  @Test func `on a terminal texts are wrapped at words`() async {
    var test = TestSurroundings(
      now: Self.now,
      input: JSON.string(
        ["apiVersion": "v1", "kind": "List", "items": .array(Self.sound + Self.lost)],
        style: .compact))
    let piped = await invoke(ArtifactGen.self, ["check", "--snapshot", "-"], in: test)
    test.terminal.outputIsTerminal = true
    let shown = await invoke(
      ArtifactGen.self, ["check", "--snapshot", "-", "--color", "never"], in: test)
    let lines = shown.output.split(separator: "\n")
    #expect(lines.allSatisfy { displayWidth(String($0)) <= 80 }, "\(shown.output)")
    #expect(lines.count > piped.output.split(separator: "\n").count)
    #expect(
      shown.output.split(whereSeparator: \.isWhitespace)
        == piped.output.split(whereSeparator: \.isWhitespace))
  }

  @Test func `where lists of all namespaces are forbidden`() async {
    var traits = FakeCluster.Traits()
    traits.served = Self.served
    traits.mayRead = { $0.namespace != nil || $0.type.group.hasSuffix("k8s.io") }
    let cluster = FakeCluster(Self.sound + Self.lost, can: [.watching, .writing], traits)
    let findings = CheckCluster.findings(
      await CheckInput.read(namespace: "apps", on: cluster, cluster), now: Self.now)
    #expect(
      findings.filter { $0.severity == .error }.map(\.resource) == ["Kustomization/apps/lost"])
    let scope = findings.filter { $0.check == "scope" }
    #expect(scope.count == 1 && scope[0].severity == .warning)
    #expect(scope.first?.message.contains("read only namespace apps") == true, "\(scope)")
    #expect(scope.first?.message.contains("kustomizations.kustomize.toolkit.fluxcd.io") == true)
    // Whoever asks for all gets what may not be read told, and for one namespace nothing is missing.
    for (scope, unread) in [(CheckInput.Scope.everywhere, true), (.namespace, false)] {
      let findings = CheckCluster.findings(
        await CheckInput.read(namespace: "apps", on: cluster, cluster, scope: scope), now: Self.now)
      #expect(!findings.contains { $0.check == "scope" })
      let kinds = ["generators", "artifacts", "consumers"]
      #expect(
        findings.contains { $0.severity == .warning && kinds.contains($0.check) } == unread)
    }
  }

  /// A server that has answered was reached: what to do is another matter.
  @Test(arguments: [
    (
      APIError(Status(code: 401, reason: "Unauthorized", message: "Unauthorized")) as any Error,
      "the API server rejected the credentials: You must be logged in",
      "log in again, or check the user of the kubeconfig context"
    ),
    (
      Unreachable(
        description:
          "tls: failed to verify certificate: x509: certificate signed by unknown authority"),
      "the certificate of the API server is not accepted: tls:",
      "check certificate-authority of the kubeconfig cluster, or --certificate-authority"
    ),
    (
      Unreachable(
        description: "x509: certificate is valid for a.example, not b.example"),
      "the certificate of the API server is not accepted: x509:",
      "check server and tls-server-name of the kubeconfig cluster"
    ),
    (
      Unreachable(description: "getting credentials: exec: no such file"),
      "there are no credentials: getting credentials",
      "log in again, or check the user of the kubeconfig context"
    ),
    (
      Unreachable(description: "dial tcp: connection refused"),
      "the API server cannot be reached: dial tcp",
      "check the kubeconfig context and the network"
    ),
  ])
  func `why the API server does not answer`(
    error: any Error, message: String, fix: String
  ) async {
    let cluster = FakeCluster.acting(Self.sound, served: Self.served)
    var input = await CheckInput.read(namespace: "apps", on: cluster, cluster)
    input.version = .failure(error)
    let finding = CheckCluster.findings(input, now: Self.now).first { $0.check == "api-server" }
    #expect(finding?.severity == .error)
    #expect(finding?.message.hasPrefix(message) == true, "\(finding?.message ?? "")")
    #expect(finding?.fix == fix)
  }

  private struct Unreachable: Error, CustomStringConvertible { let description: String }

  @Test func `an artifact whose publisher may exist is not to be deleted`() async {
    let foreign = ActObjects.object(
      .externalArtifact, "foreign",
      spec: ["sourceRef": ["apiVersion": "acme.example.com/v1", "kind": "Pipeline", "name": "p"]])
    let cluster = FakeCluster.acting(
      Self.sound + [foreign], served: Self.served, unserved: ["pipelines"])
    let findings = CheckCluster.findings(
      await CheckInput.read(namespace: "apps", on: cluster, cluster), now: Self.now)
    let finding = findings.first { $0.severity == .unknown }
    #expect(finding?.message.contains("whether its publisher Pipeline") == true, "\(findings)")
    #expect(finding?.fix == "install the CRD of Pipeline")
  }

  @Test func `nothing is wrong`() async {
    let findings = await Self.findings(Self.sound)
    #expect(findings.filter { $0.severity != .ok } == [])
    #expect(findings.contains { $0.message == "source-watcher v1.2.3 is running" })
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let check: String
    let severity: CheckFinding.Severity
    let message: String
    let objects: [Value]
    var served = CheckTests.served
    var denied: Set<String> = []

    var testDescription: String { "\(check): \(message)" }
  }

  private static func without(_ kind: String, _ name: String) -> [Value] {
    sound.filter { !($0.kind == kind && $0.name == name) }
  }

  private static func instead(_ object: Value) -> [Value] {
    without(object.kind ?? "", object.name ?? "") + [object]
  }

  private static let unsharded = "--watch-label-selector=!sharding.fluxcd.io/key"

  private static func labelled(_ object: Value, _ shard: String) -> Value {
    MergePatch.apply(
      ["metadata": ["labels": ["sharding.fluxcd.io/key": .string(shard)]]], to: object)
  }

  private static func generator(_ status: String, _ reason: String, _ message: String) -> Value {
    ActObjects.generator(conditions: [ActObjects.condition("Ready", status, reason, message)])
  }

  private static func failed(_ object: Value, _ reason: String, _ message: String) -> Value {
    MergePatch.apply(
      ["status": ["conditions": [ActObjects.condition("Ready", "False", reason, message)]]],
      to: object)
  }

  private static func deleted(_ object: Value) -> Value {
    MergePatch.apply(["metadata": ["deletionTimestamp": "2026-11-21T01:00:00Z"]], to: object)
  }

  private static let publisher: Value = [
    "apiVersion": "acme.com/v1", "kind": "Publisher",
    "metadata": ["name": "p", "namespace": "apps"],
  ]
  private static let thirdParty = MergePatch.apply(
    [
      "spec": .null,
      "metadata": [
        "ownerReferences": [
          [
            "apiVersion": "acme.com/v1", "kind": "Publisher", "name": "p", "uid": "1",
            "controller": true,
          ]
        ]
      ],
    ], to: ActObjects.published("third"))
  private static let resourceSet: Value = [
    "apiVersion": "fluxcd.controlplane.io/v1", "kind": "ResourceSet",
    "metadata": ["name": "set", "namespace": "apps"],
  ]
  private static let applied = MergePatch.apply(
    [
      "metadata": [
        "labels": [
          "resourceset.fluxcd.controlplane.io/name": "set",
          "resourceset.fluxcd.controlplane.io/namespace": "apps",
        ]
      ]
    ], to: ActObjects.generator())

  static let cases: [Case] = [
    Case(
      check: "api-server", severity: .error, message: "the API server cannot be reached",
      objects: sound,
      served: served.filter { $0.key != "/version" }),
    Case(
      check: "crds", severity: .error, message: "ArtifactGenerator is not installed",
      objects: sound,
      served: served.filter { $0.key != "/apis/source.extensions.fluxcd.io" }),
    Case(
      check: "crds", severity: .error,
      message: "ArtifactGenerator v1beta1 is not served (the group serves v1)", objects: sound,
      served: served.merging([
        "/apis/source.extensions.fluxcd.io": ["versions": [["version": "v1"]]]
      ]) { $1 }),
    Case(
      check: "crds", severity: .warning, message: "HelmRelease is not installed", objects: sound,
      served: served.filter { $0.key != "/apis/helm.toolkit.fluxcd.io" }),
    Case(
      check: "controllers", severity: .error, message: "source-watcher is not installed",
      objects: without("Deployment", "source-watcher")),
    Case(
      check: "controllers", severity: .error,
      message: "source-watcher v1.2.3 is not available (0 of 1)",
      objects: instead(deployment("source-watcher", available: 0))),
    Case(
      check: "controllers", severity: .error, message: "source-controller v1.2.3 is scaled to zero",
      objects: instead(deployment("source-controller", available: 0, replicas: 0))),
    Case(
      check: "controllers", severity: .info, message: "notification-controller is not installed",
      objects: without("Deployment", "notification-controller")),
    Case(
      check: "feature-gate", severity: .error, message: "is off, but 1 Kustomization needs it",
      objects: instead(
        deployment(
          "kustomize-controller",
          args: ["--feature-gates=ExternalArtifact=true,ExternalArtifact=false"]))),
    Case(
      check: "feature-gate", severity: .warning,
      message: "the feature gate ExternalArtifact of helm-controller is off",
      objects: instead(deployment("helm-controller", args: ["--feature-gates", "Other=true"]))),
    Case(
      check: "generators", severity: .error,
      message: "has a source that does not exist: GitRepository apps/repo",
      objects: without("GitRepository", "repo")),
    Case(
      check: "generators", severity: .warning, message: "is being deleted",
      objects: instead(deleted(ActObjects.generator()))),
    Case(
      check: "artifacts", severity: .error,
      message: "is failing: FetchFailed: upstream 503",
      objects: sound + [publisher, failed(thirdParty, "FetchFailed", "upstream 503")]),
    Case(
      check: "orphans", severity: .error,
      message: "its publisher Publisher apps/p does not exist", objects: sound + [thirdParty]),
    Case(
      check: "sources", severity: .error,
      message: "is failing: GitOperationFailed: timeout",
      objects: instead(failed(ActObjects.source(), "GitOperationFailed", "timeout"))),
    Case(
      check: "appliers", severity: .error,
      message: "is failing: BuildFailed: bad template",
      objects: instead(applied) + [failed(resourceSet, "BuildFailed", "bad template")]),
    Case(
      check: "storage", severity: .error,
      message: "service flux-system/source-controller does not exist",
      objects: without("Service", "source-controller")),
    Case(
      check: "storage", severity: .error,
      message: "service flux-system/source-controller has no ready endpoints",
      objects: without("EndpointSlice", "source-controller-x1")),
    Case(
      check: "storage", severity: .error,
      message: "service flux-system/source-controller has no ready endpoints",
      objects: instead(slice([["addresses": ["10.0.0.1"], "conditions": ["ready": false]]]))),
    Case(
      check: "storage", severity: .warning, message: "is not an in-cluster Service address",
      objects: sound.map { object in
        object.kind != "ExternalArtifact"
          ? object
          : MergePatch.apply(
            ["status": ["artifact": ["url": "https://files.example.com/x"]]], to: object)
      }),
    Case(
      check: "permissions", severity: .warning,
      message: "no permission to patch artifactgenerators.source.extensions.fluxcd.io/status",
      objects: sound, denied: ["patch artifactgenerators/status apps/*"]),
    Case(
      check: "permissions", severity: .warning,
      message: "no permission to patch artifactgenerators.source.extensions.fluxcd.io",
      objects: sound, denied: ["patch artifactgenerators apps/*"]),
    Case(
      check: "permissions", severity: .warning,
      message: "no permission to patch gitrepositories.source.toolkit.fluxcd.io, "
        + "kustomizations.kustomize.toolkit.fluxcd.io",
      objects: sound, denied: ["patch gitrepositories apps/*", "patch kustomizations apps/*"]),
    Case(
      check: "permissions", severity: .warning, message: "no permission to list events",
      objects: sound, denied: ["list events apps/*"]),
    Case(
      check: "permissions", severity: .warning,
      message: "no permission to get or list externalartifacts.source.toolkit.fluxcd.io",
      objects: sound,
      denied: ["get externalartifacts apps/*", "list externalartifacts apps/*"]),
    Case(
      check: "permissions", severity: .warning,
      message: "no permission to watch helmreleases.helm.toolkit.fluxcd.io",
      objects: sound, denied: ["watch helmreleases apps/*"]),
    Case(
      check: "generators", severity: .error, message: "BuildFailed: no files",
      objects: instead(generator("False", "BuildFailed", "no files"))),
    Case(
      check: "generators", severity: .error,
      message: "is stuck: the controller sees no drift and will not retry",
      objects: instead(generator("Unknown", "Progressing", "p"))),
    Case(
      check: "generators", severity: .warning,
      message: "has not been reconciled yet: is source-watcher running?",
      objects: instead(
        MergePatch.apply(
          ["metadata": ["creationTimestamp": "2026-11-21T01:00:00Z"]],
          to: ActObjects.generator(conditions: [])))),
    Case(
      check: "generators", severity: .info, message: "is suspended by jane (why)",
      objects: instead(
        ActObjects.generator(annotations: [
          Suspension.generatorAnnotation: "disabled", SuspensionRecord.by: "jane",
          SuspensionRecord.reason: "why",
        ]))),
    Case(
      check: "suspensions", severity: .warning,
      message: "is still suspended by jane until 2020-01-01T00:00:00Z (why)",
      objects: sound + [
        MergePatch.apply(
          [
            "metadata": [
              "annotations": [
                "artifactgen/suspended-by": "jane", "artifactgen/suspended-reason": "why",
                "artifactgen/suspended-until": "2020-01-01T00:00:00Z",
              ]
            ]
          ], to: ActObjects.kustomization("held", suspended: true))
      ]),
    Case(
      check: "orphans", severity: .error,
      message: "its generator ArtifactGenerator apps/gone does not exist",
      objects: sound + [ActObjects.published("old", by: "gone")]),
    Case(
      check: "orphans", severity: .warning,
      message: "ArtifactGenerator apps/app no longer publishes it",
      objects: sound + [ActObjects.published("old")]),
    Case(
      check: "consumers", severity: .error,
      message: "ExternalArtifact apps/nope does not exist",
      objects: sound + [ActObjects.kustomization("lost", from: "nope")]),
    Case(
      check: "consumers", severity: .error,
      message: "failed to apply latest@sha256:out: HealthCheckFailed: timeout",
      objects: instead(
        MergePatch.apply(
          [
            "status": [
              "conditions": [
                ActObjects.condition("Ready", "False", "HealthCheckFailed", "timeout")
              ]
            ]
          ], to: ActObjects.kustomization()))),
    Case(
      check: "orphans", severity: .warning, message: "does not name its publisher",
      objects: sound + [
        MergePatch.apply(
          ["metadata": ["labels": .null], "spec": ["sourceRef": .null]],
          to: ActObjects.published("bare"))
      ]),
    Case(
      check: "alerts", severity: .info, message: "no Alert covers ArtifactGenerator/apps/app",
      objects: unalerted),
    Case(
      check: "alerts", severity: .info, message: "no Alert covers ArtifactGenerator/apps/app",
      objects: unalerted + [alert(["kind": "ArtifactGenerator", "name": "*"], suspended: true)]),
    Case(
      check: "alerts", severity: .info, message: "no Alert covers ArtifactGenerator/apps/app",
      objects: unalerted + [alert(["kind": "ArtifactGenerator", "name": "*"], in: "flux-system")]),
    Case(
      check: "alerts", severity: .info, message: "no Alert covers ArtifactGenerator/apps/app",
      objects: unalerted + [
        alert(["kind": "ArtifactGenerator", "name": "*", "matchLabels": ["team": "web"]])
      ]),
    Case(
      check: "alerts", severity: .info, message: "Alert is not installed", objects: unalerted,
      served: served.filter { $0.key != "/apis/notification.toolkit.fluxcd.io" }),
    Case(
      check: "shards", severity: .error,
      message: "is never reconciled: no source-watcher serves shard blue",
      objects: instead(deployment("source-watcher", args: [unsharded]))
        + [
          labelled(ActObjects.generator("lonely"), "blue"),
          ActObjects.published("lonely-out", by: "lonely"),
        ]),
    Case(
      check: "shards", severity: .error,
      message: "is never reconciled: no kustomize-controller serves objects without a shard label",
      objects: instead(
        deployment(
          "kustomize-controller",
          args: gate + ["--watch-label-selector", "sharding.fluxcd.io/key=blue"]))),
    Case(
      check: "namespaces", severity: .error,
      message: "refers to ExternalArtifact/other/app-out in another namespace, which "
        + "kustomize-controller refuses (--no-cross-namespace-refs)",
      objects: instead(
        deployment("kustomize-controller", args: gate + ["--no-cross-namespace-refs=true"]))
        + [
          MergePatch.apply(
            ["spec": ["sourceRef": ["namespace": "other"]]], to: ActObjects.kustomization("far")),
          MergePatch.apply(
            [
              "metadata": ["namespace": "other"],
              "spec": ["sourceRef": ["apiVersion": "acme.com/v1", "kind": "Build"]],
            ], to: ActObjects.published()),
          [
            "apiVersion": "acme.com/v1", "kind": "Build",
            "metadata": ["name": "app", "namespace": "apps"],
          ],
        ]),
    Case(
      check: "policy", severity: .info,
      message: "no ValidatingAdmissionPolicy protects ExternalArtifacts",
      objects: without("ValidatingAdmissionPolicy", "guard")),
    Case(
      check: "policy", severity: .info, message: "partly protected: the policy has no binding",
      objects: without("ValidatingAdmissionPolicyBinding", "guard-all")),
    Case(
      check: "policy", severity: .info,
      message: "partly protected: the policy is bound only in selected namespaces, by guard-all",
      objects: weakened(binding: [
        "matchResources": [
          "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "apps"]]
        ]
      ])),
    Case(
      check: "policy", severity: .info,
      message: "partly protected: the policy does not match CREATE and UPDATE",
      objects: weakened(policy: [
        "matchConstraints": [
          "resourceRules": [
            [
              "apiGroups": ["source.toolkit.fluxcd.io"], "operations": ["DELETE"],
              "resources": ["externalartifacts"],
            ]
          ]
        ]
      ])),
    Case(
      check: "policy", severity: .info,
      message: "partly protected: the policy fails open (failurePolicy Ignore)",
      objects: weakened(policy: ["failurePolicy": "Ignore"])),
    Case(
      check: "policy", severity: .info,
      message: "partly protected: the policy denies nothing",
      objects: weakened(binding: ["validationActions": ["Audit", "Warn"]])),
  ]

  @Test(arguments: cases) func `check finds what is wrong`(_ test: Case) async {
    let findings = await Self.findings(test.objects, served: test.served, denied: test.denied)
    let others = findings.filter { $0.severity != .ok }
    let found = others.first {
      $0.check == test.check && $0.severity == test.severity && $0.message.contains(test.message)
    }
    #expect(found != nil, "\(others)")
    #expect(
      found?.reason.isEmpty == false && found?.fix.isEmpty == false
        && found?.resource.isEmpty == false)
    // One fault is one finding.
    #expect(others.count == 1, "\(others)")
  }

  /// What a verb takes to be allowed when nobody can say, a finding does not.
  @Test func `rights that nobody tells`() async {
    let cluster = FakeCluster.acting(
      Self.sound, served: Self.served, unserved: ["selfsubjectaccessreviews"])
    let findings = CheckCluster.findings(
      await CheckInput.read(namespace: "apps", on: cluster, cluster), now: Self.now
    ).filter { $0.check == "permissions" }
    #expect(findings.map(\.severity) == [.warning])
    #expect(findings.first?.message.contains("cannot be reviewed") == true)
  }

  /// All of them can be created side by side.
  @Test func `roles have names of their own`() async {
    let findings = await Self.findings(
      Self.sound,
      denied: ["patch artifactgenerators/status apps/*", "patch artifactgenerators apps/*"])
    let commands = findings.filter { $0.check == "permissions" && $0.severity != .ok }.map(\.fix)
    #expect(commands.count == 2)
    #expect(commands.contains { $0.contains("create role artifactgen-force --verb=patch") })
    #expect(commands.contains { $0.contains("create role artifactgen-act --verb=patch") })
  }

  /// Servers before 1.21 have no slices of this version.
  @Test(arguments: [true, false]) func `servers without slices are asked for endpoints`(
    _ isServing: Bool
  ) async {
    let endpoints: Value = [
      "apiVersion": "v1", "kind": "Endpoints",
      "metadata": ["name": "source-controller", "namespace": "flux-system"],
      "subsets": [[isServing ? "addresses" : "notReadyAddresses": [["ip": "10.0.0.1"]]]],
    ]
    let cluster = FakeCluster.acting(
      Self.without("EndpointSlice", "source-controller-x1") + [endpoints], served: Self.served,
      unserved: ["endpointslices"])
    let findings = CheckCluster.findings(
      await CheckInput.read(namespace: "apps", on: cluster, cluster), now: Self.now)
    #expect(findings.contains { $0.check == "storage" && ($0.severity == .ok) == isServing })
    #expect(findings.contains { $0.severity == .error } == !isServing)
  }

  /// What a check costs does not depend on the number of services in the cluster.
  @Test func `services are read by name`() async {
    let cluster = FakeCluster.acting(Self.sound, served: Self.served)
    _ = await CheckInput.read(namespace: "apps", on: cluster, cluster)
    let requests = cluster.requests.filter { $0.contains("services") || $0.contains("endpoint") }
    #expect(
      requests.sorted() == [
        "get services flux-system/source-controller",
        "list endpointslices flux-system -l kubernetes.io/service-name=source-controller",
      ])
  }

  @Test func `work in progress is not stuck`() async {
    let behind = ActObjects.generator(
      conditions: [
        ActObjects.condition("Ready", "Unknown", "Progressing", "p", since: "2026-11-21T01:55:00Z")
      ], built: "sha256:older")
    let findings = await Self.findings(Self.instead(behind))
    #expect(findings.filter { $0.severity != .ok } == [])
  }

  // MARK: Snapshots

  private static func definition(_ name: String, _ versions: [String]) -> Value {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    return [
      "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
      "metadata": ["name": .string(name), "labels": ["app.kubernetes.io/part-of": "flux"]],
      "spec": [
        "group": .string(parts[1]),
        "versions": .array(
          versions.map { ["name": .string($0), "served": true, "schema": ["big": true]] }),
      ],
      "status": ["storedVersions": .array(versions.map { .string($0) })],
    ]
  }

  private static let definitions = [
    definition("artifactgenerators.source.extensions.fluxcd.io", ["v1beta1"]),
    definition("externalartifacts.source.toolkit.fluxcd.io", ["v1"]),
    definition("kustomizations.kustomize.toolkit.fluxcd.io", ["v1"]),
    definition("helmreleases.helm.toolkit.fluxcd.io", ["v2"]),
    definition("widgets.acme.com", ["v1"]),
    definition("alerts.notification.toolkit.fluxcd.io", ["v1beta3"]),
  ]

  /// What `export --all-kinds` makes of a cluster, read back.
  private static func exported(_ objects: [Value], isFull: Bool = false) async throws -> Snapshot {
    let cluster = FakeCluster.acting(objects, served: served)
    let export = ExportSnapshot(namespace: nil, fallbackNamespace: nil, isFull: isFull)
    let list = try await export.run(on: cluster, KindResolver(nil)).list(capturedAt: now)
    return try Snapshot.load("-") { Array(JSON.string(list, style: .compact).utf8) }
  }

  @Test(
    arguments: cases.filter {
      ["controllers", "feature-gate", "shards", "namespaces", "storage", "policy"]
        .contains($0.check)
    })
  func `what export wrote is judged as its cluster is`(_ test: Case) async throws {
    let inCluster = await Self.findings(test.objects)
    for isFull in [false, true] {
      let snapshot = try await Self.exported(test.objects + Self.definitions, isFull: isFull)
      let inSnapshot = CheckCluster.findings(
        await CheckInput.read(namespace: "apps", on: snapshot, nil, parts: snapshot.parts),
        now: Self.now)
      // Nothing in the test finds the kind of Alerts for the export.
      let others = ["api-server", "permissions", "alerts"]
      #expect(
        inSnapshot.filter { !others.contains($0.check) }
          == inCluster.filter { !others.contains($0.check) })
    }
  }

  /// Each shard has a controller of its own.
  @Test func `a shard that somebody serves is well`() async {
    let shards = [
      Self.deployment("source-watcher", args: [Self.unsharded]),
      Self.deployment(
        "source-watcher-blue", args: ["--watch-label-selector=sharding.fluxcd.io/key in (blue)"]),
    ]
    let findings = await Self.findings(
      Self.without("Deployment", "source-watcher") + shards
        + [Self.labelled(ActObjects.generator("served"), "blue")])
    #expect(findings.filter { $0.severity == .error } == [])
  }

  @Test func `definitions in a snapshot tell which kinds are served`() async throws {
    let older = [Self.definitions[1], Self.definition(Self.definitions[0].name ?? "", ["v1"])]
    let snapshot = try await Self.exported(Self.sound + older)
    let findings = CheckCluster.findings(
      await CheckInput.read(namespace: "apps", on: snapshot, nil, parts: snapshot.parts),
      now: Self.now)
    #expect(
      findings.filter { $0.check == "crds" }.map { "\($0.severity): \($0.message)" } == [
        "error: ArtifactGenerator v1beta1 is not served (the group serves v1)",
        "ok: ExternalArtifact v1 is served",
        "warning: Kustomization is not installed",
        "warning: HelmRelease is not installed",
      ])
    let kept = snapshot.objects.filter { $0.kind == "CustomResourceDefinition" }
    #expect(kept.count == 2)
    #expect(kept.allSatisfy { $0["spec", "versions"]?[0]?["schema"] == nil })
    #expect(kept.allSatisfy { $0["status", "storedVersions"] != nil })
  }

  private static func findings(
    of objects: [Value], unread: String? = "", in namespace: String = "apps",
    scope: CheckInput.Scope = .automatic
  ) async throws -> [CheckFinding] {
    // Without a stamp nobody has said what was read.
    let annotations = unread.map {
      [Snapshot.stamp: "2026-11-21T02:00:00Z", SnapshotCoverage.annotation: .string($0)] as Object
    }
    let list = Value.list(of: objects, annotations: annotations ?? Object())
    let snapshot = try Snapshot.load("-") { Array(JSON.string(list, style: .compact).utf8) }
    let input = await CheckInput.read(namespace: namespace, on: snapshot, nil, scope: scope)
    return CheckCluster.findings(input, now: now)
  }

  /// What `export` writes of a sound cluster: the delivery, and what inventories list.
  @Test func `what a snapshot does not include is unknown`() async throws {
    let findings = try await Self.findings(of: Self.delivery)
    #expect(
      findings.filter { $0.severity == .unknown }.map(\.check) == [
        "api-server", "crds", "controllers", "storage", "permissions", "policy", "alerts",
      ])
    #expect(
      findings.filter { $0.severity != .unknown }.map { "\($0.severity) \($0.check)" } == [
        "ok generators", "ok sources", "ok orphans", "ok consumers",
      ])
    // Whoever reads them cannot mend them.
    #expect(findings.allSatisfy { $0.reason.isEmpty && $0.fix.isEmpty })
  }

  /// Publishers of third parties are not in this snapshot.
  @Test(
    arguments: cases.filter {
      ["generators", "orphans", "consumers"].contains($0.check)
        && !$0.message.contains("its publisher")
    })
  func `a snapshot is judged as its cluster is`(_ test: Case) async throws {
    let inCluster = await Self.findings(test.objects, served: test.served)
    let inSnapshot = try await Self.findings(of: test.objects)
    let same = { (finding: CheckFinding) in finding.check == test.check }
    #expect(inSnapshot.filter(same) == inCluster.filter(same))
    #expect(
      inSnapshot.contains { $0.severity == test.severity && $0.message.contains(test.message) })
  }

  /// The definition may be gone; the plural that is asked for may be another than the kind's, too.
  @Test func `whether a publisher exists whose kind the cluster lacks is unknown`() async {
    var traits = FakeCluster.Traits()
    traits.served = Self.served
    traits.unserved = ["publishers"]
    let cluster = FakeCluster(
      Self.sound + [Self.thirdParty], can: [.watching, .writing], traits)
    let findings = CheckCluster.findings(
      await CheckInput.read(namespace: "apps", on: cluster, cluster), now: Self.now
    ).filter { $0.check == "orphans" }
    #expect(findings.map(\.severity) == [.unknown])
    #expect(
      findings.first?.message == "whether its publisher Publisher apps/p exists is unknown: the "
        + "cluster does not have Publisher in acme.com/v1")
  }

  @Test func `whether a publisher exists that a snapshot lacks is unknown`() async throws {
    let findings = try await Self.findings(of: Self.delivery + [Self.thirdParty])
      .filter { $0.check == "orphans" }
    #expect(findings.map(\.severity) == [.unknown])
    #expect(findings.first?.message.contains("Publisher apps/p exists is unknown") == true)
  }

  /// An inventory may list one controller and not the other.
  @Test func `controllers are judged as far as the snapshot holds them`() async throws {
    let findings = try await Self.findings(
      of: Self.delivery + [
        Self.deployment("source-watcher", available: 0), Self.deployment("kustomize-controller"),
      ])
    let controllers = findings.filter { ["controllers", "feature-gate"].contains($0.check) }
    #expect(
      controllers.map { "\($0.severity): \($0.message)" } == [
        "error: source-watcher v1.2.3 is not available (0 of 1)",
        "ok: kustomize-controller v1.2.3 is running",
        "error: the feature gate ExternalArtifact of kustomize-controller is off, "
          + "but 1 Kustomization needs it",
        "unknown: the snapshot does not include source-controller, helm-controller, "
          + "notification-controller",
      ])
  }

  /// Services and policies are in a snapshot by chance; one that is not there may exist.
  @Test func `another service or policy of a snapshot proves nothing`() async throws {
    let strangers = (Self.address + [Self.policy]).map { object in
      MergePatch.apply(
        [
          "metadata": [
            "name": "other", "labels": ["kubernetes.io/service-name": "other"],
          ], "spec": ["matchConstraints": .null],
        ], to: object)
    }
    for objects in [strangers, strangers + [Self.address[0]]] {
      let findings = try await Self.findings(of: Self.delivery + objects)
      let levels = findings.filter { ["storage", "policy"].contains($0.check) }.map(\.severity)
      #expect(levels == [.unknown, .unknown])
    }
    let whole = try await Self.findings(
      of: Self.delivery + Self.address + [Self.policy, Self.binding])
    let levels = whole.filter { ["storage", "policy"].contains($0.check) }.map(\.severity)
    #expect(levels == [.ok, .ok])
  }

  /// `export -n apps` holds nothing of other namespaces.
  @Test func `outside of the namespace of a snapshot all is unknown`() async throws {
    let consumer = MergePatch.apply(
      ["spec": ["sourceRef": ["namespace": "elsewhere"]]],
      to: ActObjects.kustomization("far", from: "not-here"))
    let publisher = MergePatch.apply(
      ["spec": ["sourceRef": ["namespace": "elsewhere"]]], to: ActObjects.published("foreign"))
    let kinds: [FluxKind] = [.artifactGenerator, .externalArtifact, .kustomization, .helmRelease]
    let unread = kinds.map { "\($0.resource.groupResource) outside apps" }.joined(separator: ",")
    let objects = Self.delivery + [consumer, publisher]
    let findings = try await Self.findings(of: objects, unread: unread)
    #expect(findings.filter { $0.severity == .error || $0.severity == .warning } == [])
    let gaps = findings.filter { $0.message.hasSuffix("only from namespace apps") }
    #expect(gaps.map(\.resource) == kinds.map(\.resource.groupResource))
    #expect(gaps.allSatisfy { $0.severity == .unknown })
    // So is whether another namespace exists, unless everything was read.
    for (unread, severity) in [(unread, CheckFinding.Severity.unknown), ("", .error)] {
      let other = try await Self.findings(
        of: Self.delivery, unread: unread, in: "other", scope: .namespace
      ).filter { $0.check == "namespace" }
      #expect(other.map(\.severity) == [severity], "\(other)")
    }
    // Where everything was read, the same objects are broken.
    #expect(try await Self.findings(of: objects).count { $0.severity == .error } == 2)
    // And so is what is missing within the namespace.
    let lost = try await Self.findings(
      of: objects + [ActObjects.kustomization("lost", from: "nope")], unread: unread)
    #expect(
      lost.filter { $0.severity == .error }.map(\.message) == [
        "ExternalArtifact apps/nope does not exist"
      ])
  }

  /// Whoever may not list generators exports without them; manifests from anywhere do not say what
  /// they leave out.
  @Test func `kinds that a snapshot does not hold are unknown`() async throws {
    let resource = FluxKind.artifactGenerator.resource
    let objects = Self.delivery.filter { $0.kind != resource.kind }
    for unread in [resource.groupResource, nil] {
      let findings = try await Self.findings(of: objects, unread: unread)
      #expect(findings.filter { $0.severity == .error || $0.severity == .warning } == [])
      #expect(
        findings.contains {
          $0.severity == .unknown && $0.check == "generators"
            && $0.message == "the snapshot does not include \(resource.groupResource)"
        })
      #expect(!findings.contains { $0.check == "orphans" })
    }
  }

  private static let statuses: [([Value], Int32)] = [
    (delivery, 0), (without("ArtifactGenerator", "app"), 1),
  ]

  @Test(arguments: statuses)
  func `what is unknown is no failure`(_ objects: [Value], _ status: Int32) async throws {
    let snapshot = Value.list(of: objects, annotations: [Snapshot.stamp: "2026-11-21T02:00:00Z"])
    let input = JSON.string(snapshot, style: .compact)
    let text = await invoke(
      ArtifactGen.self, ["check", "--snapshot", "-"], in: TestSurroundings(input: input))
    #expect(text.status == status)
    #expect(text.output.hasPrefix("unknown API server: a snapshot does not include"))
    let data = await invoke(
      ExternalArtifactTool.self, ["check", "--snapshot", "-", "-o", "json"],
      in: TestSurroundings(input: input))
    #expect(data.status == status)
    let levels = try JSON.parse(Array(data.output.utf8))["items"]?.array?.map { $0["status"] }
    #expect(levels?.contains("unknown") == true)
  }
}
