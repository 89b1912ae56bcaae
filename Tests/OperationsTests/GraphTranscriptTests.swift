import Commands
import Document
import FluxModel
import TestSupport
import Testing
import Text

/// `tree` and `trace` on a snapshot of the test cluster, in both tools; there is no cluster.
@Suite struct GraphTranscriptTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let arguments: String

    init(_ name: String, _ arguments: String) {
      self.name = name
      self.arguments = arguments
    }

    var testDescription: String { name }
  }

  private static let objects = "cluster/objects"
  private static let traps = "cluster/traps"

  static let cases = [
    Case("tree-generator", "tree ag/podinfo -n apps"),
    Case("tree-default-kind", "tree podinfo -n apps"),
    Case("tree-up", "tree ks/podinfo-frontend -n apps --up"),
    Case("tree-depth", "tree git/monorepo -n apps --depth 2"),
    Case("tree-wide", "tree git/monorepo -n apps --depth 2 -o wide"),
    Case("trace-wide", "trace deploy/podinfo -n apps -o wide"),
    Case("events-all", "events all -n apps"),
    Case("tree-instance", "tree instance/flux -n flux-system"),
    Case("tree-source", "tree git flux-system -n flux-system"),
    Case("tree-namespace", "tree --all -n apps"),
    Case("tree-cluster", "tree --all -A --depth 3"),
    Case("tree-whole-digests", "tree ea/podinfo -n apps --no-truncate"),
    Case("tree-colour", "tree ag/build-failed -n apps --color always"),
    Case("tree-json", "tree ag/tenant-app -n tenant-a -o json"),
    Case("tree-yaml", "tree ag/tenant-app -n tenant-a -o yaml"),
    Case("tree-dot", "tree ag/podinfo -n apps -o dot"),
    Case("tree-mermaid", "tree ag/podinfo -n apps -o mermaid"),
    Case("tree-missing", "tree ag/nope -n apps"),
    Case("tree-other-kind", "tree mono-api -n apps"),
    Case("tree-elsewhere", "tree ag/podinfo -n tenant-a"),
    Case("tree-deployment", "tree deploy/frontend -n apps --up"),
    Case("tree-deployment-down", "tree deploy frontend -n apps -o json"),
    Case("tree-deployment-everywhere", "tree deploy/frontend -A --up --depth 1"),
    Case("tree-deployment-missing", "tree deploy/nope -n apps"),
    Case("tree-applied-unread", "tree role.v1.rbac.authorization.k8s.io/gone -n apps --up"),
    Case("tree-unknown-kind", "tree widget/blue -n apps"),
    Case("tree-no-object", "tree"),
    Case("tree-two", "tree ag/podinfo ag/chained -n apps"),
    Case("tree-bad-format", "tree --all -o nope"),
    Case("trace-deployment", "trace deployment/frontend -n apps"),
    Case("trace-kind-name", "trace deploy podinfo mono-api -n apps"),
    Case("trace-json", "trace deploy/frontend -n apps -o json"),
    Case("trace-yaml", "trace ea/thirdparty -n apps -o yaml"),
    Case("trace-chained", "trace hr/chained -n apps"),
    Case("trace-classic-chart", "trace hr/classic -n apps"),
    Case("trace-instance", "trace deploy/source-watcher -n flux-system"),
    Case("trace-cluster-scoped", "trace clusterrole/tenant-a-reader -n tenant-a"),
    Case("trace-colon", "trace role/system:reader -n tenant-a"),
    Case("trace-source", "trace git/podinfo-values -n apps"),
    Case("trace-artifact", "trace ea/mono-api -n apps"),
    Case("trace-dangling", "trace ks/ghost -n apps"),
    Case("trace-missing", "trace deploy/nope deploy/frontend -n apps -o json"),
    Case("trace-unknown-kind", "trace widget/blue -n apps"),
    Case("trace-nothing", "trace"),
    Case("trace-only-a-kind", "trace deploy"),
  ]

  static let trapCases = [
    Case("traps-tree", "tree --all -n traps"),
    Case("traps-tree-dot", "tree --all -n traps -o dot"),
    Case("traps-tree-mermaid", "tree --all -n traps -o mermaid"),
    Case("traps-frozen", "trace ea/frozen-a -n traps"),
    Case("traps-idle", "trace ea/idle -n traps"),
    Case("traps-stuck", "trace ea/stuck -n traps"),
    Case("traps-paused", "trace ea/paused -n traps"),
    Case("traps-bought", "trace ks/bought -n traps"),
    Case("traps-no-source", "trace ag/no-source -n traps"),
    Case("traps-ring", "trace ea/ring-one -n traps"),
    Case("traps-owners", "trace cm/web-leaf cm/web-node -n traps"),
    Case("traps-not-managed", "trace cm/nobody -n traps"),
    Case("traps-lost-owner", "trace cm/lost -n traps"),
    Case("traps-disowned", "trace cm/disowned cm/both -n traps"),
    Case("traps-resource-set", "trace cm/rs-b -n traps"),
    Case("traps-tree-owners", "tree cm/web-leaf -n traps --up"),
    Case("traps-tree-nobody", "tree cm/nobody -n traps --up"),
    Case("traps-self", "trace git/self ks/self -n traps"),
  ]

  @Test(arguments: cases)
  func `both tools print what was looked at`(_ item: Case) async {
    await check(item, Self.objects)
  }

  @Test(arguments: trapCases)
  func `both tools print what was looked at of traps`(_ item: Case) async {
    await check(item, Self.traps)
  }

  private func check(_ item: Case, _ fixture: String) async {
    await Golden.expect(ofBothTools: "graph/\(item.name)") { tool in
      let outcome = await run(item.arguments, tool, fixture)
      // Connecting would have failed the test; this says that nothing tried.
      #expect(outcome.connections.isEmpty)
      return "$ \(tool.invocation) \(item.arguments)\n--- output\n\(outcome.output)--- errors\n"
        + "\(outcome.errors)--- status \(outcome.status)\n"
    }
  }

  private func run<T: Tool>(_ arguments: String, _ tool: T.Type, _ fixture: String) async -> Outcome
  {
    await invoke(
      tool,
      arguments.split(separator: " ").map(String.init) + ["--snapshot", Fixtures.path(fixture)],
      in: TestSurroundings(now: Timestamp(seconds: 1_795_226_400)))
  }

  @Test func `each golden file belongs to a case`() {
    Golden.expectNoneUnused(in: "graph", cases: (Self.cases + Self.trapCases).map(\.name))
  }

  /// A node in a diagram has a line of its own, and an edge leads between two of those.
  @Test(arguments: ["cluster/objects", "cluster/traps"])
  func `mermaid is well formed`(fixture: String) async throws {
    let outcome = await run("tree --all -A -o mermaid", ArtifactGen.self, fixture)
    var lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.removeFirst() == "flowchart LR")
    let node = #/^  n(\d+)\["[^"]*"\](:::(good|bad|waiting))?$/#
    let edge = #/^  n(\d+) -->(\|"[^"]*"\|)? n(\d+)$/#
    let style = #/^  classDef [a-z]+ [a-z0-9:#,-]+$/#
    var nodes: Set<Substring> = []
    for line in lines {
      if let found = line.firstMatch(of: node) {
        nodes.insert(found.1)
      } else if let found = line.firstMatch(of: edge) {
        #expect(nodes.contains(found.1) && nodes.contains(found.3), "\(line)")
      } else {
        #expect(line.firstMatch(of: style) != nil, "\(line)")
      }
    }
    #expect(nodes.count > 20)
  }

  /// The age is that of the moment at which the snapshot was taken.
  @Test func `ages count from the stamp`() async throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(
      "s.yaml",
      """
      apiVersion: v1
      kind: List
      metadata: {annotations: {artifactgen/capturedAt: "2026-11-20T11:15:30Z"}}
      items:
      - apiVersion: source.toolkit.fluxcd.io/v1
        kind: GitRepository
        metadata: {name: r, namespace: apps}
        status:
          artifact: {revision: "main@sha1:1", lastUpdateTime: "2026-11-20T10:15:30Z"}
          conditions: [{type: Ready, status: "True"}]
      """)
    let outcome = await invoke(
      ArtifactGen.self, ["tree", "git/r", "-n", "apps", "--snapshot", path],
      in: TestSurroundings())
    #expect(outcome.output == "GitRepository/apps/r ✔ Ready main@sha1:1 for 60m\n")
    #expect(outcome.status == 0)
  }

  /// `tree` from a snapshot on standard input.
  @Test func `dash is standard input`() async throws {
    let outcome = await invoke(
      ExternalArtifactTool.self, ["tree", "a", "--snapshot", "-"],
      in: TestSurroundings(
        now: Timestamp(seconds: 0),
        input: "apiVersion: source.toolkit.fluxcd.io/v1\nkind: ExternalArtifact\n"
          + "metadata: {name: a, namespace: flux-system}\n"))
    #expect(outcome.output.hasPrefix("ExternalArtifact/flux-system/a"))
  }
}
