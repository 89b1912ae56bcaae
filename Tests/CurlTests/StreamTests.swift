import Foundation
import LoopbackServer
import Testing

@testable import Curl
@testable import HTTP

@Suite struct StreamTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  func transport() throws -> CurlTransport {
    CurlTransport(options: TransportOptions(trust: .only(try server.pki("ca1.crt"))))
  }

  func request(_ url: String, within timeout: Duration) -> Request {
    var request = Request(url: url)
    request.timeout = timeout
    return request
  }

  @Test func `the header arrives before the body has ended`() async throws {
    let place = try server.newCase([Rule(.chunks(["one"], then: .hang))])
    let response = try await transport().stream(Request(url: try place.url()))
    #expect(response.head.status == 200)
    #expect(try await response.body.next() == Array("one".utf8))
  }

  @Test func `pieces arrive in order, and then nothing`() async throws {
    let place = try server.newCase([Rule(.chunks(["a", "b", "c"], pause: 0.01))])
    let body = try await transport().stream(Request(url: try place.url())).body
    var all: [UInt8] = []
    while let piece = try await body.next() { all += piece }
    #expect(all == Array("abc".utf8))
    #expect(try await body.next() == nil)
  }

  @Test func `dropping a stream ends its connection`() async throws {
    let place = try server.newCase([Rule(.chunks(["one"], then: .hang))])
    do {
      let response = try await transport().stream(Request(url: try place.url()))
      _ = try await response.body.next()
    }
    _ = try await place.waitForLog { $0.contains { $0.event == "left" } }
  }

  @Test func `cancelling the reader ends the connection`() async throws {
    let place = try server.newCase([Rule(.chunks(["one"], then: .hang))])
    let transport = try transport()
    let response = try await transport.stream(Request(url: try place.url()))
    _ = try await response.body.next()
    let reader = Task { () async -> TransportError? in
      do throws(TransportError) {
        _ = try await response.body.next()
        return nil
      } catch {
        return error
      }
    }
    reader.cancel()
    let error = await reader.value
    #expect(error?.kind == .cancelled)
    _ = try await place.waitForLog { $0.contains { $0.event == "left" } }
  }

  @Test func `cancelling a request that waits for its header ends the connection`() async throws {
    let place = try server.newCase([Rule(.no(.hang))])
    let transport = try transport()
    for isStream in [true, false] {
      let url = try place.url()
      let task = Task {
        if isStream {
          _ = try await transport.stream(Request(url: url))
        } else {
          _ = try await transport.send(Request(url: url))
        }
      }
      let expected = isStream ? 1 : 3
      _ = try await place.waitForLog { $0.count == expected }
      task.cancel()
      await #expect(throws: TransportError.self) { try await task.value }
      _ = try await place.waitForLog { $0.last?.event == "left" }
    }
  }

  @Test func `a task that is cancelled already sends nothing`() async throws {
    let place = try server.newCase([Rule(.echo)])
    let transport = try transport()
    let url = try place.url()
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await transport.send(Request(url: url))
    }
    task.cancel()
    await #expect(throws: TransportError.self) { try await task.value }
    #expect(try place.log().isEmpty)
  }

  @Test func `a connection that is lost in the middle is an error after what had arrived`()
    async throws
  {
    let place = try server.newCase([Rule(.chunks(["one"], then: .close))])
    let body = try await transport().stream(Request(url: try place.url())).body
    #expect(try await body.next() == Array("one".utf8))
    let error = await #expect(throws: TransportError.self) { try await body.next() }
    #expect(error?.kind == .connectionLost)
    // And again the same, not silence that looks like an end.
    await #expect(throws: TransportError.self) { try await body.next() }
  }

  @Test func `a slow reader holds the sender back instead of filling the memory`() async throws {
    let buffer = BodyBuffer(limit: 100)
    let bytes = [UInt8](repeating: 1, count: 60)
    #expect(bytes.withUnsafeBytes(buffer.offer))
    #expect(bytes.withUnsafeBytes(buffer.offer))
    #expect(!bytes.withUnsafeBytes(buffer.offer))
    var resumed = 0
    #expect(try await buffer.take { resumed += 1 }?.count == 120)
    #expect(resumed == 1)
    #expect(bytes.withUnsafeBytes(buffer.offer))
    buffer.finish(.success(()))
    #expect(try await buffer.take { resumed += 1 }?.count == 60)
    #expect(try await buffer.take { resumed += 1 } == nil)
    #expect(resumed == 1)
  }

  @Test func `a long body passes a slow reader whole`() async throws {
    let place = try server.newCase([
      Rule(Answer(200).with { $0.repeat = Repetition("0123456789abcdef", count: 1 << 20) })
    ])
    let body = try await transport().stream(Request(url: try place.url())).body
    var count = 0
    var largest = 0
    while let piece = try await body.next() {
      count += piece.count
      largest = max(largest, piece.count)
      if count % 3 == 0 { try await Task.sleep(for: .milliseconds(1)) }
    }
    #expect(count == 16 << 20)
    #expect(largest <= 2 << 20)
  }

  @Test func `a stream keeps a connection of its own`() async throws {
    let place = try server.newCase([
      Rule(path: "/watch", .chunks(["x"], then: .hang)), Rule(Answer(200, "{}")),
    ])
    let transport = try transport()
    let stream = try await transport.stream(Request(url: try place.url(path: "/watch")))
    for _ in 0..<3 { _ = try await transport.send(Request(url: try place.url())) }
    let connections = try place.log().map(\.connection)
    #expect(connections.dropFirst().allSatisfy { $0 != connections[0] })
    #expect(Set(connections).count == 2)
    _ = try await stream.body.next()
  }

  @Test func `no more time than allowed passes between two pieces`() async throws {
    let place = try server.newCase([Rule(Answer(200, "{}", then: .hang).with { $0.length = 100 })])
    var options = TransportOptions(trust: .only(try server.pki("ca1.crt")))
    options.stallTimeout = .seconds(1)
    let error = await #expect(throws: TransportError.self) {
      try await CurlTransport(options: options).send(Request(url: try place.url()))
    }
    #expect(
      error?.description == "Unable to connect to the server: the server sent nothing for too long")
  }

  /// The second time-out is long because the text depends on the head having arrived by then.
  @Test(arguments: [
    (
      Answer.no(.hang), Duration.milliseconds(300),
      "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    ),
    (
      Answer(200, "{}", then: .hang).with { $0.length = 100 }, .seconds(5),
      "context deadline exceeded (Client.Timeout or context cancellation while reading body)"
    ),
  ])
  func `#68 a time-out bounds headers and body`(answer: Answer, timeout: Duration, text: String)
    async throws
  {
    let place = try server.newCase([Rule(answer)])
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(request(try place.url(), within: timeout))
    }
    #expect(error?.kind == .timeout)
    #expect(error?.description == "Unable to connect to the server: \(text)")
  }

  @Test func `#68 a time-out bounds connecting`() async throws {
    let port = try server.port("SILENT")
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(
        request("https://127.0.0.1:\(port)/", within: .milliseconds(200)))
    }
    #expect(error?.kind == .timeout)
  }

  /// A slow-loris server: some byte every now and then, forever.
  @Test func `#68 a time-out bounds a body that trickles`() async throws {
    let place = try server.newCase([Rule(.chunks(Array(repeating: "x", count: 1000), pause: 0.02))])
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(request(try place.url(), within: .milliseconds(400)))
    }
    #expect(error?.kind == .timeout)
  }

  @Test(arguments: ["", "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
  func `an answer that is not HTTP is an error`(raw: String) async throws {
    let place = try server.newCase([Rule(Answer(nil, then: .close).with { $0.raw = raw })])
    await #expect(throws: TransportError.self) {
      try await transport().send(Request(url: try place.url()))
    }
  }

  @Test func `headers without end are refused`() async throws {
    let raw =
      "HTTP/1.1 200 OK\r\n"
      + String(repeating: "X-Long: \(String(repeating: "y", count: 1000))\r\n", count: 2000)
    let place = try server.newCase([Rule(Answer(nil, then: .close).with { $0.raw = raw })])
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(Request(url: try place.url()))
    }
    #expect(error?.kind == .tooLarge)
  }
}
