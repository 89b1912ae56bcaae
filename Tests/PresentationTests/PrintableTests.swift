import Presentation
import Testing

@Suite struct PrintableTests {
  @Test func linesOfABlockStay() {
    #expect(Printable.block("a\n\tb\u{1B}c\r\n") == "a\n\tb^[c^M\n")
  }

  @Test func textWithoutControlCharactersIsUntouched() {
    #expect(Printable.line("päivää 日本 \u{1F600}") == "päivää 日本 \u{1F600}")
  }

  @Test(arguments: [
    (20, "abc", "abc"),
    (4, "abc", "abc"),
    (4, "abcd", "ab…"),
    (1, "abc", ""),
    (0, "abc", ""),
    (20, "a\nb", "a..."),
  ])
  func aProgressLineFitsIntoTheTerminal(columns: Int, text: String, shown: String) {
    #expect(ProgressLine(columns: columns).showing(text) == "\r\u{1B}[K" + shown)
  }
}
