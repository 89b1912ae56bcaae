import Commands
import Content
import Document
import KubeAPI
import Objects
import TestSupport
import Testing
import Text

/// `diff` of what a cluster has: artifacts, generators and snapshots.
@Suite struct DiffSubjectTests {
  /// A repository, its artifacts as archives, and the objects of a cluster that publishes them.
  private struct Setting {
    let project: BuildProject
    let archives: [String: [UInt8]]

    init() async throws {
      project = try BuildProject()
      for (name, replicas) in [("one", "1"), ("two", "2"), ("same", "1")] {
        try project.directory.write(
          "trees/\(name)/deploy.yaml",
          "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: \(replicas)}\n"
        )
      }
      var archives: [String: [UInt8]] = [:]
      for name in ["one", "two", "same"] {
        let file = "\(project.path)/\(name).tar.gz"
        let packed = await invoke(
          ArtifactGen.self,
          ["pack", "\(project.path)/trees/\(name)", "--revision", "v1", "--archive", file],
          in: TestSurroundings(now: Timestamp(seconds: 0)))
        #expect(packed.status == 0, "\(packed.errors)")
        archives[name] = try readFile(file)
      }
      self.archives = archives
    }

    func artifact(_ name: String, kind: String = "ExternalArtifact") throws -> Value {
      let bytes = try #require(archives[name])
      let digest = "\(Digester.digest(bytes))"
      return [
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": .string(kind),
        "metadata": ["name": .string(name), "namespace": "apps"],
        "spec": [
          "sourceRef": [
            "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
            "name": "gen",
          ]
        ],
        "status": [
          "artifact": [
            "url": .string("http://server.flux-system.svc/\(name).tar.gz"),
            "revision": .string("latest@\(digest)"), "digest": .string(digest),
            "size": .integer(Int64(bytes.count)),
          ]
        ],
      ]
    }

    func cluster(_ more: [Value] = []) throws -> FakeContentCluster {
      FakeContentCluster(
        FakeCluster(try ["one", "two", "same"].map { try artifact($0) } + more),
        files: Dictionary(
          uniqueKeysWithValues: archives.map { ("/\($0.key).tar.gz", $0.value) }))
    }
  }

  private func diff(
    _ cluster: FakeContentCluster?, _ arguments: [String], environment: [String: String] = [:]
  ) async -> Outcome {
    var test = TestSurroundings(
      environment: environment.merging(["CI": "yes"]) { $1 }, contextNamespace: "apps")
    test.cluster = cluster
    return await invoke(ArtifactGen.self, ["diff"] + arguments, in: test)
  }

  @Test func `of what a cluster publishes, only what changes is fetched`() async throws {
    let setting = try await Setting()
    let artifacts = ["one", "two", "same"].map {
      "  - {name: \($0), copy: [{from: \"@repo/\($0)/**\", to: \"@artifact/\"}]}\n"
    }
    try setting.project.directory.write(
      "gen.yaml",
      """
      apiVersion: source.extensions.fluxcd.io/v1beta1
      kind: ArtifactGenerator
      metadata: {name: gen, namespace: apps}
      spec:
        sources: [{alias: repo, kind: GitRepository, name: repo}]
        artifacts:
      \(artifacts.joined())
      """)
    try setting.project.directory.write("trees/two/new.yaml", "a: 1\n")
    let cluster = try setting.cluster()
    let outcome = await diff(
      cluster,
      [
        "-f", "\(setting.project.path)/gen.yaml", "--source",
        "repo=dir:\(setting.project.path)/trees", "--files",
      ])
    #expect(outcome.status == 1, "\(outcome.errors)")
    #expect(outcome.output.contains("+ new.yaml"))
    #expect(cluster.asked == ["proxy flux-system/http:server:80 /two.tar.gz"])
  }

  @Test(arguments: [[], ["--base", "HEAD", "--from-cluster"]])
  func `a source that both sides render is fetched once`(_ base: [String]) async throws {
    let setting = try await Setting()
    let project = try GitProject()
    func consumer(_ prefix: String) -> String {
      """
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: {name: direct, namespace: apps}
      spec: {prune: true, namePrefix: \(prefix), sourceRef: {kind: GitRepository, name: one}}

      """
    }
    try project.write("apps/app/x.yaml", Fleet.service("x"))
    try project.write("flux/generator.yaml", GitProject.generator("gen", of: ["app"]))
    try project.write("flux/direct.yaml", consumer("old-"))
    try project.commit()
    try project.write("flux/direct.yaml", consumer("new-"))
    let cluster = try setting.cluster([
      try setting.artifact("one", kind: "GitRepository"),
      try YAML.parse(Array(consumer("old-").utf8))[0],
    ])
    // Nothing runs on what was fetched.
    let outcome = await diff(
      cluster,
      ["-f", "\(project.path)/flux", "--source", "repo=\(project.path)", "--rendered"] + base,
      environment: project.environment.merging(["KUBECTL_PATH": "/bin/false"]) { $1 })
    #expect(outcome.output.contains("kubectl failed"), "\(outcome)")
    #expect(cluster.asked == ["proxy flux-system/http:server:80 /one.tar.gz"])
  }

