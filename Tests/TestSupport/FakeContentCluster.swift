package import Document
package import HTTP
package import KubeAPI
package import Objects
import Synchronization

/// A cluster in which somebody serves artifacts, reachable in as many ways as a test wants.
package final class FakeContentCluster: Sendable {
  /// What becomes of a request that has reached the server.
  package enum Conduct: Sendable {
    case serves
    /// Sends something else in its place.
    case lies([UInt8])
    case answers(Int)
    /// Vanishes after so many bytes.
    case cuts(Int)
    /// Sends so many bytes and then nothing more, for ever; -1 for not even a header.
    case stalls(Int)
    /// The API server says no.
    case refused(Int, String)
  }

  package struct Ways: Sendable {
    package var proxy = Conduct.serves
    package var forward = Conduct.serves
    package var direct = Conduct.serves

    package init() {}
  }

  package let objects: FakeCluster
  private let files: [String: [UInt8]]
  private let ways: Ways
  private let log = Mutex<[String]>([])

  /// - Parameter files: By their paths.
  package init(_ objects: FakeCluster, files: [String: [UInt8]], _ ways: Ways = Ways()) {
    self.objects = objects
    self.files = files
    self.ways = ways
  }

  /// The requests for content, such as `proxy apps/http:server:80 /a.tar.gz`.
  package var asked: [String] { log.withLock { $0 } }

  /// The head and the pieces of an answer, and what comes after them.
  private struct Script: Sendable {
    var status = 200
    var pieces: [[UInt8]] = []
    var length: Int?
    var end = End.regular

    enum End {
      case regular
      case cut
      case never
    }
  }

  private func script(_ conduct: Conduct, _ path: String) throws -> Script {
    guard let file = files[path] else { return Script(status: 404) }
    var script = Script(length: file.count)
    switch conduct {
    case .serves: script.pieces = Self.pieces(file)
    case .lies(let bytes):
      script.pieces = Self.pieces(bytes)
      script.length = bytes.count
    case .answers(let status): script = Script(status: status)
    case .cuts(let count):
      script.pieces = Self.pieces(Array(file.prefix(count)))
      script.end = .cut
    case .stalls(let count):
      script.pieces = Self.pieces(Array(file.prefix(max(0, count))))
      script.end = .never
      if count < 0 { script.status = 0 }
    case .refused(let code, let message):
      let reason = [403: "Forbidden", 404: "NotFound", 503: "ServiceUnavailable"][code] ?? ""
      throw APIError(Status(code: code, reason: reason, message: message))
    }
    return script
  }

  private static func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: 1000).map {
      Array(bytes[$0..<min($0 + 1000, bytes.count)])
    }
  }

  private static func waitForever() async throws(TransportError) -> Never {
    while true {
      do {
        try await Task.sleep(for: .seconds(3600))
      } catch {
        throw TransportError(.cancelled, server: "fake", detail: "cancelled")
      }
    }
  }

  private func answer(_ conduct: Conduct, _ path: String) async throws -> StreamedResponse {
    let script = try self.script(conduct, path)
    if script.status == 0 { try await Self.waitForever() }
    let rest = Remaining(script.pieces)
    return StreamedResponse(
      head: ResponseHead(status: script.status),
      body: ByteStream { () throws(TransportError) in
        if let next = rest.next() { return next }
        switch script.end {
        case .regular: return nil
        case .cut: throw TransportError(.connectionLost, server: "fake", detail: "EOF")
        case .never: try await Self.waitForever()
        }
      })
  }

  private final class Remaining: Sendable {
    private let pieces: Mutex<[[UInt8]]>

    init(_ pieces: [[UInt8]]) { self.pieces = Mutex(pieces) }

    func next() -> [UInt8]? { pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    func add(_ more: [[UInt8]]) { pieces.withLock { $0 += more } }
  }
}

extension FakeContentCluster: ForwardingCluster {
  package func get(
    _ type: ResourceType, namespace: String?, name: String
  ) async throws -> Value {
    try await objects.get(type, namespace: namespace, name: name)
  }

  package func list(
    _ type: ResourceType, namespace: String?, options: ListOptions
  ) async throws -> ObjectList {
    try await objects.list(type, namespace: namespace, options: options)
  }

  package func ask(_ service: ProxiedService, for path: String) async throws -> StreamedResponse {
    log.withLock { $0.append("proxy \(service.namespace)/\(service.id) \(path)") }
    return try await answer(ways.proxy, path)
  }

  package func askDirectly(_ url: String) async throws -> StreamedResponse {
    log.withLock { $0.append("direct \(url)") }
    let place = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    return try await answer(ways.direct, String(place.drop { $0 != "/" }))
  }

  /// As a kubelet does it, over frames made by hand.
  package func forward(
    _ pod: ObjectID, port: Int, protocol name: String, key: String
  ) async throws -> (ResponseHead, UpgradedConnection) {
    log.withLock { $0.append("forward \(pod.namespace)/\(pod.name):\(port) \(name)") }
    if case .refused = ways.forward { _ = try script(ways.forward, files.keys.first ?? "") }
    let low = UInt8(port & 255)
    let high = UInt8(port >> 8)
    let queue = Remaining([[0x82, 3, 0, low, high, 0x82, 3, 1], [low, high]])
    let end = Mutex(Script.End.regular)
    let connection = UpgradedConnection(
      next: { () throws(TransportError) in
        if let next = queue.next() { return next }
        if end.withLock({ $0 }) == .never { try await Self.waitForever() }
        return nil
      },
      send: { [self] (bytes) throws(TransportError) in
        guard let path = Self.path(ofRequestIn: bytes),
          let script = try? self.script(ways.forward, path)
        else { return }
        end.withLock { $0 = script.end }
        guard script.status != 0 else { return }
        let length = script.length.map { "Content-Length: \($0)\r\n" } ?? "Content-Length: 0\r\n"
        let head = Array("HTTP/1.1 \(script.status) X\r\n\(length)\r\n".utf8)
        queue.add(([head] + script.pieces).map(Self.frame))
        if script.end == .regular { queue.add([[0x88, 2, 3, 0xe8]]) }
      }, close: {})
    let head = ResponseHead(
      status: 101,
      headers: [
        "Upgrade": "websocket", "Sec-WebSocket-Protocol": name,
        "Sec-WebSocket-Accept": accepted(key),
      ])
    return (head, connection)
  }

  /// Unmasked, on the data channel.
  private static func frame(_ data: [UInt8]) -> [UInt8] {
    let size = data.count + 1
    return [0x82] + (size < 126 ? [UInt8(size)] : [126, UInt8(size >> 8), UInt8(size & 255)])
      + [0] + data
  }

  private static func path(ofRequestIn frame: [UInt8]) -> String? {
    guard frame.count > 6, frame[0] == 0x82, frame[1] & 0x80 != 0 else { return nil }
    let start = frame[1] & 127 == 126 ? 4 : 2
    let mask = frame[start..<(start + 4)]
    let data = frame[(start + 4)...].enumerated().map { $1 ^ mask[start + $0 % 4] }
    guard data.first == 0 else { return nil }
    let words = String(decoding: data.dropFirst(), as: UTF8.self).split(separator: " ")
    return words.count > 1 ? String(words[1]) : nil
  }
}
