import Curl
import Document
import Foundation
import HTTP
import Kubeconfig
import LoopbackServer
import Objects
import TestSupport
import Testing

@testable import KubeAPI

let configMaps = ResourceType(
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  singular: "configmap",
  shortNames: ["cm"]
)

let generators = ResourceType(
  group: "source.extensions.fluxcd.io",
  version: "v1beta1",
  kind: "ArtifactGenerator",
  plural: "artifactgenerators",
  singular: "artifactgenerator"
)

func connect(
  _ place: Case,
  _ listener: String = "A",
  flags: ConnectionFlags = ConnectionFlags(),
  token: String? = "t",
  cache: DiscoveryCache? = nil,
  warnings: @escaping @Sendable (String) -> Void = { _ in }
) throws -> APIClient {
  var flags = flags
  flags.server = try place.url(listener)
  flags.certificateAuthority = place.server.pkiPath("ca1.crt")
  flags.token = token
  let loader = KubeconfigLoader(
    environment: [:], workingDirectory: "/", standardInputIsTerminal: false)
  let configuration = try loader.load(flags)
  let transport = RetryingTransport(
    CurlTransport(options: configuration.transport),
    sleep: { _ in }
  )
  return APIClient(
    configuration, over: transport, userAgent: "tests/1", discoveryCache: cache,
    warnings: warnings, sleep: { _ in })
}

