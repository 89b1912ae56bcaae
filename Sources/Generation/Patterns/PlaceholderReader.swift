/// Reads text with placeholders in braces, as `pathPattern` and the fields that it renders have them.
///
/// There is no way to write a brace that is none. Mistakes are reported where the reading comes to
/// them, so that what a caller objects to earlier comes first, as in the reference.
struct PlaceholderReader {
  enum Piece {
    case literal(ArraySlice<UInt8>)
    case placeholder(String)
  }

  /// A mistake in the text; offsets count bytes.
  enum Mistake: Error {
    case unclosed(offset: Int)
    case unopened(offset: Int)
    case empty
    case badName(String)
  }

  private let text: [UInt8]
  private var index = 0

  init(_ text: String) {
    self.text = Array(text.utf8)
  }

  mutating func next() throws(Mistake) -> Piece? {
    guard index < text.count else { return nil }
    switch text[index] {
    case UInt8(ascii: "{"):
      guard let end = text[(index + 1)...].firstIndex(of: UInt8(ascii: "}")) else {
        throw .unclosed(offset: index)
      }
      let bytes = text[(index + 1)..<end]
      let name = String(decoding: bytes, as: UTF8.self)
      guard !bytes.isEmpty else { throw .empty }
      guard PlaceholderReader.isName(bytes) else { throw .badName(name) }
      index = end + 1
      return .placeholder(name)
    case UInt8(ascii: "}"):
      throw .unopened(offset: index)
    default:
      let rest = text[index...]
      let literal = rest.prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}") }
      index = literal.endIndex
      return .literal(literal)
    }
  }

  /// Whether the text is `[A-Za-z_][A-Za-z0-9_]*`.
  private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
    name.first.map { !isDigit($0) } == true && name.allSatisfy { isDigit($0) || isLetter($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }
}
