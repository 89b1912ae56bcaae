import Text

/// The bytes of a connection are not a response of HTTP/1.1.
package struct MalformedAnswer: Error, Hashable {
  package let description: String
}

/// Reads an answer of HTTP/1.1 out of the bytes of a connection, piece by piece (RFC 9112).
package struct AnswerStream: Sendable {
  package enum Piece: Sendable, Hashable {
    case head(ResponseHead)
    case body(ArraySlice<UInt8>)
    /// Nothing belongs to the answer any more.
    case end
  }

  private enum State {
    case head
    case length(UInt64)
    case chunkSize
    case chunk(UInt64)
    case chunkEnd
    case trailer
    case untilEnd
    case done
  }

  private static let longestHead = 64 << 10
  private static let longestLine = 16 << 10

  private var parser: HeadParser
  private var headSize = 0
  private var state = State.head
  /// What has arrived and is not understood yet: less than a line.
  private var bytes: [UInt8] = []

  /// - Parameter switches: Whether 101 is an answer, and what follows its header the other protocol.
  package init(switches: Bool = false) {
    parser = HeadParser(switches: switches)
  }

  package mutating func take(_ more: ArraySlice<UInt8>) throws(MalformedAnswer) -> [Piece] {
    var pieces: [Piece] = []
    var rest = bytes.isEmpty ? more : (bytes + more)[...]
    bytes = []
    while try step(&rest, &pieces) {}
    bytes = Array(rest)
    return pieces
  }

  /// The connection has ended.
  ///
  /// - Returns: whether the answer is complete, as far as one can know.
  package var isComplete: Bool {
    switch state {
    case .done, .untilEnd: true
    default: false
    }
  }

  /// - Returns: whether there may be more to understand.
  private mutating func step(
    _ rest: inout ArraySlice<UInt8>, _ pieces: inout [Piece]
  ) throws(MalformedAnswer) -> Bool {
    switch state {
    case .done:
      rest = []
      return false
    case .length(let left), .chunk(let left):
      guard !rest.isEmpty else { return false }
      let part = rest.prefix(Int(min(left, UInt64(rest.count))))
      rest = rest.dropFirst(part.count)
      pieces.append(.body(part))
      go(on: left - UInt64(part.count), &pieces)
      return true
    case .untilEnd:
      guard !rest.isEmpty else { return false }
      pieces.append(.body(rest))
      rest = []
      return false
    case .head, .chunkSize, .chunkEnd, .trailer:
      guard let end = rest.firstIndex(of: 10) else {
        guard rest.count <= Self.longestLine else { throw Self.tooLong }
        return false
      }
      let line = rest[rest.startIndex...end]
      rest = rest[(end + 1)...]
      try take(line: line, &pieces)
      return true
    }
  }

  private mutating func go(on left: UInt64, _ pieces: inout [Piece]) {
    guard left == 0 else {
      if case .length = state { state = .length(left) } else { state = .chunk(left) }
      return
    }
    if case .length = state { finish(&pieces) } else { state = .chunkEnd }
  }

  private mutating func finish(_ pieces: inout [Piece]) {
    state = .done
    pieces.append(.end)
  }

  private mutating func take(
    line: ArraySlice<UInt8>, _ pieces: inout [Piece]
  ) throws(MalformedAnswer) {
    let text = String(decoding: line, as: UTF8.self).trimmingWhiteSpace()
    switch state {
    case .head:
      headSize += line.count
      guard headSize <= Self.longestHead else { throw Self.tooLong }
      line.withUnsafeBytes { parser.take(line: $0) }
      guard let head = parser.head, head.status >= 100 else { throw Self.malformed(line) }
      guard parser.isComplete else { return }
      pieces.append(.head(head))
      state = try Self.framing(head)
      if case .length(0) = state { finish(&pieces) }
    case .chunkSize:
      let digits = text.prefix { $0 != ";" }.trimmingWhiteSpace()
      guard digits.utf8.count <= 15, !digits.isEmpty, let size = UInt64(digits, radix: 16) else {
        throw Self.malformed(line)
      }
      state = size == 0 ? .trailer : .chunk(size)
    case .chunkEnd:
      guard text.isEmpty else { throw Self.malformed(line) }
      state = .chunkSize
    case .trailer:
      if text.isEmpty { finish(&pieces) }
    default: break
    }
  }

  private static func framing(_ head: ResponseHead) throws(MalformedAnswer) -> State {
    if head.status == 101 { return .untilEnd }
    if head.status == 204 || head.status == 304 { return .length(0) }
    if let coding = head.headers["Transfer-Encoding"] {
      guard coding.lowercased() == "chunked" else {
        throw malformed(Array("Transfer-Encoding: \(coding)".utf8)[...])
      }
      return .chunkSize
    }
    guard let text = head.headers["Content-Length"] else { return .untilEnd }
    guard let length = UInt64(text), !text.hasPrefix("+"),
      head.headers.all("Content-Length").count == 1
    else { throw malformed(Array("Content-Length: \(text)".utf8)[...]) }
    return .length(length)
  }

  private static let tooLong = MalformedAnswer(description: "the response header is too large")

  private static func malformed(_ line: ArraySlice<UInt8>) -> MalformedAnswer {
    let shown = line.prefix { $0 != 10 && $0 != 13 }.prefix(60)
      .map { (32..<127).contains($0) ? String(UnicodeScalar($0)) : "?" }.joined()
    return MalformedAnswer(description: "malformed HTTP response: \"\(shown)\"")
  }
}
