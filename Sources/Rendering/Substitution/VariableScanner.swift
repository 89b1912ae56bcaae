import Text

/// Reads a text with `${…}` character by character, as the parser of fluxcd/pkg/envsubst does.
///
/// A NUL counts as the end, there and here.
struct VariableScanner {
  private let text: [UInt8]
  private(set) var position = 0

  init(_ text: [UInt8]) {
    self.text = text
  }

  /// The character at the position and how many bytes it has; nil at the end.
  var next: (scalar: Unicode.Scalar, width: Int)? {
    guard position < text.count, text[position] != 0 else { return nil }
    return text.withUnsafeBufferPointer {
      let unit = GoRunes.decode($0, at: position)
      return (unit.scalar, unit.width)
    }
  }

  func isNext(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard position + count <= text.count else { return false }
    return (0..<count).allSatisfy { text[position + $0] == word.utf8Start[$0] }
  }

  /// Goes past a word of ASCII if it is there.
  mutating func skip(_ word: StaticString) -> Bool {
    guard isNext(word) else { return false }
    position += word.utf8CodeUnitCount
    return true
  }

  /// Goes past one character and hands back its bytes.
  mutating func take(width: Int) -> ArraySlice<UInt8> {
    let start = position
    position = min(position + max(width, 1), text.count)
    return text[start..<position]
  }

  /// The bytes from a position up to the current one.
  func bytes(from start: Int) -> [UInt8] {
    Array(text[start..<position])
  }
}
