import Document
import FluxModel
import Objects
import TestSupport
import Testing

@Suite struct GraphTests {
  private static let graph = Result {
    DeliveryGraph(objects: try YAML.parse(try Fixtures.bytes("cluster/traps/traps.yaml")))
  }

  private func id(_ kind: FluxKind, _ name: String) -> ObjectID {
    ObjectID(kind, namespace: "traps", name: name)
  }

  @Test func `content flows down`() throws {
    let graph = try Self.graph.get()
    let names = graph.closure(from: [id(.artifactGenerator, "layer")], .down).map(\.description)
    #expect(names == ["ArtifactGenerator/traps/layer", "ExternalArtifact/traps/layer"])
    let up = graph.closure(from: [id(.externalArtifact, "layer")], .up).map(\.description)
    #expect(
      up == [
        "ExternalArtifact/traps/layer", "ArtifactGenerator/traps/layer",
        "ExternalArtifact/traps/kept", "ArtifactGenerator/traps/dropped",
        "GitRepository/traps/steady",
      ])
  }

  @Test func `depth counts edges`() throws {
    let graph = try Self.graph.get()
    let start = [id(.gitRepository, "steady")]
    #expect(graph.closure(from: start, .down, depth: 0) == start)
    let one = graph.closure(from: start, .down, depth: 1)
    #expect(one.dropFirst().allSatisfy { $0.fluxKind == .artifactGenerator })
    #expect(one.count > 4)
  }

  @Test func `walks of a cycle end`() throws {
    let graph = try Self.graph.get()
    #expect(graph.closure(from: [id(.artifactGenerator, "ring-one")], .down).count == 4)
    let own = graph.closure(from: [id(.gitRepository, "self")], .down)
    #expect(own == [id(.gitRepository, "self"), id(.kustomization, "self")])
  }

  /// Whatever the cycles, every node hangs on some root.
  @Test func `roots reach everything`() throws {
    let graph = try Self.graph.get()
    let reached = Set(graph.closure(from: graph.roots(), .down))
    #expect(reached == Set(graph.nodes.map(\.id)))
    #expect(graph.roots().contains(id(.gitRepository, "self")))
    #expect(graph.roots().filter { $0.name.hasPrefix("ring") }.count == 1)
  }

  @Test func `what is referred to is a node`() throws {
    let graph = try Self.graph.get()
    #expect(graph.node(id(.gitRepository, "nowhere"))?.presence == .missing)
    #expect(graph.node(id(.externalArtifact, "app-gone"))?.presence == .missing)
    let publisher = ObjectID(
      group: "acme.example.com", kind: "Build", namespace: "traps", name: "nightly")
    #expect(graph.node(publisher)?.presence == .unread(nil))
    #expect(graph.downstream(of: publisher).map(\.id) == [id(.externalArtifact, "bought")])
  }

  @Test func `order does not depend on the input`() throws {
    let objects = try YAML.parse(try Fixtures.bytes("cluster/traps/traps.yaml"))
    let forward = DeliveryGraph(objects: objects)
    let backward = DeliveryGraph(objects: objects.reversed())
    #expect(forward.nodes.map(\.id) == backward.nodes.map(\.id))
    for node in forward.nodes {
      #expect(forward.downstream(of: node.id) == backward.downstream(of: node.id))
    }
  }

  @Test func `a chart of a helm release is found by its name`() {
    let release: Value = [
      "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease",
      "metadata": ["name": "web", "namespace": "apps"],
      "spec": [
        "chart": [
          "spec": ["sourceRef": ["kind": "HelmRepository", "name": "r", "namespace": "infra"]]
        ]
      ],
    ]
    let links = DeliveryLinks(of: release)
    #expect(
      links.upstream.map(\.node) == [ObjectID(.helmChart, namespace: "infra", name: "apps-web")])
  }

  @Test(arguments: [
    ("apps_web_apps_Deployment", "Deployment/apps/web"),
    ("_apps__Namespace", "Namespace/apps"),
    ("a_system__reader_rbac.authorization.k8s.io_Role", "Role/a/system:reader"),
    ("a_system%3Areader_rbac.authorization.k8s.io_Role", "Role/a/system:reader"),
  ])
  func `inventory entries are read`(id: String, object: String) {
    #expect(ObjectID(inventoryEntry: id)?.description == object)
  }

  @Test(arguments: ["", "web", "a_b_c", "a__apps_", "___"])
  func `other lines are no entries`(id: String) {
    #expect(ObjectID(inventoryEntry: id) == nil)
  }

  /// Kustomizations first, and the operator's label only with its manager.
  @Test func `appliers have an order`() {
    let object: Value = [
      "metadata": [
        "labels": [
          "fluxcd.controlplane.io/name": "flux", "fluxcd.controlplane.io/namespace": "f",
          "helm.toolkit.fluxcd.io/name": "h", "helm.toolkit.fluxcd.io/namespace": "n",
          "kustomize.toolkit.fluxcd.io/name": "k", "kustomize.toolkit.fluxcd.io/namespace": "n",
          "resourceset.fluxcd.controlplane.io/name": "r",
          "resourceset.fluxcd.controlplane.io/namespace": "n",
        ]
      ]
    ]
    #expect(
      Ownership.appliers(of: object).map(\.description)
        == ["Kustomization/n/k", "HelmRelease/n/h", "ResourceSet/n/r"])
  }

  @Test func `the controlling owner comes first`() {
    let object: Value = [
      "metadata": [
        "namespace": "n",
        "ownerReferences": [
          ["apiVersion": "v1", "kind": "A", "name": "a"],
          ["apiVersion": "v1", "kind": "B", "name": "b", "controller": true],
        ],
      ]
    ]
    #expect(Ownership.owners(of: object).map(\.description) == ["B/n/b", "A/n/a"])
  }
}
