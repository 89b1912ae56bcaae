import Content
import Differences
import Foundation
import TestSupport
import Testing

/// Random trees: the real `git apply` makes the new one of the old one and our patch.
@Suite struct FilesGitTests {
  @Test func `git apply of a patch gives the new tree`() throws {
    // 300 by default; PATCH_TREES=5000 for more.
    let wanted = environmentVariable("PATCH_TREES").flatMap(Int.init) ?? 300
    var random = SeededGenerator(seed: 1600)
    var ours = 0
    var least = 0
    for first in stride(from: 0, to: wanted, by: 75) {
      // Of one process for many trees: each lies in a folder of its own.
      var old: [FileSide] = []
      var new: [FileSide] = []
      for index in first..<min(first + 75, wanted) {
        var tree = RandomTree(random: random)
        let folder = TreePath(String("t\(100_000 + index)"))
        old += tree.sides(below: folder)
        tree.change()
        new += tree.sides(below: folder)
        random = tree.random
      }
      let context = [0, 1, 2, 3, 7, Int.max].randomElement(using: &random) ?? 3
      var format = GitPatch(context: context, sizeLimit: nil)
      format.carriesBinary = true
      let bytes = try patch(old, new, format)
      let folder = try GitFolder()
      let result = try folder.applying(bytes, to: old, context == 0 ? ["--unidiff-zero"] : [])
      #expect(result.refusal == nil, "context \(context), from \(first)")
      let expected = try facts(new)
      #expect(Set(result.files.keys) == Set(expected.keys), "from \(first)")
      for (path, file) in expected where result.files[path] != file {
        Issue.record("\(path) differs, context \(context)")
      }

      for case .modified(let before, let after) in FileComparison.changes(from: old, to: new) {
        // git counts no lines of those.
        if try before.isBinary() || after.isBinary() { continue }
        let lines = LineDifference(from: try before.wholeContent(), to: try after.wholeContent())
        ours += lines.count.added + lines.count.removed
      }
      try folder.write(old, below: "old")
      try folder.write(new, below: "new")
      let numbers = try folder.git([
        "diff", "--no-index", "--minimal", "--no-renames", "--diff-filter=M", "--numstat", "old",
        "new",
      ])
      for line in String(decoding: numbers.output, as: UTF8.self).split(separator: "\n") {
        least += line.split(separator: "\t").prefix(2).compactMap { Int($0) }.reduce(0, +)
      }
    }
    #expect(least > wanted)
    #expect(Double(ours) <= 1.2 * Double(least), "\(ours) lines, git \(least)")
  }
}

/// A tree of text files that is made, and changed, at random.
private struct RandomTree {
  private(set) var random: SeededGenerator
  private var files: [TreePath: File] = [:]

  private struct File {
    var lines: [[UInt8]]
    var endsWithLineFeed: Bool
    var mode: UInt16

    var bytes: [UInt8] {
      let bytes = Array(lines.joined(separator: [10]))
      return endsWithLineFeed && !lines.isEmpty ? bytes + [10] : bytes
    }
  }

  init(random: SeededGenerator) {
    self.random = random
    for _ in 0..<number(0...7) {
      put(file(), at: path())
    }
  }

  func sides(below folder: TreePath) -> [FileSide] {
    files.keys.sorted().map { path in
      let file = files[path] ?? File(lines: [], endsWithLineFeed: false, mode: 0)
      return FileSide(folder.child(path.bytes), file.bytes, mode: file.mode)
    }
  }

  mutating func change() {
    for path in files.keys.sorted() {
      guard var file = files[path] else { continue }
      switch number(0...9) {
      case 0: files[path] = nil
      case 1:
        // To another place, as it is or with another mode.
        if number(0...1) == 0 { file.mode ^= 0o100 }
        files[path] = nil
        put(file, at: self.path())
      case 2:
        file.mode ^= 0o100
        files[path] = file
      case 3...7:
        for _ in 0..<number(1...4) { edit(&file) }
        if number(0...5) == 0 { file.mode ^= 0o100 }
        files[path] = file
      default: break
      }
    }
    for _ in 0..<number(0...2) {
      put(file(), at: path())
    }
  }

  /// A file takes the place of whatever is in its way.
  private mutating func put(_ file: File, at path: TreePath) {
    for other in files.keys where path.hasPrefix("\(other)/") || other.hasPrefix("\(path)/") {
      files[other] = nil
    }
    // Names that are no text: by their bytes.
    for other in files.keys
    where path.bytes.starts(with: other.bytes + [0x2F])
      || other.bytes.starts(with: path.bytes + [0x2F])
    {
      files[other] = nil
    }
    files[path] = file
  }

  private mutating func path() -> TreePath {
    var parts: [[UInt8]] = []
    repeat {
      let names = ["a", "b", "c d", "é", "q\"", "t\tb", "n\nl", "s\\", " ", "x.yaml", "'", "-"]
      parts.append(number(0...20) == 0 ? [0xFF, 0x62] : Array(names[number(0...11)].utf8))
    } while number(0...2) > 0 && parts.count < 12
    return TreePath(parts.joined(separator: [0x2F]))
  }

  private mutating func file() -> File {
    let most = [0, 1, 5, 40, 120][number(0...4)]
    if number(0...9) == 0 {
      let bytes = [0] + (0..<number(0...most * 40)).map { _ in UInt8(number(0...255)) }
      return File(lines: [bytes], endsWithLineFeed: false, mode: 0o600)
    }
    return File(
      lines: (0..<number(0...most)).map { _ in line() },
      endsWithLineFeed: number(0...3) > 0, mode: [0o600, 0o700, 0o644, 0o755][number(0...3)])
  }

  /// Mostly lines that are in every file many times.
  private mutating func line() -> [UInt8] {
    switch number(0...11) {
    case 0: Array("\(number(0...9999))".utf8)
    case 1: []
    case 2: Array("key: \(number(0...3))\r".utf8)
    case 3: [0xFF, 0xC3, UInt8(number(0x80...0x83))]
    case 4:
      [Array("\\ No newline at end of file".utf8), Array("-- x".utf8), Array("+".utf8)][
        number(0...2)]
    default: Array("  name: \(number(0...4))".utf8)
    }
  }

  private mutating func edit(_ file: inout File) {
    let start = number(0...file.lines.count)
    let end = min(file.lines.count, start + number(0...6))
    switch number(0...5) {
    case 0: file.endsWithLineFeed.toggle()
    case 1: file.lines.removeSubrange(start..<end)
    case 2: file.lines.insert(contentsOf: file.lines[start..<end], at: number(0...file.lines.count))
    case 3: file.lines[start..<end].reverse()
    case 4: file.lines.replaceSubrange(start..<end, with: (0..<number(0...5)).map { _ in line() })
    default: file.lines.insert(line(), at: start)
    }
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }
}
