import Content
import Text

/// One attempt to match a name against a doublestar pattern.
///
/// It follows the reference step by step (`match.go` of bmatcuk/doublestar v4.9): where the pattern
/// pointer stands when a step fails decides which malformed patterns are noticed, alternatives are
/// put into the pattern as text, and at the start of an alternative `**` counts as a whole part.
struct DoublestarMatcher {
  private let pattern: [UInt8]
  private let name: [UInt8]
  private let validating: Bool
  private var patternIndex: Int
  private var nameIndex: Int
  private var retry: Retry
  private var startsPart = true
  private var budget: AlternativeBudget

  /// Where to go on after a failed step.
  private struct Retry {
    var star: Point?
    var doublestar: Point?
  }

  private struct Point {
    var pattern: Int
    var name: Int
  }

  /// What a step of the pattern did.
  private enum Step {
    case advanced
    case failed
    case decided(Bool)
  }

  /// - Parameter validating: whether the rest of the pattern is checked before a "no".
  static func matches(
    pattern: [UInt8],
    name: [UInt8],
    validating: Bool
  ) throws(BadPattern) -> Bool {
    var matcher = DoublestarMatcher(pattern: pattern, name: name, validating: validating)
    return try matcher.run()
  }

  private init(
    pattern: [UInt8],
    name: [UInt8],
    validating: Bool,
    at position: Point = Point(pattern: 0, name: 0),
    retry: Retry = Retry(),
    budget: AlternativeBudget = AlternativeBudget()
  ) {
    self.pattern = pattern
    self.name = name
    self.validating = validating
    patternIndex = position.pattern
    nameIndex = position.name
    self.retry = retry
    self.budget = budget
  }

  private mutating func run() throws(BadPattern) -> Bool {
    while nameIndex < name.count {
      let outcome = patternIndex < pattern.count ? try step() : .failed
      switch outcome {
      case .advanced: continue
      case .decided(let result): return result
      case .failed:
        if backtrack() {
          continue
        }
        let rest = pattern[min(patternIndex, pattern.count)...]
        guard !validating || DoublestarSyntax.isValid(rest) else { throw .malformed }
        return false
      }
    }
    return try DoublestarSyntax.matchesEmpty(
      Array(pattern[min(patternIndex, pattern.count)...]), validating: validating, budget: &budget)
  }

  private mutating func step() throws(BadPattern) -> Step {
    switch pattern[patternIndex] {
    case UInt8(ascii: "*"):
      return star()
    case UInt8(ascii: "?"):
      startsPart = false
      guard name[nameIndex] != TreePath.slash else { return .failed }
      patternIndex += 1
      nameIndex += rune(in: name, at: nameIndex).width
      return .advanced
    case UInt8(ascii: "["):
      startsPart = false
      return try characterClass()
    case UInt8(ascii: "{"):
      startsPart = false
      return .decided(try alternatives())
    case UInt8(ascii: "\\"):
      patternIndex += 1
      guard patternIndex < pattern.count else { throw .malformed }
      return literal()
    default:
      return literal()
    }
  }

