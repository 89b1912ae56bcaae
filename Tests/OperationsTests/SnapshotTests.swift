import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import TestSupport
import Testing

@Suite struct SnapshotTests {
  private static func object(
    _ kind: String, _ name: String, labels: [(String, Value)] = [], namespace: String = "apps"
  ) -> Value {
    [
      "apiVersion": "v1", "kind": .string(kind),
      "metadata": [
        "labels": .object(Object(labels)), "name": .string(name), "namespace": .string(namespace),
      ],
      "involvedObject": ["kind": "Pod", "name": .string(name)],
    ]
  }

  private static let snapshot = Snapshot(objects: [
    object("ConfigMap", "b", labels: [("team", "web"), ("tier", "front")]),
    object("ConfigMap", "a", labels: [("team", "db")]),
    object("ConfigMap", "c", namespace: "other"),
    object("Secret", "token"),
  ])
  private static let configMaps = ResourceType(
    group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", singular: "configmap")

  @Test(arguments: [
    ("", ["a", "b", "c"]), ("team=web", ["b"]), ("team==web", ["b"]), ("team!=web", ["a", "c"]),
    ("team in (web, db)", ["a", "b"]), ("team notin (web),team", ["a"]), ("team", ["a", "b"]),
    ("!team", ["c"]), ("team=web,tier=front", ["b"]), ("team=web,tier!=front", []),
  ])
  func labelsSelect(selector: String, names: [String]) async throws {
    let list = try await Self.snapshot.list(
      Self.configMaps, namespace: nil, options: ListOptions(labelSelector: selector))
    #expect(list.items.compactMap(\.name) == names)
  }

  @Test(arguments: [
    ("metadata.name=b", ["b"]), ("metadata.name!=b", ["a", "c"]),
    ("metadata.namespace=other", ["c"]), ("involvedObject.name=a,involvedObject.kind=Pod", ["a"]),
    ("spec.nothing=x", []),
  ])
  func fieldsSelect(selector: String, names: [String]) async throws {
    let list = try await Self.snapshot.list(
      Self.configMaps, namespace: nil, options: ListOptions(fieldSelector: selector))
    #expect(list.items.compactMap(\.name) == names)
  }

  @Test(arguments: ["team=", "a=b=c", "a in web", "in (x)", "=x"])
  func nonsenseIsRefusedOrMatchesNothing(selector: String) async {
    let list = try? await Self.snapshot.list(
      Self.configMaps, namespace: nil, options: ListOptions(labelSelector: selector))
    #expect(list?.items.isEmpty ?? true)
  }

  @Test func namespacesAreKeptApart() async throws {
    let list = try await Self.snapshot.list(
      Self.configMaps, namespace: "other", options: ListOptions())
    #expect(list.items.compactMap(\.name) == ["c"])
  }

  @Test func anAbsentObjectIsTheServersNotFound() async throws {
    let error = await #expect(throws: APIError.self) {
      try await Self.snapshot.get(Self.configMaps, namespace: "apps", name: "nope")
    }
    #expect(error?.isNotFound == true)
    #expect(error?.description == "Error from server (NotFound): configmaps \"nope\" not found")
  }

  @Test func secretsAreLeftOut() async throws {
    #expect(Self.snapshot.objects.compactMap(\.kind) == ["ConfigMap", "ConfigMap", "ConfigMap"])
  }

  /// What a cluster serves in one version may have been written down in another.
  @Test func versionsDoNotMatter() async throws {
    var type = Self.configMaps
    type.version = "v2"
    #expect(try await Self.snapshot.get(type, namespace: "apps", name: "a").name == "a")
  }

  @Test func directoriesAreReadWithAllBelow() throws {
    let folder = try TemporaryDirectory()
    try folder.write("b/one.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n")
    try folder.write(
      "a.json",
      #"{"apiVersion":"v1","kind":"ConfigMapList","items":[{"metadata":{"name":"two"}}]}"#)
    try folder.write("notes.txt", "{")
    try folder.write(".git/x.yaml", "{")
    try folder.write(
      "list.yml",
      """
      apiVersion: v1
      kind: List
      metadata: {annotations: {artifactgen/capturedAt: "2026-11-21T02:00:00Z"}}
      items:
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: three}}
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: hidden}
      """)
    let snapshot = try Snapshot.load(folder.path)
    #expect(snapshot.objects.compactMap(\.name).sorted() == ["one", "three", "two"])
    #expect(snapshot.capturedAt == Timestamp(rfc3339: "2026-11-21T02:00:00Z"))
  }

  @Test(arguments: [
    ("{", "cannot read the snapshot"), ("a: b\n", "is no Kubernetes object"),
    ("# nothing\n", "holds no objects"),
    (
      "apiVersion: v1\nkind: List\nitems: []\n"
        + "metadata: {annotations: {artifactgen/capturedAt: today}}\n", "RFC 3339"
    ),
  ])
  func badFilesAreNamed(text: String, part: String) throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write("bad.yaml", text)
    let error = #expect(throws: OperationError.self) { try Snapshot.load(path) }
    #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    #expect(error?.description.contains("bad.yaml") == true)
  }

  @Test func anAbsentFileIsNamed() {
    let error = #expect(throws: OperationError.self) { try Snapshot.load("/nowhere/at/all") }
    #expect(
      error?.description == "cannot read the snapshot /nowhere/at/all: it does not exist")
  }

  @Test(arguments: [
    ("deploy", "Deployment", "deployments.apps"), ("configmaps", "ConfigMap", "configmaps"),
    ("deployments.apps", "Deployment", "deployments.apps"),
    ("Deployment.v1.apps", "Deployment", "deployments.apps"),
    ("Widget.v1.acme.com", "Widget", "widgets.acme.com"),
    ("Policy.v1beta1.acme.com", "Policy", "policies.acme.com"),
  ])
  func kindsAreKnownByHeartOrSpelledOut(word: String, kind: String, resource: String) throws {
    let type = try #require(ResourceGuess.type(named: word))
    #expect(type.kind == kind)
    #expect(type.groupResource == resource)
  }

  @Test func otherWordsAreNoKinds() {
    #expect(ResourceGuess.type(named: "podinfo") == nil)
    #expect(ResourceGuess.type(named: "widgets.acme.com") == nil)
  }
}
