import Foundation
import LoopbackServer
import Synchronization
import Testing

@testable import Curl
@testable import HTTP

/// Connections that go on in another protocol, against a server that answers 101.
@Suite struct UpgradeTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  func transport(_ change: (inout TransportOptions) throws -> Void = { _ in }) throws
    -> CurlTransport
  {
    var options = TransportOptions(trust: .only(try server.pki("ca1.crt")))
    try change(&options)
    return CurlTransport(options: options)
  }

  func request(_ url: String, timeout: Duration? = nil) -> Request {
    var request = Request(
      url: url,
      headers: [
        "Connection": "Upgrade", "Upgrade": "test/1", "Authorization": "Bearer secret",
      ])
    request.timeout = timeout
    return request
  }

  func open(
    _ place: Case, _ listener: String = "A", host: String = "127.0.0.1",
    over transport: CurlTransport? = nil, identity: ClientIdentity? = nil
  ) async throws -> UpgradedConnection {
    let transport = try transport ?? self.transport()
    var request = request(try place.url(listener, host: host))
    request.identity = identity
    let answer = try await transport.upgrade(request)
    guard case .switched(let head, let connection) = answer else {
      throw UnexpectedAnswer(answer: answer)
    }
    #expect(head.status == 101)
    #expect(head.headers["upgrade"] == "test/1")
    return connection
  }

  struct UnexpectedAnswer: Error {
    let answer: UpgradeResponse
  }

  func read(_ connection: UpgradedConnection, count: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, let piece = try await connection.next() { bytes += piece }
    return bytes
  }

  // MARK: - Both ways

  @Test(arguments: ["PLAIN", "A"])
  func `bytes go both ways, and those behind the header are not lost`(listener: String)
    async throws
  {
    let place = try server.newCase([Rule(.upgrade(.echo, greeting: "hello"))])
    let connection = try await open(place, listener)
    #expect(try await read(connection, count: 5) == Array("hello".utf8))
    for text in ["a", "\0\r\n", String(repeating: "x", count: 200_000)] {
      try await connection.send(Array(text.utf8))
      #expect(try await read(connection, count: text.utf8.count) == Array(text.utf8))
    }
    let seen = try #require(try place.log().first)
    #expect(seen.method == "GET")
    #expect(seen.header("Host") == "127.0.0.1:\(try server.port(listener))")
    #expect(seen.header("Authorization") == "Bearer secret")
    #expect(seen.header("Connection") == "Upgrade")
  }

  @Test func `trust, the name to verify and the client certificate hold as for any request`()
    async throws
  {
    let place = try server.newCase([Rule(.upgrade(.echo))])
    let named = try transport { $0.serverName = "kubernetes.internal.test" }
    _ = try await open(place, "INTERNAL", over: named)
    let seen = try #require(try place.log().first)
    #expect(seen.serverName == "kubernetes.internal.test")
    #expect(seen.header("Host") == "127.0.0.1:\(try server.port("INTERNAL"))")
    let stranger = try transport { $0.trust = .only(try server.pki("ca2.crt")) }
    let error = await #expect(throws: TransportError.self) {
      _ = try await open(place, over: stranger)
    }
    #expect(error?.kind == .tls)
    let identity = ClientIdentity(
      certificate: try server.pki("client-rsa-pkcs1.crt"),
      key: try server.pki("client-rsa-pkcs1.key"))
    _ = try await open(place, "MTLS", identity: identity)
    // That the connection has gone again may be noted, too.
    #expect(try place.log().contains { $0.client == "client-rsa-pkcs1" })
  }

  @Test(arguments: ["PLAIN", "A"], ["http PROXY", "https PROXY_TLS", "socks5 SOCKS"])
  func `the way leads through a proxy of every kind`(listener: String, proxy: String)
    async throws
  {
    let parts = proxy.split(separator: " ").map(String.init)
    let place = try server.newCase([Rule(.upgrade(.echo, greeting: "hi"))])
    let url = "\(parts[0])://127.0.0.1:\(try server.port(parts[1]))"
    let connection = try await open(
      place, listener, host: "localhost", over: try transport { $0.proxy = .fixed(url) })
    #expect(try await read(connection, count: 2) == Array("hi".utf8))
    // No more than sockets hold: the proxy of the tests passes on one piece after the other, whichever
    // way it goes.
    let text = Array(String(repeating: "0123456789", count: 3_000).utf8)
    async let sent: Void = connection.send(text)
    #expect(try await read(connection, count: text.count) == text)
    try await sent
    // The tunnel is opened for a plain server as well, and sees no credentials.
    let port = try server.port(listener)
    let seen = try server.ownLog().last {
      $0.proxy == parts[1] && $0.line?.contains(":\(port)") == true
    }
    #expect(seen?.line?.hasPrefix("CONNECT ") == (parts[0] != "socks5"))
    #expect(seen?.header("Authorization") == nil)
  }

  @Test func `a proxy that refuses is named`() async throws {
    let place = try server.newCase([Rule(.upgrade(.echo))])
    let url = "http://127.0.0.1:\(try server.port("PROXY_DENYING"))"
    let error = await #expect(throws: TransportError.self) {
      _ = try await open(place, over: try transport { $0.proxy = .fixed(url) })
    }
    #expect(error?.detail.contains("refused the connection with status 407") == true)
  }

  // MARK: - Refusals

  @Test(arguments: [
    (Answer(403, "{\"reason\":\"Forbidden\"}"), 403, "{\"reason\":\"Forbidden\"}"),
    (Answer(200, "a page"), 200, "a page"), (Answer(204, nil), 204, ""),
    (Answer.chunks(["one", "two", "three"]).with { $0.status = 502 }, 502, "onetwothree"),
    (
      Answer(nil, then: .close).with { $0.raw = "HTTP/1.1 404 Not Found\r\n\r\nuntil the end" },
      404, "until the end"
    ),
    (
      Answer(nil).with {
        $0.raw = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno"
      }, 401, "no"
    ),
  ])
  func `any other answer is one, with its body`(answer: Answer, status: Int, body: String)
    async throws
  {
    for listener in ["PLAIN", "A"] {
      let place = try server.newCase([Rule(answer)])
      let response = try await transport().upgrade(request(try place.url(listener)))
      guard case .refused(let refusal) = response else { throw UnexpectedAnswer(answer: response) }
      #expect(refusal.status == status)
      #expect(String(decoding: refusal.body, as: UTF8.self) == body)
    }
  }

  @Test(arguments: [
    (
      Answer(nil, then: .close).with { $0.raw = "SSH-2.0-x\r\n" },
      TransportError.Kind.protocolViolation
    ),
    (Answer(nil, then: .close).with { $0.raw = "HTTP/1.1 101 Sw" }, .connectionLost),
    (.no(.close), .connectionLost), (.no(.reset), .connectionLost),
  ])
  func `what is no answer is an error`(answer: Answer, kind: TransportError.Kind) async throws {
    let place = try server.newCase([Rule(answer)])
    let error = await #expect(throws: TransportError.self) {
      _ = try await transport().upgrade(request(try place.url("PLAIN")))
    }
    #expect(error?.kind == kind)
  }

  @Test func `a header with a line end of its own is refused before any connection`() async throws {
    let place = try server.newCase([Rule(.upgrade(.echo))])
    var bad = request(try place.url())
    bad.headers["Authorization"] = "Bearer a\r\nX-Other: b"
    let error = await #expect(throws: TransportError.self) {
      _ = try await transport().upgrade(bad)
    }
    #expect(error?.kind == .invalidRequest)
    #expect(try place.log().isEmpty)
  }

  // MARK: - Ends

  @Test func `the peer may end its direction and still be sent to`() async throws {
    let place = try server.newCase([Rule(.upgrade(.half, greeting: "bye"))])
    do {
      let connection = try await open(place, "PLAIN")
      #expect(try await read(connection, count: .max) == Array("bye".utf8))
      #expect(try await connection.next() == nil)
      try await connection.send(Array("still here".utf8))
      connection.close()
    }
    let log = try await place.waitForLog { $0.contains { $0.event == "got" } }
    #expect(log.first { $0.event == "got" }?.body == "still here")
  }

  @Test(arguments: ["PLAIN", "A"])
  func `a peer that vanishes is an error, for reader and writer`(listener: String) async throws {
    let place = try server.newCase([Rule(.upgrade(.reset))])
    let connection = try await open(place, listener)
    try await connection.send([0])
    let error = await #expect(throws: TransportError.self) {
      while try await connection.next() != nil {}
    }
    #expect(error?.kind == .connectionLost)
    await #expect(throws: TransportError.self) {
      for _ in 0..<100 { try await connection.send([1, 2, 3]) }
    }
  }

  @Test func `dropping a connection closes it`() async throws {
    let place = try server.newCase([Rule(.upgrade(.echo))])
    _ = try await open(place)
    _ = try await place.waitForLog { $0.contains { $0.event == "left" } }
  }

  @Test func `cancelling whoever waits closes the connection`() async throws {
    let place = try server.newCase([Rule(.upgrade(.echo))])
    let connection = try await open(place)
    let reader = Task { () async -> TransportError? in
      do throws(TransportError) {
        _ = try await connection.next()
        return nil
      } catch {
        return error
      }
    }
    reader.cancel()
    #expect(await reader.value?.kind == .cancelled)
    _ = try await place.waitForLog { $0.contains { $0.event == "left" } }
  }

  @Test func `cancelling ends an upgrade that is not answered`() async throws {
    let task = Task { [transport = try transport(), port = try server.port("SILENT")] in
      _ = try await transport.upgrade(request("http://127.0.0.1:\(port)/"))
    }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    let error = await #expect(throws: TransportError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
  }

  @Test func `the time-out bounds the answer, and not what follows`() async throws {
    let silent = request(
      "http://127.0.0.1:\(try server.port("SILENT"))/", timeout: .milliseconds(300))
    let error = await #expect(throws: TransportError.self) {
      _ = try await transport().upgrade(silent)
    }
    #expect(error?.kind == .timeout)
    let place = try server.newCase([Rule(.upgrade(.echo))])
    let answer = try await transport().upgrade(
      request(try place.url(), timeout: .milliseconds(2000)))
    guard case .switched(_, let connection) = answer else {
      throw UnexpectedAnswer(answer: answer)
    }
    try await Task.sleep(for: .milliseconds(2500))
    try await connection.send([7])
    #expect(try await connection.next() == [7])
  }

  // MARK: - Bounds

  @Test(arguments: ["PLAIN", "A"])
  func `a peer that floods is held back until it is read`(listener: String) async throws {
    let place = try server.newCase([Rule(.upgrade(.flood))])
    let connection = try await open(place, listener)
    let log = try await place.waitForLog { $0.contains { $0.event == "stalled" } }
    // What the two kernels buffer on loopback, and 1 MiB of ours.
    let taken = try #require(log.first { $0.event == "stalled" }?.body.flatMap { Int($0) })
    #expect(taken < 32 << 20)
    var count = 0
    var isInOrder = true
    while let piece = try await connection.next() {
      #expect(piece.count <= 2 << 20)
      for offset in stride(from: 0, to: piece.count, by: 4093) {
        isInOrder = isInOrder && piece[offset] == UInt8(truncatingIfNeeded: count + offset)
      }
      count += piece.count
    }
    #expect(count == 64 << 20)
    #expect(isInOrder)
  }

  @Test func `sending waits for a peer that does not read`() async throws {
    let place = try server.newCase([Rule(.upgrade(.slow))])
    let connection = try await open(place)
    let sent = Mutex(0)
    let sender = Task {
      let piece = [UInt8](repeating: 65, count: 1 << 20)
      for _ in 0..<64 {
        try await connection.send(piece)
        sent.withLock { $0 += piece.count }
      }
    }
    _ = try await place.waitForLog { $0.contains { $0.event == "reading" } }
    #expect(sent.withLock { $0 } < 64 << 20)
    try await sender.value
    let log = try await place.waitForLog { $0.contains { $0.event == "got" } }
    #expect(log.first { $0.event == "got" }?.body?.hasPrefix("\(64 << 20) ") == true)
  }

  @Test func `many at once do not disturb each other nor other requests`() async throws {
    let place = try server.newCase([
      Rule(header: "Upgrade: test/1", .upgrade(.echo)), Rule(Answer(200, "{}")),
    ])
    let transport = try transport()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<24 {
        group.addTask {
          let connection = try await open(place, number % 2 == 0 ? "A" : "PLAIN", over: transport)
          for round in 0..<20 {
            let text = Array("\(number) \(round) ".utf8) + [UInt8](repeating: 1, count: 5000)
            try await connection.send(text)
            #expect(try await read(connection, count: text.count) == text)
          }
        }
        group.addTask {
          let response = try await transport.send(Request(url: try place.url()))
          #expect(response.status == 200)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func `there is a limit, and a place is free again after the end`() async throws {
    let place = try server.newCase([Rule(.upgrade(.echo))])
    let transport = try transport()
    var held: [UpgradedConnection] = []
    for _ in 0..<CurlTransport.upgradeLimit {
      held.append(try await open(place, "PLAIN", over: transport))
    }
    let error = await #expect(throws: TransportError.self) {
      _ = try await open(place, "PLAIN", over: transport)
    }
    #expect(error?.kind == .invalidRequest)
    held.removeLast()
    held.append(try await open(place, "PLAIN", over: transport))
  }
}