  private mutating func star() -> Step {
    patternIndex += 1
    if patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") {
      patternIndex += 1
      if startsPart {
        if patternIndex >= pattern.count {
          return .decided(true)
        }
        if pattern[patternIndex] == TreePath.slash {
          patternIndex += 1
          retry.doublestar = Point(pattern: patternIndex, name: nameIndex)
          retry.star = nil
          return .advanced
        }
      }
    }
    startsPart = false
    retry.star = Point(pattern: patternIndex, name: nameIndex)
    return .advanced
  }

  private mutating func literal() -> Step {
    let wanted = rune(in: pattern, at: patternIndex)
    let found = rune(in: name, at: nameIndex)
    guard wanted.scalar == found.scalar else {
      if patternIndex > 0, pattern[patternIndex - 1] == UInt8(ascii: "\\") {
        patternIndex -= 1
      }
      return .failed
    }
    patternIndex += wanted.width
    nameIndex += found.width
    startsPart = wanted.scalar == "/"
    return .advanced
  }

  private mutating func characterClass() throws(BadPattern) -> Step {
    patternIndex += 1
    guard patternIndex < pattern.count else { throw .malformed }
    let found = rune(in: name, at: nameIndex)
    let negated = [UInt8(ascii: "!"), UInt8(ascii: "^")].contains(pattern[patternIndex])
    if negated {
      patternIndex += 1
    }
    guard patternIndex < pattern.count, pattern[patternIndex] != UInt8(ascii: "]") else {
      throw .malformed
    }
    if classHolds(found.scalar) == negated {
      guard patternIndex < pattern.count else { throw .malformed }
      return .failed
    }
    let rest = pattern[min(patternIndex, pattern.count)...]
    guard let closing = DoublestarSyntax.firstUnescaped(UInt8(ascii: "]"), in: rest) else {
      throw .malformed
    }
    patternIndex = closing + 1
    nameIndex += found.width
    return .advanced
  }

  /// Reads class members up to the first that contains the character, or up to the bracket.
  private mutating func classHolds(_ wanted: Unicode.Scalar) -> Bool {
    var last: Unicode.Scalar?
    while patternIndex < pattern.count, pattern[patternIndex] != UInt8(ascii: "]") {
      var member = nextInPattern()
      if let low = last, member == "-", patternIndex < pattern.count,
        pattern[patternIndex] != UInt8(ascii: "]")
      {
        if pattern[patternIndex] == UInt8(ascii: "\\") {
          patternIndex += 1
        }
        let high = nextInPattern()
        if low <= wanted, wanted <= high {
          return true
        }
        last = nil
        continue
      }
      if member == "\\" {
        member = nextInPattern()
      }
      if member == wanted {
        return true
      }
      // The reference marks "no range can begin here" with the highest code point.
      last = member == "\u{10FFFF}" ? nil : member
    }
    return false
  }

  private mutating func nextInPattern() -> Unicode.Scalar {
    let unit = rune(in: pattern, at: patternIndex)
    patternIndex += unit.width
    return unit.scalar
  }

  /// Tries each alternative in place of the braces, with what was remembered for retries so far.
  private mutating func alternatives() throws(BadPattern) -> Bool {
    let opening = patternIndex
    guard let parts = DoublestarSyntax.alternatives(of: pattern, at: opening) else {
      throw .malformed
    }
    for part in parts.alternatives {
      try budget.enter()
      var branch = DoublestarMatcher(
        pattern: Array(pattern[..<opening] + part + pattern[(parts.closing + 1)...]),
        name: name,
        validating: validating,
        at: Point(pattern: opening, name: nameIndex),
        retry: retry,
        budget: budget
      )
      if try branch.run() {
        return true
      }
      budget = branch.budget
      budget.leave()
    }
    return false
  }

  /// Goes back to the last star that can take one more character, or else to the last `**` that can
  /// take one more part.
  private mutating func backtrack() -> Bool {
    if let star = retry.star, star.name < name.count, name[star.name] != TreePath.slash {
      let next = star.name + rune(in: name, at: star.name).width
      retry.star = Point(pattern: star.pattern, name: next)
      patternIndex = star.pattern
      nameIndex = next
      startsPart = false
      return true
    }
    if let doublestar = retry.doublestar,
      let slash = name[doublestar.name...].firstIndex(of: TreePath.slash)
    {
      retry.doublestar = Point(pattern: doublestar.pattern, name: slash + 1)
      patternIndex = doublestar.pattern
      nameIndex = slash + 1
      startsPart = true
      return true
    }
    return false
  }

  /// The character at an index; past the end it is U+FFFD of no width, as in Go.
  private func rune(in bytes: [UInt8], at index: Int) -> (scalar: Unicode.Scalar, width: Int) {
    guard index < bytes.count else { return ("\u{FFFD}", 0) }
    let unit = bytes.withUnsafeBufferPointer { GoRunes.decode($0, at: index) }
    return (unit.scalar, unit.width)
  }
}