func page(_ names: [String], next: String? = nil, version: String = "7") -> Answer {
  let items = names.map { #"{"metadata":{"name":"\#($0)"}}"# }.joined(separator: ",")
  let next = next.map { #","continue":"\#($0)""# } ?? ""
  return Answer(
    200,
    #"{"kind":"ConfigMapList","items":[\#(items)],"metadata":{"resourceVersion":"\#(version)"\#(next)}}"#
  )
}

/// A `Status` of failure.
func status(_ code: Int, _ reason: String, _ message: String, more: String = "") -> Answer {
  Answer(
    code,
    #"{"kind":"Status","status":"Failure","reason":"\#(reason)","message":"\#(message)","code":\#(code)\#(more)}"#
  )
}

@Suite struct APIClientTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  @Test func `one object is read by its path`() async throws {
    let place = try server.newCase([
      Rule(Answer(200, #"{"kind":"ArtifactGenerator","metadata":{"name":"x"}}"#))
    ])
    let object = try await connect(place).get(generators, namespace: "apps", name: "x")
    #expect(object.name == "x")
    let seen = try #require(try place.log().first)
    #expect(
      seen.path == "/apis/source.extensions.fluxcd.io/v1beta1/namespaces/apps/artifactgenerators/x")
    #expect(seen.header("Authorization") == "Bearer t")
    #expect(seen.header("Accept") == "application/json")
    #expect(seen.header("User-Agent") == "tests/1")
  }

  @Test func `#55 pages are joined in order, with their selectors`() async throws {
    let place = try server.newCase([
      Rule(query: "continue=one", page(["c", "d"], next: "two")),
      Rule(query: "continue=two", page(["e"])),
      Rule(page(["a", "b"], next: "one")),
    ])
    let options = ListOptions(labelSelector: "app in (x, y)", fieldSelector: "a!=b", pageSize: 2)
    let list = try await connect(place).list(configMaps, namespace: "apps", options: options)
    #expect(list.items.map(\.name) == ["a", "b", "c", "d", "e"])
    #expect(list.resourceVersion == "7")
    #expect(list.items.allSatisfy { $0.kind == "ConfigMap" && $0.apiVersion == "v1" })
    let query = "fieldSelector=a%21%3Db&labelSelector=app+in+%28x%2C+y%29&limit=2"
    #expect(
      try place.log().map(\.path) == [
        "/api/v1/namespaces/apps/configmaps?\(query)",
        "/api/v1/namespaces/apps/configmaps?continue=one&\(query)",
        "/api/v1/namespaces/apps/configmaps?continue=two&\(query)",
      ]
    )
  }

  @Test func `#18 without a namespace all are listed`() async throws {
    let place = try server.newCase([Rule(page([]))])
    let list = try await connect(place).list(configMaps, namespace: nil, options: ListOptions())
    #expect(list.items.isEmpty)
    #expect(try place.log().map(\.path) == ["/api/v1/configmaps?limit=500"])
  }

  @Test func `#54 an expired token starts the list again as a whole`() async throws {
    let place = try server.newCase([
      Rule(query: "continue=old", status(410, "Expired", "too old")),
      Rule(query: "limit", page(["a", "b"], next: "old", version: "1")),
      Rule(page(["a", "b", "c"], version: "2")),
    ])
    let client = try connect(place)
    let list = try await client.list(configMaps, namespace: "x", options: ListOptions(pageSize: 2))
    #expect(list.items.map(\.name) == ["a", "b", "c"])
    #expect(list.resourceVersion == "2")
    #expect(
      try place.log().map(\.path) == [
        "/api/v1/namespaces/x/configmaps?limit=2",
        "/api/v1/namespaces/x/configmaps?continue=old&limit=2",
        "/api/v1/namespaces/x/configmaps",
      ]
    )
  }

  @Test func `a list whose continue tokens come again is an error`() async throws {
    let place = try server.newCase([
      Rule(query: "continue=two", page(["c"], next: "one")),
      Rule(query: "continue=one", page(["b"], next: "two")),
      Rule(page(["a"], next: "one")),
    ])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).list(configMaps, namespace: "x", options: ListOptions())
    }
    #expect(
      error?.description
        == "the server's list of configmaps does not end: a continue token was repeated")
    #expect(try place.log().count == 3)
  }

  @Test func `a list that expires again and again is not read for ever`() async throws {
    let place = try server.newCase([
      Rule(query: "continue=", status(410, "Expired", "too old")), Rule(page(["a"], next: "one")),
    ])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).list(configMaps, namespace: "x", options: ListOptions())
    }
    #expect(error?.isExpired == true)
    #expect(try place.log().count == 4)
  }

  @Test func `#54 a list that is refused as a whole fails`() async throws {
    let place = try server.newCase([Rule(status(410, "Expired", "too old"))])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).list(configMaps, namespace: "x", options: ListOptions())
    }
    #expect(error?.description == "Error from server (Expired): too old")
    #expect(try place.log().count == 1)
  }

  @Test(arguments: [
    (
      status(403, "Forbidden", "configmaps is forbidden"),
      "Error from server (Forbidden): configmaps is forbidden"
    ),
    (
      status(401, "Unauthorized", "Unauthorized"),
      "You must be logged in to the server (Unauthorized)"
    ),
    (
      status(404, "NotFound", "configmaps \\\"x\\\" not found"),
      "Error from server (NotFound): configmaps \"x\" not found"
    ),
    (status(409, "Conflict", "modified"), "Error from server (Conflict): modified"),
    (status(200, "NotFound", "odd"), "Error from server (NotFound): odd"),
    (status(400, "", "no reason"), "Error from server: no reason"),
    (
      status(
        422, "Invalid", "bad",
        more:
          #","details":{"kind":"ConfigMap","name":"x","causes":[{"message":"Required value","field":"spec.x"}]}"#
      ),
      "The ConfigMap \"x\" is invalid: spec.x: Required value"
    ),
    (
      status(
        422, "Invalid", "bad",
        more:
          #","details":{"kind":"ConfigMap","name":"x","causes":[{"message":"one","field":"a"},{"message":"two","field":"b"}]}"#
      ),
      "The ConfigMap \"x\" is invalid: \n* a: one\n* b: two"
    ),
    (status(422, "Invalid", "only words"), "The request is invalid: only words"),
    (
      Answer(500, "boom\n", headers: [["Content-Type", "text/plain"]]),
      "Error from server (InternalError): an error on the server (\"boom\") has prevented the request from succeeding "
        + "(get configmaps x)"
    ),
    (
      Answer(502, "binary", headers: [["Content-Type", "application/octet-stream"]]),
      "Error from server (InternalError): an error on the server (\"unknown\") has prevented the request from succeeding "
        + "(get configmaps x)"
    ),
    (
      Answer(503, "down", headers: [["Content-Type", "text/plain"]]),
      "Error from server (ServiceUnavailable): the server is currently unable to handle the request (get configmaps x)"
    ),
    (
      Answer(404, "404 page not found\n", headers: [["Content-Type", "text/plain"]]),
      "Error from server (NotFound): the server could not find the requested resource (get configmaps x)"
    ),
    (
      Answer(429, "Too many requests", headers: [["Content-Type", "text/plain"]]),
      "Error from server (TooManyRequests): the server has received too many requests and has asked us to try again later "
        + "(get configmaps x)"
    ),
  ])
  func `#56 refusals read as in kubectl`(answer: Answer, text: String) async throws {
    let place = try server.newCase([Rule(answer)])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).get(configMaps, namespace: "n", name: "x")
    }
    #expect(error?.description == text)
  }

  @Test func `#56 a list that is not found says what was listed`() async throws {
    let place = try server.newCase([Rule(status(404, "NotFound", "no"))])
    let client = try connect(place)
    var error = await #expect(throws: APIError.self) {
      try await client.list(configMaps, namespace: "n", options: ListOptions())
    }
    #expect(
      error?.description
        == "Error from server (NotFound): Unable to list \"/v1, Resource=configmaps\": no")
    error = await #expect(throws: APIError.self) {
      try await client.list(
        configMaps, namespace: "n", options: ListOptions(labelSelector: "a", fieldSelector: "b=c"))
    }
    #expect(
      error?.description
        == "Error from server (NotFound): Unable to find \"/v1, Resource=configmaps\" that match label selector \"a\", "
        + "field selector \"b=c\": no"
    )
  }

  @Test func `#56 a login page is recognised`() async throws {
    let place = try server.newCase([
      Rule(Answer(200, "<html>", headers: [["Content-Type", "text/html; charset=utf-8"]]))
    ])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).get(configMaps, namespace: "n", name: "x")
    }
    #expect(error?.kind == .notKubernetes)
    #expect(
      error?.description.hasSuffix(
        "answered with text/html, not the Kubernetes API (a login page?)") == true)
  }

  @Test(arguments: [
    "{", "{\"a\":", "[1,", "\u{1}", "", String(repeating: "[", count: 1_000_000),
    String(repeating: "{\"a\":", count: 200_000),
  ])
  func `a broken answer is an error that names the server`(body: String) async throws {
    let place = try server.newCase([Rule(Answer(200, body))])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).get(configMaps, namespace: "n", name: "x")
    }
    #expect(error?.kind == .malformed)
    #expect(error?.description.contains("127.0.0.1") == true)
  }

  @Test func `#57 warnings of code 299 arrive once each`() async throws {
    let answer = Answer(
      200, "{}",
      headers: [
        ["Warning", #"299 - "one \"quoted\" warning""#],
        ["Warning", #"299 - "one \"quoted\" warning""#],
        ["Warning", #"199 - "ignored""#],
        ["Warning", #"299 - "a", 299 - "b" "Sun, 06 Nov 1994 08:49:37 GMT""#],
      ]
    )
    let place = try server.newCase([Rule(answer)])
    try await confirmation(expectedCount: 3) { warned in
      let client = try connect(place) { text in
        #expect(["one \"quoted\" warning", "a", "b"].contains(text))
        warned()
      }
      for _ in 0..<2 { _ = try await client.get(configMaps, namespace: "n", name: "x") }
    }
  }

  @Test(arguments: [".", "..", "a/b", "a%2Fb", ""])
  func `a name that is no path segment is refused before any request`(name: String) async throws {
    let place = try server.newCase([Rule(.echo)])
    let error = await #expect(throws: APIError.self) {
      try await connect(place).get(configMaps, namespace: "n", name: name)
    }
    #expect(error?.kind == .invalidRequest)
    #expect(try place.log().isEmpty)
  }
}
