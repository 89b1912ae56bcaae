import Content

/// A pattern of bmatcuk/doublestar v4, as the controller's `exclude` lists use it.
///
/// `*` and `?` stay in one path part, `**` as a whole part is any number of them, `[a-z]`, `[^a]` and
/// `[!a]` are classes, `{a,b}` are alternatives that nest, `\` takes the next character literally.
/// The common forms are recognised once and compared without the general matcher.
package struct DoublestarPattern: Sendable {
  package let bytes: [UInt8]
  /// Whether it names a path rather than a file name at any depth.
  package let holdsSlash: Bool
  private let shape: Shape
  /// Plain ASCII at the beginning: a name that differs there cannot match.
  private let lead: [UInt8]

  /// Forms with a short answer, for patterns in ASCII.
  private enum Shape {
    case literal
    /// `*end`
    case ending([UInt8])
    /// `**/path`
    case anywhere([UInt8])
    /// `**/*end`
    case endingAnywhere([UInt8])
    /// `path/**`
    case below([UInt8])
    case general
  }

  package init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    holdsSlash = self.bytes.contains(TreePath.slash)
    shape = DoublestarPattern.shape(of: self.bytes)
    lead = Array(self.bytes.prefix { $0 < 0x80 && !"*?[{\\".utf8.contains($0) })
  }

  /// Finds out whether the controller accepts the pattern in an `exclude` list.
  ///
  /// It tries the pattern on `.` and takes an error for a bad pattern, which is less strict than the
  /// grammar: `{.,[x}` passes, because its first alternative matches (`internal/builder/builder.go`).
  package func checkForExclude() throws(BadPattern) {
    _ = try DoublestarMatcher.matches(pattern: bytes, name: [TreePath.dot], validating: true)
  }

  /// `doublestar.MatchUnvalidated`: a pattern that turns out to be malformed matches nothing.
  ///
  /// - Throws: `BadPattern.tooManyAlternatives` only.
  package func matches(_ name: some Collection<UInt8>) throws(BadPattern) -> Bool {
    do throws(BadPattern) {
      return try match(name)
    } catch .malformed {
      return false
    }
  }

  /// Like `matches`, but says when the matcher came upon a mistake in the pattern.
  func match(_ name: some Collection<UInt8>) throws(BadPattern) -> Bool {
    switch shape {
    case .literal:
      return name.elementsEqual(bytes)
    case .ending(let end):
      return name.hasEnd(end) && !name.dropLast(end.count).contains(TreePath.slash)
    case .anywhere(let path):
      guard name.hasEnd(path) else { return false }
      let before = name.dropLast(path.count)
      return before.isEmpty || before.suffix(1).elementsEqual([TreePath.slash])
    case .endingAnywhere(let end):
      return name.hasEnd(end)
    case .below(let path):
      guard name.starts(with: path) else { return false }
      return name.count == path.count || name.dropFirst(path.count).first == TreePath.slash
    case .general:
      // A name may end within the lead: `a/**` matches `a`.
      guard zip(name, lead).allSatisfy(==) else { return false }
      return try DoublestarMatcher.matches(pattern: bytes, name: Array(name), validating: false)
    }
  }

  private static func shape(of pattern: [UInt8]) -> Shape {
    // Only ASCII: elsewhere every byte that is no UTF-8 equals every other one.
    guard pattern.allSatisfy({ $0 < 0x80 }) else { return .general }
    if isLiteral(pattern[...]) {
      return .literal
    }
    let anyDirectory = Array("**/".utf8)
    let everything = Array("/**".utf8)
    if pattern.starts(with: anyDirectory) {
      let rest = pattern.dropFirst(anyDirectory.count)
      if let end = ending(rest) {
        return .endingAnywhere(end)
      }
      if !rest.isEmpty, isLiteral(rest) {
        return .anywhere(Array(rest))
      }
    } else if let end = ending(pattern[...]) {
      return .ending(end)
    } else if pattern.hasEnd(everything), isLiteral(pattern.dropLast(everything.count)) {
      return .below(Array(pattern.dropLast(everything.count)))
    }
    return .general
  }

  /// What follows a single star at the beginning, if that is a plain part of a file name.
  private static func ending(_ pattern: ArraySlice<UInt8>) -> [UInt8]? {
    guard pattern.first == UInt8(ascii: "*") else { return nil }
    let rest = pattern.dropFirst()
    guard !rest.isEmpty, isLiteral(rest), !rest.contains(TreePath.slash) else { return nil }
    return Array(rest)
  }

  private static func isLiteral(_ pattern: ArraySlice<UInt8>) -> Bool {
    !pattern.contains { "*?[{\\".utf8.contains($0) }
  }
}

extension Collection<UInt8> {
  fileprivate func hasEnd(_ end: [UInt8]) -> Bool {
    count >= end.count && suffix(end.count).elementsEqual(end)
  }
}
