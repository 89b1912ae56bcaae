/// Reads versions and ranges of them from left to right, by the grammar of `Masterminds/semver`.
struct VersionScanner {
  /// A version as it is written.
  struct Parts {
    /// One to three: digits, or `x`, `X` or `*` in a range.
    var numbers: [String] = []
    var prerelease = ""
    var metadata = ""
  }

  private let bytes: [UInt8]
  private(set) var position: Int

  init(_ text: some StringProtocol) {
    bytes = Array(text.utf8)
    position = 0
  }

  var isAtEnd: Bool { position == bytes.count }

  /// What is left of the text.
  private func isNext(_ text: String) -> Bool {
    bytes[position...].starts(with: text.utf8)
  }

  mutating func take(_ text: String) -> Bool {
    guard isNext(text) else { return false }
    position += text.utf8.count
    return true
  }

  /// - Returns: how many there were.
  @discardableResult
  mutating func skipBlanks() -> Int {
    let start = position
    while position < bytes.count, " \t\n\r\u{0C}".utf8.contains(bytes[position]) { position += 1 }
    return position - start
  }

  /// A version; nil, and nothing is taken, where there is none.
  mutating func parts() -> Parts? {
    let start = position
    _ = take("v")
    guard let first = run(VersionScanner.isNumber) else {
      position = start
      return nil
    }
    var parts = Parts(numbers: [first])
    while parts.numbers.count < 3, let next = behind(".", { $0.run(VersionScanner.isNumber) }) {
      parts.numbers.append(next)
    }
    parts.prerelease = behind("-", { $0.identifiers() }) ?? ""
    parts.metadata = behind("+", { $0.identifiers() }) ?? ""
    return parts
  }

  /// What follows a mark; without it the mark is not taken either.
  private mutating func behind(
    _ mark: String, _ read: (inout VersionScanner) -> String?
  ) -> String? {
    let start = position
    if take(mark), let text = read(&self) { return text }
    position = start
    return nil
  }

  private mutating func identifiers() -> String? {
    guard var text = run(VersionScanner.isIdentifier) else { return nil }
    while let next = behind(".", { $0.run(VersionScanner.isIdentifier) }) { text += "." + next }
    return text
  }

  private mutating func run(_ fits: (UInt8) -> Bool) -> String? {
    let start = position
    while position < bytes.count, fits(bytes[position]) { position += 1 }
    return position == start ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private static func isNumber(_ byte: UInt8) -> Bool {
    "0123456789xX*|".utf8.contains(byte)
  }

  private static func isIdentifier(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
