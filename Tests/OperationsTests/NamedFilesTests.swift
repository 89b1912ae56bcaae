import Content
import Testing

@testable import Operations

/// Names as git lists them.
@Suite struct NamedFilesTests {
  private static func read(_ text: String) -> [String] {
    NamedFiles.read(Array(text.utf8)).map(\.description)
  }

  @Test(arguments: [
    ("a.yaml\nb c.yaml\n", ["a.yaml", "b c.yaml"]),
    ("a.yaml\r\nb.yaml", ["a.yaml", "b.yaml"]),
    ("a\n\na\n", ["a"]),
    (#""a\tb""# + "\n" + #""\"\\""#, ["a\tb", "\"\\"]),
    (#""caf\303\251.yaml""#, ["café.yaml"]),
    // Not what git writes: taken as it is.
    (#""a\q""#, [#""a\q""#]), (#""a\7""#, [#""a\7""#]), (#""a\777""#, [#""a\777""#]),
    ("\"", ["\""]), ("\"a", ["\"a"]), (#""\""#, [#""\""#]),
    ("", []),
  ])
  func `lines are names, and quotes are undone`(_ text: String, _ names: [String]) {
    #expect(Self.read(text) == names)
  }

  @Test func `both names of a rename count`() {
    #expect(
      Self.read("M\ta.yaml\nR087\told.yaml\t\"n\\303\\251w.yaml\"\nD\tgone.yaml\n")
        == ["a.yaml", "old.yaml", "néw.yaml", "gone.yaml"])
    #expect(Self.read("Makefile\tx\n") == ["Makefile\tx"])
  }

  @Test func `names between NULs are as they are`() {
    #expect(Self.read("\"a\"\0b\nc\0a\td\0") == ["\"a\"", "b\nc", "a\td"])
  }

  @Test func `states between NULs are no names`() {
    #expect(Self.read("M\0a\0R100\0b\0c\0D\0d\0") == ["a", "b", "c", "d"])
    // A file may be named so.
    #expect(Self.read("M\0") == ["M"])
    #expect(Self.read("a\0M\0") == ["a", "M"])
  }

  @Test func `names need not be text`() {
    #expect(NamedFiles.read([0x61, 0xFF, 0x0A]).map(\.bytes) == [[0x61, 0xFF]])
    #expect(
      NamedFiles.read(Array(#""a\377""#.utf8)).map(\.bytes) == [[0x61, 0xFF]])
  }
}
