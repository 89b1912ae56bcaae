import Crypto
package import HTTP
import Text

/// The opening handshake of RFC 6455, section 4, from the client's side.
package struct WebSocketHandshake: Sendable {
  /// The sub-protocol that carries forwarded ports.
  package static let subprotocol = "v4.channel.k8s.io"

  /// What `Sec-WebSocket-Key` says.
  package let key: String

  /// - Parameter random: 16 unpredictable bytes.
  package init(random: [UInt8]) {
    key = encodeBase64(random)
  }

  /// Whether a 101 answers this request and no other, in the protocol that was asked for.
  package func isAnswered(by head: ResponseHead) -> Bool {
    head.headers["Sec-WebSocket-Accept"] == accept
      && head.headers["Sec-WebSocket-Protocol"] == Self.subprotocol
      && head.headers["Upgrade"]?.lowercased() == "websocket"
  }

  /// What `Sec-WebSocket-Accept` has to say.
  package var accept: String {
    var hash = Insecure.SHA1()
    Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8).withUnsafeBytes {
      hash.update(bufferPointer: $0)
    }
    return encodeBase64(Array(hash.finalize()))
  }
}
