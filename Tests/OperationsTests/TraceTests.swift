import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import TestSupport
import Testing
import Text

@Suite struct TraceTests {
  static let now = Timestamp(seconds: 1_795_226_400)
  static let deployments = ResourceType(
    group: "apps", version: "v1", kind: "Deployment", plural: "deployments",
    singular: "deployment")

  /// Read once: that takes longer than all the rest.
  private static let fixtures = Result {
    try Snapshot.load(Fixtures.path("cluster/objects")).objects
      + Snapshot.load(Fixtures.path("cluster/traps")).objects
  }

  static func objects() throws -> [Value] {
    try fixtures.get()
  }

  private func trace(
    _ name: String, in namespace: String, _ cluster: any Cluster,
    type: ResourceType = deployments
  ) async throws -> Trace {
    try await TraceObject(on: cluster, now: Self.now, fallback: namespace)
      .run(type, namespace: namespace, name: name)
  }

  @Test func `every hop is one request by name`() async throws {
    let cluster = FakeCluster(try Self.objects())
    let trace = try await trace("frontend", in: "apps", cluster)
    #expect(trace.failures.isEmpty)
    #expect(
      cluster.requests.sorted() == [
        "get artifactgenerators.source.extensions.fluxcd.io apps/podinfo",
        "get deployments.apps apps/frontend",
        // What the generator has published counts for its state.
        "get externalartifacts.source.toolkit.fluxcd.io apps/podinfo",
        "get externalartifacts.source.toolkit.fluxcd.io apps/podinfo-frontend",
        "get gitrepositories.source.toolkit.fluxcd.io apps/podinfo-values",
        "get gitrepositories.source.toolkit.fluxcd.io flux-system/flux-system",
        "get kustomizations.kustomize.toolkit.fluxcd.io apps/podinfo-frontend",
        "get kustomizations.kustomize.toolkit.fluxcd.io flux-system/flux-system",
        "get ocirepositories.source.toolkit.fluxcd.io apps/podinfo-chart",
      ])
    #expect(
      trace.hops.map { "\($0.role) \($0.id)" } == [
        "object Deployment/apps/frontend", "reconciler Kustomization/apps/podinfo-frontend",
        "artifact ExternalArtifact/apps/podinfo-frontend",
        "generator ArtifactGenerator/apps/podinfo", "source OCIRepository/apps/podinfo-chart",
        "source GitRepository/apps/podinfo-values",
        "applier Kustomization/flux-system/flux-system",
        "source GitRepository/flux-system/flux-system",
      ])
  }

  /// Only the copy operations of the artifact in question, not of its sisters.
  @Test func `copies are those of the artifact`() async throws {
    let trace = try await trace("frontend", in: "apps", FakeCluster(try Self.objects()))
    let copies = try #require(trace.hops.first { $0.role == .generator }?.copies)
    #expect(copies.map(\.artifact) == ["podinfo-frontend"])
    #expect(copies[0].operations.map(\.from) == ["@repo/deploy/frontend/**"])
  }

  @Test func `an unreadable hop is named and the rest is there`() async throws {
    let refused =
      "get gitrepositories.source.toolkit.fluxcd.io apps/podinfo-values"
    let error = APIError(Status(code: 403, reason: "Forbidden", message: "no"))
    let cluster = FakeCluster(try Self.objects(), refused: [refused: error])
    let trace = try await trace("frontend", in: "apps", cluster)
    #expect(trace.isManaged)
    #expect(trace.hops.count == 8)
    #expect(
      trace.failures.map(\.description) == [
        "cannot read GitRepository/apps/podinfo-values: Error from server (Forbidden): no"
      ])
    // Nothing is claimed of what could not be compared.
    let generator = trace.hops.first { $0.role == .generator }
    #expect(generator?.agreement?.word == .unknown)
  }

  @Test(arguments: [
    (
      "web-leaf", ["ConfigMap/traps/web-leaf", "ReplicaSet/traps/web-5d4b", "Deployment/traps/web"]
    ),
    ("web-node", ["ConfigMap/traps/web-node", "ClusterRole/traps-owner"]),
  ])
  func `owners lead to the marks`(name: String, chain: [String]) async throws {
    let type = try #require(BuiltInKinds.type(named: "configmap"))
    let trace = try await trace(name, in: "traps", FakeCluster(try Self.objects()), type: type)
    #expect(trace.isManaged)
    #expect(trace.hops.prefix(chain.count).map(\.id.description) == chain)
    #expect(trace.hops[chain.count].id.description == "Kustomization/traps/behind")
  }

  @Test func `an owner with another UID is another`() async throws {
    let type = try #require(BuiltInKinds.type(named: "configmap"))
    let objects = try Self.objects().map { object -> Value in
      guard object.namespace == "traps" else { return object }
      switch object.name {
      case "web-leaf":
        let owners = (object["metadata", "ownerReferences"]?.array ?? []).map {
          MergePatch.apply(["uid": "1"], to: $0)
        }
        return MergePatch.apply(["metadata": ["ownerReferences": .array(owners)]], to: object)
      case "web-5d4b": return MergePatch.apply(["metadata": ["uid": "2"]], to: object)
      default: return object
      }
    }
    let trace = try await trace("web-leaf", in: "traps", FakeCluster(objects), type: type)
    #expect(trace.hops.first?.agreement?.word == .differs)
    #expect(
      trace.hops.first?.agreement?.reason
        == "its owner ReplicaSet/traps/web-5d4b was recreated with another UID: the garbage "
        + "collector will delete this object")
  }

  @Test func `nobody's object is not managed`() async throws {
    let type = try #require(BuiltInKinds.type(named: "configmap"))
    let trace = try await trace(
      "nobody", in: "traps", FakeCluster(try Self.objects()), type: type)
    #expect(!trace.isManaged)
    #expect(trace.failures.isEmpty)
    #expect(trace.hops.count == 1)
  }

  @Test func `a label alone is no inventory`() async throws {
    let type = try #require(BuiltInKinds.type(named: "configmap"))
    let trace = try await trace(
      "disowned", in: "traps", FakeCluster(try Self.objects()), type: type)
    #expect(trace.hops[0].agreement?.word == .differs)
  }

  /// Somebody has taken the labels off; the inventory remembers.
  @Test func `an inventory tells who applies what has lost its labels`() async throws {
    var objects = try Self.objects()
    let index = try #require(
      objects.firstIndex { $0.name == "frontend" && $0["kind"]?.string == "Deployment" })
    objects[index] = MergePatch.apply(["metadata": ["labels": .null]], to: objects[index])
    let trace = try await trace("frontend", in: "apps", FakeCluster(objects))
    #expect(trace.isManaged)
    #expect(
      trace.hops.prefix(4).map { "\($0.role) \($0.id)" } == [
        "object Deployment/apps/frontend", "reconciler Kustomization/apps/podinfo-frontend",
        "artifact ExternalArtifact/apps/podinfo-frontend",
        "generator ArtifactGenerator/apps/podinfo",
      ])
    #expect(
      trace.hops[0].agreement?.reason
        == "in the inventory of Kustomization/apps/podinfo-frontend, but its labels are missing")
  }

  @Test func `a cycle of generators ends`() async throws {
    let trace = try await trace(
      "ring-one", in: "traps", FakeCluster(try Self.objects()),
      type: FluxKind.externalArtifact.resource)
    #expect(trace.hops.count == 4)
    #expect(trace.dependents?.members.count == 4)
  }

  @Test func `a source answers downwards`() async throws {
    let trace = try await trace(
      "monorepo", in: "apps", FakeCluster(try Self.objects()),
      type: FluxKind.gitRepository.resource)
    let members = try #require(trace.dependents?.members.map(\.description))
    #expect(members.contains("Kustomization/apps/mono-api"))
    #expect(members.contains("ExternalArtifact/apps/payments"))
    #expect(!members.contains("Deployment/apps/mono-api"))
  }

  @Test func `lists that are forbidden are notes`() async throws {
    let error = APIError(Status(code: 403, reason: "Forbidden", message: "no"))
    let missing = APIError(
      Status(
        code: 404, reason: "NotFound", message: "the server could not find the requested resource"))
    let cluster = FakeCluster(
      try Self.objects(),
      refused: [
        "list kustomizations.kustomize.toolkit.fluxcd.io *": error,
        "list kustomizations.kustomize.toolkit.fluxcd.io tenant-a": error,
        "list helmreleases.helm.toolkit.fluxcd.io *": error,
        "list fluxinstances.fluxcd.controlplane.io *": missing,
      ])
    let loaded = await GraphLoader.load(from: cluster, fallback: "tenant-a")
    #expect(
      loaded.notes.map(\.description) == [
        "no permission to list kustomizations.kustomize.toolkit.fluxcd.io in all namespaces",
        "no permission to list helmreleases.helm.toolkit.fluxcd.io in all namespaces: "
          + "read only namespace tenant-a",
        "the cluster does not have fluxinstances.fluxcd.controlplane.io: "
          + "the Flux Operator is not installed",
      ])
    #expect(loaded.notes.map(\.isUnknownKind) == [false, false, true])
    #expect(Set(loaded.failures.keys) == [.kustomization, .fluxInstance])
    let artifact = ObjectID(.externalArtifact, namespace: "apps", name: "podinfo")
    #expect(loaded.graph.object(artifact) != nil)
  }

  /// The way of one object takes as many requests in a large cluster as in a small one.
  @Test func `the size of the cluster does not matter`() async throws {
    let cluster = FakeCluster(try Self.objects() + LargeCluster.objects(count: 50))
    let trace = try await trace("workload-7", in: "scale-7", cluster)
    #expect(trace.failures.isEmpty)
    #expect(cluster.requests.count == 5)
  }

  private static let oneEach: [(FluxKind, String, namespace: String, dependents: Int)] = [
    (.artifactGenerator, "generator-7", "scale-7", 4),
    (.externalArtifact, "artifact-7", "scale-7", 3),
    (.gitRepository, "repo", "scale-0", 201),
  ]

  /// So are the requests for what depends on an object, which are lists only where anything can.
  @Test(arguments: oneEach)
  func `dependents take few requests`(
    _ kind: FluxKind, _ name: String, _ namespace: String, _ dependents: Int
  ) async throws {
    for count in [50, 60] {
      let cluster = FakeCluster(try Self.objects() + LargeCluster.objects(count: count))
      let trace = try await trace(name, in: namespace, cluster, type: kind.resource)
      #expect(trace.failures.isEmpty, "\(trace.failures)")
      let members = trace.dependents?.members.count
      #expect(members == (kind == .gitRepository ? dependents + (count - 50) * 4 : dependents))
      #expect(trace.dependents?.states.values.allSatisfy { $0.word != .missing } == true)
      #expect(cluster.requests.count <= 12, "\(cluster.requests)")
      // Of one generator or artifact no other is read.
      let lists = cluster.requests.filter { $0.hasPrefix("list externalartifacts") }
      #expect(lists.count == 1 || kind == .externalArtifact)
      if kind == .artifactGenerator {
        #expect(lists.allSatisfy { $0.contains(" scale-7") }, "\(lists)")
      }
    }
  }
}

