import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import TestSupport
import Testing
import Text

@Suite struct ExportSnapshotTests {
  private static let marks: Value = [
    "managedFields": [["manager": "kubectl"]],
    "annotations": [
      "kubectl.kubernetes.io/last-applied-configuration": "{\"data\":\"SECRET\"}", "note": "kept",
    ],
    "ownerReferences": [["kind": "App", "name": "shop", "apiVersion": "acme.com/v1"]],
  ]

  private static func object(
    _ apiVersion: String, _ kind: String, _ name: String, _ rest: Value,
    labels: [(String, Value)] = []
  ) -> Value {
    let named: Value = [
      "apiVersion": .string(apiVersion), "kind": .string(kind),
      "metadata": [
        "name": .string(name), "namespace": "apps", "labels": .object(Object(labels)),
      ],
    ]
    return MergePatch.apply(rest, to: MergePatch.apply(["metadata": marks], to: named))
  }

  private static let applier: Value = [
    "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
    "metadata": ["name": "web", "namespace": "apps"],
    "status": [
      "inventory": [
        "entries": [
          ["id": "apps_web_apps_Deployment", "v": "v1"],
          ["id": "apps_source-watcher_apps_Deployment", "v": "v1"],
          ["id": "apps_settings__ConfigMap", "v": "v1"],
          ["id": "apps_token__Secret", "v": "v1"],
        ]
      ]
    ],
  ]

  private static let pod: Value = [
    "metadata": ["labels": ["app": "source-watcher"]],
    "spec": [
      "serviceAccountName": "source-watcher",
      "containers": [
        [
          "name": "manager", "image": "source-watcher:v2.2.0", "args": ["--log-level=info"],
          "env": [["name": "PASSWORD", "value": "SECRET"]],
        ]
      ],
    ],
  ]

  private static let objects: [Value] = [
    applier,
    object(
      "apps/v1", "Deployment", "web",
      ["spec": ["replicas": 2, "template": pod], "status": ["readyReplicas": 2]]),
    object(
      "apps/v1", "Deployment", "source-watcher",
      [
        "spec": [
          "replicas": 1, "selector": ["matchLabels": ["app": "source-watcher"]], "template": pod,
        ]
      ], labels: [("app.kubernetes.io/part-of", "flux")]),
    object("v1", "ConfigMap", "settings", ["data": ["password": "SECRET"], "immutable": true]),
    object("v1", "Secret", "token", ["data": ["token": "SECRET"]]),
    object(
      "fluxcd.controlplane.io/v1", "ResourceSet", "set",
      ["spec": ["resourcesTemplate": "SECRET"], "status": ["inventory": ["entries": []]]]),
  ]

  private static func export(
    isFull: Bool = false, refused: [String: any Error] = [:]
  ) async throws -> (objects: [String: Value], notes: [String], list: Value) {
    let cluster = FakeCluster(objects, refused: refused)
    let operation = ExportSnapshot(namespace: nil, fallbackNamespace: nil, isFull: isFull)
    let snapshot = try await operation.run(on: cluster, KindResolver(nil))
    let named = snapshot.objects.map { ("\($0.kind ?? "")/\($0.name ?? "")", $0) }
    return (
      Dictionary(named) { $1 }, snapshot.notes,
      snapshot.list(capturedAt: Timestamp(seconds: 1_795_226_400))
    )
  }

  @Test func `of objects in inventories only what the graph and health need is kept`() async throws
  {
    let exported = try await Self.export()
    let web = exported.objects["Deployment/web"]
    #expect(web?["spec"] == ["replicas": 2])
    #expect(web?["status"] == ["readyReplicas": 2])
    #expect(web?["metadata", "annotations"] == ["note": "kept"])
    #expect(web?["metadata", "ownerReferences"]?.array?.count == 1)
    let watcher = exported.objects["Deployment/source-watcher"]?["spec", "template", "spec"]
    #expect(watcher?["containers"]?[0]?["args"] == ["--log-level=info"])
    #expect(watcher?["containers"]?[0]?["image"] == "source-watcher:v2.2.0")
    #expect(watcher?["serviceAccountName"] == "source-watcher")
    #expect(exported.objects["ConfigMap/settings"]?["immutable"] == nil)
    #expect(exported.objects["ResourceSet/set"]?["status", "inventory"] != nil)
    #expect(!JSON.string(exported.list, style: .compact).contains("SECRET"))
    #expect(!JSON.string(exported.list, style: .compact).contains("managedFields"))
  }

  @Test func `--full keeps the rest, but no data`() async throws {
    let exported = try await Self.export(isFull: true)
    #expect(exported.objects["Deployment/web"]?["spec", "template"] != nil)
    #expect(exported.objects["ResourceSet/set"]?["spec", "resourcesTemplate"] == "SECRET")
    #expect(exported.objects["ConfigMap/settings"]?["immutable"] == true)
    for object in exported.objects.values {
      #expect(object["metadata", "managedFields"] == nil)
      #expect(object["data"] == nil)
      #expect(object.kind != "Secret")
      #expect(
        object["metadata", "annotations"]?.object?.contains { $0.key.contains("last") } != true)
    }
  }

  @Test func `the file says what was left out`() async throws {
    for isFull in [false, true] {
      let annotations = try await Self.export(isFull: isFull).list["metadata", "annotations"]
      let text = annotations?["artifactgen/left-out"]?.string ?? ""
      #expect(text.hasPrefix("Secrets, ConfigMap data"))
      #expect(text.contains("--full") == !isFull)
      #expect(
        annotations?["artifactgen/holds"]?.string
          == "alerts,controllers,definitions,policies,resourceSets,services")
    }
  }

  @Test func `what may not be read is not held`() async throws {
    let refusal = APIError(Status(code: 403, reason: "Forbidden", message: "no"))
    let exported = try await Self.export(refused: [
      "list deployments.apps * -l app.kubernetes.io/part-of=flux": refusal,
      "list validatingadmissionpolicies.admissionregistration.k8s.io *": refusal,
    ])
    #expect(
      exported.list["metadata", "annotations", "artifactgen/holds"]?.string
        == "alerts,definitions,resourceSets,services")
    #expect(
      exported.notes == [
        "the data for check is incomplete: deployments.apps, "
          + "validatingadmissionpolicies.admissionregistration.k8s.io: no permission to read them"
      ])
  }

  /// One list in place of thirty reads; the others of the kind stay out.
  @Test(arguments: [false, true])
  func `many objects of a kind are read by one list where that is allowed`(
    isForbidden: Bool
  ) async throws {
    let names = (10..<40).map { "c\($0)" }
    let entries = names.map { Value.object(["id": .string("apps_\($0)__ConfigMap"), "v": "v1"]) }
    let applier = Self.object(
      "kustomize.toolkit.fluxcd.io/v1", "Kustomization", "many",
      ["status": ["inventory": ["entries": .array(entries)]]])
    let maps = (names + ["other"]).map { Self.object("v1", "ConfigMap", $0, [:]) }
    let refusal = APIError(Status(code: 403, reason: "Forbidden", message: "no"))
    let cluster = FakeCluster(
      [applier] + maps, refused: isForbidden ? ["list configmaps apps": refusal] : [:])
    let snapshot = try await ExportSnapshot(namespace: nil, fallbackNamespace: nil)
      .run(on: cluster, KindResolver(nil))
    let found = snapshot.objects.filter { $0.kind == "ConfigMap" }.compactMap(\.name)
    #expect(found == names)
    let reads = cluster.requests.filter { "\($0)".contains("get configmaps") }
    #expect(reads.count == (isForbidden ? 30 : 0), "\(cluster.requests)")
  }
}
