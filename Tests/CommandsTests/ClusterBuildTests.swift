import Commands
import Content
import Document
import KubeAPI
import TestSupport
import Testing

/// `build` of generators, source objects and sources of a cluster, and what it does without one.
@Suite struct ClusterBuildTests {
  /// A generator and its source, on disk and in a cluster alike.
  private struct Setting {
    let project: BuildProject
    let source: [UInt8]

    init() async throws {
      project = try BuildProject()
      let all = BuildProject.manifest(("name: web", "name: all"), ("@repo/web/**", "@repo/**"))
      try project.directory.write("all.yaml", all)
      let built = await invoke(
        ArtifactGen.self,
        [
          "build", "-f", "\(project.path)/all.yaml", "--source", "repo=\(project.path)/src",
          "--output-dir", "\(project.path)/built",
        ])
      #expect(built.status == 0, "\(built.errors)")
      let file = try #require(project.directory.files.first { $0.hasSuffix(".tar.gz") })
      source = try readFile("\(project.path)/\(file)")
    }

    func generator(_ changes: (String, String)...) throws -> Value {
      let text = changes.reduce(BuildProject.one) { $0.replacing($1.0, with: $1.1) }
      return try #require(try YAML.parseDocument(Array(text.utf8)))
    }

    private func published(
      _ kind: String, _ name: String, _ more: [(String, Value)] = []
    ) -> Value {
      var object: Object = [
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": .string(kind),
        "metadata": ["name": .string(name), "namespace": "apps"],
        "status": [
          "artifact": [
            "url": "http://server.flux-system.svc/source.tar.gz",
            "revision": "main@sha1:0123456789012345678901234567890123456789",
            "digest": .string("\(Digester.digest(source))"), "size": .integer(Int64(source.count)),
          ]
        ],
      ]
      for (key, value) in more { object[key] = value }
      return .object(object)
    }

    func cluster(_ generator: Value? = nil) throws -> FakeContentCluster {
      let reference: Value = [
        "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
        "name": "gen",
      ]
      return FakeContentCluster(
        FakeCluster([
          try generator ?? self.generator(), published("GitRepository", "monorepo"),
          published("ExternalArtifact", "web", [("spec", ["sourceRef": reference])]),
          published(
            "ExternalArtifact", "alien",
            [("spec", ["sourceRef": ["kind": "Release", "name": "r"]])]),
        ]), files: ["/source.tar.gz": source])
    }
  }

  private func run(
    _ cluster: FakeContentCluster?, tool: any Tool.Type = ArtifactGen.self, _ arguments: [String]
  ) async -> Outcome {
    var test = TestSurroundings(environment: ["CI": "yes"], contextNamespace: "apps")
    test.cluster = cluster
    return await invoke(tool, ["build"] + arguments, in: test)
  }

  private func names(_ outcome: Outcome) throws -> [String] {
    let document = try #require(try YAML.parseDocument(Array(outcome.output.utf8)))
    return (document["items"]?.array ?? []).map {
      "\($0["name"]?.string ?? "") \($0["revision"]?.string ?? "")"
    }
  }

