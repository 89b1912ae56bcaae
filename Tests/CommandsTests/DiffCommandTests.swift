import Commands
import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import TestSupport
import Testing

/// The example of the repository, and clusters that hold what `build` publishes for it.
private struct Monorepo {
  let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    let example = ProjectFiles.root + "/examples/monorepo"
    for file in filesBelow(example) {
      try folder.write(file, try readFile("\(example)/\(file)"))
    }
  }

  var arguments: [String] {
    ["-f", "\(folder.path)/generator.yaml", "--source", "repo=\(folder.path)/repo"]
      + ["--revision", "repo=main@sha1:1"]
  }

  func change(_ file: String, _ old: String, _ new: String) throws {
    try folder.write(file, try folder.read(file).replacing(old, with: new))
  }

  /// Generator, artifacts and a consumer for each, as the controllers write them.
  func published(
    _ edit: (inout Object) -> Void = { _ in }, by options: [String] = []
  ) async throws -> [Value] {
    let outcome = await invoke(ArtifactGen.self, ["build", "-o", "json"] + arguments + options)
    let report = try JSON.parse(Array(outcome.output.utf8))
    let generator: Value = [
      "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
      "metadata": ["name": "shop", "namespace": "apps"],
      "status": ["inventory": report["items"] ?? []],
    ]
    var objects = [generator]
    for item in try #require(report["items"]?.array) {
      var artifact: Object = [:]
      for name in ["revision", "digest", "size"] { artifact[name] = item[name] }
      let name = try #require(item["name"]?.string)
      artifact["url"] = .string(
        "http://storage/externalartifact/apps/\(name)/\(item["filename"]?.string ?? "")")
      edit(&artifact)
      objects.append([
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "ExternalArtifact",
        "metadata": ["name": .string(name), "namespace": "apps"],
        "spec": [
          "sourceRef": [
            "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
            "name": "shop", "namespace": "apps",
          ]
        ],
        "status": ["artifact": .object(artifact)],
      ])
      objects.append([
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": ["name": .string("deploy-\(name)"), "namespace": "apps"],
        "spec": [
          "suspend": .bool(name == "payments"),
          "sourceRef": ["kind": "ExternalArtifact", "name": .string(name)],
        ],
      ])
    }
    return objects
  }

  func diff(_ objects: [Value], _ options: [String] = []) async -> Outcome {
    await invoke(
      ArtifactGen.self, ["diff"] + arguments + options,
      in: TestSurroundings(cluster: Snapshot(objects: objects)))
  }

  /// The outcome as data: what becomes of each artifact, by its name.
  func changes(_ objects: [Value], _ options: [String] = []) async throws -> [String: String] {
    let outcome = await diff(objects, ["-o", "json"] + options)
    let report = try JSON.parse(Array(outcome.output.utf8))
    var result: [String: String] = [:]
    for item in report["items"]?.array ?? [] {
      result[item["name"]?.string ?? ""] = item["change"]?.string
    }
    return result
  }
}

@Suite struct DiffCommandTests {
  private func expect(_ outcome: Outcome, _ name: String) {
    Golden.expect(
      "--- output\n\(outcome.output)--- errors\n\(outcome.errors)--- status \(outcome.status)\n",
      "diff/\(name)")
  }

  private static let goldens = [
    "unchanged", "unchanged-json", "changed", "changed-json", "deleted", "failing", "failing-yaml",
    "new", "nothing-matches", "other-compressor", "unknown-compressor", "inventory-only",
    "suspended", "taken-over",
  ]

  @Test func `no golden file is unused`() {
    Golden.expectNoneUnused(in: "diff", cases: Self.goldens)
  }

  @Test func `#64 no difference is 0`() async throws {
    let example = try Monorepo()
    let objects = try await example.published()
    expect(await example.diff(objects), "unchanged")
    expect(await example.diff(objects, ["-o", "json"]), "unchanged-json")
  }

  @Test func `#64 one changed file is 1`() async throws {
    let example = try Monorepo()
    let objects = try await example.published()
    try example.change("repo/apps/orders/service.yaml", "80", "8080")
    try example.change("repo/apps/payments/service.yaml", "80", "8080")
    expect(await example.diff(objects, ["-o", "wide"]), "changed")
    expect(await example.diff(objects, ["-o", "json"]), "changed-json")
  }

  @Test func `one artifact removed`() async throws {
    let example = try Monorepo()
    let objects = try await example.published()
    let text = try example.folder.read("generator.yaml")
    let from = try #require(text.firstRange(of: "    - name: payments"))
    let end = try #require(text.firstRange(of: "  commonMetadata"))
    try example.folder.write(
      "generator.yaml", String(text[..<from.lowerBound] + text[end.lowerBound...]))
    expect(await example.diff(objects), "deleted")
  }

