import Text

/// Reads the answer to an upgrade request out of the bytes of a connection as they arrive (RFC 9112).
package struct UpgradeAnswer: Sendable {
  package enum Outcome: Sendable {
    /// What follows the header belongs to the other protocol already.
    case switched(ResponseHead, rest: [UInt8])
    case refused(Response)
    case malformed(String)
  }

  private enum Framing {
    case length(Int)
    case chunked
    case untilEnd
  }

  private static let headLimit = 64 << 10
  private static let bodyLimit = 1 << 20

  private var parser = HeadParser(switches: true)
  /// Of the header.
  private var size = 0
  /// What has arrived and is not understood yet.
  private var bytes: [UInt8] = []
  private var body: [UInt8] = []
  private var framing: Framing?

  package init() {}

  /// - Returns: Nil as long as something is missing.
  package mutating func take(_ more: [UInt8]) -> Outcome? {
    bytes += more
    while !parser.isComplete {
      guard let end = bytes.firstIndex(of: 10) else {
        return size + bytes.count > Self.headLimit ? tooLong : nil
      }
      size += end + 1
      guard size <= Self.headLimit else { return tooLong }
      bytes[...end].withUnsafeBytes { parser.take(line: $0) }
      guard parser.head != nil else {
        return .malformed("malformed HTTP response: \(Self.shown(bytes[..<end]))")
      }
      bytes.removeFirst(end + 1)
    }
    guard let head = parser.head else { return nil }
    if head.status == 101 { return .switched(head, rest: bytes) }
    switch framing ?? settle(head) {
    case .length(let length):
      body += bytes
      bytes = []
      guard body.count >= min(length, Self.bodyLimit) else { return nil }
      return refused(head, limit: length)
    case .chunked: return takeChunks() ? refused(head) : nil
    case .untilEnd:
      body += bytes
      bytes = []
      return body.count < Self.bodyLimit ? nil : refused(head)
    }
  }

  /// The connection has ended: an answer that is cut off is one all the same.
  package func end() -> Outcome? {
    parser.isComplete ? parser.head.map { refused($0) } : nil
  }

  private var tooLong: Outcome { .malformed("the response header is too large") }

  private func refused(_ head: ResponseHead, limit: Int = .max) -> Outcome {
    .refused(Response(head: head, body: Array(body.prefix(min(limit, Self.bodyLimit)))))
  }

  private mutating func settle(_ head: ResponseHead) -> Framing {
    let framing: Framing =
      if head.status == 204 || head.status == 304 {
        .length(0)
      } else if head.headers["Transfer-Encoding"]?.lowercased().contains("chunked") == true {
        .chunked
      } else if let length = head.headers["Content-Length"].flatMap({ Int($0) }), length >= 0 {
        .length(length)
      } else {
        .untilEnd
      }
    self.framing = framing
    return framing
  }

  /// - Returns: Whether the last chunk has arrived, or enough.
  private mutating func takeChunks() -> Bool {
    while let end = bytes.firstIndex(of: 10) {
      let line = String(decoding: bytes[..<end].prefix { $0 != 13 && $0 != 59 }, as: UTF8.self)
      guard let size = Int(line.trimmingWhiteSpace(), radix: 16), size > 0, size <= Self.bodyLimit
      else {
        return true
      }
      let rest = bytes[(end + 1)...]
      guard rest.count >= size + 2 else { return false }
      body += rest.prefix(size)
      bytes = Array(rest.dropFirst(size + 2))
      if body.count >= Self.bodyLimit { return true }
    }
    return bytes.count > 100
  }

  private static func shown(_ line: ArraySlice<UInt8>) -> String {
    "\""
      + line.prefix(60).map { (32..<127).contains($0) ? String(UnicodeScalar($0)) : "?" }.joined()
      + "\""
  }
}
