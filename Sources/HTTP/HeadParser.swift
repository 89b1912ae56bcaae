import Text

/// Collects the header of an answer from its lines, skipping interim answers (1xx) and ignoring
/// trailers.
package struct HeadParser: Sendable {
  package private(set) var head: ResponseHead?
  /// Whether the header of the final answer has ended.
  package private(set) var isComplete = false

  /// Whether 101 is an answer, not an interim one.
  private let switches: Bool

  package init(switches: Bool = false) {
    self.switches = switches
  }

  /// Takes one line with its line end; the empty line ends a header.
  package mutating func take(line bytes: UnsafeRawBufferPointer) {
    guard !isComplete else { return }
    let line = String(decoding: bytes.prefix { $0 != 13 && $0 != 10 }, as: UTF8.self)
      .trimmingWhiteSpace()
    if line.isEmpty {
      let status = head?.status ?? 0
      isComplete = status >= 200 || switches && status == 101
    } else if line.hasPrefix("HTTP/") {
      let words = line.split(separator: " ", maxSplits: 2)
      head = ResponseHead(
        status: words.count > 1 ? Int(words[1]) ?? 0 : 0,
        version: words.first.map(String.init) ?? ""
      )
    } else if let (name, value) = line.splitOnce(":") {
      head?.headers.append(String(name), String(value.trimmingWhiteSpace()))
    }
  }
}
