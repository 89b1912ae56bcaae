import Commands
import Content
import Document
import FluxModel
import Foundation
import KubeAPI
import Objects
import TestSupport
import Testing
import Text

/// `verify`, and `pack`, whose results it takes.
@Suite struct VerifyTests {
  private static let surroundings = [
    """
    apiVersion: v1
    kind: Service
    metadata: {name: server, namespace: flux-system}
    spec: {ports: [{port: 80}]}
    """,
    """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: server-x, namespace: flux-system, labels: {kubernetes.io/service-name: server}}
    ports: [{port: 9090}]
    endpoints: [{addresses: [10.0.0.1]}]
    """,
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: kustomize-controller
      namespace: flux-system
      labels: {app.kubernetes.io/part-of: flux}
    spec: {template: {spec: {containers: [{args: [--feature-gates=ExternalArtifact=true]}]}}}
    """,
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: helm-controller
      namespace: flux-system
      labels: {app.kubernetes.io/part-of: flux}
    spec: {template: {spec: {containers: [{args: []}]}}}
    """,
  ]

  private static func value(_ text: String) throws -> Value {
    try #require(try YAML.parseDocument(Array(text.utf8)))
  }

  private static func artifact(
    _ kind: String, _ name: String, _ bytes: [UInt8], path: String, changes: Object = [:],
    ready: Value? = ["type": "Ready", "status": "True"]
  ) -> Value {
    let digest = "\(Digester.digest(bytes))"
    var artifact: Object = [
      "url": .string("http://server.flux-system.svc/\(path)"), "digest": .string(digest),
      "revision": .string("v1@\(digest)"), "size": .integer(Int64(bytes.count)),
    ]
    for key in changes.keys { artifact[key] = changes[key] }
    return [
      "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": .string(kind),
      "metadata": ["name": .string(name), "namespace": "apps", "generation": 2],
      "status": [
        "artifact": .object(artifact), "conditions": .array(ready.map { [$0] } ?? []),
      ],
    ]
  }

  private func run(
    _ arguments: [String], _ objects: [Value] = [], files: [String: [UInt8]] = [:],
    _ conduct: FakeContentCluster.Conduct = .serves
  ) async throws -> Outcome {
    var test = TestSurroundings(
      environment: ["CI": "yes"], now: Timestamp(rfc3339: "2026-11-20T10:15:30Z"),
      contextNamespace: "apps")
    let all = try objects + Self.surroundings.map(Self.value)
    var ways = FakeContentCluster.Ways()
    ways.proxy = conduct
    test.cluster = FakeContentCluster(FakeCluster(all), files: files, ways)
    return await invoke(ArtifactGen.self, arguments, in: test)
  }

  /// Rule and result of each line.
  private func results(_ outcome: Outcome) -> [String] {
    outcome.output.split(separator: "\n").dropFirst().map { line in
      let words = line.split(separator: " ")
      return "\(words[1]) \(words[0])"
    }
  }

  // MARK: - Artifacts

