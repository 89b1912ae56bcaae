import Curl
import Document
import HTTP
import Kubeconfig
import LoopbackServer
import Objects
import Synchronization
import Testing

@testable import KubeAPI

@Suite struct HTTPLogTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  static let secrets = ResourceType(
    group: "", version: "v1", kind: "Secret", plural: "secrets", singular: "secret")

  /// What a log of a level says about some requests.
  func logged(_ level: Int, _ answers: Answer..., do work: (APIClient) async throws -> Void)
    async throws -> String
  {
    let rules = [Rule(answers[0])]
    let place = try server.newCase(rules)
    let lines = Mutex<[String]>([])
    let base = try connect(place, token: "TOKEN-VALUE")
    let log = HTTPLog(level: level) { line in lines.withLock { $0.append(line) } }
    let connections = CurlTransport(options: base.configuration.transport)
    let transport: any Transport =
      level >= 6 ? LoggingTransport(base: connections, log: log) : connections
    try await work(
      APIClient(base.configuration, over: transport, userAgent: "tests/1"))
    return lines.withLock { $0.joined(separator: "\n") }
  }

  @Test func `nothing is written below level 6`() async throws {
    let text = try await logged(5, Answer(200, "{}")) {
      _ = try await $0.get(configMaps, namespace: "n", name: "x")
    }
    #expect(text.isEmpty)
  }

  @Test func `level 6 is one line a request`() async throws {
    let text = try await logged(6, Answer(200, "{}")) {
      _ = try await $0.get(configMaps, namespace: "n", name: "x")
    }
    #expect(
      text.wholeMatch(
        of:
          #/GET https://127\.0\.0\.1:\d+/case-\d+/api/v1/namespaces/n/configmaps/x 200 OK in \d+ milliseconds/#
      ) != nil)
  }

  @Test func `level 7 adds the header fields of the request`() async throws {
    let text = try await logged(7, Answer(200, "{}")) {
      _ = try await $0.get(configMaps, namespace: "n", name: "x")
    }
    #expect(text.contains("    Accept: application/json"))
    #expect(text.contains("    Authorization: Bearer <masked>"))
    #expect(text.contains("Response Status: 200 OK in "))
    #expect(!text.contains("Response Headers"))
  }

  @Test func `level 8 adds the answer, cut off`() async throws {
    let long = #"{"data":"\#(String(repeating: "x", count: 3000))"}"#
    let text = try await logged(8, Answer(200, long)) {
      _ = try await $0.get(configMaps, namespace: "n", name: "x")
    }
    #expect(text.contains("Response Headers:\n"))
    #expect(text.contains("Response Body: {\"data\":\"xxx"))
    #expect(text.contains("[truncated \(long.utf8.count - 1024) bytes]"))
  }

  @Test func `level 9 adds a command without credentials`() async throws {
    let text = try await logged(9, Answer(200, "{}")) {
      _ = try await $0.get(configMaps, namespace: "n", name: "x")
    }
    #expect(text.contains("curl -v -XGET -H \"Accept: application/json\""))
    #expect(text.contains("-H \"Authorization: Bearer <masked>\""))
  }

  @Test(arguments: 6...10)
  func `#67 no level shows a token, a password, a cookie or a Secret`(level: Int) async throws {
    let cookie = [["Set-Cookie", "session=COOKIE-VALUE"]]
    let plain = #"{"kind":"Secret","data":{"password":"U0VDUkVU"}}"#
    let list =
      #"{"kind":"List","items":[{"kind":"ConfigMap"},{"kind":"Secret","data":{"password":"U0VDUkVU"}}]}"#
    let annotated =
      #"{"kind":"X","metadata":{"annotations":{"last":"{\"kind\":\"Secret\",\"data\":{\"password\":\"U0VDUkVU\"}}"}}}"#
    let table = #"{"kind":"Table","rows":[{"object":{"kind":"Secret","data":{"p":"U0VDUkVU"}}}]}"#
    for body in [plain, list, annotated, table] {
      let text = try await logged(level, Answer(200, body, headers: cookie)) {
        _ = try await $0.get(configMaps, namespace: "n", name: "x")
      }
      for secret in ["TOKEN-VALUE", "COOKIE-VALUE", "U0VDUkVU"] { #expect(!text.contains(secret)) }
    }
    let text = try await logged(level, Answer(200, #"{"data":{"password":"U0VDUkVU"}}"#)) {
      client in
      _ = try await client.get(Self.secrets, namespace: "n", name: "x")
      _ = try await client.patch(
        Self.secrets, namespace: "n", name: "x", .merge(["stringData": ["password": "IN-THE-BODY"]])
      )
    }
    for secret in ["TOKEN-VALUE", "U0VDUkVU", "IN-THE-BODY"] { #expect(!text.contains(secret)) }
    let other = try await logged(level, Answer(200, "{}")) { client in
      _ = try await client.create(
        configMaps, namespace: "n", ["kind": "Secret", "stringData": ["password": "IN-THE-BODY"]])
    }
    #expect(!other.contains("IN-THE-BODY"))
  }

  @Test(arguments: [
    ("Authorization", "Bearer abc", "Bearer <masked>"),
    ("authorization", "basic abc", "basic <masked>"),
    ("Authorization", "abc", "<masked>"), ("Authorization", "abc def", "<masked>"),
    ("Authorization", "Bearer", "<masked>"),
    ("Proxy-Authorization", "Basic abc", "Basic <masked>"), ("Cookie", "a=b", "<masked>"),
    ("Accept", "a/b", "a/b"),
  ])
  func `credentials in header fields are masked`(name: String, value: String, shown: String) {
    #expect(Masking.value(name, value) == shown)
  }

  @Test(arguments: [
    ("https://h/api/v1/namespaces/n/secrets/x?a=b", "{}", true),
    ("https://h/api/v1/secrets", "{}", true),
    ("https://h/api/v1/namespaces/n/serviceaccounts/x/token", "{}", true),
    ("https://h/api/v1/namespaces/secrets-team/configmaps", #"{"kind":"ConfigMap"}"#, false),
    ("https://h/x", #"{"kind":"Secr"#, false), ("https://h/x", #"{"kind":"Secret"#, true),
    (
      "https://h/api/v1/configmaps",
      #"{"kind":"ConfigMapList","items":[{"data":{"a":"A Secret is a kind"}}]}"#, false
    ),
  ])
  func `bodies that may hold secrets are recognised`(url: String, body: String, isSecret: Bool) {
    #expect(Masking.isSecret(url: url, body: Array(body.utf8)) == isSecret)
  }

  @Test func `a failure is written down without its own secrets`() async throws {
    let lines = Mutex<[String]>([])
    let port = try server.port("CLOSED")
    let log = HTTPLog(level: 9) { line in lines.withLock { $0.append(line) } }
    let transport = LoggingTransport(
      base: CurlTransport(options: TransportOptions(trust: .anything)), log: log)
    await #expect(throws: TransportError.self) {
      try await transport.send(Request(url: "https://u:PASSWORD@127.0.0.1:\(port)/x"))
    }
    let text = lines.withLock { $0.joined(separator: "\n") }
    #expect(text.contains("failed in"))
    #expect(!text.contains("PASSWORD"))
  }
}
