import Content

/// The grammar of doublestar patterns, apart from matching (`validate.go`, `utils.go` and `match.go`
/// of bmatcuk/doublestar v4.9).
enum DoublestarSyntax {
  static let backslash = UInt8(ascii: "\\")

  /// Whether a pattern is well formed.
  static func isValid(_ pattern: ArraySlice<UInt8>) -> Bool {
    var depth = 0
    var rest = pattern
    while let byte = rest.popFirst() {
      switch byte {
      case backslash:
        guard rest.popFirst() != nil else { return false }
      case UInt8(ascii: "["):
        if rest.first == UInt8(ascii: "^") || rest.first == UInt8(ascii: "!") {
          rest.removeFirst()
        }
        guard rest.first != UInt8(ascii: "]"),
          let closing = firstUnescaped(UInt8(ascii: "]"), in: rest)
        else { return false }
        rest = rest[(closing + 1)...]
      case UInt8(ascii: "{"):
        depth += 1
      case UInt8(ascii: "}"):
        guard depth > 0 else { return false }
        depth -= 1
      default:
        break
      }
    }
    return depth == 0
  }

  static func firstUnescaped(_ wanted: UInt8, in bytes: ArraySlice<UInt8>) -> Int? {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == backslash {
        index += 1
      } else if bytes[index] == wanted {
        return index
      }
      index += 1
    }
    return nil
  }

  /// The alternatives between the brace at `opening` and the one that closes it.
  static func alternatives(
    of pattern: [UInt8], at opening: Int
  ) -> (alternatives: [ArraySlice<UInt8>], closing: Int)? {
    let (parts, last, isClosed) = cut(pattern[(opening + 1)...], endsAtBrace: true)
    return isClosed ? (parts + [last], last.endIndex) : nil
  }

  /// The alternatives that a search tries of the text between two braces.
  ///
  /// An empty one at the end is left out, which matching does not do.
  static func split(_ list: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    let (parts, last, _) = cut(list, endsAtBrace: false)
    return last.isEmpty ? parts : parts + [last]
  }

  /// Cuts a text at its commas outside of inner braces, and if wanted at the brace that closes it.
  private static func cut(
    _ list: ArraySlice<UInt8>, endsAtBrace: Bool
  ) -> (parts: [ArraySlice<UInt8>], last: ArraySlice<UInt8>, isClosed: Bool) {
    var parts: [ArraySlice<UInt8>] = []
    var start = list.startIndex
    var depth = 1
    var index = start
    while index < list.endIndex {
      switch list[index] {
      case backslash:
        index += 1
      case UInt8(ascii: "{"):
        depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth == 0, endsAtBrace {
          return (parts, list[start..<index], true)
        }
      case UInt8(ascii: ",") where depth == 1:
        parts.append(list[start..<index])
        start = index + 1
      default:
        break
      }
      index += 1
    }
    return (parts, list[start...], false)
  }

  /// Whether a pattern can stand for nothing at all.
  ///
  /// `a/**` matches `a`, which may be a directory.
  static func matchesEmpty(
    _ pattern: [UInt8],
    validating: Bool,
    budget: inout AlternativeBudget
  ) throws(BadPattern) -> Bool {
    if pattern.isEmpty || emptyForms.contains(pattern) {
      return true
    }
    if pattern[0] == UInt8(ascii: "{") {
      guard let parts = alternatives(of: pattern, at: 0) else { throw .malformed }
      for part in parts.alternatives {
        try budget.enter()
        let candidate = part + pattern[(parts.closing + 1)...]
        if try matchesEmpty(Array(candidate), validating: validating, budget: &budget) {
          return true
        }
        budget.leave()
      }
      return false
    }
    guard !validating || isValid(pattern[...]) else { throw .malformed }
    return false
  }

  private static let emptyForms = Set(["*", "**", "/**", "**/", "/**/"].map { Array($0.utf8) })
}
