import FluxModel
import KubeAPI
import Objects
import Operations
import Synchronization
import TestSupport
import Testing

/// A server that knows a few kinds, and counts who asks.
private final class AskedServer: DiscoveringCluster {
  private static let types = [
    ResourceType(
      group: "toys.example.com", version: "v1", kind: "Gateway", plural: "gateways",
      singular: "gateway", shortNames: ["gw"]),
    ResourceType(
      group: "batch", version: "v1beta1", kind: "CronJob", plural: "cronjobs",
      singular: "cronjob", shortNames: ["cj"]),
  ]
  private let asked = Mutex<[String]>([])
  let asksServer: Bool

  init(asksServer: Bool = true) {
    self.asksServer = asksServer
  }

  var questions: [String] { asked.withLock { $0 } }

  func resource(named word: String) async throws -> ResourceType {
    asked.withLock { $0.append(word) }
    guard let found = try await found().resource(named: word) else {
      throw APIError(.unknownResource, subject: word, "no \(word)")
    }
    return found.type
  }

  func discover() async throws -> Discovery {
    asked.withLock { $0.append("*") }
    return try await found()
  }

  private func found() async throws -> Discovery {
    Discovery(resources: Self.types.map { DiscoveredResource(type: $0) })
  }

  func namespaces(onNames: ([String]) async throws -> Void) async throws {}
}

@Suite struct KindResolverTests {
  @Test(arguments: [
    ("ag", "artifactgenerators.source.extensions.fluxcd.io"), ("deploy", "deployments.apps"),
    ("configmaps", "configmaps"), ("deployments.apps", "deployments.apps"),
    ("Deployment.v1.apps", "deployments.apps"),
    ("CRD", "customresourcedefinitions.apiextensions.k8s.io"),
    ("rsip", "resourcesetinputproviders.fluxcd.controlplane.io"), ("no", "nodes"),
  ])
  func `no server is asked for what is known by heart`(word: String, resource: String) async throws
  {
    let server = AskedServer()
    #expect(try await KindResolver(server).kind(word).groupResource == resource)
    #expect(server.questions == [])
    #expect(KindResolver.byHeart(word)?.groupResource == resource)
  }

  @Test(arguments: [("gw", "gateways.toys.example.com"), ("cj", "cronjobs.batch")])
  func `a server is asked for other kinds, and for those whose version depends on it`(
    word: String, resource: String
  ) async throws {
    let server = AskedServer()
    let type = try await KindResolver(server).kind(word)
    #expect(type.groupResource == resource)
    #expect(type.version != "v2")
    #expect(server.questions == [word])
  }

  @Test(arguments: [
    ("Widget.v1.acme.com", "widgets.acme.com"), ("Policy.v1beta1.acme.com", "policies.acme.com"),
  ])
  func `a kind that is spelled out is one where no server knows better`(
    word: String, resource: String
  ) async throws {
    for cluster in [nil, AskedServer(asksServer: false)] {
      #expect(try await KindResolver(cluster).kind(word).groupResource == resource)
    }
    await #expect(throws: APIError.self) { try await KindResolver(AskedServer()).kind(word) }
  }

  @Test(arguments: ["podinfo", "widgets.acme.com", "", "."])
  func `other words are no kinds`(word: String) async {
    #expect(KindResolver.byHeart(word) == nil)
    await #expect(throws: OperationError.self) { try await KindResolver(nil).kind(word) }
    await #expect(throws: APIError.self) { try await KindResolver(AskedServer()).kind(word) }
  }

  @Test func `an acting verb knows Flux's kinds only`() async throws {
    #expect(try await KindResolver.flux.kind("ks").kind == "Kustomization")
    let error = await #expect(throws: OperationError.self) {
      try await KindResolver.flux.kind("deploy")
    }
    #expect(
      error?.description.hasPrefix(
        "resource type \"deploy\" is not supported by this command; use ag, ea,") == true)
  }

  @Test func `what objects refer to is asked for once`() async {
    let server = AskedServer()
    let resolver = KindResolver(server)
    func type(_ apiVersion: String, _ kind: String) async -> String? {
      await resolver.type(
        of: ObjectReference(apiVersion: apiVersion, kind: kind, namespace: "a", name: "b")
      )?.groupResource
    }
    #expect(await type("apps/v1", "Deployment") == "deployments.apps")
    #expect(
      await type("helm.toolkit.fluxcd.io/v2", "HelmRelease")
        == "helmreleases.helm.toolkit.fluxcd.io")
    #expect(server.questions == [])
    #expect(await type("toys.example.com/v1", "Gateway") == "gateways.toys.example.com")
    #expect(await type("toys.example.com/v1", "Nosuch") == nil)
    #expect(await type("batch/v1", "CronJob") == nil)
    #expect(server.questions == ["*"])
    let guess = await KindResolver(nil).type(
      of: ObjectReference(apiVersion: "x.example/v1", kind: "Policy", namespace: nil, name: "b"))
    #expect(guess?.plural == "policies")
    #expect(guess?.isNamespaced == false)
  }
}

