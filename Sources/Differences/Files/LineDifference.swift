import Text

/// The lines that a change adds and removes, as `git diff --numstat` counts them.
package struct LineCount: Sendable, Hashable {
  package var added: Int
  package var removed: Int

  package init(added: Int = 0, removed: Int = 0) {
    self.added = added
    self.removed = removed
  }
}

/// The lines in which two texts differ.
///
/// A line ends with LF; a CR before it belongs to the line, and bytes need not be UTF-8. A text whose last
/// line has no LF differs in that line from one that has it.
///
/// What both have at their start and end is cut off first. Lines that are only on one side are changed for
/// certain; the rest goes through ``ShortestEdit``. A change that could begin at several lines begins at
/// the last of them, as those of GNU diff do. Memory is linear in the texts: at most nine bytes for each
/// line between the common ends, and some forty for each of them that is different from all others.
package struct LineDifference: Sendable {
  /// Lines, counted from 0, that are replaced by others; one of the ranges can be empty.
  package struct Change: Sendable, Equatable {
    package var old: Range<Int>
    package var new: Range<Int>

    package init(old: Range<Int>, new: Range<Int>) {
      self.old = old
      self.new = new
    }

    fileprivate mutating func move(down lines: Int) {
      old = old.lowerBound + lines..<old.upperBound + lines
      new = new.lowerBound + lines..<new.upperBound + lines
    }
  }

  package fileprivate(set) var old: [UInt8]
  package fileprivate(set) var new: [UInt8]
  package let oldLineCount: Int
  package let newLineCount: Int
  /// In their order, with at least one equal line between two of them.
  package let changes: [Change]
  /// Whether the comparison was too much work, so that lines count as changed that need not be.
  package let isCutShort: Bool

  /// - Parameter effort: steps of the comparison, of some nanoseconds each; nil for
  ///   ``ShortestEdit/defaultEffort(lines:)``.
  package init(from old: [UInt8], to new: [UInt8], effort: Int? = nil) {
    self.old = old
    self.new = new
    let ends = old.withUnsafeBytes { old in new.withUnsafeBytes { CommonEnds(old, $0) } }
    let oldMiddle = ends.prefix..<old.count - ends.suffix
    let newMiddle = ends.prefix..<new.count - ends.suffix
    let before = countLines(old, 0..<ends.prefix)
    let after = countLines(old, oldMiddle.upperBound..<old.count)
    let middle: MiddleChanges
    if oldMiddle.isEmpty || newMiddle.isEmpty
      || oldMiddle.count + newMiddle.count > Int(Int32.max)
    {
      let oldCount = countLines(old, oldMiddle)
      let newCount = countLines(new, newMiddle)
      middle = MiddleChanges(replacing: oldCount, with: newCount)
    } else {
      let identities = old.withUnsafeBytes { old in
        new.withUnsafeBytes { new in
          LineIdentities(
            old: UnsafeRawBufferPointer(rebasing: old[oldMiddle]),
            new: UnsafeRawBufferPointer(rebasing: new[newMiddle]))
        }
      }
      middle = MiddleChanges(of: identities, effort: effort)
    }
    oldLineCount = before + middle.oldCount + after
    newLineCount = before + middle.newCount + after
    isCutShort = middle.isCutShort
    var changes = middle.changes(after: before)
    if var last = changes.popLast() {
      // It can also go on into the common end.
      let text = last.old.isEmpty ? new : last.new.isEmpty ? old : []
      let lines = last.old.isEmpty ? last.new : last.old
      last.move(
        down: text.withUnsafeBytes { text in
          repeatedLines(lines, in: text, from: (offset: ends.prefix, line: before))
        })
      changes.append(last)
    }
    self.changes = changes
  }

  /// The same changes in other texts of as many lines: as they may be shown.
  ///
  /// Of lines that take the place of each other, masks of what changed are told apart.
  func showing(old: ShownContent, new: ShownContent) -> LineDifference {
    var result = self
    (result.old, result.new) = (old.bytes, new.bytes)
    guard old.hidesSecrets, new.hidesSecrets else { return result }
    let (oldMasks, newMasks) = (
      Dictionary(grouping: old.masks, by: \.line), Dictionary(grouping: new.masks, by: \.line)
    )
    let pairs = changes.flatMap { zip($0.old, $0.new) }.flatMap { oldLine, newLine in
      zip(oldMasks[oldLine] ?? [], newMasks[newLine] ?? [])
    }
    (result.old, result.new) = ShownContent.tellingApart(old, new, in: pairs)
    return result
  }

  package var count: LineCount {
    changes.reduce(into: LineCount()) { sum, change in
      sum.added += change.new.count
      sum.removed += change.old.count
    }
  }
}

