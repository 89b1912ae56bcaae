import Testing
import Text

@Suite struct PrintableTests {
  @Test func `the lines of a text`() {
    #expect(Printable.lines("a\r\n\tb\u{1B}\n\nc\n \n") == ["a", " b^[", "", "c"])
    #expect(Printable.lines("") == [])
  }

  @Test func `lines of a block stay`() {
    #expect(Printable.block("a\n\tb\u{1B}c\r\n") == "a\n\tb^[c^M\n")
  }

  @Test func `text without control characters is untouched`() {
    #expect(Printable.line("päivää 日本 \u{1F600}") == "päivää 日本 \u{1F600}")
  }

  @Test(arguments: [
    ("plain", "plain"), ("a\u{1B}[31mred\u{1B}[0m", "ared"),
    ("a\u{1B}]0;title\u{7}b", "a]0;titleb"), ("a\u{9B}31mb", "ab"), ("tab\tline\n", "tab\tline\n"),
    ("a\u{1B}[", "a"), ("é😀", "é😀"), ("a\rb\u{8}c\u{85}d", "abcd"),
  ])
  func `plain text holds nothing that moves the cursor`(text: String, shown: String) {
    #expect(Printable.plain(text) == shown)
  }
}