@Suite struct ObjectWordsTests {
  private func words(
    _ line: String, _ scope: ObjectWords.Scope = .anyKind, namesKinds: Bool = false
  ) throws -> ObjectWords {
    try ObjectWords(
      line.split(separator: " ").map { $0 == "''" ? "" : String($0) }, scope: scope,
      namesKinds: namesKinds)
  }

  /// Queries as `plural: names`.
  private func meaning(
    _ line: String, _ scope: ObjectWords.Scope = .anyKind, namesKinds: Bool = false
  ) async throws -> [String] {
    try await words(line, scope, namesKinds: namesKinds)
      .queries(
        defaultKind: .artifactGenerator, scope == .flux ? .flux : KindResolver(AskedServer())
      )
      .map { "\($0.resource.plural): \($0.names.joined(separator: " "))" }
  }

  @Test(arguments: [
    ("", ["artifactgenerators: "]),
    ("ag", ["artifactgenerators: "]),
    ("ag,deploy a b", ["artifactgenerators: a b", "deployments: a b"]),
    ("ag,ag,generators", ["artifactgenerators: "]),
    ("web", ["artifactgenerators: web"]),
    ("web api", ["artifactgenerators: web api"]),
    (
      "ag/a ag/b deploy/c ag/d web",
      ["artifactgenerators: a b", "deployments: c", "artifactgenerators: d web"]
    ),
    ("gw,cm x", ["gateways: x", "configmaps: x"]),
    ("gw/x", ["gateways: x"]),
    ("web deploy/x", ["artifactgenerators: web", "deployments: x"]),
  ])
  func `words say kinds and names`(line: String, expected: [String]) async throws {
    #expect(try await meaning(line) == expected)
  }

  @Test func `words for several kinds are of some verbs`() async throws {
    #expect(
      try await meaning("consumers,ks", .groups) == ["kustomizations: ", "helmreleases: "])
    #expect(try words("ALL,deploy", .groups).groups == [.all])
    #expect(throws: OperationError.self) { try words("all") }
    #expect(try words("all", .flux).groups == [.all])
    #expect(try await meaning("consumers", .flux) == ["kustomizations: ", "helmreleases: "])
    await #expect(throws: OperationError.self) { try await meaning("all/x", .groups) }
  }

  @Test func `an acting verb takes other kinds for names`() async throws {
    #expect(try await meaning("job web", .flux) == ["artifactgenerators: job web"])
    await #expect(throws: OperationError.self) { try await meaning("job,ag web", .flux) }
  }

  @Test(arguments: [
    (
      "ag ea/x",
      "do not pass a resource type together with TYPE/NAME arguments: leave out \"ag\", or write only "
        + "names after it, not \"ea/x\""
    ),
    (
      "deploy ea/x",
      "do not pass a resource type together with TYPE/NAME arguments: leave out \"deploy\", or write "
        + "only names after it, not \"ea/x\""
    ),
    ("''", "invalid argument \"\": use KIND/NAME or NAME"),
    ("ea/", "invalid argument \"ea/\": use KIND/NAME or NAME"),
    ("ea/apps/x", "invalid argument \"ea/apps/x\": use KIND/NAME or NAME"),
    ("web ''", "invalid argument \"\": use KIND/NAME or NAME"),
  ])
  func `what is no object is refused without a cluster`(line: String, text: String) {
    let error = #expect(throws: OperationError.self) { try words(line) }
    #expect(error?.description == text)
    #expect(error?.kind == .usage)
  }

  @Test func `only what is not known by heart is a question`() async throws {
    #expect(try words("gw x") == .undecided(first: "gw", others: ["x"]))
    #expect(try words("gw x").queriesByHeart(defaultKind: .artifactGenerator) == nil)
    #expect(try words("gw").queriesByHeart(defaultKind: .artifactGenerator)?.first?.names == ["gw"])
    #expect(try words("gw", namesKinds: true) == .kinds(["gw"], names: []))
    #expect(try words("deploy,gw").queriesByHeart(defaultKind: .artifactGenerator) == nil)
    let server = AskedServer()
    let resolver = KindResolver(server)
    _ = try await words("web").decidedQueries(defaultKind: .artifactGenerator, resolver)
    #expect(server.questions == [])
    let kind = try await words("gw x").decidedQueries(defaultKind: .artifactGenerator, resolver)
    #expect(kind.map(\.resource.kind) == ["Gateway"])
    let names = try await words("web x").decidedQueries(defaultKind: .artifactGenerator, resolver)
    #expect(names.map(\.names) == [["web", "x"]])
    #expect(server.questions == ["gw", "web"])
  }

  @Test func `a name comes before a kind`() async throws {
    let server = AskedServer()
    func read(_ line: String, found: Bool) async throws -> [String] {
      try await words(line).reading(
        defaultKind: .artifactGenerator, KindResolver(server),
        isNothing: { (kinds: [String]) in !found && kinds == ["ArtifactGenerator"] }
      ) { $0.map(\.resource.kind) }
    }
    #expect(try await read("gw", found: true) == ["ArtifactGenerator"])
    #expect(server.questions == [])
    #expect(try await read("gw", found: false) == ["Gateway"])
    #expect(try await read("web", found: false) == ["ArtifactGenerator"])
  }
}