  @Test func `one broken path`() async throws {
    let example = try Monorepo()
    let objects = try await example.published()
    try example.change("generator.yaml", "@repo/apps/orders/**", "@repo/apps/gone/**")
    try example.change("repo/apps/payments/service.yaml", "80", "8080")
    expect(await example.diff(objects), "failing")
    expect(await example.diff(objects, ["-o", "yaml"]), "failing-yaml")
  }

  @Test func `a generator that the cluster does not have is new`() async throws {
    expect(await (try Monorepo()).diff([]), "new")
  }

  /// Manifests that somebody put together hold no artifacts before there are any.
  @Test func `a snapshot without artifacts`() async throws {
    let example = try Monorepo()
    try example.folder.write(
      "snapshot.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: apps}\n")
    let arguments =
      ["diff"] + example.arguments + ["--snapshot", "\(example.folder.path)/snapshot.yaml"]
    let outcome = await invoke(ArtifactGen.self, arguments + ["-o", "json"])
    #expect(outcome.status == 1)
    let report = try JSON.parse(Array(outcome.output.utf8))
    #expect(report["items"]?.array?.allSatisfy { $0["status"] == "new" } == true)
    #expect(report["items"]?.array?.count == 3)
    #expect(
      outcome.errors.contains(
        "the snapshot does not include externalartifacts.source.toolkit.fluxcd.io: everything "
          + "built in namespace apps is reported as new"))
  }

  /// What `export` was not allowed to read may well be there.
  @Test func `a snapshot that leaves artifacts out`() async throws {
    let example = try Monorepo()
    try example.folder.write(
      "snapshot.yaml",
      """
      apiVersion: v1
      kind: List
      metadata:
        annotations:
          artifactgen/capturedAt: "2026-01-01T00:00:00Z"
          artifactgen/unread: externalartifacts.source.toolkit.fluxcd.io
      items:
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: apps}}
      """)
    let outcome = await invoke(
      ArtifactGen.self,
      ["diff"] + example.arguments + ["--snapshot", "\(example.folder.path)/snapshot.yaml"])
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
  }

  /// Digests do not hang on revisions.
  @Test func `needs no revision of a source`() async throws {
    let example = try Monorepo()
    try example.change(
      "generator.yaml", "    - name: orders\n", "    - name: orders\n      revision: \"@repo\"\n")
    let objects = try await example.published()
    let arguments = [
      "diff", "-f", "\(example.folder.path)/generator.yaml", "--source",
      "repo=\(example.folder.path)/repo",
    ]
    let cluster = Snapshot(objects: objects)
    let same = await invoke(ArtifactGen.self, arguments, in: TestSurroundings(cluster: cluster))
    #expect(same.status == 0)
    #expect(same.errors.contains("compared by content only"))
    #expect(same.errors.contains("apps/orders"))
    try example.change("repo/apps/orders/service.yaml", "80", "8080")
    let changed = await invoke(
      ArtifactGen.self, arguments + ["-o", "json"], in: TestSurroundings(cluster: cluster))
    #expect(changed.status == 1)
    let items = try JSON.parse(Array(changed.output.utf8))["items"]?.array ?? []
    let orders = try #require(items.first { $0["name"] == "orders" })
    #expect(orders["status"] == "changed")
    #expect(orders["predicted"]?["revision"] == nil)
    #expect(orders["consumers"]?[0]?["effect"] == "reconciles")
  }

  /// The controller calls this a success and deletes everything.
  @Test func `pattern that matches nothing`() async throws {
    let example = try Monorepo()
    let objects = try await example.published()
    try example.folder.write(
      "generator.yaml",
      """
      apiVersion: source.extensions.fluxcd.io/v1beta1
      kind: ArtifactGenerator
      metadata: {name: shop, namespace: apps}
      spec:
        pathPattern: "@repo/nosuch/{app}"
        sources: [{alias: repo, kind: GitRepository, name: shop}]
        artifacts:
        - name: "{app}"
          copy: [{from: "@repo/nosuch/{app}/**", to: "@artifact/"}]

      """)
    expect(await example.diff(objects), "nothing-matches")
  }

  @Test func `another known compressor is found`() async throws {
    let example = try Monorepo()
    let objects = try await example.published(by: ["--compressor", "go1.27"])
    expect(await example.diff(objects), "other-compressor")
    // Somebody who says which one it is does not mean another.
    let changes = try await example.changes(objects, ["--compressor", "go1.26"])
    #expect(Set(changes.values) == ["changed"])
  }

  /// The modes are not to blame when only the compressor that was asked for differs.
  @Test func `a chosen compressor is named`() async throws {
    let example = try Monorepo()
    let outcome = await example.diff(try await example.published(), ["--compressor", "go1.27"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        "orders: the contents are the same: published with go1.26, predicted with go1.27\n"))
    #expect(!outcome.errors.contains("modes"))
  }

  @Test func `a chosen digest algorithm is kept`() async throws {
    let example = try Monorepo()
    let objects = try await example.published(by: ["--compressor", "go1.27"])
    let outcome = await example.diff(objects, ["--digest-algo", "sha512", "-o", "wide"])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("latest@sha512:"))
    #expect(
      outcome.errors.contains(
        "the published digests are sha256; predicted with sha512, as requested\n"))
    #expect(
      outcome.errors.contains(
        "orders: the contents are the same: published with sha256, predicted with sha512\n"))
  }

  /// The default is a guess, the same word on the command line is a wish.
  @Test func `the default digest algorithm can be chosen`() async throws {
    let example = try Monorepo()
    let objects = try await example.published(by: ["--digest-algo", "sha512"])
    let outcome = await example.diff(objects, ["--digest-algo", "sha256"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        "the published digests are sha512; predicted with sha256, as requested\n"))
  }

  @Test func `an unknown compressor is compared by file name`() async throws {
    let example = try Monorepo()
    let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
    let objects = try await example.published {
      $0["digest"] = .string(digest)
      $0["revision"] = .string("latest@\(digest)")
    }
    expect(await example.diff(objects), "unknown-compressor")
  }

  /// One digest that is met shows that the compressor is known: then only modes can differ.
  @Test func `the same contents with other modes are a change`() async throws {
    let example = try Monorepo()
    var isFirst = true
    let objects = try await example.published {
      if isFirst { $0["digest"] = .string("sha256:" + String(repeating: "ab", count: 32)) }
      isFirst = false
    }
    #expect(
      try await example.changes(objects)
        == ["storefront": "changed", "orders": "unchanged", "payments": "unchanged"])
  }

  @Test func `other digest algorithms are found`() async throws {
    let example = try Monorepo()
    let objects = try await example.published(by: ["--digest-algo", "sha512"])
    #expect(Set(try await example.changes(objects).values) == ["unchanged"])
  }

  /// A user who may list ArtifactGenerators in one namespace and nothing else.
  @Test func `inventories serve who may read no more`() async throws {
    let example = try Monorepo()
    var traits = FakeCluster.Traits()
    traits.mayRead = {
      $0.type.plural == "artifactgenerators" && ($0.name != nil || $0.namespace == "apps")
    }
    let cluster = FakeCluster(Snapshot(objects: try await example.published()), traits)
    let outcome = await invoke(
      ArtifactGen.self, ["diff"] + example.arguments, in: TestSurroundings(cluster: cluster))
    expect(outcome, "inventory-only")
  }

  @Test func `a generator that is suspended is noted`() async throws {
    let example = try Monorepo()
    var objects = try await example.published()
    let mark: Value = [
      "metadata": ["annotations": ["source.extensions.fluxcd.io/reconcile": "Disabled"]]
    ]
    objects[0] = MergePatch.apply(mark, to: objects[0])
    expect(await example.diff(objects), "suspended")
  }

  /// Nothing of what is predicted comes about.
  @Test func `a manifest that suspends is noted`() async throws {
    let example = try Monorepo()
    let objects = try await example.published()
    try example.change(
      "generator.yaml", "metadata:\n  name: shop\n",
      "metadata:\n  name: shop\n  annotations: {source.extensions.fluxcd.io/reconcile: disabled}\n")
    try example.change("repo/apps/orders/service.yaml", "80", "8080")
    #expect(
      await example.diff(objects).errors.contains(
        "ArtifactGenerator apps/shop is suspended in its manifest: nothing is built after it "
          + "is applied\n"))
  }

  @Test func `artifacts of others are taken over`() async throws {
    let example = try Monorepo()
    let other: Value = ["spec": ["sourceRef": ["name": "elsewhere"]]]
    let objects = try await example.published().map {
      $0.kind == "ExternalArtifact" ? MergePatch.apply(other, to: $0) : $0
    }
    expect(await example.diff(objects), "taken-over")
  }

  private static let wrong = [
    ["diff"], ["diff", "-f", "/nonexistent", "--source", "a=b"], ["diff", "--nosuch"],
    ["diff", "-o", "name", "-f", "x"], ["diff", "-f", "", "--source", "a=b"],
    ["diff", "-f", "x", "--source", "a=b", "--snapshot", ""],
  ]

  /// 1 is an answer of diff: a failure must not look like it.
  @Test(arguments: wrong)
  func `#64 failures are 2`(line: [String]) async {
    let outcome = await invoke(
      ArtifactGen.self, line, in: TestSurroundings(cluster: Snapshot(objects: [])))
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
  }
}