/// What two texts have in common at both ends, in whole lines.
private struct CommonEnds {
  /// In bytes.
  let prefix: Int
  let suffix: Int

  init(_ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer) {
    var prefix = commonPrefix(old, new)
    if prefix == old.count, prefix == new.count {
      self.prefix = prefix
      suffix = 0
      return
    }
    while prefix > 0, old[prefix - 1] != lineFeed {
      prefix -= 1
    }
    let oldRest = UnsafeRawBufferPointer(rebasing: old[prefix...])
    let newRest = UnsafeRawBufferPointer(rebasing: new[prefix...])
    var suffix = commonSuffix(oldRest, newRest)
    // It has to begin where a line begins, on both sides.
    func isStart(_ offset: Int, _ text: UnsafeRawBufferPointer) -> Bool {
      offset == 0 || text[offset - 1] == lineFeed
    }
    while suffix > 0,
      !isStart(oldRest.count - suffix, oldRest) || !isStart(newRest.count - suffix, newRest)
    {
      suffix -= 1
    }
    self.prefix = prefix
    self.suffix = suffix
  }
}

private func countLines(_ text: [UInt8], _ range: Range<Int>) -> Int {
  text.withUnsafeBytes { text in
    var count = 0
    for byte in text[range] where byte == lineFeed {
      count += 1
    }
    return range.isEmpty || text[range.upperBound - 1] == lineFeed ? count : count + 1
  }
}

/// How many of the lines behind some lines repeat them, one by one.
///
/// - Parameter start: where a line begins, not behind the first of the lines, and its number.
private func repeatedLines(
  _ lines: Range<Int>, in text: UnsafeRawBufferPointer, from start: (offset: Int, line: Int)
) -> Int {
  var (offset, line) = start
  var first = offset
  while line < lines.upperBound, let end = endOfLine(from: offset, in: text) {
    if line == lines.lowerBound {
      first = offset
    }
    offset = end
    line += 1
  }
  var count = 0
  while let end = endOfLine(from: offset, in: text),
    let firstEnd = endOfLine(from: first, in: text), end - offset == firstEnd - first,
    text[offset..<end].elementsEqual(text[first..<firstEnd])
  {
    offset = end
    first = firstEnd
    count += 1
  }
  return count
}

/// The changes between the common ends of two texts.
private struct MiddleChanges {
  let oldCount: Int
  let newCount: Int
  let isCutShort: Bool
  private let changes: [LineDifference.Change]

  /// One side is empty, or both are too large to be numbered.
  init(replacing oldCount: Int, with newCount: Int) {
    self.oldCount = oldCount
    self.newCount = newCount
    isCutShort = oldCount > 0 && newCount > 0
    changes =
      oldCount + newCount == 0
      ? [] : [LineDifference.Change(old: 0..<oldCount, new: 0..<newCount)]
  }

  init(of identities: LineIdentities, effort: Int?) {
    oldCount = identities.old.count
    newCount = identities.new.count
    // A line that the other side lacks is in no common sequence.
    let edit = ShortestEdit(
      old: Self.shared(identities.old, identities.isInNew),
      new: Self.shared(identities.new, identities.isInOld), effort: effort)
    isCutShort = edit.isExhausted
    changes = Self.slid(Self.runs(identities, edit), identities)
  }

