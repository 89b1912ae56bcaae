import HTTP
import TestSupport
import Testing

@testable import Fetching

/// RFC 6455, as far as a forwarded port needs it.
@Suite struct WebSocketTests {
  private func read(_ bytes: [UInt8], inPiecesOf size: Int) throws -> [WebSocketReader.Event] {
    var reader = WebSocketReader()
    return try stride(from: 0, to: bytes.count, by: size).flatMap {
      try reader.take(Array(bytes[$0..<min($0 + size, bytes.count)]))
    }
  }

  @Test(arguments: [1, 2, 3, 7, 5000])
  func `messages, fragments with pings between, and the close frame`(size: Int) throws {
    let long = [UInt8](repeating: 7, count: 300)
    var bytes: [UInt8] = [0x82, 3, 0, 0x82, 0x23]  // as a kubelet begins
    bytes += [0x82, 126, 1, 44] + long
    bytes += [0x02, 2, 0, 65, 0x89, 1, 9, 0x00, 1, 66, 0x8A, 0, 0x80, 1, 67]
    bytes += [0x82, 0, 0x88, 2, 3, 0xe8, 0x82, 1, 1]
    #expect(
      try read(bytes, inPiecesOf: size) == [
        .message([0, 0x82, 0x23]), .message(long), .ping([9]), .message([0, 65, 66, 67]),
        .message([]), .close(1000),
      ])
  }

  @Test(arguments: [
    ("a masked frame", [0x82, 0x81, 0, 0, 0, 0, 1]), ("a reserved bit", [0xC2, 1, 1]),
    ("an opcode that there is not", [0x83, 1, 1]), ("a long ping", [0x89, 126, 0, 200]),
    ("a ping in fragments", [0x09, 1, 1]), ("the rest of nothing", [0x80, 1, 1]),
    ("a message in another", [0x02, 1, 1, 0x82, 1, 1]),
    ("a message of 4 GiB", [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0]),
    ("a message below zero", [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]),
  ])
  func `what a server must not send is refused at once`(_ what: String, _ bytes: [UInt8]) {
    #expect(throws: FetchError.self, "\(what)") { try read(bytes, inPiecesOf: 100) }
  }

  @Test func `fragments do not add up without a bound`() throws {
    var reader = WebSocketReader()
    let piece = [0x82, 126, 0xFF, 0xFF].map(UInt8.init) + [UInt8](repeating: 0, count: 65535)
    _ = try reader.take([0x02] + piece.dropFirst())
    #expect(throws: FetchError.self) {
      for _ in 0..<20 { _ = try reader.take([0x00] + piece.dropFirst()) }
    }
  }

  @Test func `nothing counts behind the close frame`() throws {
    var reader = WebSocketReader()
    #expect(try reader.take([0x88, 0]) == [.close(nil)])
    #expect(try reader.take([0xFF, 0xFF]) == [])
  }

  @Test(arguments: [0, 125, 126, 65535, 65536])
  func `frames of a client are masked, in every size`(count: Int) throws {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    let bytes = WebSocketFrame(.binary, payload).encoded(mask: [1, 2, 3, 4])
    #expect(bytes[0] == 0x82 && bytes[1] & 0x80 != 0)
    let head = count < 126 ? 2 : count < 65536 ? 4 : 10
    #expect(Array(bytes[head..<(head + 4)]) == [1, 2, 3, 4])
    #expect(
      bytes[(head + 4)...].enumerated().map { $1 ^ [1, 2, 3, 4][$0 % 4] } == payload)
  }

  @Test func `the handshake of the RFC is accepted, and no other answer`() {
    let handshake = WebSocketHandshake(random: Array("the sample nonce".utf8))
    #expect(handshake.key == "dGhlIHNhbXBsZSBub25jZQ==")
    #expect(handshake.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    #expect(accepted(handshake.key) == handshake.accept)
    func head(_ accept: String, _ name: String = "v4.channel.k8s.io") -> ResponseHead {
      ResponseHead(
        status: 101,
        headers: [
          "upgrade": "WebSocket", "sec-websocket-accept": accept, "Sec-Websocket-Protocol": name,
        ])
    }
    #expect(handshake.isAnswered(by: head(handshake.accept)))
    #expect(!handshake.isAnswered(by: head("s3pPLMBiTxaQ9kYGzzhZRbK+xOO=")))
    #expect(!handshake.isAnswered(by: head(handshake.accept, "v5.channel.k8s.io")))
    #expect(!handshake.isAnswered(by: ResponseHead(status: 101)))
  }

  @Test func `the two bytes of the port stand in front of each channel`() throws {
    var port = ForwardedPort()
    #expect(try port.take([0, 0x82]).isEmpty)
    #expect(try port.take([1, 0x82, 0x23]).isEmpty)
    #expect(Array(try port.take([0, 0x23, 1, 2])) == [1, 2])
    #expect(Array(try port.take([0, 3])) == [3])
    #expect(try port.take([7, 1, 1]).isEmpty)
    #expect(try port.take([]).isEmpty)
    let error = #expect(throws: FetchError.self) { try port.take([1] + Array("refused".utf8)) }
    #expect(error?.description == "refused")
  }
}
