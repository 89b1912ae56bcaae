import Presentation
import Testing

@Suite struct ProgressLineTests {
  @Test(arguments: [
    (20, "abc", "abc"),
    (4, "abc", "abc"),
    (4, "abcd", "ab…"),
    (1, "abc", ""),
    (0, "abc", ""),
    (20, "a\nb", "a..."),
  ])
  func `a progress line fits into the terminal`(columns: Int, text: String, shown: String) {
    #expect(ProgressLine(columns: columns).showing(text) == "\r\u{1B}[K" + shown)
  }
}