  /// The lines that are also on the other side.
  private static func shared(_ lines: [Int32], _ isOnOtherSide: [Bool]) -> [Int32] {
    // Mostly all of them, and then the memory is shared too.
    isOnOtherSide.allSatisfy(\.self) ? lines : lines.filter { isOnOtherSide[Int($0)] }
  }

  func changes(after lines: Int) -> [LineDifference.Change] {
    guard lines > 0 else { return changes }
    var changes = changes
    for index in changes.indices {
      changes[index].move(down: lines)
    }
    return changes
  }

  private static func runs(
    _ identities: LineIdentities, _ edit: ShortestEdit
  ) -> [LineDifference.Change] {
    var old = EditedSide(identities.old, identities.isInNew, edit.isRemoved)
    var new = EditedSide(identities.new, identities.isInOld, edit.isAdded)
    var changes: [LineDifference.Change] = []
    while !old.isAtEnd || !new.isAtEnd {
      let removed = old.skipChanged()
      let added = new.skipChanged()
      if !removed.isEmpty || !added.isEmpty {
        changes.append(LineDifference.Change(old: removed, new: added))
      }
      // A pair of equal lines; both sides end together.
      old.skipLine()
      new.skipLine()
    }
    return changes
  }

  /// Moves what was only added, or only removed, down as long as the first line of it equals the line
  /// behind it, and joins what then touches.
  private static func slid(
    _ changes: [LineDifference.Change], _ identities: LineIdentities
  ) -> [LineDifference.Change] {
    var result: [LineDifference.Change] = []
    for change in changes {
      var change = change
      // The one before goes down as far as it can, until it touches this one.
      if var last = result.popLast() {
        slide(&last, until: change.old.lowerBound, identities)
        if last.old.upperBound == change.old.lowerBound {
          change = LineDifference.Change(
            old: last.old.lowerBound..<change.old.upperBound,
            new: last.new.lowerBound..<change.new.upperBound)
        } else {
          result.append(last)
        }
      }
      result.append(change)
    }
    if var last = result.popLast() {
      slide(&last, until: identities.old.count, identities)
      result.append(last)
    }
    return result
  }

  private static func slide(
    _ change: inout LineDifference.Change, until end: Int, _ identities: LineIdentities
  ) {
    while change.old.upperBound < end {
      let isSame =
        if change.old.isEmpty {
          identities.new[change.new.lowerBound] == identities.new[change.new.upperBound]
        } else if change.new.isEmpty {
          identities.old[change.old.lowerBound] == identities.old[change.old.upperBound]
        } else {
          false
        }
      guard isSame else { return }
      change.move(down: 1)
    }
  }
}

/// Goes through the lines of one side, of which those that the other side lacks are not in the edit.
private struct EditedSide {
  private let lines: [Int32]
  private let isOnOtherSide: [Bool]
  private let isChanged: [Bool]
  private var line = 0
  private var sharedLine = 0

  init(_ lines: [Int32], _ isOnOtherSide: [Bool], _ isChanged: [Bool]) {
    self.lines = lines
    self.isOnOtherSide = isOnOtherSide
    self.isChanged = isChanged
  }

  var isAtEnd: Bool {
    line >= lines.count
  }

  /// The changed lines from here on.
  mutating func skipChanged() -> Range<Int> {
    let start = line
    while line < lines.count {
      if isOnOtherSide[Int(lines[line])] {
        guard isChanged[sharedLine] else { break }
        sharedLine += 1
      }
      line += 1
    }
    return start..<line
  }

  /// Goes behind a line that is not changed.
  mutating func skipLine() {
    guard line < lines.count else { return }
    line += 1
    sharedLine += 1
  }
}
