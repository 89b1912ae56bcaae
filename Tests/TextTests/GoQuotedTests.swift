import Testing
import Text

@Suite struct GoQuotedTests {
  @Test(
    "text is quoted as by strconv.Quote",
    arguments: [
      ("", #""""#), ("plain", #""plain""#), (#"a"b\c"#, #""a\"b\\c""#), ("é世😀", #""é世😀""#),
      ("\u{07}\u{08}\u{0C}\n\r\t\u{0B}", #""\a\b\f\n\r\t\v""#),
      ("\0\u{1F}\u{7F}", #""\x00\x1f\x7f""#),
      // Spaces other than the common one, formatting and private characters are not printed.
      ("\u{A0}\u{AD}\u{200B}\u{2028}\u{E000}", #""\u00a0\u00ad\u200b\u2028\ue000""#),
      ("\u{10FFFF}", #""\U0010ffff""#), ("e\u{301}", "\"e\u{301}\""), ("\u{FFFD}", "\"\u{FFFD}\""),
    ])
  func text(text: String, expected: String) {
    #expect(Array(text.goQuoted.utf8) == Array(expected.utf8))
  }

  @Test("bytes that are no UTF-8 are told apart from U+FFFD")
  func bytes() {
    #expect([0x61, 0xFF, 0xC3].goQuoted == #""a\xff\xc3""#)
    // An overlong form, a surrogate and a character that is cut off.
    #expect([0xC0, 0xAF].goQuoted == #""\xc0\xaf""#)
    #expect([0xED, 0xA0, 0x80].goQuoted == #""\xed\xa0\x80""#)
    #expect([0xE4, 0xB8].goQuoted == #""\xe4\xb8""#)
    #expect([0xF4, 0x90, 0x80, 0x80].goQuoted == #""\xf4\x90\x80\x80""#)
  }

  @Test("well-formed text is read as the standard library reads it", arguments: 0..<0x110)
  func runes(block: UInt32) {
    let scalars = (0..<0x1000).compactMap { Unicode.Scalar(block * 0x1000 + $0) }
    let text = scalars.reduce(into: "") { $0.unicodeScalars.append($1) }
    let units = Array(GoRunes(Array(text.utf8)[...]))
    #expect(units.map(\.scalar) == scalars)
    #expect(units.allSatisfy { !$0.isInvalid })
  }
}
