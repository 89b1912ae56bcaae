import Text

/// Reads patterns from text as fluxcd/pkg `sourceignore` does (`ReadPatterns`, over `bufio.Scanner`).
package enum IgnoreLines {
  /// A line of this many bytes ends the reading, silently.
  private static let longestLine = 64 << 10

  /// - Parameters:
  ///   - text: LF or CRLF between lines; a byte order mark stays in the first pattern.
  ///   - domain: the parts of the directory below which the patterns hold.
  ///   - origin: where a line with this number stands.
  package static func patterns(
    _ text: [UInt8], domain: [[UInt8]], origin: (Int) -> IgnoreOrigin
  ) -> [IgnorePattern] {
    var result: [IgnorePattern] = []
    var number = 0
    var rest = text[...]
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      var line = rest[..<(end ?? rest.endIndex)]
      guard line.count < longestLine else { break }
      rest = end.map { rest[($0 + 1)...] } ?? []
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      guard line.first != UInt8(ascii: "#"), !isBlank(line) else { continue }
      result.append(IgnorePattern(line, domain: domain, origin: origin(number)))
    }
    return result
  }

  /// Whether Go's `strings.TrimSpace` leaves nothing.
  private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
    var runes = GoRunes(line)
    while let unit = runes.next() {
      guard !unit.isInvalid, unit.scalar.properties.isWhitespace else { return false }
    }
    return true
  }
}
