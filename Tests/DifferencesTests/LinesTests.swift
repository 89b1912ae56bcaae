import Differences
import TestSupport
import Testing

/// The lines in which two texts differ.
@Suite struct LinesTests {
  private func difference(_ old: String, _ new: String, effort: Int? = nil) -> LineDifference {
    LineDifference(from: Array(old.utf8), to: Array(new.utf8), effort: effort)
  }

  /// The pieces as the lines of a unified diff, without line feeds.
  private func pieces(_ old: String, _ new: String, context: Int = 3) -> [String] {
    var result: [String] = []
    difference(old, new).forEachPiece(context: context) { piece in
      func text(_ line: ArraySlice<UInt8>) -> String {
        let text = String(decoding: line, as: UTF8.self)
        return text.utf8.last == 10 ? String(text.unicodeScalars.dropLast()) : text + "$"
      }
      switch piece {
      case .hunk(let hunk): result.append("@ \(hunk.old) \(hunk.new)")
      case .context(let line): result.append(" " + text(line))
      case .removed(let line): result.append("-" + text(line))
      case .added(let line): result.append("+" + text(line))
      }
    }
    return result
  }

  @Test func `equal texts have no hunks`() {
    for text in ["", "a", "a\n", "a\r\nb", "\n\n"] {
      #expect(pieces(text, text).isEmpty)
      #expect(difference(text, text).count == LineCount())
    }
    #expect(difference("a\nb", "a\nb").oldLineCount == 2)
  }

