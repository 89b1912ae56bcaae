extension LineDifference {
  /// Changes that are shown together, with the equal lines around them.
  package struct Hunk: Sendable, Equatable {
    /// Lines from 0, those of the context included.
    package let old: Range<Int>
    package let new: Range<Int>
    /// The changes in it, as indices into ``LineDifference/changes``.
    package let changes: Range<Int>
  }

  /// A piece of a unified diff.
  package enum Piece: Sendable {
    case hunk(Hunk)
    /// Lines with the LF at their end; only the last of a text can lack it.
    case context(ArraySlice<UInt8>)
    case removed(ArraySlice<UInt8>)
    case added(ArraySlice<UInt8>)
  }

  /// Hands out hunks and their lines from top to bottom, in each change the removed lines first.
  ///
  /// - Parameter context: the number of equal lines to show before and after a change. Changes whose
  ///   contexts touch or overlap are one hunk, as in git and GNU diff.
  package func forEachPiece(context: Int, _ body: (Piece) throws -> Void) rethrows {
    var oldLines = LineCursor(old)
    var newLines = LineCursor(new)
    var next = 0
    while let hunk = hunk(from: next, context: context) {
      try body(.hunk(hunk))
      oldLines.skip(to: hunk.old.lowerBound)
      for change in changes[hunk.changes] {
        while oldLines.line < change.old.lowerBound, let line = oldLines.next() {
          try body(.context(line))
        }
        while oldLines.line < change.old.upperBound, let line = oldLines.next() {
          try body(.removed(line))
        }
        newLines.skip(to: change.new.lowerBound)
        while newLines.line < change.new.upperBound, let line = newLines.next() {
          try body(.added(line))
        }
      }
      while oldLines.line < hunk.old.upperBound, let line = oldLines.next() {
        try body(.context(line))
      }
      next = hunk.changes.upperBound
    }
  }

  /// The hunk that begins with a change; nil behind the last one.
  ///
  /// - Parameter first: index of the change, the first of all or that behind another hunk.
  private func hunk(from first: Int, context: Int) -> Hunk? {
    guard first < changes.count else { return nil }
    // No text has more lines, and the sum of two cannot overflow.
    let context = min(max(0, context), Int(Int32.max))
    var end = first + 1
    while end < changes.count,
      changes[end].old.lowerBound - changes[end - 1].old.upperBound <= 2 * context
    {
      end += 1
    }
    let start = changes[first]
    let last = changes[end - 1]
    let before = min(context, start.old.lowerBound)
    let after = min(context, oldLineCount - last.old.upperBound)
    return Hunk(
      old: start.old.lowerBound - before..<last.old.upperBound + after,
      new: start.new.lowerBound - before..<last.new.upperBound + after,
      changes: first..<end)
  }
}

/// Goes through the lines of a text.
private struct LineCursor {
  /// The number of the next line, from 0.
  private(set) var line = 0
  private let text: [UInt8]
  private var offset = 0

  init(_ text: [UInt8]) {
    self.text = text
  }

  /// The next line with its LF; nil at the end.
  mutating func next() -> ArraySlice<UInt8>? {
    let start = offset
    guard let end = text.withUnsafeBytes({ endOfLine(from: start, in: $0) }) else { return nil }
    offset = end
    line += 1
    return text[start..<end]
  }

  /// Leaves out the lines before one.
  mutating func skip(to wanted: Int) {
    guard line < wanted else { return }
    let start = (offset, line)
    (offset, line) = text.withUnsafeBytes { text in
      var (offset, line) = start
      while line < wanted, let end = endOfLine(from: offset, in: text) {
        offset = end
        line += 1
      }
      return (offset, line)
    }
  }
}
