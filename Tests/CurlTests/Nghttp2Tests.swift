import Foundation
import LoopbackServer
import Testing

@testable import Curl
@testable import HTTP

/// Against the servers of the nghttp2 project: nghttpd serves a file, nghttpx speaks HTTP/2 for the
/// loopback server behind it.
@Suite(.serialized) struct Nghttp2Tests {
  static let content = Array(repeating: UInt8(ascii: "n"), count: 200_000)

  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  func transport() throws -> RetryingTransport {
    let options = TransportOptions(trust: .only(try server.pki("ca1.crt")))
    return RetryingTransport(CurlTransport(options: options), sleep: { _ in })
  }

  /// Serves one file as `/file`.
  func nghttpd(
    streams: Int, at port: ReservedPort? = nil, more: [String] = []
  ) throws -> ServerProcess {
    try ServerProcess("nghttpd", package: "nghttp2-server", at: port, in: server) {
      port, folder in
      _ = FileManager.default.createFile(
        atPath: folder.appendingPathComponent("file").path, contents: Data(Self.content))
      return more + [
        "-v", "-a", "127.0.0.1", "-d", folder.path, "-m", "\(streams)", "\(port)",
        server.pkiPath("server-a.key"), server.pkiPath("server-a.crt"),
      ]
    }
  }

  /// Passes requests on to the loopback server; `access` gets a line with the client's port for
  /// each.
  func nghttpx(at port: ReservedPort? = nil) throws -> ServerProcess {
    let backend = try server.port("PLAIN")
    return try ServerProcess("nghttpx", package: "nghttp2-proxy", at: port, in: server) {
      port, folder in
      [
        "--conf=/dev/null", "--workers=1", "--frontend=127.0.0.1,\(port)",
        "--backend=127.0.0.1,\(backend)",
        "--accesslog-file=\(folder.appendingPathComponent("access").path)",
        "--accesslog-format=$remote_port $status", server.pkiPath("server-a.key"),
        server.pkiPath("server-a.crt"),
      ]
    }
  }

  func url(_ server: ServerProcess, _ path: String) -> String {
    "https://127.0.0.1:\(server.port)/\(path)"
  }

  /// How many connections brought requests for the file, and how many requests.
  func seen(_ nghttpd: ServerProcess) throws -> (connections: Int, requests: Int) {
    nghttpd.stop()
    let requests = try nghttpd.text("output").split(separator: "\n").filter {
      $0.contains(":path: /file")
    }
    return (Set(requests.compactMap { $0.split(separator: "]").first }).count, requests.count)
  }

  /// Ten rounds, because libcurl 7.88 forgot some answers in about every fifth.
  @Test func `many requests at once share one connection, and none is forgotten`() async throws {
    let nghttpd = try nghttpd(streams: 100)
    let transport = try transport()
    let url = url(nghttpd, "file")
    for count in [2, 5, 8, 11, 100, 2, 5, 8, 11, 100] {
      try await withThrowingTaskGroup(of: Response.self) { group in
        for _ in 0..<count { group.addTask { try await transport.send(Request(url: url)) } }
        for try await response in group {
          #expect(response.head.version == "HTTP/2")
          #expect(response.body == Self.content)
        }
      }
    }
    let seen = try seen(nghttpd)
    #expect(seen.connections == 1)
    #expect(seen.requests == 252)
  }

