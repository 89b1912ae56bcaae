import Content
import Differences
import TestSupport
import Testing

/// Which files of two trees differ, and how.
@Suite struct FilesComparisonTests {
  private func lines(_ old: [FileSide], _ new: [FileSide]) -> [String] {
    FileComparison.changes(from: old, to: new).map { change in
      let paths = [change.old?.path, change.new?.path].compactMap(\.self).map(\.description)
      let names = paths.first == paths.last ? Array(paths.prefix(1)) : paths
      return ([change.kind.rawValue] + names + (change.changesMode ? ["+mode"] : []))
        .joined(separator: " ")
    }
  }

  @Test func `each kind of change has its name`() {
    let old = [
      FileSide("equal", "1"), FileSide("gone", "2"), FileSide("mode", "3"),
      FileSide("moved", "4"), FileSide("other", "5"), FileSide("script", "6", mode: 0o755),
    ]
    let new = [
      FileSide("equal", "1", mode: 0o644), FileSide("fresh", "7"),
      FileSide("mode", "3", mode: 0o700), FileSide("new/place", "4", mode: 0o700),
      FileSide("other", "8"), FileSide("script", "9", mode: 0o600),
    ]
    #expect(
      lines(old, new) == [
        "added fresh", "removed gone", "mode mode +mode", "renamed moved new/place +mode",
        "modified other", "modified script +mode",
      ])
    #expect(lines(old, old).isEmpty)
    #expect(lines([], []).isEmpty)
  }

  @Test func `the order is that of the bytes of the paths`() {
    let paths: [TreePath] = ["a/b", "a.b", "a", "B", "é", "e\u{301}", TreePath([0xFF]), "z"]
    let found = FileComparison.changes(from: [], to: paths.map { FileSide($0, "\($0)!") })
    #expect(found.map(\.path) == paths.sorted())
    #expect(found.count == paths.count)
  }

  @Test func `of several files with one path the last counts`() {
    let old = [FileSide("a", "1"), FileSide("b", "x"), FileSide("a", "2")]
    #expect(lines(old, [FileSide("a", "2"), FileSide("b", "x")]).isEmpty)
    #expect(lines(old, [FileSide("a", "1"), FileSide("b", "x")]) == ["modified a"])
  }

  @Test func `a rename prefers the last name, then the order of the paths`() {
    let old = ["a/1", "a/2", "a/3", "a/4"].map { FileSide(TreePath($0), "same") }
    let new = ["b/0", "b/3", "b/9", "c/3"].map { FileSide(TreePath($0), "same") }
    #expect(
      lines(old, new) == [
        "renamed a/1 b/0", "renamed a/3 b/3", "renamed a/2 b/9", "renamed a/4 c/3",
      ])
    #expect(lines(Array(old.reversed()), Array(new.reversed())) == lines(old, new))
    #expect(lines(old, Array(new.prefix(1))).count == 4)
  }

  @Test func `empty files are not renamed`() {
    #expect(lines([FileSide("a", "")], [FileSide("b", "")]) == ["removed a", "added b"])
  }

  @Test func `a file whose path is kept is not renamed`() {
    let old = [FileSide("a", "1"), FileSide("b", "2")]
    let new = [FileSide("a", "2"), FileSide("b", "1"), FileSide("c", "1")]
    #expect(lines(old, new) == ["modified a", "modified b", "added c"])
  }

  @Test func `a hundred thousand files are compared at once`() {
    let digests = (0..<3).map { Digester.digest([$0]) }
    func tree(_ folder: String) -> [FileSide] {
      (0..<100_000).map { index in
        FileSide(
          path: TreePath("\(folder)/\(1_000_000 + index)"), mode: 0o600, size: 1,
          digest: digests[index % 3], content: .empty)
      }
    }
    let found = FileComparison.changes(from: tree("a"), to: tree("b"))
    #expect(found.count == 100_000)
    // All with one digest, and each finds its own name.
    #expect(found.allSatisfy { $0.old?.path.base == $0.new?.path.base })
  }
}
