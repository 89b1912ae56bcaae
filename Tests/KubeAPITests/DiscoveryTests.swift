import Document
import Foundation
import HTTP
import Kubeconfig
import LoopbackServer
import Objects
import Testing

@testable import KubeAPI

@Suite struct DiscoveryTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  var modern: [Rule] {
    get throws {
      [
        Rule(path: "/api", try .recorded("modern/discovery-aggregated-api")),
        Rule(path: "/apis", try .recorded("modern/discovery-aggregated-apis")),
      ]
    }
  }

  var old: [Rule] {
    get throws {
      [
        Rule(path: "/api", try .recorded("debian/discovery-api")),
        Rule(path: "/apis", try .recorded("debian/discovery-aggregated-apis")),
        Rule(path: "/api/v1", try .recorded("debian/discovery-v1")),
        Rule(
          path: "/apis/source.extensions.fluxcd.io/v1beta1",
          try .recorded("debian/discovery-group-version")),
        Rule(
          path: "/apis/source.toolkit.fluxcd.io/v1", try .recorded("debian/discovery-source-v1")),
      ]
    }
  }

  @Test(arguments: [
    ("artifactgenerators", "artifactgenerators.source.extensions.fluxcd.io"),
    ("artifactgenerator", "artifactgenerators.source.extensions.fluxcd.io"),
    ("ArtifactGenerator", "artifactgenerators.source.extensions.fluxcd.io"),
    ("ag", "artifactgenerators.source.extensions.fluxcd.io"),
    ("AG.source.extensions.fluxcd.io", "artifactgenerators.source.extensions.fluxcd.io"),
    (
      "artifactgenerators.v1beta1.source.extensions.fluxcd.io",
      "artifactgenerators.source.extensions.fluxcd.io"
    ),
    ("externalartifact.v1.source.toolkit.fluxcd.io", "externalartifacts.source.toolkit.fluxcd.io"),
    ("cm", "configmaps"), ("configmaps", "configmaps"), ("configmap.v1.", "configmaps"),
    ("secret", "secrets"),
  ])
  func `every name of a kind is understood, on old and new servers`(word: String, expected: String)
    async throws
  {
    for rules in [try modern, try old] {
      let place = try server.newCase(rules)
      let type = try await connect(place).resource(named: word)
      #expect(type.groupResource == expected)
      #expect(type.isNamespaced)
    }
  }

  @Test func `a new server is asked twice, an old one once for each version`() async throws {
    let place = try server.newCase(try modern)
    _ = try await connect(place).discover()
    let log = try place.log()
    #expect(Set(log.map(\.path)) == ["/api?timeout=32s", "/apis?timeout=32s"])
    #expect(
      log.allSatisfy {
        $0.header("Accept")?.hasPrefix("application/json;g=apidiscovery.k8s.io;v=v2;") == true
      })
    let other = try server.newCase(try old)
    let discovery = try await connect(other).discover()
    #expect(Set(try other.log().map(\.path)).count > 20)
    // Groups without a recorded answer got 404 here.
    #expect(discovery.missing.contains("apps/v1"))
  }

  @Test func `of several groups the first counts, of several versions the preferred one`() {
    func type(_ group: String, _ version: String, preferred: Bool) -> DiscoveredResource {
      let type = ResourceType(
        group: group, version: version, kind: "Thing", plural: "things", singular: "thing",
        shortNames: ["th"])
      return DiscoveredResource(type: type, isPreferred: preferred)
    }
    let discovery = Discovery(resources: [
      type("a.example", "v1alpha1", preferred: false), type("a.example", "v1", preferred: true),
      type("b.example", "v2", preferred: true),
    ])
    #expect(discovery.resource(named: "things")?.type.apiVersion == "a.example/v1")
    #expect(discovery.resource(named: "th")?.type.apiVersion == "a.example/v1")
    #expect(discovery.resource(named: "thing.b.example")?.type.apiVersion == "b.example/v2")
    #expect(
      discovery.resource(named: "thing.v1alpha1.a.example")?.type.apiVersion == "a.example/v1alpha1"
    )
    #expect(discovery.resource(named: "thing.v3.a.example") == nil)
    #expect(discovery.resource(named: "") == nil)
  }

  @Test func `#56 an unknown kind is said in kubectl's words`() async throws {
    let place = try server.newCase(try modern)
    let error = await #expect(throws: APIError.self) {
      try await connect(place).resource(named: "nosuch")
    }
    #expect(error?.description == "the server doesn't have a resource type \"nosuch\"")
    #expect(error?.isSelfContained == false)
    let mistyped = await #expect(throws: APIError.self) {
      try await connect(place).resource(named: "confgimaps")
    }
    #expect(
      mistyped?.description
        == "the server doesn't have a resource type \"confgimaps\" (did you mean configmaps?)")
  }

  @Test func `a refused discovery is the server's refusal`() async throws {
    let place = try server.newCase([Rule(status(401, "Unauthorized", "Unauthorized"))])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).resource(named: "cm")
    }
    #expect(error?.description == "You must be logged in to the server (Unauthorized)")
  }

  // MARK: - Cache

  struct Folder: ~Copyable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "discovery-\(UUID().uuidString)"
    ).path

    deinit {
      try? FileManager.default.removeItem(atPath: path)
    }

    var files: [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).map { "\(path)/\($0)" }
    }
  }

  @Test func `what was learnt is kept for ten minutes`() async throws {
    let folder = Folder()
    let place = try server.newCase(try modern)
    for (time, requests) in [(1000, 2), (1600, 2), (1601, 4), (1500, 6)] as [(Int64, Int)] {
      let cache = DiscoveryCache(directory: folder.path, now: { time })
      #expect(try await connect(place, cache: cache).resource(named: "cm").kind == "ConfigMap")
      #expect(try place.log().count == requests)
    }
  }

  @Test func `a word that the cache does not know is asked for`() async throws {
    let folder = Folder()
    let place = try server.newCase(try modern)
    let cache = DiscoveryCache(directory: folder.path, now: { 1000 })
    _ = try await connect(place, cache: cache).resource(named: "cm")
    await #expect(throws: APIError.self) {
      try await connect(place, cache: cache).resource(named: "new")
    }
    #expect(try place.log().count == 4)
  }

  @Test func `servers are kept apart`() async throws {
    let folder = Folder()
    let cache = DiscoveryCache(directory: folder.path, now: { 1000 })
    for place in [try server.newCase(try modern), try server.newCase(try modern)] {
      _ = try await connect(place, cache: cache).resource(named: "cm")
      #expect(try place.log().count == 2)
    }
    #expect(folder.files.count == 2)
  }

  @Test func `only the user can read the cache`() async throws {
    let folder = Folder()
    let place = try server.newCase(try modern)
    let cache = DiscoveryCache(directory: folder.path)
    _ = try await connect(place, cache: cache).resource(named: "cm")
    for (path, mode) in [(folder.path, 0o700)] + folder.files.map({ ($0, 0o600) }) {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode)
    }
  }

  @Test(arguments: ["", "{", "[]", "{\"server\":1}"])
  func `a broken cache is no cache`(content: String) async throws {
    let folder = Folder()
    let place = try server.newCase(try modern)
    let cache = DiscoveryCache(directory: folder.path, now: { 1000 })
    _ = try await connect(place, cache: cache).resource(named: "cm")
    try Data(content.utf8).write(to: URL(fileURLWithPath: try #require(folder.files.first)))
    #expect(try await connect(place, cache: cache).resource(named: "cm").kind == "ConfigMap")
  }

  @Test(arguments: ["9223372036854775807", "-9223372036854775808", "1e300"])
  func `a cache of any time is no danger`(time: String) async throws {
    let folder = Folder()
    let place = try server.newCase(try modern)
    let cache = DiscoveryCache(directory: folder.path, now: { 1000 })
    _ = try await connect(place, cache: cache).resource(named: "cm")
    let file = URL(fileURLWithPath: try #require(folder.files.first))
    let text = try String(contentsOf: file, encoding: .utf8)
    try text.replacing("\"time\":1000", with: "\"time\":\(time)")
      .write(to: file, atomically: false, encoding: .utf8)
    _ = try await connect(place, cache: cache).resource(named: "cm")
    #expect(try place.log().count == 4)
  }

  @Test func `what others could have written does not count, and links are not followed`()
    async throws
  {
    let folder = Folder()
    let place = try server.newCase(try modern)
    let cache = DiscoveryCache(directory: folder.path, now: { 1000 })
    func ask() async throws { _ = try await connect(place, cache: cache).resource(named: "cm") }
    try await ask()
    let file = try #require(folder.files.first)
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file)
    try await ask()
    #expect(try place.log().count == 4)
    // A link in its place is replaced, not followed.
    let other = Folder()
    try FileManager.default.moveItem(atPath: file, toPath: other.path)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: other.path)
    let before = try Data(contentsOf: URL(fileURLWithPath: other.path))
    try await ask()
    #expect(try place.log().count == 6)
    #expect(try Data(contentsOf: URL(fileURLWithPath: other.path)) == before)
    #expect(folder.files.count == 1)
    try await ask()
    #expect(try place.log().count == 6)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
    try await ask()
    #expect(try place.log().count == 8)
  }

  @Test func `a cache that cannot be written does not matter`() async throws {
    let place = try server.newCase(try modern)
    let cache = DiscoveryCache(directory: "/proc/nowhere")
    #expect(try await connect(place, cache: cache).resource(named: "cm").kind == "ConfigMap")
  }

  @Test(
    arguments: [
      (["HOME": "/h"], "/h/.cache/artifactgen/discovery"),
      (["HOME": "/h", "XDG_CACHE_HOME": "/c"], "/c/artifactgen/discovery"),
      (["HOME": "/h", "XDG_CACHE_HOME": "relative"], "/h/.cache/artifactgen/discovery"), ([:], nil),
    ] as [([String: String], String?)])
  func `the cache is in the user's usual place`(environment: [String: String], expected: String?) {
    #expect(DiscoveryCache(environment: environment)?.directory == expected)
  }

  @Test func `tables are asked for and passed on`() async throws {
    let place = try server.newCase([Rule(try .recorded("modern/list-table"))])
    var kinds: [String?] = []
    try await connect(place).listTables(generators, namespace: "apps", includeObject: .metadata) {
      table, _ in
      kinds.append(table.kind)
    }
    #expect(kinds == ["Table"])
    let seen = try #require(try place.log().first)
    #expect(seen.header("Accept") == APIRequest.tableAccept)
    #expect(seen.path?.hasSuffix("?includeObject=Metadata&limit=500") == true)
    #expect(
      try await connect(place).getTable(generators, namespace: "apps", name: "x").kind == "Table")
  }
}
