import Content
import Testing

/// Results as Go's `path/filepath` gives them on Unix.
@Suite struct TreePathTests {
  @Test(arguments: [
    ("", "."), (".", "."), ("a//b", "a/b"), ("a/./b", "a/b"), ("a/b/..", "a"), ("a/..", "."),
    ("..", ".."), ("../a", "../a"), ("a/../../b", "../b"), ("/..", "/"), ("/a/", "/a"),
    ("./a/", "a"), ("/", "/"), ("a/b/../../..", ".."),
  ])
  func `paths are cleaned as in Go`(path: String, expected: String) {
    #expect(TreePath(path).cleaned == TreePath(expected))
  }

  @Test(arguments: [
    ("", "x", "x"), ("a", "", "a"), ("a/", "b", "a/b"), ("a", "../b", "b"), ("/x", "m", "/x/m"),
    ("", "", ""),
  ])
  func `paths are joined as in Go`(left: String, right: String, expected: String) {
    #expect(TreePath(left).joined(TreePath(right)) == TreePath(expected))
  }

  @Test(arguments: [
    ("a/b", "b", "a"), ("a", "a", "."), ("a/b/", "b", "a/b"), ("/", "/", "/"), ("", ".", "."),
    ("/a", "a", "/"),
  ])
  func `base and directory`(path: String, base: String, directory: String) {
    #expect(TreePath(path).base == TreePath(base))
    #expect(TreePath(path).directory == TreePath(directory))
  }

  @Test func `spellings of one letter are two paths`() {
    let composed = TreePath("\u{e9}")
    let decomposed = TreePath("e\u{301}")
    #expect(composed.description == decomposed.description)
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
  }

  @Test func `bytes that are not text survive`() {
    let path = TreePath([0x61, 0xff, 0x2f, 0x62])
    #expect(path.directory.child([0x62]) == path)
    #expect(path.description == "a\u{fffd}/b")
  }
}
