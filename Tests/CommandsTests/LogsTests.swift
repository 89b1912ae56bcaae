import Commands
import Document
import KubeAPI
import TestSupport
import Testing
import Text

@Suite struct LogsTests {
  private static let objects = """
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    metadata: {name: podinfo, namespace: apps, labels: {sharding.fluxcd.io/key: blue}}
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: ExternalArtifact
    metadata: {name: podinfo-out, namespace: apps}
    spec: {sourceRef: {apiVersion: source.extensions.fluxcd.io/v1beta1, kind: ArtifactGenerator, name: podinfo}}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: source-watcher, namespace: flux-system, labels: {app.kubernetes.io/part-of: flux}}
    spec:
      selector: {matchLabels: {app: source-watcher}}
      template: {spec: {containers: [{name: manager, args: ["--watch-label-selector=!sharding.fluxcd.io/key"]}]}}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: source-watcher-blue, namespace: flux-system, labels: {app.kubernetes.io/part-of: flux}}
    spec:
      selector: {matchLabels: {app: source-watcher-blue}}
      template: {spec: {containers: [{name: manager, args: ["--watch-label-selector=sharding.fluxcd.io/key in (blue)"]}]}}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: main-0, namespace: flux-system, labels: {app: source-watcher}}
    spec: {containers: [{name: manager}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: blue-0, namespace: flux-system, labels: {app: source-watcher-blue}}
    spec: {containers: [{name: proxy}, {name: manager}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: blue-1, namespace: flux-system, labels: {app: source-watcher-blue}}
    spec: {containers: [{name: manager}]}
    """

  private static let about = """
    {"level":"info","ts":"2026-11-21T01:00:02.000Z","msg":"building","controllerKind":"ArtifactGenerator",\
    "ArtifactGenerator":{"name":"podinfo","namespace":"apps"},"namespace":"apps","name":"podinfo"}
    {"level":"info","ts":"2026-11-21T01:00:02.500Z","msg":"other","controllerKind":"ArtifactGenerator",\
    "namespace":"other","name":"podinfo"}
    {"level":"info","ts":"2026-11-21T01:00:02.600Z","msg":"other kind","controllerKind":"Kustomization",\
    "namespace":"apps","name":"podinfo"}
    I1121 01:00:02 leader election "podinfo"
    """
  private static let earlier = """
    2026-11-21T01:00:01.000Z\tERROR\tbuild failed\t{"controllerKind": "ArtifactGenerator", "namespace": "apps", \
    "name": "podinfo", "error": "no files match\\u001b[31m"}
    """

  private static func run(
    _ line: String, refused: [String: any Error] = [:]
  ) async throws -> Outcome {
    var traits = FakeCluster.Traits()
    traits.refused = refused
    traits.logs = ["blue-0": about, "blue-1": earlier, "main-0": about]
    let cluster = FakeCluster(try YAML.parse(Array(objects.utf8)), can: .server, traits)
    return await invoke(
      ArtifactGen.self, line.split(separator: " ").map(String.init),
      in: TestSurroundings(cluster: cluster, contextNamespace: "apps"))
  }

  @Test func `lines of every controller that serves the object, in the order of their times`()
    async throws
  {
    let outcome = try await Self.run("logs ag/podinfo")
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        2026-11-21T01:00:01.000Z error blue-1 build failed no files match^[[31m
        2026-11-21T01:00:02.000Z info blue-0 building

        """)
  }

  @Test func `an artifact stands for its generator`() async throws {
    let outcome = try await Self.run("logs ea/podinfo-out --tail 1 -o json")
    #expect(outcome.errors.contains("showing the lines of the publisher"))
    let document = try JSON.parse(Array(outcome.output.utf8))
    #expect(document["kind"] == "LogList")
    #expect(document["items"]?.array?.count == 1)
    #expect(document["items"]?[0]?["message"] == "building")
    #expect(document["items"]?[0]?["line", "controllerKind"] == "ArtifactGenerator")
  }

  private static let forbidden = APIError(
    Status(code: 403, reason: "Forbidden", message: "no"))

  @Test(arguments: [
    ("log flux-system/blue-0 manager 600", "get pods/log in namespace flux-system"),
    ("list pods flux-system -l app=source-watcher-blue", "list pods in namespace flux-system"),
  ])
  func `a right that is missing is named`(request: String, right: String) async throws {
    let outcome = try await Self.run(
      "logs ag/podinfo --since=10m", refused: [request: Self.forbidden])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("no permission to \(right)"))
    #expect(outcome.errors.contains("get pods/log"))
  }

  @Test(arguments: [
    ("logs", "resource name required"), ("logs ag", "resource name required"),
    ("logs ag/podinfo --since=soon", "invalid --since soon"),
    ("logs ag/podinfo --tail=-1", "--tail must not be negative"),
    ("logs ag/nope", "not found"),
  ])
  func `what makes no sense is refused`(line: String, says: String) async throws {
    let outcome = try await Self.run(line)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(says))
  }
}