  @Test func `two artifacts are compared by digest first, and then by content`() async throws {
    let setting = try await Setting()
    let cluster = try setting.cluster()
    let same = await diff(cluster, ["ea/one", "ea/same", "--objects"])
    #expect(same.status == 0, "\(same.errors)")
    #expect(cluster.asked == [])
    let digests = await diff(cluster, ["ea/one", "ea/two"])
    #expect(digests.status == 1)
    #expect(cluster.asked == [])
    let outcome = await diff(cluster, ["ea", "one", "two", "--objects"])
    #expect(outcome.status == 1, "\(outcome.errors)")
    #expect(outcome.output.contains("spec.replicas: 1 → 2"))
    #expect(outcome.errors.contains("base: ExternalArtifact apps/one"))
    #expect(
      cluster.asked == ["one", "two"].map { "proxy flux-system/http:server:80 /\($0).tar.gz" })
    let missing = await diff(cluster, ["ea/one", "ea/none"])
    #expect(missing.status == 2)
    #expect(missing.errors.contains("none"))
  }

  @Test func `a generator is compared with what its current sources give`() async throws {
    let setting = try await Setting()
    let generator: Value = [
      "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
      "metadata": ["name": "gen", "namespace": "apps"],
      "spec": [
        "sources": [["alias": "repo", "kind": "Bucket", "name": "two"]],
        "artifacts": [
          ["name": "one", "copy": [["from": "@repo/**", "to": "@artifact/"]]],
          ["name": "two", "copy": [["from": "@repo/**", "to": "@artifact/"]]],
        ],
      ],
    ]
    let cluster = try setting.cluster([
      generator, try setting.artifact("two", kind: "Bucket"),
    ])
    for words in [["ag/gen"], ["gen"], ["ea/one"]] {
      let outcome = await diff(cluster, words + ["-o", "json", "--objects"])
      #expect(outcome.status == 1, "\(outcome.errors)")
      let report = try JSON.parse(Array(outcome.output.utf8))
      let items = try #require(report["items"]?.array)
      #expect(items.compactMap { $0["name"]?.string } == ["one", "two", "same"])
      #expect(items.compactMap { $0["change"]?.string } == ["changed", "unchanged", "deleted"])
      let field = items.first?["objects"]?.array?.first?["fields"]?.array?.first
      #expect(field?["old"] == 1)
      #expect(field?["new"] == 2)
    }
    // What is the same by its digest is only read as the source that it is.
    let asked = Set(cluster.asked)
    #expect(asked.count == 3, "\(asked)")
  }

  @Test func `two snapshots are compared without any content`() async throws {
    let setting = try await Setting()
    let old = try setting.project.directory.write(
      "old.yaml",
      YAML.write(Value.list(of: [try setting.artifact("one"), try setting.artifact("same")])))
    var changed = try #require(try setting.artifact("two").object)
    changed["metadata"] = ["name": "one", "namespace": "apps"]
    let user: Value = [
      "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
      "metadata": ["name": "k", "namespace": "apps"],
      "spec": ["sourceRef": ["kind": "ExternalArtifact", "name": "one"]],
    ]
    let new = try setting.project.directory.write(
      "new.yaml", YAML.write(Value.list(of: [.object(changed), try setting.artifact("two"), user])))
    let outcome = await diff(nil, ["--snapshot", new, "--base", "snapshot:\(old)", "-o", "json"])
    #expect(outcome.status == 1, "\(outcome.errors)")
    let report = try JSON.parse(Array(outcome.output.utf8))
    #expect(
      report["items"]?.array?.map { "\($0["name"]?.string ?? "") \($0["change"]?.string ?? "")" }
        == ["one changed", "same deleted", "two new"])
    #expect(report["impact"]?.array?.first?["subject"]?["name"] == "k")
    #expect(await diff(nil, ["--snapshot", new, "--base", "snapshot:\(new)"]).status == 0)
  }

  @Test(arguments: [
    ["ag/gen", "-f", "x.yaml"], ["ag/gen", "--base", "HEAD"], ["ks/gen"], ["ag"], [],
    ["ag/gen", "--merge-base", "main"], ["--base", "HEAD"],
  ])
  func `what does not go together is said`(_ arguments: [String]) async throws {
    let setting = try await Setting()
    let outcome = await diff(try setting.cluster(), arguments)
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
  }
}
