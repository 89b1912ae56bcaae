/// Reads what a server sends over a WebSocket, as the bytes arrive (RFC 6455, sections 5 and 7).
package struct WebSocketReader: Sendable {
  package enum Event: Sendable, Hashable {
    /// A whole message, text or binary.
    case message([UInt8])
    case ping([UInt8])
    /// With the code, where there is one; nothing follows.
    case close(UInt16?)
  }

  /// Of a message, in bytes: a kubelet sends 32 KiB and a byte at most.
  package static let longestMessage = 1 << 20

  private var bytes: [UInt8] = []
  private var start = 0
  /// The beginning of a message in several frames.
  private var message: [UInt8]?
  package private(set) var isClosed = false

  package init() {}

  /// - Throws: `FetchError` where the server breaks the protocol.
  package mutating func take(_ more: [UInt8]) throws(FetchError) -> [Event] {
    guard !isClosed else { return [] }
    bytes.removeFirst(start)
    start = 0
    bytes += more
    var events: [Event] = []
    while !isClosed, let frame = try nextFrame() {
      if let event = try take(frame) { events.append(event) }
    }
    return events
  }

  private mutating func nextFrame() throws(FetchError) -> WebSocketFrame? {
    let rest = bytes[start...]
    guard rest.count >= 2 else { return nil }
    let (first, second) = (rest[start], rest[start + 1])
    guard first & 0x70 == 0, let opcode = WebSocketFrame.Opcode(rawValue: first & 15) else {
      throw broken("a frame of an unknown kind")
    }
    guard second & 0x80 == 0 else { throw broken("a masked frame") }
    let isFinal = first & 0x80 != 0
    guard !opcode.isControl || isFinal && second < 126 else {
      throw broken("a control frame that is too long")
    }
    let wide = second == 126 ? 2 : second == 127 ? 8 : 0
    guard rest.count >= 2 + wide else { return nil }
    let size =
      wide == 0
      ? UInt64(second)
      : rest[(start + 2)..<(start + 2 + wide)].reduce(0) { $0 << 8 | UInt64($1) }
    guard size <= UInt64(Self.longestMessage - (opcode.isControl ? 0 : message?.count ?? 0)) else {
      throw broken("a message that is too long")
    }
    let begin = start + 2 + wide
    guard rest.endIndex - begin >= Int(size) else { return nil }
    start = begin + Int(size)
    return WebSocketFrame(opcode, Array(bytes[begin..<start]), isFinal: isFinal)
  }

  private mutating func take(_ frame: WebSocketFrame) throws(FetchError) -> Event? {
    switch frame.opcode {
    case .ping: return .ping(frame.payload)
    case .pong: return nil
    case .close:
      isClosed = true
      let code = frame.payload.prefix(2)
      return .close(code.count == 2 ? code.reduce(0) { $0 << 8 | UInt16($1) } : nil)
    case .text, .binary:
      guard message == nil else { throw broken("a message within another") }
      if frame.isFinal { return .message(frame.payload) }
      message = frame.payload
    case .continuation:
      guard message != nil else { throw broken("the rest of no message") }
      message?.append(contentsOf: frame.payload)
      guard frame.isFinal, let whole = message else { return nil }
      message = nil
      return .message(whole)
    }
    return nil
  }

  private func broken(_ what: String) -> FetchError {
    FetchError(.unreachable, "the WebSocket is broken: the server sent \(what)")
  }
}
