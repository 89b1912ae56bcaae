import Platform
import Testing

@Suite struct NativeTextTests {
  @Test(arguments: [
    ([], ""), (Array("é世😀 a".utf8), "é世😀 a"), ([0xFF], "\u{10FEFF}"),
    ([0x61, 0x80, 0x62], "a\u{10FE80}b"),
    // A character that is cut off, an overlong form, a surrogate.
    ([0xE4, 0xB8], "\u{10FEE4}\u{10FEB8}"), ([0xC0, 0xAF], "\u{10FEC0}\u{10FEAF}"),
    ([0xED, 0xA0, 0x80], "\u{10FEED}\u{10FEA0}\u{10FE80}"),
    // What would stand for a byte is carried itself.
    (Array("\u{10FE80}".utf8), "\u{10FEF4}\u{10FE8F}\u{10FEBA}\u{10FE80}"),
    (Array("\u{10FE7F}\u{10FF00}".utf8), "\u{10FE7F}\u{10FF00}"),
  ])
  func `bytes that are no UTF-8 are carried`(bytes: [UInt8], text: String) {
    #expect(Array(String(nativeBytes: bytes).unicodeScalars) == Array(text.unicodeScalars))
    #expect(text.nativeBytes == bytes)
  }

  @Test func `all bytes get back from their text`() {
    var random = SystemRandomNumberGenerator()
    // Mostly the bytes of which carriers and other characters are made.
    let likely: [UInt8] = [0xF4, 0x8F, 0xBA, 0xBB, 0xBF, 0x80, 0xC3, 0xA9, 0x61]
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
        Bool.random(using: &random) ? likely.randomElement() ?? 0 : UInt8.random(in: 1...255)
      }
      #expect(String(nativeBytes: bytes).nativeBytes == bytes)
    }
  }

  @Test func `people see U+FFFD`() {
    #expect(String(nativeBytes: [0x61, 0xFF, 0x62, 0xFE]).shown == "a\u{FFFD}b\u{FFFD}")
    #expect("é\u{10FFFF}".shown == "é\u{10FFFF}")
  }
}
