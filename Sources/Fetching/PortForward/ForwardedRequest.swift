import HTTP
import KubeAPI
import Objects

/// One request over a forwarded port of a pod, and its answer.
struct ForwardedRequest {
  let cluster: any ForwardingCluster
  let pod: ObjectID
  let port: Int
  let address: ArtifactAddress

  /// - Parameters:
  ///   - onProgress: is told whenever something of the answer arrives.
  ///   - onBody: gets the body of a 200, piece by piece.
  /// - Throws: `FetchError` for whatever else is answered, and for an answer that is cut off;
  ///   `APIError` where the port is not forwarded.
  func send(
    onProgress: () -> Void, onBody: (ArraySlice<UInt8>) throws(FetchError) -> Void
  ) async throws {
    let handshake = WebSocketHandshake(random: Self.random(16))
    let (head, connection) = try await cluster.forward(
      pod, port: port, protocol: WebSocketHandshake.subprotocol, key: handshake.key)
    defer { connection.close() }
    guard handshake.isAnswered(by: head) else {
      throw FetchError(
        .unreachable, "invalid response to the WebSocket handshake: is there a proxy in between?")
    }
    try await write(WebSocketFrame(.binary, [0] + request), to: connection)
    var (frames, channels, answer) = (WebSocketReader(), ForwardedPort(), AnswerStream())
    while let bytes = try await connection.next() {
      for event in try frames.take(bytes) {
        switch event {
        case .ping(let data): try await write(WebSocketFrame(.pong, data), to: connection)
        case .close:
          guard answer.isComplete else { throw Self.cut }
          return
        case .message(let message):
          for piece in try Self.pieces(of: channels.take(message), &answer) {
            onProgress()
            switch piece {
            case .head(let head): try Self.check(head)
            case .body(let body): try onBody(body)
            case .end: return
            }
          }
        }
      }
    }
    // A connection that ends without a close frame was cut.
    throw Self.cut
  }

  /// - Throws: `FetchError` for any answer but 200.
  static func check(_ head: ResponseHead) throws(FetchError) {
    guard head.status != 200 else { return }
    let place = head.headers["Location"].map { " (a redirect to \($0.prefix(200)))" } ?? ""
    throw FetchError(.refused, "the server responded with status \(head.status)\(place)")
  }

  private static func pieces(
    of bytes: ArraySlice<UInt8>, _ answer: inout AnswerStream
  ) throws(FetchError) -> [AnswerStream.Piece] {
    do throws(MalformedAnswer) {
      return try answer.take(bytes)
    } catch {
      throw FetchError(.unreachable, "the pod did not respond with HTTP: \(error.description)")
    }
  }

  private static var cut: FetchError {
    FetchError(.unreachable, "the connection was closed before all data was received")
  }

  private func write(
    _ frame: WebSocketFrame, to connection: UpgradedConnection
  ) async throws(TransportError) {
    try await connection.send(frame.encoded(mask: Self.random(4)))
  }

  private var request: [UInt8] {
    Array(
      """
      GET \(address.path) HTTP/1.1\r
      Host: \(address.port == 80 ? address.host : address.authority)\r
      Accept: */*\r
      Accept-Encoding: identity\r
      Connection: close\r
      \r

      """.utf8)
  }

  private static func random(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }
}
