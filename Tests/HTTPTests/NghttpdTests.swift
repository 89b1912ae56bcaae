import Foundation
import LoopbackServer
import Testing

@testable import HTTP

/// Against nghttp2's own server, where it is installed (`apt-get install nghttp2-server`).
@Suite(.serialized, .enabled(if: Nghttpd.path != nil)) struct NghttpdTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  func transport() throws -> RetryingTransport {
    let options = ConnectionOptions(trust: .only(try server.pki("ca1.crt")))
    return RetryingTransport(CurlTransport(options: options), sleep: { _ in })
  }

  @Test func `many requests share one connection, however few streams it allows`() async throws {
    let nghttpd = try Nghttpd(server, streams: 10)
    let transport = try transport()
    let url = nghttpd.url
    try await withThrowingTaskGroup(of: Response.self) { group in
      for _ in 0..<100 { group.addTask { try await transport.send(Request(url: url)) } }
      for try await response in group {
        #expect(response.head.version == "HTTP/2")
        #expect(response.body == Nghttpd.content)
      }
    }
    #expect(try nghttpd.stop().connections == 1)
  }

  @Test func `a server that was started anew is found again`() async throws {
    let transport = try transport()
    let first = try Nghttpd(server, streams: 100)
    #expect(try await transport.send(Request(url: first.url)).status == 200)
    _ = try first.stop()
    let second = try Nghttpd(server, streams: 100, port: first.port)
    #expect(try await transport.send(Request(url: second.url)).body == Nghttpd.content)
    // The connection is used for writes as well, of which nghttpd knows none but answers.
    let write = try await transport.send(
      Request(.post, url: second.url, body: Array(repeating: 120, count: 1 << 20)))
    #expect(write.head.version == "HTTP/2")
    _ = try second.stop()
  }

  @Test func `a server that is stopped while it is asked is an error, not a wait`() async throws {
    let nghttpd = try Nghttpd(server, streams: 100)
    let transport = try transport()
    #expect(try await transport.send(Request(url: nghttpd.url)).status == 200)
    _ = try nghttpd.stop()
    let error = await #expect(throws: TransportError.self) {
      try await transport.send(Request(url: nghttpd.url))
    }
    #expect(error?.kind == .refused)
  }
}

/// One run of nghttpd with a folder of one file.
final class Nghttpd {
  static let path = ["/usr/sbin/nghttpd", "/usr/bin/nghttpd"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  static let content = Array(repeating: UInt8(ascii: "n"), count: 200_000)

  let port: Int
  private let process = Process()
  private let log: URL

  var url: String { "https://127.0.0.1:\(port)/file" }

  init(_ server: LoopbackServer, streams: Int, port: Int? = nil) throws {
    let folder = server.directory.appendingPathComponent("nghttpd-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(Self.content).write(to: folder.appendingPathComponent("file"))
    self.port = try port ?? freePort()
    log = folder.appendingPathComponent("log")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    process.executableURL = URL(fileURLWithPath: Self.path ?? "")
    process.arguments = [
      "-v", "-a", "127.0.0.1", "-d", folder.path, "-m", "\(streams)", "\(self.port)",
      server.pkiPath("server-a.key"), server.pkiPath("server-a.crt"),
    ]
    process.standardOutput = try FileHandle(forWritingTo: log)
    try process.run()
    for _ in 0..<2000 where !accepts() { usleep(5000) }
  }

  /// Ends the server; how many connections it had that spoke HTTP/2.
  func stop() throws -> (connections: Int, requests: Int) {
    process.terminate()
    process.waitUntilExit()
    let text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
    let requests = text.split(separator: "\n").filter { $0.contains(":path: /file") }
    let connections = Set(requests.compactMap { $0.split(separator: "]").first })
    return (connections.count, requests.count)
  }

  private func accepts() -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    return withLoopbackAddress(port) { connect(descriptor, $0, $1) } == 0
  }
}

private func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  _ = withLoopbackAddress(0) { bind(descriptor, $0, $1) }
  var address = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  _ = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
  }
  return Int(UInt16(bigEndian: address.sin_port))
}

private func withLoopbackAddress(
  _ port: Int,
  _ work: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return withUnsafePointer(to: address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      work($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}
