import Document
import HTTP
import LoopbackServer
import Objects
import Testing

@testable import KubeAPI

@Suite struct WritesTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  @Test(arguments: [
    (
      Patch.merge(["spec": ["suspend": true]]), "application/merge-patch+json",
      #"{"spec":{"suspend":true}}"#,
      "fieldManager=artifactgen"
    ),
    (
      Patch.apply(["kind": "X"]), "application/apply-patch+yaml", #"{"kind":"X"}"#,
      "fieldManager=artifactgen&force=false"
    ),
    (
      Patch.apply(["kind": "X"], force: true), "application/apply-patch+yaml", #"{"kind":"X"}"#,
      "fieldManager=artifactgen&force=true"
    ),
  ])
  func `#61 each patch has its content type and query`(
    patch: Patch, type: String, body: String, query: String
  ) async throws {
    let place = try server.newCase([Rule(Answer(200, #"{"metadata":{"name":"x"}}"#))])
    let object = try await connect(place).patch(generators, namespace: "n", name: "x", patch)
    #expect(object.name == "x")
    let seen = try #require(try place.log().first)
    #expect(seen.method == "PATCH")
    #expect(
      seen.path
        == "/apis/source.extensions.fluxcd.io/v1beta1/namespaces/n/artifactgenerators/x?\(query)")
    #expect(seen.header("Content-Type") == type)
    #expect(seen.body == body)
  }

  @Test func `#61 options of a write become its query`() async throws {
    let place = try server.newCase([Rule(Answer(200, "{}"))])
    let options = WriteOptions(dryRun: true, fieldValidation: "Strict", subresource: "status")
    _ = try await connect(place).patch(
      configMaps, namespace: "n", name: "x", .merge([:]), options: options)
    #expect(
      try place.log().first?.path
        == "/api/v1/namespaces/n/configmaps/x/status?dryRun=All&fieldManager=artifactgen&fieldValidation=Strict"
    )
  }

  @Test func `#61 a conflict of server-side apply is told`() async throws {
    let place = try server.newCase([Rule(try .recorded("modern/ssa-409-conflict"))])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).patch(generators, namespace: "apps", name: "x", .apply([:]))
    }
    #expect(error?.isConflict == true)
    #expect(error?.status?.causes.first?.reason == "FieldManagerConflict")
    #expect(
      error?.description.hasPrefix("Error from server (Conflict): Apply failed with ") == true)
  }

  @Test func `objects are created`() async throws {
    let place = try server.newCase([Rule(Answer(200, "{}"))])
    _ = try await connect(place).create(configMaps, namespace: "n", ["metadata": ["name": "x"]])
    let seen = try #require(try place.log().first)
    #expect(seen.method == "POST")
    #expect(seen.path == "/api/v1/namespaces/n/configmaps?fieldManager=artifactgen")
    #expect(seen.body == #"{"metadata":{"name":"x"}}"#)
  }

  @Test func `a rule of the schema that is broken is told with its field`() async throws {
    let place = try server.newCase([Rule(try .recorded("modern/create-422-cel"))])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).create(generators, namespace: "apps", [:])
    }
    #expect(error?.description.hasPrefix("The ArtifactGenerator \"bad\" is invalid: ") == true)
    #expect(error?.status?.causes.isEmpty == false)
  }

  @Test(arguments: [
    Answer.no(.close), .no(.reset), Answer(200, "{}", then: .close).with { $0.length = 100 },
  ])
  func `#53 a write is sent once, whatever becomes of the connection`(answer: Answer) async throws {
    let place = try server.newCase([Rule(method: "GET", Answer(200, "{}")), Rule(answer)])
    let client = try connect(place)
    // On a connection that was used before, where libcurl would repeat on its own.
    _ = try await client.get(configMaps, namespace: "n", name: "x")
    for write in [HTTP.Method.post, .put, .patch, .delete] {
      await #expect(throws: TransportError.self) {
        let path = "/api/v1/namespaces/n/configmaps/x"
        _ = try await client.object(APIRequest(method: write, path: path, body: Array("{}".utf8)))
      }
      #expect(try place.log().count { $0.method == write.rawValue } == 1)
      _ = try await client.get(configMaps, namespace: "n", name: "x")
    }
  }

  @Test(arguments: [429, 500, 503])
  func `#52 a refusal that names a time is repeated for writes too`(code: Int) async throws {
    let refusal = Answer(code, "{}", headers: [["Retry-After", "1"]])
    let place = try server.newCase([Rule(refusal, refusal, Answer(200, "{}"))])
    let client = try connect(place)
    _ = try await client.create(configMaps, namespace: "n", ["a": 1])
    let log = try place.log()
    #expect(log.map(\.method) == ["POST", "POST", "POST"])
    #expect(Set(log.map(\.body)) == [#"{"a":1}"#])
  }
}
