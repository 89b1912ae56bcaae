import Curl
import Foundation
import LoopbackServer
import Synchronization
import Testing

@testable import HTTP

@Suite struct RetryTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  final class Waits: Sendable {
    let list = Mutex<[Duration]>([])
    var all: [Duration] { list.withLock { $0 } }
  }

  func transport(_ waits: Waits = Waits()) throws -> RetryingTransport {
    RetryingTransport(
      CurlTransport(options: TransportOptions(trust: .only(try server.pki("ca1.crt")))),
      sleep: { duration in waits.list.withLock { $0.append(duration) } }
    )
  }

  @Test(arguments: [HTTP.Method.get, .post, .put, .patch, .delete], [429, 500, 503])
  func `#52 a refusal that names a time is repeated for every method`(
    method: HTTP.Method, code: Int
  ) async throws {
    let refusal = Answer(code, "no", headers: [["Retry-After", "3"]])
    let place = try server.newCase([Rule(refusal, refusal, Answer(200, "yes"))])
    let waits = Waits()
    let body = method == .get ? nil : Array("body".utf8)
    let response = try await transport(waits).send(
      Request(method, url: try place.url(), body: body))
    #expect(response.status == 200)
    #expect(waits.all == [.seconds(3), .seconds(3)])
    #expect(try place.log().map(\.body) == Array(repeating: body == nil ? "" : "body", count: 3))
  }

  /// `--timeout` may end it there, and whoever reads that wants to know why.
  @Test func `a wait before a repetition says why`() async throws {
    let refusal = Answer(429, "no", headers: [["Retry-After", "3"]])
    let place = try server.newCase([Rule(refusal, Answer(200, "yes"))])
    let activity = Activity()
    let said = Mutex<String?>(nil)
    let transport = RetryingTransport(
      CurlTransport(options: TransportOptions(trust: .only(try server.pki("ca1.crt")))),
      activity: activity, sleep: { _ in said.withLock { $0 = activity.text } })
    let url = try place.url()
    #expect(try await transport.send(Request(url: url)).status == 200)
    let host = try #require(Target(url)?.hostPort)
    #expect(
      said.withLock { $0 } == "waiting to retry \(host) (status 429)")
    #expect(activity.text == nil)
  }

  @Test(arguments: ["9223372036854775807", "99999999999999999999999", "301"])
  func `a server cannot ask for more than five minutes, and the user is told`(
    seconds: String
  ) async throws {
    let refusal = Answer(429, "no", headers: [["Retry-After", seconds]])
    let place = try server.newCase([Rule(refusal, Answer(200, "yes"))])
    let waits = Waits()
    let told = Mutex<[String]>([])
    let transport = RetryingTransport(
      CurlTransport(options: TransportOptions(trust: .only(try server.pki("ca1.crt")))),
      onPause: { text in told.withLock { $0.append(text) } },
      sleep: { duration in waits.list.withLock { $0.append(duration) } })
    let url = try place.url()
    #expect(try await transport.send(Request(url: url)).status == 200)
    #expect(waits.all == [.seconds(300)])
    let host = try #require(Target(url)?.hostPort)
    #expect(
      told.withLock { $0 }
        == ["retrying \(host) in 5m0s (status 429)"])
  }

  @Test func `#52 there are at most eleven requests`() async throws {
    let place = try server.newCase([Rule(Answer(429, "no", headers: [["Retry-After", "0"]]))])
    #expect(try await transport().send(Request(url: try place.url())).status == 429)
    #expect(try place.log().count == 11)
  }

  @Test(arguments: [nil, "", "soon", "1.5", "-1", "Wed, 21 Oct 2099 07:28:00 GMT"])
  func `#52 without a whole number of seconds there is no repetition`(value: String?) async throws {
    let place = try server.newCase([
      Rule(Answer(503, "no", headers: value.map { [["Retry-After", $0]] } ?? []))
    ])
    #expect(try await transport().send(Request(url: try place.url())).status == 503)
    #expect(try place.log().count == 1)
  }

  @Test(arguments: [200, 301, 400, 404, 409])
  func `#52 other answers are not repeated, whatever they say`(code: Int) async throws {
    let place = try server.newCase([Rule(Answer(code, "", headers: [["Retry-After", "0"]]))])
    #expect(try await transport().send(Request(url: try place.url())).status == code)
    #expect(try place.log().count == 1)
  }

  @Test(arguments: [
    Answer.no(.close), .no(.reset), Answer(200, "{", then: .close).with { $0.length = 10 },
  ])
  func `#53 a read is repeated after a lost connection`(answer: Answer) async throws {
    let place = try server.newCase([Rule(answer, answer, Answer(200, "yes"))])
    let waits = Waits()
    let response = try await transport(waits).send(Request(url: try place.url()))
    #expect(response.body == Array("yes".utf8))
    #expect(waits.all == [.seconds(1), .seconds(1)])
    #expect(try place.log().count == 3)
  }

  @Test(arguments: [
    Answer.no(.close), .no(.reset), Answer(200, "{", then: .close).with { $0.length = 10 },
  ])
  func `#53 a write is sent once`(answer: Answer) async throws {
    let place = try server.newCase([Rule(answer)])
    for method in [HTTP.Method.post, .put, .patch, .delete] {
      let error = await #expect(throws: TransportError.self) {
        try await transport().send(Request(method, url: try place.url(), body: Array("{}".utf8)))
      }
      #expect(error?.kind == .connectionLost)
    }
    #expect(try place.log().map(\.method) == ["POST", "PUT", "PATCH", "DELETE"])
  }

  @Test func `#53 a read is given up after ten repetitions, with the reason before`() async throws {
    let place = try server.newCase([Rule(.no(.close))])
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(Request(url: try place.url()))
    }
    #expect(error?.detail == "EOF - error from a previous attempt: EOF")
    #expect(try place.log().count == 11)
  }

  @Test func `nobody listening is not tried again`() async throws {
    let waits = Waits()
    let port = try server.port("CLOSED")
    await #expect(throws: TransportError.self) {
      try await transport(waits).send(Request(url: "https://127.0.0.1:\(port)/"))
    }
    #expect(waits.all.isEmpty)
  }

  @Test func `a stream is repeated only after a refusal that names a time`() async throws {
    let refusal = Answer(429, "no", headers: [["Retry-After", "1"]])
    let place = try server.newCase([Rule(refusal, Answer(200, "yes"))])
    #expect(try await transport().stream(Request(url: try place.url())).head.status == 200)
    let lost = try server.newCase([Rule(.no(.close))])
    await #expect(throws: TransportError.self) {
      try await transport().stream(Request(url: try lost.url()))
    }
    #expect(try lost.log().count == 1)
  }

  @Test func `cancelling ends the wait`() async throws {
    let place = try server.newCase([Rule(Answer(429, "no", headers: [["Retry-After", "3600"]]))])
    let transport = RetryingTransport(
      CurlTransport(options: TransportOptions(trust: .only(try server.pki("ca1.crt")))))
    let url = try place.url()
    let task = Task { try await transport.send(Request(url: url)) }
    _ = try await place.waitForLog { !$0.isEmpty }
    task.cancel()
    let error = await #expect(throws: TransportError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
  }

  @Test func `a burst passes at once, then requests are spread`() {
    let time = Mutex(Duration.zero)
    let limiter = RateLimiter(perSecond: 50, burst: 3, uptime: { time.withLock { $0 } })
    #expect((0..<3).map { _ in limiter.reserve() } == [.zero, .zero, .zero])
    #expect(limiter.reserve() == .milliseconds(20))
    #expect(limiter.reserve() == .milliseconds(40))
    time.withLock { $0 = .milliseconds(60) }
    #expect(limiter.reserve() == .zero)
    // The bucket never holds more than the burst.
    time.withLock { $0 = .seconds(3600) }
    #expect((0..<4).map { _ in limiter.reserve() } == [.zero, .zero, .zero, .milliseconds(20)])
  }

  @Test func `a wait of a second or more is told`() async throws {
    let place = try server.newCase([Rule(Answer(200, "{}"))])
    let told = Mutex<[Duration]>([])
    let waits = Waits()
    let transport = RetryingTransport(
      CurlTransport(options: TransportOptions(trust: .only(try server.pki("ca1.crt")))),
      limiter: RateLimiter(perSecond: 1, burst: 1, uptime: { .zero }),
      onThrottling: { duration, _ in told.withLock { $0.append(duration) } },
      sleep: { duration in waits.list.withLock { $0.append(duration) } }
    )
    for _ in 0..<3 { _ = try await transport.send(Request(url: try place.url())) }
    #expect(waits.all == [.seconds(1), .seconds(2)])
    #expect(told.withLock { $0 } == [.seconds(1), .seconds(2)])
  }
}
