import Document
import FluxModel
import Foundation
import KubeAPI
import Objects
import Operations
import TestSupport
import Testing
import Text

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
  func `a label selector selects`(selector: String, names: [String]) async throws {
    let list = try await Self.snapshot.list(
      Self.configMaps, namespace: nil, options: ListOptions(labelSelector: selector))
    #expect(list.items.compactMap(\.name) == names)
  }

  @Test(arguments: [
    ("metadata.name=b", ["b"]), ("metadata.name!=b", ["a", "c"]),
    ("metadata.namespace=other", ["c"]), ("metadata.name=a,metadata.namespace=apps", ["a"]),
  ])
  func `a field selector selects`(selector: String, names: [String]) async throws {
    let list = try await Self.snapshot.list(
      Self.configMaps, namespace: nil, options: ListOptions(fieldSelector: selector))
    #expect(list.items.compactMap(\.name) == names)
  }

  @Test(arguments: ["foo=bar", "metadata.name=a,spec.nothing!=x"])
  func `other fields are refused as the server does`(selector: String) async {
    let error = await #expect(throws: APIError.self) {
      try await Self.snapshot.list(
        Self.configMaps, namespace: nil, options: ListOptions(fieldSelector: selector))
    }
    #expect(error?.description.contains("field label not supported: ") == true)
  }

  @Test func `fields of events select`() async throws {
    let snapshot = Snapshot(objects: [Self.object("Event", "a"), Self.object("Event", "b")])
    let list = try await snapshot.list(
      ListEvents.core, namespace: nil,
      options: ListOptions(fieldSelector: "involvedObject.kind=Pod,involvedObject.name=a"))
    #expect(list.items.compactMap(\.name) == ["a"])
  }

  @Test(arguments: ["team=", "a=b=c", "a in web", "in (x)", "=x"])
  func `nonsense is refused or matches nothing`(selector: String) async {
    let list = try? await Self.snapshot.list(
      Self.configMaps, namespace: nil, options: ListOptions(labelSelector: selector))
    #expect(list?.items.isEmpty ?? true)
  }

  @Test func `namespaces are kept apart`() async throws {
    let list = try await Self.snapshot.list(
      Self.configMaps, namespace: "other", options: ListOptions())
    #expect(list.items.compactMap(\.name) == ["c"])
  }

  @Test func `an absent object is not found, and no server says so`() async throws {
    let error = await #expect(throws: APIError.self) {
      try await Self.snapshot.get(Self.configMaps, namespace: "apps", name: "nope")
    }
    #expect(error?.isNotFound == true)
    #expect(error?.description == "configmaps \"nope\" not found")
    #expect(error?.isSelfContained == false)
  }

  @Test(arguments: [
    ("kustomisation", " (did you mean kustomization?)"),
    ("confgmaps", " (did you mean configmaps?)"),
    ("configmaps.acme.com", ""), ("nosuch", ""), ("kss", ""), ("nope", ""),
    (String(repeating: "configmap", count: 20), ""),
  ])
  func `a kind that is mistyped is suggested`(word: String, hint: String) async {
    let error = await #expect(throws: APIError.self) {
      try await Self.snapshot.resource(named: word)
    }
    #expect(error?.description == "the snapshot has no resource type \"\(word)\"\(hint)")
  }

  @Test func `secrets are left out`() async throws {
    #expect(Self.snapshot.objects.compactMap(\.kind) == ["ConfigMap", "ConfigMap", "ConfigMap"])
  }

  /// What a cluster serves in one version may have been written down in another.
  @Test func `versions do not matter`() async throws {
    var type = Self.configMaps
    type.version = "v2"
    #expect(try await Self.snapshot.get(type, namespace: "apps", name: "a").name == "a")
  }

  @Test func `directories are read with all below`() throws {
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

  @Test func `a pipe in a directory is not waited for`() throws {
    let folder = try TemporaryDirectory()
    try folder.write("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n")
    #expect(mkfifo(folder.path + "/pipe.yaml", 0o600) == 0)
    let error = #expect(throws: OperationError.self) { try Snapshot.load(folder.path) }
    #expect(error?.description.contains("pipe.yaml is not a regular file") == true)
  }

  private static let generators = FluxKind.artifactGenerator.resource
  private static let gits = FluxKind.gitRepository.resource

  private static func loaded(_ header: String) throws -> Snapshot {
    let folder = try TemporaryDirectory()
    return try Snapshot.load(
      try folder.write(
        "s.yaml",
        header
          + "- {apiVersion: source.extensions.fluxcd.io/v1beta1, kind: ArtifactGenerator, "
          + "metadata: {name: web, namespace: apps}}\n"))
  }

  private static func listing(unread: String) -> String {
    "apiVersion: v1\nkind: List\nmetadata: {annotations: {artifactgen/capturedAt: "
      + "\"2026-11-21T02:00:00Z\", artifactgen/unread: \"\(unread)\"}}\nitems:\n"
  }

  /// What was not captured is not what does not exist.
  @Test(arguments: [
    listing(unread: "gitrepositories.source.toolkit.fluxcd.io"),
    "apiVersion: v1\nkind: List\nitems:\n",
  ])
  func `a kind that is left out is refused`(header: String) async throws {
    let snapshot = try Self.loaded(header)
    #expect(
      try await snapshot.list(Self.generators, namespace: nil, options: ListOptions()).items.count
        == 1)
    let error = await #expect(throws: APIError.self) {
      try await snapshot.get(Self.gits, namespace: "apps", name: "repo")
    }
    #expect(error?.isForbidden == true)
    #expect(error?.isNotFound == false)
    #expect(
      error?.description
        == "the snapshot does not include gitrepositories.source.toolkit.fluxcd.io")
    await #expect(throws: APIError.self) {
      try await snapshot.list(Self.gits, namespace: nil, options: ListOptions())
    }
    let absent = await #expect(throws: APIError.self) {
      try await snapshot.get(Self.generators, namespace: "apps", name: "nope")
    }
    #expect(absent?.isNotFound == true)
  }

  @Test func `a namespace that is left out is refused`() async throws {
    let snapshot = try Self.loaded(
      Self.listing(unread: "artifactgenerators.source.extensions.fluxcd.io outside apps"))
    let list = try await snapshot.list(
      Self.generators, namespace: "apps", options: ListOptions())
    #expect(list.items.count == 1)
    for namespace in [nil, "infra"] {
      let error = await #expect(throws: APIError.self) {
        try await snapshot.list(Self.generators, namespace: namespace, options: ListOptions())
      }
      #expect(
        error?.description
          == "the snapshot includes artifactgenerators.source.extensions.fluxcd.io only from namespace apps"
      )
    }
    let graph = await GraphLoader.load(from: snapshot, fallback: "default")
    #expect(graph.objects.count == 1)
    #expect(
      graph.notes.map(\.description) == [
        "the snapshot includes artifactgenerators.source.extensions.fluxcd.io only from namespace apps"
      ])
  }

  /// Two lists of one cluster: what either has read is there.
  @Test func `lists complement each other`() throws {
    var first = SnapshotCoverage(annotation: "a.x outside one,b.x,c.x")
    first.add(SnapshotCoverage(annotation: "a.x outside two,c.x"))
    #expect(first == SnapshotCoverage(annotation: "a.x outside two,a.x outside one,c.x"))
  }

  /// Exported by somebody who may not read everything, and read back.
  @Test func `what may not be read is noted in the file`() async throws {
    let refusal = APIError(Status(code: 403, reason: "Forbidden", message: "no"))
    let lists = FluxKind.allCases.map { "list \($0.resource.groupResource)" }
    var refused: [String: any Error] = ["list events *": refusal]
    for line in lists { refused["\(line) *"] = refusal }
    for line in lists where line.contains("gitrepositories") { refused["\(line) apps"] = refusal }
    let cluster = FakeCluster(
      try YAML.parse(try Fixtures.bytes("cluster/objects/20-artifactgenerators.yaml")),
      refused: refused)
    let exported = try await ExportSnapshot(namespace: nil, fallbackNamespace: "apps")
      .run(on: cluster, KindResolver(nil))
    let list = exported.list(capturedAt: Timestamp(seconds: 0))
    let folder = try TemporaryDirectory()
    let snapshot = try Snapshot.load(
      try folder.write("s.yaml", YAML.write(list)))
    await #expect(throws: APIError.self) {
      try await snapshot.get(Self.gits, namespace: "apps", name: "monorepo")
    }
    let result = await GetDelivery(judges: { _ in true }, in: "apps", home: "apps").run(
      [ObjectQuery(FluxKind.artifactGenerator.resource, names: ["monorepo"])], on: snapshot,
      now: TraceTests.now)
    #expect(result.states.values.map(\.freshness) == [.unknown])
    #expect(
      result.notes == [
        "the snapshot does not include gitrepositories.source.toolkit.fluxcd.io from namespace apps"
      ])
  }

  @Test(arguments: [
    ("{", "cannot read the snapshot"), ("a: b\n", "is not a Kubernetes object"),
    ("# nothing\n", "contains no objects"),
    (
      "apiVersion: v1\nkind: List\nitems: []\n"
        + "metadata: {annotations: {artifactgen/capturedAt: today}}\n", "RFC 3339"
    ),
  ])
  func `bad files are named`(text: String, part: String) throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write("bad.yaml", text)
    let error = #expect(throws: OperationError.self) { try Snapshot.load(path) }
    #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    #expect(error?.description.contains("bad.yaml") == true)
  }

  @Test func `an absent file is named`() {
    let error = #expect(throws: OperationError.self) { try Snapshot.load("/nowhere/at/all") }
    #expect(
      error?.description == "cannot read the snapshot /nowhere/at/all: it does not exist")
  }

}
