import Content
import Text

/// A pattern of Go's `path.Match`, compiled once.
///
/// `*` is any run without a slash, `?` one character that is no slash, `[a-z]` and `[^a-z]` are
/// classes, `\` takes the next byte literally. There is no `**`, no `{a,b}`, and `!` in a class is
/// a member. Bytes outside classes are compared as bytes, classes and `?` take one character, where
/// a byte that is no UTF-8 is a character of its own (`path/match.go`).
package struct GlobPattern: Sendable {
  /// A run of the pattern up to the next star.
  private struct Chunk {
    /// Whether stars come before it.
    let floats: Bool
    var steps: [Step] = []

    /// The bytes it stands for, when it contains no class and no `?`.
    var literal: [UInt8]? {
      var bytes: [UInt8] = []
      for step in steps {
        guard case .byte(let byte) = step else { return nil }
        bytes.append(byte)
      }
      return bytes
    }
  }

  private enum Step {
    case byte(UInt8)
    case anyButSlash
    case oneOf([ClosedRange<Unicode.Scalar>], negated: Bool)
  }

  private let chunks: [Chunk]
  /// What neither a star nor `?` matches.
  private let separator: UInt8?
  /// The bytes of the last chunk if it is literal: then only its place at the end can match.
  private let literalEnd: [UInt8]?

  /// Compiles a pattern.
  ///
  /// - Parameter crossesSlashes: whether a slash is a character like others, as in the copy of
  ///   `path.Match` that drone/envsubst has.
  /// - Throws: `BadPattern` for a class that is empty, inverted in form or not closed, and for a
  ///   backslash at the end: what `path.Match(pattern, "")` refuses.
  package init(
    _ pattern: some Sequence<UInt8>, crossesSlashes: Bool = false
  ) throws(BadPattern) {
    separator = crossesSlashes ? nil : TreePath.slash
    var parser = Parser(rest: ArraySlice(pattern))
    chunks = try parser.chunks()
    literalEnd = chunks.last?.literal
  }

  package func matches(_ name: some Collection<UInt8>) -> Bool {
    if let found = name.withContiguousStorageIfAvailable(matches(buffer:)) {
      return found
    }
    return Array(name).withUnsafeBufferPointer(matches(buffer:))
  }

  private func matches(buffer name: UnsafeBufferPointer<UInt8>) -> Bool {
    var position = 0
    for (index, chunk) in chunks.enumerated() {
      let isLast = index == chunks.count - 1
      if isLast, let literalEnd {
        return end(literalEnd, floats: chunk.floats, isAt: position, of: name)
      }
      guard let next = place(chunk, isLast: isLast, from: position, in: name) else {
        return false
      }
      position = next
    }
    return position == name.count
  }

  private func end(
    _ literal: [UInt8],
    floats: Bool,
    isAt position: Int,
    of name: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let start = name.count - literal.count
    guard floats ? start >= position : start == position else { return false }
    return name[start...].elementsEqual(literal)
      && !name[position..<start].contains { $0 == separator }
  }

  /// The end of the first place where the chunk fits, which the last one only does at the very end.
  private func place(
    _ chunk: Chunk,
    isLast: Bool,
    from position: Int,
    in name: UnsafeBufferPointer<UInt8>
  ) -> Int? {
    var start = position
    while true {
      if let next = fit(chunk, at: start, in: name), !isLast || next == name.count {
        return next
      }
      // A star moves on byte by byte, also inside a character.
      guard chunk.floats, start < name.count, name[start] != separator else { return nil }
      start += 1
    }
  }

  private func fit(_ chunk: Chunk, at start: Int, in name: UnsafeBufferPointer<UInt8>) -> Int? {
    var position = start
    for step in chunk.steps {
      guard position < name.count else { return nil }
      switch step {
      case .byte(let byte):
        guard name[position] == byte else { return nil }
        position += 1
      case .anyButSlash:
        guard name[position] != separator else { return nil }
        position += GoRunes.decode(name, at: position).width
      case .oneOf(let ranges, let negated):
        let unit = GoRunes.decode(name, at: position)
        guard ranges.contains(where: { $0.contains(unit.scalar) }) != negated else { return nil }
        position += unit.width
      }
    }
    return position
  }

  private struct Parser {
    var rest: ArraySlice<UInt8>

    mutating func chunks() throws(BadPattern) -> [Chunk] {
      var result: [Chunk] = []
      while !rest.isEmpty {
        var chunk = Chunk(floats: rest.first == UInt8(ascii: "*"))
        while rest.first == UInt8(ascii: "*") {
          rest.removeFirst()
        }
        while let first = rest.first, first != UInt8(ascii: "*") {
          chunk.steps.append(try step())
        }
        result.append(chunk)
      }
      return result
    }

    private mutating func step() throws(BadPattern) -> Step {
      switch rest.removeFirst() {
      case UInt8(ascii: "?"):
        return .anyButSlash
      case UInt8(ascii: "["):
        return try characterClass()
      case UInt8(ascii: "\\"):
        guard let literal = rest.popFirst() else { throw .malformed }
        return .byte(literal)
      case let literal:
        return .byte(literal)
      }
    }

    private mutating func characterClass() throws(BadPattern) -> Step {
      let negated = rest.first == UInt8(ascii: "^")
      if negated {
        rest.removeFirst()
      }
      var ranges: [ClosedRange<Unicode.Scalar>] = []
      var count = 0
      while count == 0 || rest.first != UInt8(ascii: "]") {
        let low = try classMember()
        var high = low
        if rest.first == UInt8(ascii: "-") {
          rest.removeFirst()
          high = try classMember()
        }
        // An inverted range is allowed and holds nothing.
        if low <= high {
          ranges.append(low...high)
        }
        count += 1
      }
      rest.removeFirst()
      return .oneOf(ranges, negated: negated)
    }

    /// One end of a range; something must follow it, if only the closing bracket.
    private mutating func classMember() throws(BadPattern) -> Unicode.Scalar {
      guard let first = rest.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "]") else {
        throw .malformed
      }
      if first == UInt8(ascii: "\\") {
        rest.removeFirst()
      }
      var runes = GoRunes(rest)
      guard let unit = runes.next(), !unit.isInvalid else { throw .malformed }
      rest = rest.dropFirst(unit.width)
      guard !rest.isEmpty else { throw .malformed }
      return unit.scalar
    }
  }
}