  @Test(arguments: [1, 3])
  func `a server that allows few streams answers every request`(streams: Int) async throws {
    let nghttpd = try nghttpd(streams: streams)
    let transport = try transport()
    let url = url(nghttpd, "file")
    try await withThrowingTaskGroup(of: Response.self) { group in
      for _ in 0..<100 { group.addTask { try await transport.send(Request(url: url)) } }
      for try await response in group { #expect(response.body == Self.content) }
    }
    #expect(try seen(nghttpd).requests == 100)
  }

  @Test func `writes at once are taken whole`() async throws {
    let nghttpd = try nghttpd(streams: 100, more: ["--echo-upload"])
    let transport = try transport()
    let url = url(nghttpd, "file")
    try await withThrowingTaskGroup(of: (Int, Response).self) { group in
      for number in 0..<20 {
        group.addTask {
          let body = [UInt8](repeating: UInt8(number), count: 300_000 + number)
          return (number, try await transport.send(Request(.post, url: url, body: body)))
        }
      }
      for try await (number, response) in group {
        #expect(response.body == [UInt8](repeating: UInt8(number), count: 300_000 + number))
      }
    }
    #expect(try seen(nghttpd).requests == 20)
  }

  @Test func `a server that was started anew is found again`() async throws {
    let transport = try transport()
    let first = try nghttpd(streams: 100)
    #expect(try await transport.send(Request(url: url(first, "file"))).status == 200)
    first.stop()
    let error = await #expect(throws: TransportError.self) {
      try await transport.send(Request(url: url(first, "file")))
    }
    #expect(error?.kind == .refused)
    let second = try nghttpd(streams: 100, at: first.reservation)
    #expect(try await transport.send(Request(url: url(second, "file"))).body == Self.content)
    #expect(try seen(second).requests == 1)
  }

  /// libcurl 7.88 does not give what had been answered, so this is an error, but an end.
  @Test func `a write that is answered and reset before its end is not sent again`() async throws {
    let nghttpd = try nghttpd(streams: 100, more: ["--early-response"])
    let transport = try transport()
    let body = [UInt8](repeating: 120, count: 4 << 20)
    do throws(TransportError) {
      let response = try await transport.send(
        Request(.post, url: url(nghttpd, "file"), body: body))
      #expect(response.body == Self.content)
    } catch {
      #expect(error.kind == .connectionLost)
    }
    #expect(try await transport.send(Request(url: url(nghttpd, "file"))).body == Self.content)
    let seen = try seen(nghttpd)
    #expect(seen.connections == 1)
    #expect(seen.requests == 2)
  }

  @Test func `a connection that goes away ends its requests, and others take a new one`()
    async throws
  {
    let place = try server.newCase([
      Rule(path: "/slow", Answer(200, "slow").with { $0.wait = 3 }), Rule(Answer(200, "quick")),
    ])
    let transport = try transport()
    let first = try nghttpx()
    let slow = Request(url: url(first, "\(place.name)/slow"))
    let quick = Request(url: url(first, "\(place.name)/quick"))
    async let answer = transport.send(slow)
    _ = try await place.waitForLog { !$0.isEmpty }
    first.send(SIGQUIT)  // GOAWAY, and no new connections
    first.waitUntilItListensNoMore()
    let second = try nghttpx(at: first.reservation)
    #expect(try await transport.send(quick).body == Array("quick".utf8))
    #expect(try await answer.body == Array("slow".utf8))
    #expect(try place.log().map(\.path) == ["/slow", "/quick"])
    second.stop()
    #expect(try second.text("access").split(separator: "\n").count == 1)
  }

  @Test func `a stream that is reset in the body is read again on the same connection`()
    async throws
  {
    let cut = Answer(200, "{", then: .close).with { $0.length = 100 }
    let place = try server.newCase([Rule(cut, Answer(200, "{}"))])
    let nghttpx = try nghttpx()
    let response = try await transport().send(Request(url: url(nghttpx, place.name)))
    #expect(response.body == Array("{}".utf8))
    #expect(try place.log().count == 2)
    nghttpx.stop()
    let ports = try nghttpx.text("access").split(separator: "\n").map {
      $0.split(separator: " ")[0]
    }
    #expect(ports.count == 2)
    #expect(Set(ports).count == 1)
  }

  @Test func `a write whose stream is reset is sent once`() async throws {
    let cut = Answer(200, "{", then: .close).with { $0.length = 100 }
    let place = try server.newCase([Rule(cut)])
    let nghttpx = try nghttpx()
    let error = await #expect(throws: TransportError.self) {
      try await transport().send(
        Request(.patch, url: url(nghttpx, place.name), body: Array("{}".utf8)))
    }
    #expect(error?.kind == .connectionLost)
    #expect(try place.log().count == 1)
  }
}
