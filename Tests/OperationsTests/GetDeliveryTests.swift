import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import TestSupport
import Testing

/// What `get` reads besides the objects that it is asked for.
@Suite struct GetDeliveryTests {
  private func run(
    _ kinds: [FluxKind], names: [String] = [], in namespace: String?, selector: String? = nil,
    freshness: Bool = true, tolerant: Bool = false, on cluster: any Cluster
  ) async -> GetDelivery.Result {
    await GetDelivery(
      judges: { _ in freshness }, toleratesRefusal: tolerant, in: namespace, home: "scale-0",
      options: ListOptions(labelSelector: selector)
    ).run(
      kinds.map { ObjectQuery($0.resource, names: names) }, on: cluster, now: TraceTests.now)
  }

  private func requests(
    _ kinds: [FluxKind], names: [String] = [], in namespace: String?, freshness: Bool = true,
    objects: [Value] = LargeCluster.objects(count: 50)
  ) async -> [String] {
    let cluster = FakeCluster(objects)
    _ = await run(kinds, names: names, in: namespace, freshness: freshness, on: cluster)
    return cluster.requests.sorted()
  }

  private static let artifacts = "externalartifacts.source.toolkit.fluxcd.io"
  private static let generators = "artifactgenerators.source.extensions.fluxcd.io"
  private static let repositories = "gitrepositories.source.toolkit.fluxcd.io"
  private static let consumers = "kustomizations.kustomize.toolkit.fluxcd.io"

  @Test func `generators alone are one request`() async {
    #expect(
      await requests([.artifactGenerator], in: nil, freshness: false) == [
        "list \(Self.generators) *"
      ])
  }

  @Test func `generators take their sources and artifacts`() async {
    #expect(
      await requests([.artifactGenerator], in: nil) == [
        "get \(Self.repositories) scale-0/repo", "list \(Self.generators) *",
        "list \(Self.artifacts) *",
      ])
  }

  /// However many there are: the generators stand where their artifacts do.
  @Test func `artifacts take their generators and those their sources`() async {
    #expect(
      await requests([.externalArtifact], in: "scale-3") == [
        "get \(Self.repositories) scale-0/repo", "list \(Self.generators) scale-3",
        "list \(Self.artifacts) scale-3",
      ])
  }

  @Test func `one artifact is three objects`() async {
    #expect(
      await requests([.externalArtifact], names: ["artifact-3"], in: "scale-3")
        == [
          "get \(Self.generators) scale-3/generator-3", "get \(Self.repositories) scale-0/repo",
          "get \(Self.artifacts) scale-3/artifact-3",
        ].sorted())
  }

  @Test func `consumers take their sources only`() async {
    #expect(
      await requests([.kustomization], in: "scale-3") == [
        "list \(Self.artifacts) scale-3", "list \(Self.consumers) scale-3",
      ])
  }

  /// What is listed anyway is not read twice.
  @Test func `everything is one list for each kind`() async {
    let lines = await requests(FluxKind.allCases, in: nil)
    #expect(lines == FluxKind.allCases.map { "list \($0.resource.groupResource) *" }.sorted())
  }

  @Test func `selected artifacts are not all there are`() async {
    let cluster = FakeCluster(LargeCluster.objects(count: 50))
    let result = await run(
      [.externalArtifact, .kustomization], in: "scale-3", selector: "team=none", on: cluster)
    #expect(result.found.groups.isEmpty)
    #expect(
      cluster.requests.sorted() == [
        "list \(Self.generators) scale-3", "list \(Self.artifacts) scale-3 -l team=none",
        "list \(Self.consumers) scale-3 -l team=none",
      ])
  }

  private static func refusal(_ verb: String) -> APIError {
    APIError(Status(code: 403, reason: "Forbidden", message: "jane cannot \(verb)"))
  }

  /// Sources in many namespaces: one list of all, or of each for whoever may not list all.
  @Test func `many sources are listed`() async {
    let objects = (0..<6).flatMap { number -> [Value] in
      let namespace = Value.string("n\(number % 2)")
      return [
        [
          "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
          "metadata": ["name": .string("repo-\(number)"), "namespace": namespace],
        ],
        [
          "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
          "metadata": ["name": .string("app-\(number)"), "namespace": namespace],
          "spec": [
            "sourceRef": ["kind": "GitRepository", "name": .string("repo-\(number)")]
          ],
          // One that is not ready is judged without its source.
          "status": ["conditions": [["type": "Ready", "status": "True"]]],
        ],
      ]
    }
    let whole = await requests([.kustomization], in: nil, objects: objects)
    #expect(whole == ["list \(Self.repositories) *", "list \(Self.consumers) *"])
    let narrow = FakeCluster(
      objects,
      refused: [
        "list \(Self.repositories) *": Self.refusal("list"),
        "list \(Self.repositories) n1": Self.refusal("list in n1"),
      ])
    let result = await run([.kustomization], in: nil, on: narrow)
    #expect(narrow.requests.filter { $0.contains("n0") || $0.contains("n1") }.count == 2)
    #expect(
      result.notes == ["no permission to list \(Self.repositories) in namespace n1"])
    #expect(result.states.values.count { $0.freshness == .unknown } == 3)
  }

  @Test func `a source that may not be read is named`() async throws {
    let cluster = FakeCluster(
      LargeCluster.objects(count: 50),
      refused: ["get \(Self.repositories) scale-0/repo": Self.refusal("get")])
    let result = await run([.externalArtifact], in: "scale-3", on: cluster)
    #expect(result.found.failures.isEmpty)
    #expect(
      result.notes == ["no permission to get \(Self.repositories) in namespace scale-0"])
    let states = Set(result.states.values.compactMap { $0.freshness?.rawValue })
    #expect(states == ["Unknown"])
  }

  /// Whoever may list one namespace only sees that where a word stood for several kinds.
  @Test func `everywhere shrinks to one namespace`() async {
    let lists = FluxKind.allCases.map { "list \($0.resource.groupResource)" }
    var refused: [String: any Error] = [:]
    for line in lists { refused["\(line) *"] = Self.refusal("list") }
    for line in lists where !line.hasSuffix(Self.generators) {
      refused["\(line) scale-0"] = Self.refusal("list")
    }
    let cluster = FakeCluster(LargeCluster.objects(count: 50), refused: refused)
    let result = await run(FluxKind.allCases, in: nil, tolerant: true, on: cluster)
    #expect(result.found.groups.map(\.kind) == [.artifactGenerator])
    #expect(result.found.failures.isEmpty)
    // One line for all that is missing, one for what was read in part.
    #expect(result.notes.count == 2)
    #expect(
      result.notes.first
        == "no permission to list \(Self.generators) in all namespaces: read only namespace scale-0"
    )
    #expect(result.notes.last?.hasPrefix("no permission to list \(Self.artifacts), ") == true)
    #expect(result.notes.last?.hasSuffix(" in all namespaces") == true)
  }
}
