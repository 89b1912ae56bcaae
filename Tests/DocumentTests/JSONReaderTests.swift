import Document
import Testing

@Suite struct JSONReaderTests {
  static func parse(_ text: String) throws(DocumentError) -> Value {
    try JSON.parse(Array(text.utf8))
  }

  @Test(arguments: [
    ("0", Value.integer(0)),
    ("-0", .integer(0)),
    ("-0.0", .double(-0.0)),
    ("9007199254740993", .integer(9_007_199_254_740_993)),
    ("9223372036854775807", .integer(.max)),
    ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .double(9_223_372_036_854_775_808)),
    ("-9223372036854775809", .double(-9_223_372_036_854_775_808)),
    ("18446744073709551616", .double(18_446_744_073_709_551_616)),
    ("1.0", .double(1)),
    ("1e3", .double(1000)),
    ("5E-324", .double(.leastNonzeroMagnitude)),
    ("0.30000000000000004", .double(0.30000000000000004)),
  ])
  func `integers are exact and the rest is double`(text: String, value: Value) throws {
    #expect(try JSONReaderTests.parse(text) == value)
  }

  @Test(arguments: [
    (#""a\"\\\/\b\f\n\r\tA""#, "a\"\\/\u{8}\u{C}\n\r\tA"),
    (#""\ud83d\ude00 \u00e9""#, "\u{1F600} \u{E9}"),
    (#""\ud83d""#, "\u{FFFD}"),
    (#""\ude00x""#, "\u{FFFD}x"),
    (#""\ud83d\ud83d\ude00""#, "\u{FFFD}\u{1F600}"),
    (#""\ud83dA""#, "\u{FFFD}A"),
    ("\"\u{2028}\u{7F}\"", "\u{2028}\u{7F}"),
  ])
  func `strings are unescaped`(text: String, expected: String) throws {
    let string = try #require(try JSONReaderTests.parse(text).string)
    #expect(Array(string.utf8) == Array(expected.utf8))
  }

  /// As Go: one mark for every byte that belongs to no character.
  @Test(arguments: [
    ([0xFF] as [UInt8], 1), ([0xE2, 0x80], 2), ([0xF0, 0x9F, 0x98], 3), ([0xED, 0xA0, 0x80], 3),
    ([0xC0, 0x80], 2), ([0xF4, 0x90, 0x80, 0x80], 4),
  ])
  func `broken characters are marked byte by byte`(bytes: [UInt8], marks: Int) throws {
    for suffix in ["", "\\n"] {
      let text = Array("\"a".utf8) + bytes + Array("z\(suffix)\"".utf8)
      let expected =
        "a" + String(repeating: "\u{FFFD}", count: marks) + "z" + (suffix.isEmpty ? "" : "\n")
      #expect(try JSON.parse(text) == .string(expected))
    }
  }

  @Test func `duplicate names end with the last`() throws {
    let value = try JSONReaderTests.parse(#"{"b": 1, "a": 2, "b": 3, "a": 4, "b": 5}"#)
    #expect(value == ["a": 4, "b": 5])
  }

  /// Names are remembered by a hash: different names with the same slot must not be mixed up.
  @Test func `many names stay apart`() throws {
    let names = (0..<5000).map { "name-\($0)" }
    let text = "{" + names.map { "\"\($0)\": \"\($0)\"" }.joined(separator: ",") + "}"
    let object = try #require(try JSONReaderTests.parse(text).object)
    #expect(object.count == 5000)
    for (name, value) in object { #expect(value.string == name) }
  }

  @Test(arguments: [
    ("", 1, 1, "unexpected end, expected a value"),
    ("{\"a\": 1,}", 1, 9, "unexpected '}', expected a name in double quotes"),
    ("[1,\n  2,,]", 2, 5, "unexpected ',', expected a value"),
    ("{\"é\": 1 x}", 1, 9, "unexpected character, expected ',' or '}'"),
    ("[1 2]", 1, 4, "unexpected character, expected ',' or ']'"),
    ("{\"a\" 1}", 1, 6, "unexpected character, expected ':' after a name"),
    ("01", 1, 2, "unexpected character, a number has no leading zeros"),
    ("-", 1, 2, "unexpected end, expected a digit"),
    ("1.", 1, 3, "unexpected end, expected a digit"),
    ("1e+", 1, 4, "unexpected end, expected a digit"),
    ("+1", 1, 1, "unexpected character, expected a value"),
    (".5", 1, 1, "unexpected character, expected a value"),
    ("tru", 1, 4, "unexpected end in the word 'true'"),
    ("nulL", 1, 4, "unexpected character in the word 'null'"),
    ("NaN", 1, 1, "unexpected character, expected a value"),
    ("\"a\nb\"", 1, 3, "unexpected line break in a string, it must be escaped"),
    ("\"a\tb\"", 1, 3, "unexpected byte 0x9 in a string, it must be escaped"),
    ("\"\\x\"", 1, 3, "unexpected character after '\\' in a string"),
    ("\"\\u12g4\"", 1, 6, "unexpected character, expected four hexadecimal digits after '\\u'"),
    ("\"abc", 1, 5, "unexpected end in a string"),
    ("{} {}", 1, 4, "unexpected '{' after the JSON value"),
    ("\u{FEFF}{}", 1, 1, "unexpected character, expected a value"),
  ])
  func `mistakes are reported with their place`(
    text: String, line: Int, column: Int, message: String
  ) {
    let error = error { () throws(DocumentError) in _ = try JSONReaderTests.parse(text) }
    #expect(error?.description == "line \(line), column \(column): \(message)")
  }

  @Test func `numbers beyond double are refused`() {
    let error = error { () throws(DocumentError) in _ = try JSONReaderTests.parse("[1e999]") }
    #expect(error?.description == "line 1, column 2: the number is out of range")
  }

  @Test func `nesting is limited`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONReaderTests.parse(nested(1000))
    let error = error { () throws(DocumentError) in _ = try JSONReaderTests.parse(nested(1001)) }
    #expect(error?.message == "nested deeper than 1000 levels")
    let bomb = String(repeating: "{\"a\":[", count: 500_000)
    #expect(throws: DocumentError.self) { try JSONReaderTests.parse(bomb) }
  }

  @Test func `random bytes never crash`() {
    var random = RandomValues(seed: 1)
    var accepted = 0
    for _ in 0..<20_000 {
      if (try? JSON.parse(random.bytes())) != nil { accepted += 1 }
    }
    #expect(accepted > 0)
  }

  @Test func `what is written reads back`() throws {
    var random = RandomValues(seed: 2)
    for _ in 0..<3000 {
      let value = random.value()
      #expect(try JSON.parse(JSON.write(value, style: .compact)) == value)
      #expect(try JSON.parse(JSON.write(value, style: .pretty)) == value)
    }
  }

  @Test func `cut texts never crash`() throws {
    var random = RandomValues(seed: 3)
    for _ in 0..<300 {
      let text = JSON.write(.array([random.value()]), style: .compact)
      for end in 0..<min(text.count, 300) where end < text.count {
        #expect(throws: DocumentError.self) { try JSON.parse(Array(text[..<end])) }
      }
    }
  }
}
