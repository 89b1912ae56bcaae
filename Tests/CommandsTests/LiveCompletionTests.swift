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
    _ words: String..., cluster: (any Cluster)? = nil, directive: String = ":4"
  ) async throws -> [String] {
    let outcome = await invoke(
      ArtifactGen.self, ["__completeNoDesc"] + words,
      in: TestSurroundings(
        cluster: try cluster ?? SeeFixture.cluster(), contextNamespace: "tenant-a"))
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.last == directive)
    return lines.dropLast()
  }

  /// A blank follows what is complete, even where others go on.
  @Test func `a template goes on behind its equals sign`() async throws {
    let templates = ["jsonpath=", "jsonpath-as-json=", "jsonpath-file="]
    #expect(try await complete("get", "-o", "json") == ["json"] + templates)
    #expect(try await complete("get", "-o", "jsonp", directive: ":6") == templates)
  }

  @Test func `names of kinds that a command refuses are not offered`() async throws {
    #expect(try await complete("verify", "git/") == [])
    #expect(try await complete("verify", "-n", "apps", "ea/podinf").contains("ea/podinfo"))
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

  private static let generator = """
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    metadata: {name: app}
    spec:
      sources:
      - {alias: repo, kind: GitRepository, name: repo}
      - {alias: chart, kind: OCIRepository, name: chart}
      artifacts: []

    """

  /// Then come paths, which the shell offers.
  @Test func `sources are the aliases of the file`() async throws {
    let folder = try TemporaryDirectory()
    let file = try folder.write("generator.yaml", Self.generator)
    let all = ["repo=", "chart="]
    for flag in ["--source", "--revision", "--origin-revision"] {
      #expect(try await complete("build", "-f", file, flag, "", directive: ":2") == all)
    }
    #expect(try await complete("build", "-f", file, "--source=re", directive: ":2") == ["repo="])
    #expect(try await complete("diff", "-f", file, "--source", "ch", directive: ":2") == ["chart="])
    #expect(try await complete("build", "-f", file, "--source", "repo=", directive: ":0") == [])
    #expect(try await complete("build", "-f", "/nowhere", "--source", "", directive: ":0") == [])
    #expect(try await complete("build", "-f", "-", "--source", "", directive: ":0") == [])
  }

  @Test func `keys of labels`() async throws {
    let key = "kustomize.toolkit.fluxcd.io/name"
    #expect(
      try await complete("get", "deploy", "-n", "apps", "-l", key, directive: ":6") == [
        "\(key)=", "\(key)space=",
      ])
    #expect(
      try await complete("get", "deploy", "-A", "-l", "a!=b,\(key)s", directive: ":6") == [
        "a!=b,\(key)space="
      ])
    #expect(try await complete("get", "deploy", "-n", "apps", "-L", key) == [key, key + "space"])
    #expect(try await complete("get", "deploy", "-n", "apps", "-l", "\(key)=") == [])
  }

  @Test func `conditions and formats go on behind the equals sign`() async throws {
    let beginning = ["Ready=", "Reconciling=", "Remediated=", "Released="].sorted()
    #expect(
      try await complete("get", "--status-selector", "Re", directive: ":6").sorted() == beginning)
    #expect(try await complete("get", "--status-selector", "ready", directive: ":6") == ["ready="])
    #expect(
      try await complete("get", "--status-selector", "Ready=")
        == ["Ready=True", "Ready=False", "Ready=Unknown"])
    #expect(try await complete("get", "--status-selector", "ready!=f") == ["ready!=false"])
    #expect(try await complete("get", "-o", "jsonpath=", directive: ":6") == ["jsonpath="])
    #expect(
      try await complete("get", "-o", "custom", directive: ":6")
        == ["custom-columns=", "custom-columns-file="])
  }

  @Test func `wait completes conditions`() async throws {
    let goals = try await complete("wait", "--for=condition", directive: ":6")
    #expect(goals == ["condition="])
    #expect(
      try await complete("wait", "--for=condition=Re") == [
        "condition=Ready", "condition=Reconciling", "condition=Released", "condition=Remediated",
      ])
    #expect(try await complete("wait", "--for", "condition=avail") == ["condition=available"])
    #expect(
      try await complete("wait", "--for=condition=Ready=")
        == ["True", "False", "Unknown"].map { "condition=Ready=\($0)" })
  }

  @Test func `events --for takes a kind and a name`() async throws {
    let kinds = try await complete("events", "--for", "kus", directive: ":6")
    #expect(kinds == ["kustomization/"])
    #expect(
      try await complete("events", "-n", "apps", "--for=ks/mono") == ["ks/mono-api", "ks/mono-web"])
  }

  @Test func `trace --kind and --api-version`() async throws {
    #expect(try await complete("trace", "--kind", "Deploy") == ["Deployment"])
    #expect(try await complete("trace", "--kind=deploy") == ["deployment"])
    #expect(try await complete("trace", "--kind", "Job", "--api-version", "") == ["batch/v1"])
    #expect(try await complete("trace", "--api-version", "apps/") == ["apps/v1"])
    #expect(
      try await complete("trace", "-n", "apps", "--kind", "Deployment", "front") == ["frontend"])
  }

  @Test func `kinds in two words as flux has them`() async throws {
    #expect(
      try await complete("reconcile", "source", "")
        == ["bucket", "chart", "external", "git", "helm", "oci"])
    #expect(try await complete("get", "sources", "al") == ["all"])
    #expect(try await complete("get", "artifact", "gen") == ["generator"])
    #expect(try await complete("get", "artifacts", "gen") == ["generators"])
    #expect(
      try await complete("get", "-n", "apps", "artifacts", "mono-w") == ["mono-web", "mono-worker"])
    #expect(
      try await complete("tree", "-n", "apps", "source", "external", "mono-a") == ["mono-api"])
  }

  @Test func `any kind behind trace tree and events`() async throws {
    var traits = FakeCluster.Traits()
    traits.kinds = [
      ResourceType(
        group: "acme.com", version: "v1", kind: "Widget", plural: "widgets", singular: "widget")
    ]
    let cluster = FakeCluster([], can: [.server], traits)
    for verb in ["trace", "tree", "events"] {
      #expect(try await complete(verb, "wid", cluster: cluster) == ["widget"])
      let all = try await complete(verb, "", cluster: cluster)
      #expect(all.contains("deployment") && all.contains("kustomization"))
      #expect(Set(all).count == all.count)
    }
    #expect(try await complete("suspend", "wid", cluster: cluster) == [])
  }

  /// A kind has one name there: its own if that is what was begun.
  @Test func `kinds have one name`() async throws {
    let all = try await complete("get", "", cluster: FakeCluster([]))
    #expect(all.filter { $0.hasPrefix("artifactg") } == ["artifactgenerator"])
    #expect(!all.contains("ag") && !all.contains("generators"))
    #expect(try await complete("get", "ag", cluster: FakeCluster([])) == ["ag"])
    #expect(try await complete("get", "ks,gen", cluster: FakeCluster([])) == ["ks,generator"])
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