  @Test func `one line among others changes`() {
    #expect(
      pieces("1\n2\n3\n4\n5\n", "1\n2\nx\n4\n5\n", context: 1)
        == ["@ 1..<4 1..<4", " 2", "-3", "+x", " 4"])
    #expect(pieces("1\n2\n3\n", "1\n3\n", context: 0) == ["@ 1..<2 1..<1", "-2"])
    #expect(pieces("1\n3\n", "1\n2\n3\n", context: 0) == ["@ 1..<1 1..<2", "+2"])
  }

  @Test func `all lines are new, or gone`() {
    #expect(pieces("", "a\nb\n") == ["@ 0..<0 0..<2", "+a", "+b"])
    #expect(pieces("a\nb", "") == ["@ 0..<2 0..<0", "-a", "-b$"])
    #expect(difference("", "a\nb").count == LineCount(added: 2, removed: 0))
  }

  @Test func `a line feed at the end is part of the last line`() {
    #expect(pieces("a\nb", "a\nb\n") == ["@ 0..<2 0..<2", " a", "-b$", "+b"])
    #expect(pieces("a\nb\n", "a\nb") == ["@ 0..<2 0..<2", " a", "-b", "+b$"])
    #expect(pieces("a", "a\nb") == ["@ 0..<1 0..<2", "-a$", "+a", "+b$"])
    #expect(pieces("x\nb", "y\nb") == ["@ 0..<2 0..<2", "-x", "+y", " b$"])
    #expect(pieces("b", "y\nb") == ["@ 0..<1 0..<2", "+y", " b$"])
    #expect(pieces("", "\n") == ["@ 0..<0 0..<1", "+"])
  }

  @Test func `a carriage return is part of its line`() {
    #expect(
      pieces("a\r\nb\n", "a\nb\n") == ["@ 0..<2 0..<2", "-a\r", "+a", " b"])
    #expect(pieces("a\rb", "a\rc") == ["@ 0..<1 0..<1", "-a\rb$", "+a\rc$"])
  }

  @Test func `contexts that touch are one hunk`() {
    let old = (0..<20).map { "\($0)\n" }
    var new = old
    new[4] = "x\n"
    new[9] = "y\n"
    func hunks(_ context: Int) -> Int {
      pieces(old.joined(), new.joined(), context: context).count { $0.hasPrefix("@") }
    }
    #expect(hunks(1) == 2)
    #expect(hunks(2) == 1)
    #expect(hunks(.max) == 1)
    #expect(pieces(old.joined(), new.joined(), context: .max).count == 23)
    #expect(pieces(old.joined(), new.joined(), context: -1).count == 6)
  }

  @Test func `what was inserted begins as late as possible`() {
    #expect(
      pieces("a\nx\nb\nx\nc\n", "a\nx\nb\nx\nb\nx\nc\n", context: 1)
        == ["@ 3..<5 3..<7", " x", "+b", "+x", " c"])
    // Also into what both texts have in common at their ends.
    #expect(
      pieces("p\nm\na\nx\nz\n", "q\nm\na\nx\na\nx\nz\n", context: 0)
        == ["@ 0..<1 0..<1", "-p", "+q", "@ 4..<4 4..<6", "+a", "+x"])
    #expect(
      pieces("q\nm\na\na\na", "p\nm\na\na", context: 0)
        == ["@ 0..<1 0..<1", "-q", "+p", "@ 3..<4 3..<3", "-a"])
  }

  @Test func `insertions that touch are one change`() {
    // "a" goes down over its like, to where "b" is new.
    let found = difference("1\na\na\n2\n", "0\na\na\na\nb\n2\n")
    #expect(found.changes.count == 2)
    #expect(found.changes.last == LineDifference.Change(old: 3..<3, new: 3..<5))
  }

  @Test func `bytes need not be text`() {
    let old: [UInt8] = [0xFF, 10, 0xFE, 10, 0, 10, 0xC3]
    let new: [UInt8] = [0xFF, 10, 0xFD, 10, 0, 10, 0xC3]
    let found = LineDifference(from: old, to: new)
    #expect(found.changes == [LineDifference.Change(old: 1..<2, new: 1..<2)])
    #expect(found.oldLineCount == 4)
  }

  /// The most equal lines that two sequences can have in common.
  private func commonCount(_ old: [UInt8], _ new: [UInt8]) -> Int {
    var row = [Int](repeating: 0, count: new.count + 1)
    for line in old {
      var diagonal = 0
      for (index, other) in new.enumerated() {
        let above = row[index + 1]
        row[index + 1] = line == other ? diagonal + 1 : max(above, row[index])
        diagonal = above
      }
    }
    return row[new.count]
  }

  /// Both texts out of the pieces with all of the context.
  private func rebuilt(_ found: LineDifference) -> (old: [UInt8], new: [UInt8]) {
    var old: [UInt8] = []
    var new: [UInt8] = []
    found.forEachPiece(context: .max) { piece in
      switch piece {
      case .hunk(let hunk):
        #expect(hunk.old == 0..<found.oldLineCount)
        #expect(hunk.new == 0..<found.newLineCount)
      case .context(let line):
        old += line
        new += line
      case .removed(let line): old += line
      case .added(let line): new += line
      }
    }
    return (old, new)
  }

  @Test func `the number of changed lines is the least`() {
    var random = SeededGenerator(seed: 16)
    for round in 0..<600 {
      // One letter is one line; from much to little in common.
      let letters = UInt8.random(in: 1...9, using: &random)
      func sequence() -> [UInt8] {
        (0..<Int.random(in: 0...24, using: &random)).map { _ in
          97 + UInt8.random(in: 0..<letters, using: &random)
        }
      }
      let old = sequence()
      let new = sequence()
      func text(_ lines: [UInt8]) -> [UInt8] { lines.flatMap { [$0, 10] } }
      let found = LineDifference(from: text(old), to: text(new))
      let common = commonCount(old, new)
      #expect(found.count.removed == old.count - common, "round \(round)")
      #expect(found.count.added == new.count - common, "round \(round)")
      #expect(!found.isCutShort)
      if old != new {
        #expect(rebuilt(found) == (text(old), text(new)), "round \(round)")
      }
      for (change, next) in zip(found.changes, found.changes.dropFirst()) {
        #expect(change.old.upperBound < next.old.lowerBound, "round \(round)")
      }
    }
  }

  @Test func `too much work replaces the rest and says so`() {
    var random = SeededGenerator(seed: 17)
    func text() -> [UInt8] {
      (0..<4000).flatMap { _ in [97 + UInt8.random(in: 0..<4, using: &random), 10] }
    }
    let old = text()
    let new = text()
    for effort in [0, 1, 100, 10_000, 1_000_000] {
      let found = LineDifference(from: old, to: new, effort: effort)
      #expect(found.isCutShort)
      #expect(rebuilt(found) == (old, new))
    }
    // No effort is needed for lines that have no partner.
    #expect(!difference("a\nb\nc\n", "x\nb\ny\nz\n", effort: 0).isCutShort)
  }

  @Test func `texts with more differences than are searched for are still compared`() {
    var random = SeededGenerator(seed: 18)
    // Two thousand lines of a few kinds on either side, and five hundred equal ones of their own.
    let common = (0..<500).map { "same \($0)\n" }
    func text() -> String {
      (0..<2000).map { index in
        let noise = "\(Int.random(in: 0..<6, using: &random))\n"
        return index % 4 == 0 ? common[index / 4] + noise : noise
      }.joined()
    }
    let old = text()
    let new = text()
    let found = difference(old, new)
    #expect(!found.isCutShort)
    #expect(rebuilt(found) == (Array(old.utf8), Array(new.utf8)))
    // Without a partner for any line it would be 2,500.
    #expect(found.count.removed < 1600)
  }
}