/// Objects in quantity: for each number a generator, its artifact, two consumers and a Deployment.
enum LargeCluster {
  static func objects(count: Int) -> [Value] {
    let repository: Value = [
      "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
      "metadata": ["name": "repo", "namespace": "scale-0"],
      "status": ["artifact": ["digest": "sha256:0", "revision": "main@sha1:0", "url": "http://x"]],
    ]
    return [repository] + (0..<count).flatMap(member)
  }

  private static func member(_ number: Int) -> [Value] {
    let namespace = Value.string("scale-\(number % 10)")
    let revision = Value.string("latest@sha256:\(number)")
    func object(_ apiVersion: String, _ kind: String, _ name: String, _ parts: Object) -> Value {
      var fields = parts
      fields["apiVersion"] = .string(apiVersion)
      fields["kind"] = .string(kind)
      var metadata: Object = ["name": .string(name), "namespace": namespace]
      metadata["labels"] = parts["labels"]
      fields.removeValue(forKey: "labels")
      fields["metadata"] = .object(metadata)
      return .object(fields)
    }
    let ready: Value = [
      "conditions": [["type": "Ready", "status": "True"]],
      "inventory": [
        [
          "digest": "sha256:1", "name": .string("artifact-\(number)"), "namespace": namespace,
        ]
      ],
    ]
    let generator = object(
      "source.extensions.fluxcd.io/v1beta1", "ArtifactGenerator", "generator-\(number)",
      [
        "spec": [
          "artifacts": [["copy": [], "name": .string("artifact-\(number)")]],
          "sources": [
            ["alias": "r", "kind": "GitRepository", "name": "repo", "namespace": "scale-0"]
          ],
        ],
        "status": ready,
      ])
    let artifact = object(
      "source.toolkit.fluxcd.io/v1", "ExternalArtifact", "artifact-\(number)",
      [
        "spec": [
          "sourceRef": [
            "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
            "name": .string("generator-\(number)"), "namespace": namespace,
          ]
        ],
        "status": ["artifact": ["digest": "sha256:1", "revision": revision, "url": "http://x"]],
      ])
    let consumers = ["consumer", "mirror"].map { prefix in
      object(
        "kustomize.toolkit.fluxcd.io/v1", "Kustomization", "\(prefix)-\(number)",
        [
          "spec": [
            "sourceRef": [
              "kind": "ExternalArtifact", "name": .string("artifact-\(number)"),
            ]
          ],
          "status": ["lastAppliedRevision": revision, "lastAttemptedRevision": revision],
        ])
    }
    let workload = object(
      "apps/v1", "Deployment", "workload-\(number)",
      [
        "labels": [
          "kustomize.toolkit.fluxcd.io/name": .string("consumer-\(number)"),
          "kustomize.toolkit.fluxcd.io/namespace": namespace,
        ]
      ])
    return [generator, artifact] + consumers + [workload]
  }
}
