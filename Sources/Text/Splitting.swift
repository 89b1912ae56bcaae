extension StringProtocol {
  /// What is before and after the first separator; nil without one.
  package func splitOnce(_ separator: String) -> (SubSequence, SubSequence)? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(separator) {
        return (self[..<start], self[index(start, offsetBy: separator.count)...])
      }
      start = index(after: start)
    }
    return nil
  }

  /// Without the white space (Unicode's) at both ends, as Go's `strings.TrimSpace`.
  package func trimmingWhiteSpace() -> SubSequence {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return rest
  }

  package func trimmingSuffix(_ character: Character) -> SubSequence {
    var rest = self[...]
    while rest.last == character { rest.removeLast() }
    return rest
  }
}

extension Collection<UInt8> where SubSequence == ArraySlice<UInt8> {
  /// Without the white space of ASCII at both ends.
  package func trimmingWhiteSpace() -> ArraySlice<UInt8> {
    var rest = drop(while: isWhiteSpace)
    while let last = rest.last, isWhiteSpace(last) { rest.removeLast() }
    return rest
  }
}

/// Blank, tab, line feed, vertical tab, form feed and carriage return.
@inlinable
package func isWhiteSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || (0x09...0x0D).contains(byte)
}