  @Test func `a generator of the cluster is built as the same one on disk`() async throws {
    let setting = try await Setting()
    let path = setting.project.path
    let local = await run(
      nil, ["-f", "\(path)/gen.yaml", "--source", "repo=\(path)/src", "-o", "json"])
    let expected = try names(local)
    #expect(expected.first?.hasPrefix("web latest@sha256:") == true)
    let ways: [(any Tool.Type, [String])] = [
      (ArtifactGen.self, ["gen"]), (ArtifactGen.self, ["ag/gen"]), (ArtifactGen.self, ["ea/web"]),
      (ExternalArtifactTool.self, ["web", "-n", "apps"]),
      (ArtifactGen.self, ["-f", "\(path)/gen.yaml", "--from-cluster"]),
      (ArtifactGen.self, ["gen", "-f", "\(path)/gen.yaml", "--from-cluster"]),
    ]
    for (tool, arguments) in ways {
      let cluster = try setting.cluster()
      let outcome = await run(cluster, tool: tool, arguments + ["-o", "json"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try names(outcome) == expected)
      #expect(cluster.asked == ["proxy flux-system/http:server:80 /source.tar.gz"])
    }
  }

  @Test func `what is given is not fetched`() async throws {
    let setting = try await Setting()
    let cluster = try setting.cluster()
    let path = setting.project.path
    let outcome = await run(cluster, ["gen", "--source", "repo=\(path)/src"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(cluster.asked == [])
  }

  @Test func `the revision of a source is that of the cluster`() async throws {
    let setting = try await Setting()
    let cluster = try setting.cluster(
      setting.generator(("- name: web", "- name: web\n      revision: \"@repo\"")))
    let outcome = await run(cluster, ["gen", "-o", "json"])
    #expect(
      try names(outcome) == ["web main@sha1:0123456789012345678901234567890123456789"],
      "\(outcome.errors)")
  }

  @Test func `without from-cluster no file leads to a cluster`() async throws {
    let setting = try await Setting()
    let path = setting.project.path
    for arguments in [["gen"], []] {
      let outcome = await run(nil, arguments + ["-f", "\(path)/gen.yaml"])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("is not mapped: add --source repo=PATH"))
      #expect(outcome.connections.isEmpty)
    }
  }

  @Test(arguments: [
    ([], "no generator specified: name one in the cluster, or use -f FILE"),
    (["git/monorepo"], "a GitRepository cannot be built"),
    (["ag"], "resource name required: use ag/NAME"),
    (["none"], "\"none\" not found"),
    (
      ["ea/alien"],
      "no ArtifactGenerator publishes ExternalArtifact apps/alien: Release apps/r does"
    ),
    (["gen", "--from-cluster", "--snapshot", "."], "are mutually exclusive"),
    (["none", "-f", "gen.yaml"], "ArtifactGenerator none not found in the files"),
    (
      ["ea/none", "-f", "gen.yaml"], "no generator in the files publishes an ExternalArtifact none"
    ),
  ])
  func `what is not built is said`(_ arguments: [String], _ message: String) async throws {
    let setting = try await Setting()
    let cluster = try setting.cluster()
    let outcome = await run(
      cluster,
      arguments.map { $0 == "gen.yaml" ? "\(setting.project.path)/gen.yaml" : $0 })
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(cluster.asked == [])
  }

  @Test func `a source that cannot be fetched ends the build, with its reason`() async throws {
    let setting = try await Setting()
    let cluster = FakeContentCluster(
      FakeCluster([try setting.generator()]), files: [:])
    let outcome = await run(cluster, ["gen"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("\"monorepo\" not found"))
  }

  @Test func `of several only those that are named are shown, and what feeds them is built`()
    async throws
  {
    let setting = try await Setting()
    let path = setting.project.path
    let consumer = BuildProject.manifest(
      ("name: gen", "name: consumer"),
      ("kind: GitRepository, name: monorepo", "kind: ExternalArtifact, name: web"),
      ("name: web\n      copy", "name: copy\n      copy"), ("@repo/web/**", "@repo/**"))
    try setting.project.directory.write("all/consumer.yaml", consumer)
    try setting.project.directory.write("all/gen.yaml", BuildProject.one)
    try setting.project.directory.write(
      "all/other.yaml",
      BuildProject.manifest(
        ("name: gen", "name: other"), ("alias: repo", "alias: nowhere"), ("name: web", "name: rest")
      ))
    let outcome = await run(
      nil,
      [
        "consumer", "-f", "\(path)/all", "--source", "GitRepository/monorepo=\(path)/src", "-o",
        "json", "--output-dir", "\(path)/out",
      ])
    #expect(try names(outcome).map { $0.prefix(5) } == ["copy "], "\(outcome.errors)")
    #expect(
      setting.project.directory.files.filter { $0.hasPrefix("out/") }.map { $0.prefix(14) } == [
        "out/apps/copy/"
      ])
  }
}
