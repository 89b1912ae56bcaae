import HTTP
import Kubeconfig
import LoopbackServer
import TestSupport
import Testing

@testable import KubeAPI

@Suite struct RawRequestTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  /// A client whose server has no prefix, and the prefix of the case for its paths.
  func raw(_ place: Case, _ path: String, flags: ConnectionFlags = ConnectionFlags()) async throws
    -> String
  {
    var bytes: [UInt8] = []
    try await connect(place, flags: flags).raw("/\(place.name)\(path)") { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `#26 the server's path prefix does not count for raw requests, the query stays`()
    async throws
  {
    let place = try server.newCase([Rule(path: "/x", Answer(200, "raw body\n"))])
    #expect(try await raw(place, "/x?b=2&a=1") == "raw body\n")
    let seen = try #require(try place.log().first)
    #expect(seen.path == "/x?b=2&a=1")
    #expect(seen.header("Accept") == "application/json, */*")
    #expect(seen.header("Accept-Encoding") == "gzip")
  }

  @Test func `#68 the time-out is told to the server`() async throws {
    let place = try server.newCase([Rule(Answer(200, ""))])
    _ = try await raw(place, "/x?s=3", flags: ConnectionFlags(requestTimeout: "90s"))
    _ = try await raw(place, "/x", flags: ConnectionFlags(requestTimeout: "90"))
    #expect(try place.log().map(\.path) == ["/x?s=3&timeout=1m30s", "/x?timeout=1m30s"])
  }

  @Test func `#69 a compressed body arrives inflated`() async throws {
    let text = String(repeating: "abc ", count: 5000)
    let place = try server.newCase([Rule(Answer(200, text).with { $0.gzip = true })])
    #expect(try await raw(place, "/x") == text)
    #expect(try await raw(place, "/x", flags: ConnectionFlags(disableCompression: true)) == text)
    #expect(try place.log().map { $0.header("Accept-Encoding") } == ["gzip", nil])
  }

  @Test func `redirects are followed on the same server only`() async throws {
    let folder = try server.newCase([Rule(path: "/target", Answer(200, "there"))])
    let name = folder.name
    let other = try server.port("B")
    let place = try server.newCase([
      Rule(path: "/near", Answer(302, headers: [["Location", "/\(name)/target"]])),
      Rule(path: "/full", Answer(307, headers: [["Location", "\(try folder.url())/target"]])),
      Rule(
        path: "/far",
        Answer(302, headers: [["Location", "https://127.0.0.1:\(other)/\(name)/target"]])),
      Rule(
        path: "/tricky",
        Answer(302, headers: [["Location", "//127.0.0.1:\(other)/\(name)/target"]])),
    ])
    #expect(try await raw(place, "/near") == "there")
    #expect(try await raw(place, "/full") == "there")
    for path in ["/far", "/tricky"] {
      let error = await #expect(throws: APIError.self) { try await raw(place, path) }
      #expect(error?.kind == .notKubernetes)
    }
    #expect(try folder.log().allSatisfy { $0.listener == "A" })
  }

  @Test func `endless redirects end`() async throws {
    let place = try server.newCase([Rule(Answer(302, headers: [["Location", "/@CASE@/x"]]))])
    await #expect(throws: APIError.self) { try await raw(place, "/x") }
    #expect(try place.log().count == 10)
  }

  @Test(arguments: ["x", "", "/a b", "/a\nb", "http://elsewhere/"])
  func `what is no path is refused`(path: String) async throws {
    let place = try server.newCase([Rule(Answer(200, ""))])
    let error = await #expect(throws: APIError.self) { try await connect(place).raw(path) { _ in } }
    #expect(error?.kind == .invalidRequest)
    #expect(try place.log().isEmpty)
  }

  @Test func `refusals read as in kubectl`() async throws {
    let place = try server.newCase([
      Rule(path: "/401", status(401, "Unauthorized", "Unauthorized")),
      Rule(path: "/403", status(403, "Forbidden", "no")),
    ])
    for (path, text) in [
      ("/401", "You must be logged in to the server (Unauthorized)"),
      ("/403", "Error from server (Forbidden): no"),
      ("/404", "Error from server (NotFound): the server could not find the requested resource"),
    ] {
      let error = await #expect(throws: APIError.self) { try await raw(place, path) }
      #expect(error?.description == text)
    }
  }

  @Test func `a long body arrives whole, piece by piece, while the reader is slow`() async throws {
    let answer = Answer(200).with { $0.repeat = Repetition("0123456789abcdef%d\n", count: 500_000) }
    let place = try server.newCase([Rule(answer)])
    let client = try connect(place)
    var count = 0
    var pieces = 0
    try await client.raw("/\(place.name)/x") { bytes in
      count += bytes.count
      pieces += 1
      if pieces % 16 == 0 { try await Task.sleep(for: .milliseconds(1)) }
    }
    let digits = (0..<500_000).reduce(0) { $0 + "\($1)".utf8.count }
    #expect(count == 500_000 * 17 + digits)
    #expect(pieces > 1)
  }
}