  @Test func `a timeout keeps what was found out, and names the object and the route`()
    async throws
  {
    let bytes = Array("content".utf8)
    for (arguments, rule) in [(["ea/app"], "revision"), (["ag/app", "ea/app"], "")] {
      let outcome = try await run(
        ["verify"] + arguments + ["--timeout", "2s"],
        [Self.artifact("ExternalArtifact", "app", bytes, path: "app.tar.gz")],
        files: ["/app.tar.gz": bytes], .stalls(3))
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.contains(
          "timed out after 2s while fetching the artifact of ExternalArtifact apps/app from "
            + "server.flux-system.svc by service-proxy"), "\(outcome.errors)")
      let results = results(outcome)
      #expect(rule.isEmpty || results.first == "\(rule) passed", "\(outcome.output)")
      #expect(results.last == "unfinished unknown", "\(outcome.output)")
    }
  }

  @Test func `pack replaces no pipe and no link`() async throws {
    let folder = try TemporaryDirectory()
    try folder.write("dist/app.yaml", "a: 1\n")
    try folder.write("kept", "kept")
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link", withDestinationPath: "kept")
    for name in ["pipe", "link"] {
      let packed = try await run([
        "pack", "\(folder.path)/dist", "--revision", "v1", "--archive", "\(folder.path)/\(name)",
      ])
      #expect(packed.status == 1)
      #expect(packed.errors.contains("/\(name) is not a regular file"))
    }
    #expect(folder.files.sorted() == ["dist/app.yaml", "kept", "link", "pipe"])
    #expect(try folder.read("kept") == "kept")
  }

  @Test func `what pack makes keeps the contract`() async throws {
    let folder = try TemporaryDirectory()
    try folder.write("dist/app.yaml", "a: 1\n")
    try folder.write("dist/.git/HEAD", "ref: refs/heads/main\n")
    let packed = try await run([
      "pack", "\(folder.path)/dist", "--revision", "v1", "--archive", "\(folder.path)/app.tar.gz",
      "--url", "http://server.flux-system.svc/",
    ])
    #expect(packed.status == 0, "\(packed.errors)")
    let archive = try readFile("\(folder.path)/app.tar.gz")
    let status = try #require(try YAML.parseDocument(Array(packed.output.utf8)))["status"]
    let digest = "\(Digester.digest(archive))"
    #expect(
      status?["artifact"] == [
        "digest": .string(digest), "lastUpdateTime": "2026-11-20T10:15:30Z", "path": "app.tar.gz",
        "revision": .string("v1@\(digest)"), "size": .integer(Int64(archive.count)),
        "url": "http://server.flux-system.svc/app.tar.gz",
      ])
    let again = try await run(["pack", "\(folder.path)/dist", "--revision", "v1"])
    #expect(again.output.contains(digest))

    var object = Self.artifact("ExternalArtifact", "app", archive, path: "x")
    object = try #require(object.setting("status", "artifact", to: status?["artifact"] ?? .null))
    let verified = try await run(["verify", "ea/app"], [object], files: ["/app.tar.gz": archive])
    #expect(
      results(verified) == [
        "revision passed", "digest passed", "size passed", "archive passed", "ready passed",
        "host passed", "feature-gate passed", "feature-gate failed", "network-policy unknown",
      ], "\(verified.errors)")
    // The gate of helm-controller is off here.
    #expect(verified.status == 1)
    let listed = try await run(["ls", "ea/app"], [object], files: ["/app.tar.gz": archive])
    #expect(listed.output.split(separator: "\n").count == 1)
  }

  @Test func `each rule of the contract is looked at`() async throws {
    let bytes = Array("no archive".utf8)
    let cases: [(Object, Value?, String)] = [
      (["revision": "v1"], nil, "revision failed"),
      (["revision": "@sha256:ab"], nil, "revision failed"),
      (["digest": "sha256:00"], nil, "digest failed"),
      (["digest": .string("\(Digester.digest([]))")], nil, "digest failed"),
      (["size": 1], nil, "size failed"), ([:], nil, "archive failed"), ([:], nil, "ready failed"),
      ([:], ["type": "Ready", "status": "False"], "ready failed"),
      ([:], ["type": "Ready", "status": "True", "observedGeneration": 1], "ready failed"),
      ([:], ["type": "Ready", "status": "True", "observedGeneration": 2], "ready passed"),
      (["url": "http://storage.example.com/x"], nil, "host failed"),
      (["url": "http://other.flux-system.svc/x"], nil, "host failed"),
      (["url": "http://server.flux-system.svc:81/x"], nil, "host failed"),
      (["url": "https://server.flux-system.svc/x"], nil, "host failed"),
      (["url": "http://Server.Flux-System.SVC/x"], nil, "host passed"),
    ]
    for (changes, ready, expected) in cases {
      let object = Self.artifact(
        "ExternalArtifact", "app", bytes, path: "x", changes: changes, ready: ready)
      let outcome = try await run(["verify", "ea/app"], [object], files: ["/x": bytes])
      #expect(outcome.status == 1)
      #expect(results(outcome).contains(expected), "\(changes): \(outcome.output)")
    }
    let empty: Value = [
      "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "ExternalArtifact",
      "metadata": ["name": "app", "namespace": "apps"],
    ]
    let outcome = try await run(["verify", "ea/app", "-o", "json"], [empty])
    let document = try #require(try YAML.parseDocument(Array(outcome.output.utf8)))
    #expect(document["items"]?[0]?["result"] == "failed")
    #expect(document["items"]?[0]?["rules"]?[0]?["rule"] == "artifact")
  }

  // MARK: - Generators

  /// A generator, its source and what it publishes.
  private func verifyGenerator(
    observed: String? = nil, published: [UInt8]? = nil, served: [UInt8]? = nil,
    revision: String? = nil, compressor: String = "go1.26"
  ) async throws -> Outcome {
    let project = try BuildProject()
    func built(_ arguments: String...) async throws -> (name: String, bytes: [UInt8]) {
      let folder = try TemporaryDirectory()
      let outcome = await invoke(
        ArtifactGen.self,
        ["build", "--source", "repo=\(project.path)/src", "--output-dir", folder.path] + arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let path = try #require(folder.files.first)
      let name = try #require(path.split(separator: "/").last)
      return (String(name), try readFile("\(folder.path)/\(path)"))
    }
    let all = BuildProject.manifest(("name: web", "name: all"), ("@repo/web/**", "@repo/**"))
    try project.directory.write("all.yaml", all)
    let source = try await built("-f", "\(project.path)/all.yaml").bytes
    // The name of the archive shows that the contents are the same.
    let (name, web) = try await built(
      "-f", "\(project.path)/gen.yaml", "--compressor", compressor)
    let repository = Self.artifact("GitRepository", "monorepo", source, path: "source")
    let record = ObservedSource.digest(of: [
      ObservedSource(
        alias: "repo", node: ObjectID(.gitRepository, namespace: "apps", name: "monorepo"),
        artifact: try #require(SourceArtifact(of: repository)))
    ])
    var generator = try Self.value(BuildProject.one)
    generator = try #require(
      generator.setting(
        "status", "observedSourcesDigest", to: .string(observed ?? record)))
    generator = try #require(
      generator.setting("status", "inventory", to: [["name": "web", "namespace": "apps"]]))
    let reference: Value = [
      "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
      "name": "gen",
    ]
    let artifact = try #require(
      Self.artifact(
        "ExternalArtifact", "web", published ?? web, path: name,
        changes: ["revision": .string(revision ?? "latest@\(Digester.digest(published ?? web))")]
      ).setting("spec", "sourceRef", to: reference))
    return try await run(
      ["verify", "gen"], [generator, repository, artifact],
      files: ["/source": source, "/\(name)": served ?? published ?? web])
  }

  @Test func `what is as the generator makes it passes`() async throws {
    let outcome = try await verifyGenerator()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(results(outcome) == ["sources passed", "artifact passed", "content passed"])
    #expect(outcome.output.hasPrefix("ArtifactGenerator apps/gen\n"))
  }

  @Test func `what was tampered with fails, in the object and where it is served`() async throws {
    let other = Array("something else".utf8)
    let object = try await verifyGenerator(published: other)
    #expect(object.status == 1)
    #expect(results(object) == ["sources passed", "artifact failed", "content passed"])
    #expect(object.output.contains("web differs: published "))
    #expect(object.output.contains("tampered with, or published by something else"))
    let server = try await verifyGenerator(served: other)
    #expect(server.status == 1)
    #expect(results(server) == ["sources passed", "artifact passed", "content failed"])
  }

  @Test func `a revision that somebody else has set fails`() async throws {
    let outcome = try await verifyGenerator(revision: "v1@sha256:ab")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("web has another revision: published v1@sha256:ab"))
  }

  @Test func `a source that has moved on is said and not counted`() async throws {
    let outcome = try await verifyGenerator(
      observed: "sha256:before", published: Array("before".utf8))
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(results(outcome) == ["sources info", "artifact info", "content passed"])
  }

  @Test func `another compressor is found out`() async throws {
    let outcome = try await verifyGenerator(compressor: "go1.27")
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  // MARK: - Refusals

  @Test(arguments: [
    (["verify"], "resource name required: use ag/NAME or ea/NAME"),
    (["verify", "git/x"], "cannot verify a GitRepository"),
    (["verify", "ea/none"], "\"none\" not found"),
    (["verify", "ag/none"], "\"none\" not found"),
    (["pack", "--revision", "v1"], "exactly one directory is required"),
    (["pack", "."], "--revision is required"),
    (["pack", ".", "--revision", "a@b"], "must not contain @ or blanks"),
    (
      ["pack", "/nowhere/x", "--revision", "a"], "cannot read /nowhere/x: no such file or directory"
    ),
    (
      ["pack", ".", "--revision", "a", "--url", "ftp://x"],
      "must be http://HOST[/PATH] or https://HOST[/PATH]"
    ),
    (
      ["pack", ".", "--revision", "a", "--url", "http://u:secret@x"],
      "without a user name, query or fragment"
    ),
    (
      ["pack", ".", "--revision", "a", "--digest-algo", "blake3"],
      "unsupported --digest-algo"
    ),
    (["pack", ".", "--revision", "a", "--compressor", "zip"], "invalid --compressor"),
  ])
  func `what cannot be done is said`(_ arguments: [String], _ message: String) async throws {
    let outcome = try await run(arguments)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func `an archive is not written into what is packed`() async throws {
    let folder = try TemporaryDirectory()
    try folder.write("dist/app.yaml", "a: 1\n")
    let outcome = try await run([
      "pack", "\(folder.path)/dist", "--revision", "v1", "--archive",
      "\(folder.path)/dist/app.tar.gz",
    ])
    #expect(outcome.errors.contains("would be packed next time"))
    #expect(folder.files == ["dist/app.yaml"])
  }
}

extension Value {
  /// The same with another value two names down.
  fileprivate func setting(_ first: String, _ second: String, to value: Value) -> Value? {
    guard var whole = object else { return nil }
    var part = whole[first]?.object ?? [:]
    part[second] = value
    whole[first] = .object(part)
    return .object(whole)
  }
}
