import Commands
import Document
import KubeAPI
import Objects
import Operations
import TestSupport
import Testing

/// What TAB offers of a cluster's own names.
@Suite struct LiveCompletionTests {
  private func complete(
    _ words: String..., cluster: (any Cluster)? = nil
  ) async throws -> [String] {
    let outcome = await invoke(
      ArtifactGen.self, ["__completeNoDesc"] + words,
      in: TestSurroundings(
        cluster: try cluster ?? SeeFixture.cluster(), contextNamespace: "tenant-a"))
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.last == ":4")
    return lines.dropLast()
  }

  @Test func `names of the default kind beside kinds`() async throws {
    #expect(
      try await complete("get", "-n", "apps", "pod")
        == ["pod", "podtemplate", "poddisruptionbudget", "podinfo"])
    #expect(try await complete("get", "ten") == ["tenant-app"])
    #expect(try await complete("get", "-napps", "ch") == ["chart", "chained"])
  }

  @Test func `names behind a kind`() async throws {
    #expect(
      try await complete("get", "ea", "-n", "apps", "mono") == [
        "mono-api", "mono-web", "mono-worker",
      ])
    #expect(
      try await complete("get", "ea", "mono-api", "-n", "apps", "mono") == [
        "mono-web", "mono-worker",
      ])
    #expect(try await complete("get", "ag,ea", "-n", "apps", "podinfo-") == ["podinfo-frontend"])
  }

  @Test func `names of other kinds`() async throws {
    #expect(try await complete("get", "deploy", "-n", "apps", "front") == ["frontend"])
    #expect(try await complete("get", "deploy", "-n", "apps", "chai") == [])
    #expect(try await complete("trace", "-n", "apps", "deployment", "chai") == [])
    #expect(try await complete("trace", "-n", "apps", "deploy/front") == ["deploy/frontend"])
    #expect(try await complete("tree", "-n", "apps", "deploy/front") == ["deploy/frontend"])
    #expect(try await complete("events", "-n", "apps", "deploy", "front") == ["frontend"])
    #expect(try await complete("export", "-n", "apps", "hpa", "") == [])
    // By its plural, which nobody knows by heart, and of a kind that the cluster does not have.
    #expect(try await complete("trace", "-n", "apps", "builds", "nig") == [])
    // The name of a generator, and then another.
    #expect(try await complete("get", "-n", "apps", "chained", "pod") == ["podinfo"])
  }

  @Test func `export takes a word that stands alone`() async throws {
    #expect(try await complete("export", "pol") == ["policy"])
    #expect(try await complete("export", "ag,pol") == [])
    #expect(try await complete("get", "pol") == [])
  }

  @Test func `tree takes one object`() async throws {
    #expect(try await complete("tree", "ag", "-n", "apps", "pod") == ["podinfo"])
    #expect(try await complete("tree", "ag/podinfo", "-n", "apps", "") == [])
    #expect(try await complete("tree", "ag", "podinfo", "-n", "apps", "") == [])
    #expect(try await complete("tree", "podinfo", "-n", "apps", "") == [])
  }

  @Test func `names behind a slash`() async throws {
    #expect(
      try await complete("events", "-n", "apps", "ks/mono") == ["ks/mono-api", "ks/mono-web"])
    #expect(
      try await complete("get", "-n", "apps", "ea/mono-api", "ea/mono-w") == [
        "ea/mono-web", "ea/mono-worker",
      ])
    #expect(try await complete("get", "nosuch/mono") == [])
    #expect(try await complete("suspend", "-n", "apps", "deploy/front") == [])
  }

  @Test func `namespaces are those of the cluster`() async throws {
    #expect(try await complete("get", "-n", "ten") == ["tenant-a"])
    #expect(try await complete("get", "--namespace=fl") == ["flux-system"])
  }

  @Test func `contexts are those of the file`() async throws {
    let folder = try TemporaryDirectory()
    let file = try folder.write(
      "config",
      """
      contexts:
      - {name: prod-eu, context: {}}
      - {name: prod-us, context: {}}
      - {name: test, context: {}}

      """)
    #expect(
      try await complete("get", "--kubeconfig", file, "--context", "pro") == ["prod-eu", "prod-us"])
    #expect(try await complete("get", "--kubeconfig", "/nonexistent", "--context", "") == [])
  }

  @Test func `refusals are silent`() async throws {
    let guarded = try SeeFixture.guarded(allowed: [])
    #expect(try await complete("get", "ea", "", cluster: guarded) == [])
    #expect(try await complete("get", "-n", "", cluster: guarded) == [])
  }

  @Test func `a server that does not answer is not waited for`() async throws {
    var traits = FakeCluster.Traits()
    traits.silence = .forEver
    #expect(try await complete("get", "ea", "", cluster: FakeCluster([], traits)) == [])
  }
}
