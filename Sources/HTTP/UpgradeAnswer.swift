/// Reads the answer to an upgrade request out of the bytes of a connection as they arrive.
package struct UpgradeAnswer: Sendable {
  package enum Outcome: Sendable {
    /// What follows the header belongs to the other protocol already.
    case switched(ResponseHead, rest: [UInt8])
    case refused(Response)
    case malformed(String)
  }

  /// So much of the body of a refusal is read; the Status of an API server is far smaller.
  private static let bodyLimit = 1 << 20

  private var stream = AnswerStream(switches: true)
  private var head: ResponseHead?
  private var body: [UInt8] = []

  package init() {}

  /// - Returns: Nil as long as something is missing.
  package mutating func take(_ more: [UInt8]) -> Outcome? {
    var isWhole = false
    do throws(MalformedAnswer) {
      for piece in try stream.take(more[...]) {
        switch piece {
        case .head(let head): self.head = head
        case .body(let part): body += part
        case .end: isWhole = true
        }
      }
    } catch {
      // A refusal whose body breaks off is one all the same.
      return end() ?? .malformed(error.description)
    }
    guard let head else { return nil }
    if head.status == 101 { return .switched(head, rest: body) }
    return isWhole || body.count >= Self.bodyLimit ? end() : nil
  }

  /// The connection has ended: an answer that is cut off is one all the same.
  package func end() -> Outcome? {
    head.map { .refused(Response(head: $0, body: Array(body.prefix(Self.bodyLimit)))) }
  }
}
