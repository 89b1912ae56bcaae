import LoopbackServer
import Testing

@testable import Curl
@testable import HTTP

/// Against the small HTTP/2 server of the test support, which can misbehave.
@Suite(.serialized) struct HTTP2Tests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  func transport() throws -> CurlTransport {
    CurlTransport(options: TransportOptions(trust: .only(try server.pki("ca1.crt"))))
  }

  func url(_ listener: String) throws -> String {
    "https://127.0.0.1:\(try server.port(listener))/x"
  }

  /// The connections on which requests arrived, in order, since a moment.
  func connections(_ listener: String, since count: Int) throws -> [Int?] {
    try server.ownLog().dropFirst(count).filter { $0.listener == listener && $0.stream != nil }.map(
      \.connection)
  }

  @Test func `HTTP 2 is spoken where it is offered`() async throws {
    let response = try await transport().send(Request(url: try url("H2")))
    #expect(response.head.version == "HTTP/2")
    #expect(response.status == 200)
    #expect(response.head.mediaType == "application/json")
  }

  @Test func `requests at once share one connection`() async throws {
    let before = try server.ownLog().count
    let transport = try transport()
    let url = try url("H2_TOGETHER")
    try await withThrowingTaskGroup(of: Response.self) { group in
      for _ in 0..<3 { group.addTask { try await transport.send(Request(url: url)) } }
      for try await response in group { #expect(response.body == Array(#"{"open":3}"#.utf8)) }
    }
    #expect(Set(try connections("H2_TOGETHER", since: before)).count == 1)
  }

  @Test func `a connection that goes away before it took the request is replaced`() async throws {
    let before = try server.ownLog().count
    let transport = RetryingTransport(try transport(), sleep: { _ in })
    let response = try await transport.send(Request(url: try url("H2_GOAWAY")))
    #expect(response.status == 200)
    #expect(try connections("H2_GOAWAY", since: before) == [1, 2])
  }

  @Test func `a connection that goes away in the middle is replaced for a read`() async throws {
    let before = try server.ownLog().count
    let transport = RetryingTransport(try transport(), sleep: { _ in })
    let response = try await transport.send(Request(url: try url("H2_GOAWAY_LATE")))
    #expect(response.status == 200)
    #expect(try connections("H2_GOAWAY_LATE", since: before) == [1, 2])
  }

  @Test func `a request that is reset is repeated for a read, on the same connection`() async throws
  {
    let before = try server.ownLog().count
    let transport = RetryingTransport(try transport(), sleep: { _ in })
    let response = try await transport.send(Request(url: try url("H2_RESET")))
    #expect(response.status == 200)
    #expect(try connections("H2_RESET", since: before).count == 2)
  }

  @Test func `a write that is reset is sent once`() async throws {
    let before = try server.ownLog().count
    let transport = RetryingTransport(try transport(), sleep: { _ in })
    let error = await #expect(throws: TransportError.self) {
      try await transport.send(
        Request(.post, url: try url("H2_ALWAYS_RESET"), body: Array("{}".utf8)))
    }
    #expect(error?.kind == .connectionLost)
    #expect(try connections("H2_ALWAYS_RESET", since: before).count == 1)
  }

  @Test func `a stream speaks HTTP 1 1 on a connection of its own`() async throws {
    let place = try server.newCase([Rule(.chunks(["x"], then: .hang))])
    let response = try await transport().stream(Request(url: try place.url()))
    #expect(response.head.version == "HTTP/1.1")
  }
}
