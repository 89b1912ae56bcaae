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
/// the last of them, as those of GNU diff do. Memory is linear in the texts: for each line between the
/// common ends two numbers, for each different one three more.
package struct LineDifference: Sendable {
  /// Lines, counted from 0, that are replaced by others; one of the ranges can be empty.
  package struct Change: Sendable, Equatable {
    package var old: Range<Int>
    package var new: Range<Int>

    package init(old: Range<Int>, new: Range<Int>) {
      self.old = old
      self.new = new
    }
  }

  package let old: [UInt8]
  package let new: [UInt8]
  package let oldLineCount: Int
  package let newLineCount: Int
  /// In their order, with at least one equal line between two of them.
  package let changes: [Change]
  /// Whether the comparison was too much work, so that lines count as changed that need not be.
  package let isCutShort: Bool

  /// - Parameter effort: steps of the comparison, of some nanoseconds each; by default enough for any
  ///   5,000 differences, and for each line as much again as it takes to find them in large texts.
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
    changes = middle.changes(after: before)
    isCutShort = middle.isCutShort
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
    let old = identities.old
    let new = identities.new
    oldCount = old.count
    newCount = new.count
    // A line that the other side lacks is in no common sequence.
    let oldShared = old.indices.filter { identities.isInNew[Int(old[$0])] }
    let newShared = new.indices.filter { identities.isInOld[Int(new[$0])] }
    let edit = ShortestEdit(
      old: oldShared.map { old[$0] }, new: newShared.map { new[$0] },
      effort: effort ?? 1 << 25 + 512 * (oldShared.count + newShared.count))
    isCutShort = edit.isExhausted

    var isRemoved = [Bool](repeating: true, count: old.count)
    for (index, line) in oldShared.enumerated() {
      isRemoved[line] = edit.isRemoved[index]
    }
    var isAdded = [Bool](repeating: true, count: new.count)
    for (index, line) in newShared.enumerated() {
      isAdded[line] = edit.isAdded[index]
    }
    changes = Self.slid(Self.runs(isRemoved, isAdded), identities)
  }

  func changes(after lines: Int) -> [LineDifference.Change] {
    guard lines > 0 else { return changes }
    return changes.map { change in
      LineDifference.Change(
        old: change.old.lowerBound + lines..<change.old.upperBound + lines,
        new: change.new.lowerBound + lines..<change.new.upperBound + lines)
    }
  }

  private static func runs(_ isRemoved: [Bool], _ isAdded: [Bool]) -> [LineDifference.Change] {
    var changes: [LineDifference.Change] = []
    var old = 0
    var new = 0
    while old < isRemoved.count || new < isAdded.count {
      let oldStart = old
      let newStart = new
      while old < isRemoved.count, isRemoved[old] { old += 1 }
      while new < isAdded.count, isAdded[new] { new += 1 }
      if old > oldStart || new > newStart {
        changes.append(LineDifference.Change(old: oldStart..<old, new: newStart..<new))
      }
      // The rest are pairs of equal lines.
      while old < isRemoved.count, !isRemoved[old], new < isAdded.count, !isAdded[new] {
        old += 1
        new += 1
      }
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
      change.old = change.old.lowerBound + 1..<change.old.upperBound + 1
      change.new = change.new.lowerBound + 1..<change.new.upperBound + 1
    }
  }
}
