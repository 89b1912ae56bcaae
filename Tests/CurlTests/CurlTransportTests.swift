import Foundation
import LoopbackServer
import Testing

@testable import Curl
@testable import HTTP

/// Against a real server on loopback: what is sent, what is understood.
@Suite struct CurlTransportTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  func transport(_ change: (inout TransportOptions) -> Void = { _ in }) throws -> CurlTransport {
    var options = TransportOptions(trust: .only(try server.pki("ca1.crt")))
    change(&options)
    return CurlTransport(options: options)
  }

  func echo(_ response: Response) throws -> LogEntry {
    try JSONDecoder().decode(LogEntry.self, from: Data(response.body))
  }

  @Test func `an answer has its status, header fields and body`() async throws {
    let place = try server.newCase([
      Rule(Answer(418, "tea", headers: [["X-One", "1"], ["x-one", "2"]]))
    ])
    let response = try await transport().send(Request(url: try place.url(path: "/x")))
    #expect(response.status == 418)
    #expect(response.body == Array("tea".utf8))
    #expect(response.headers.all("X-ONE") == ["1", "2"])
    #expect(response.head.mediaType == "application/json")
  }

  @Test func `nothing is sent that nobody asked for`() async throws {
    let place = try server.newCase([Rule(.echo)])
    let request = Request(
      url: try place.url(path: "/a/../b%2Fc?q=1"), headers: ["User-Agent": "me"])
    let seen = try echo(try await transport().send(request))
    #expect(seen.path == "/a/../b%2Fc?q=1")
    #expect(Set(seen.headers?.map { $0[0] } ?? []) == ["Host", "User-Agent", "Accept-Encoding"])
    #expect(seen.header("Accept-Encoding") == "gzip")
  }

  @Test(arguments: [Method.post, .put, .patch, .delete])
  func `a body is sent once, with its length and type`(method: HTTP.Method) async throws {
    let place = try server.newCase([Rule(.echo)])
    let body = Array(repeating: UInt8(ascii: "x"), count: 3 << 20)
    let request = Request(
      method, url: try place.url(), headers: ["Content-Type": "a/b"], body: body)
    let seen = try echo(try await transport().send(request))
    #expect(seen.method == method.rawValue)
    #expect(seen.body?.utf8.count == body.count)
    #expect(seen.header("Content-Length") == "\(body.count)")
    #expect(seen.header("Content-Type") == "a/b")
    #expect(seen.header("Expect") == nil)
  }

  @Test func `a DELETE without body has none`() async throws {
    let place = try server.newCase([Rule(.echo)])
    let seen = try echo(try await transport().send(Request(.delete, url: try place.url())))
    #expect(seen.method == "DELETE")
    #expect(seen.header("Content-Length") ?? "0" == "0")
  }

  @Test func `a HEAD answer has no body`() async throws {
    let place = try server.newCase([Rule(Answer(200, "never sent"))])
    let response = try await transport().send(Request(.head, url: try place.url()))
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
  }

  @Test func `redirects are not followed`() async throws {
    let place = try server.newCase([Rule(Answer(302, headers: [["Location", "/elsewhere"]]))])
    #expect(try await transport().send(Request(url: try place.url())).status == 302)
    #expect(try place.log().count == 1)
  }

  @Test func `#69 compressed answers are asked for and inflated`() async throws {
    let text = String(repeating: "compressible ", count: 1000)
    let place = try server.newCase([Rule(Answer(200, text).with { $0.gzip = true })])
    let response = try await transport().send(Request(url: try place.url()))
    #expect(response.headers["Content-Encoding"] == "gzip")
    #expect(response.body == Array(text.utf8))
  }

  @Test func `#69 compression can be declined`() async throws {
    let place = try server.newCase([Rule(.echo)])
    var request = Request(url: try place.url())
    request.acceptsCompression = false
    let seen = try echo(try await transport().send(request))
    #expect(seen.header("Accept-Encoding") == nil)
  }

  @Test(arguments: [true, false])
  func `an answer that inflates beyond the limit is refused`(isCompressed: Bool) async throws {
    let text = String(repeating: "0", count: 2 << 20)
    let place = try server.newCase([Rule(Answer(200, text).with { $0.gzip = isCompressed })])
    let error = await #expect(throws: TransportError.self) {
      var request = Request(url: try place.url())
      request.bodyLimit = 1 << 20
      return try await transport().send(request)
    }
    #expect(error?.kind == .tooLarge)
    #expect(
      error?.description == "Unable to connect to the server: the response is larger than 1 MiB")
  }

  @Test func `two gigabytes that are only announced are refused at once`() async throws {
    let answer = Answer(200, "{}", then: .hang).with { $0.length = 2 << 30 }
    let place = try server.newCase([Rule(answer)])
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(Request(url: try place.url()))
    }
    #expect(error?.kind == .tooLarge)
  }

  @Test func `connections are used again`() async throws {
    let place = try server.newCase([Rule(Answer(200, "{}"))])
    let transport = try transport()
    for _ in 0..<3 { _ = try await transport.send(Request(url: try place.url())) }
    let log = try place.log()
    // libcurl gives up a connection that was idle for two minutes, which passes on a busy machine.
    let times = log.compactMap(\.time)
    guard zip(times, times.dropFirst()).allSatisfy({ $1 - $0 < 60 }) else { return }
    #expect(Set(log.map(\.connection)).count == 1)
  }

  @Test func `many requests at once are all answered`() async throws {
    let place = try server.newCase([Rule(.echo)])
    let transport = try transport()
    let paths = try await withThrowingTaskGroup(of: String?.self) { group in
      for number in 0..<50 {
        group.addTask {
          let response = try await transport.send(Request(url: try place.url(path: "/\(number)")))
          return try JSONDecoder().decode(LogEntry.self, from: Data(response.body)).path
        }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(paths == Set((0..<50).map { "/\($0)" }))
  }

  @Test(arguments: ["a\nX-Evil: 1", "a\r\nX-Evil: 1", "a\rb", "a\0b"])
  func `#41 a header value with a line end or NUL is refused before any connection`(value: String)
    async throws
  {
    let place = try server.newCase([Rule(.echo)])
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(Request(url: try place.url(), headers: ["Authorization": value]))
    }
    #expect(
      error?.description
        == "Unable to connect to the server: net/http: invalid header field value for \"Authorization\""
    )
    #expect(try place.log().isEmpty)
  }

  @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1", "https://"])
  func `only http and https URLs are opened`(url: String) async throws {
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(Request(url: url))
    }
    #expect(error?.kind == .invalidRequest)
  }

  @Test func `#28 nobody listening is said in kubectl's words`() async throws {
    let port = try server.port("CLOSED")
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(Request(url: "https://127.0.0.1:\(port)/x"))
    }
    #expect(error?.kind == .refused)
    #expect(
      error?.description
        == "The connection to the server 127.0.0.1:\(port) was refused - did you specify the right host or port?"
    )
  }

  @Test func `an unknown host is said in kubectl's words`() async throws {
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(Request(url: "https://nowhere.invalid/"))
    }
    #expect(
      error?.description
        == "Unable to connect to the server: dial tcp: lookup nowhere.invalid: no such host"
    )
  }
}
