import Document
import Testing

@Suite struct YAMLReaderTests {
  static func parse(_ text: String) throws(DocumentError) -> [Value] {
    try YAML.parse(Array(text.utf8))
  }

  static func failure(_ text: String) -> DocumentError? {
    error { () throws(DocumentError) in _ = try parse(text) }
  }

  /// The rules of YAML 1.1 as go.yaml.in/yaml v2 has them.
  @Test(
    arguments: [
      ("yes", Value.bool(true)), ("Off", false), ("y", true), ("N", false), ("TRUE", true),
      ("yEs", "yEs"), ("~", .null), ("", .null), ("Null", .null), ("nUll", "nUll"),
      ("0", 0), ("-0", 0), ("+7", 7), ("017", 15), ("0o17", 15), ("0b101", 5), ("-0b101", -5),
      ("0x1F", 31), ("-0x1f", -31), ("0B1", 1), ("1_000", 1000), ("1__0_", 10), ("08", 8),
      ("0_8", 8),
      ("0x", "0x"), ("0b2", "0b2"), ("1_", 1), ("_1", "_1"),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .double(9_223_372_036_854_775_808)),
      ("18446744073709551616", .double(18_446_744_073_709_551_616)),
      ("1.0", 1), ("1e3", 1000), ("1.50", 1.5), (".5", 0.5), ("5.", 5), (".5_0", 0.5),
      ("._5", "._5"),
      ("1e", "1e"), ("1e999", "1e999"), (".5e1", 5), ("1e21", 1e21), ("-0.0", 0),
      ("12:30:45", "12:30:45"), ("2001-01-01", "2001-01-01"), ("1,000", "1,000"), ("=", "="),
      ("'yes'", "yes"), ("\"1\"", "1"), ("!!str 1", "1"), ("!!int '3'", 3), ("!!float 3", 3),
      ("!!bool off", false), ("!custom 1", "1"), ("! 1", "1"), ("!!binary aGk=", "hi"),
      ("!!binary /w==", "\u{FFFD}"), ("!!timestamp 2001-01-01", "2001-01-01"), ("<<", "<<"),
      (#""\'\x41""#, "'A"), ("[a:,b]", ["a:", "b"]), ("!a,b[] c", "c"),
    ] as [(String, Value)])
  func `scalars have the types of YAML 1.1`(text: String, value: Value) throws {
    #expect(try YAMLReaderTests.parse("k: \(text)\n") == [["k": value]])
  }

  @Test(arguments: [
    ("y: 1", "true"), ("off: 1", "false"), ("017: 1", "15"), ("1.0: 1", "1"), ("1e3: 1", "1000"),
    ("1.123456789: 1", "1.1234568"), ("16777217.5: 1", "1.6777218e+07"), (".inf: 1", ".inf"),
    ("'y': 1", "y"), ("2001-01-01: 1", "2001-01-01"), ("? a\n: 1", "a"), ("~x: 1", "~x"),
    ("&a y: 1", "true"), ("\"a\\u0000b\": 1", "a\u{0}b"),
  ])
  func `keys become strings`(text: String, key: String) throws {
    #expect(try YAMLReaderTests.parse(text) == [.object([key: 1])])
  }

  @Test(
    arguments: [
      ("", []),
      ("# only a comment\n", []),
      ("---\n---\n# nothing\n", []),
      ("null\n---\n~\n", []),
      ("a: 1\n--- # second\nb: 2\n---   \nc: 3", [["a": 1], ["b": 2], ["c": 3]]),
      ("---\na: 1\n...\nignored: [\n---\nb: 2\n", [["a": 1], ["b": 2]]),
      ("\u{FEFF}a: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\n", [["a": 1], ["b": "x\ny\n"]]),
      ("[1]\n---\n\"x\"\n", [[1], "x"]),
    ] as [(String, [Value])])
  func `texts are cut into documents`(text: String, values: [Value]) throws {
    #expect(try YAMLReaderTests.parse(text) == values)
  }

  @Test(
    arguments: [
      (#"{"a": "\/\ud83d\ude00"}"#, [["a": "/\u{1F600}"]]),
      (#" {"a": 1} {"b": 2}{"c": 3} null"#, [["a": 1], ["b": 2], ["c": 3]]),
      ("{\"a\": 1}\n---\n{\"b\": 2}\n", [["a": 1], ["b": 2]]),
      ("{\"a\": 1}\n---\nb: 2\n---\nc: 3\n", [["a": 1], ["b": 2], ["c": 3]]),
      ("{a: 1}\n---\n{b: 2}\n", [["a": 1], ["b": 2]]),
      ("{\"a\": 1,}\n", [["a": 1]]),
    ] as [(String, [Value])])
  func `json is read as JSON and else as YAML`(text: String, values: [Value]) throws {
    #expect(try YAMLReaderTests.parse(text) == values)
  }

  @Test(
    arguments: [
      ("a: &x {b: 1}\nc: *x", ["a": ["b": 1], "c": ["b": 1]]),
      ("a: &x 1\nb: &x 2\nc: *x", ["a": 1, "b": 2, "c": 2]),
      ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", ["a": ["b": 1, "c": 2], "d": ["b": 1, "c": 3]]),
      // Unlike YAML says, what comes later wins, the merge included.
      ("a: &x {b: 1}\nd: {b: 0, <<: *x}", ["a": ["b": 1], "d": ["b": 1]]),
      ("a: {<<: [{b: 1, c: 1}, {b: 2, d: 2}]}", ["a": ["b": 1, "c": 1, "d": 2]]),
      ("a: {'<<': 1}", ["a": ["<<": 1]]),
      ("a: 1\nb: 2\na: 3", ["a": 3, "b": 2]),
    ] as [(String, Value)])
  func `anchors and merge keys`(text: String, value: Value) throws {
    #expect(try YAMLReaderTests.parse(text) == [value])
  }

  @Test(arguments: [
    ("a: 1\n b: 2\n", 2, 3, "mapping values are not allowed in this context"),
    ("a:\n\tb: 1\n", 2, 1, "found character that cannot start any token"),
    ("a: 1\n---\nb: [1\nc: {\n", 4, 2, "did not find expected ',' or ']'"),
    ("a: 1\n--- {b: 2}\n", 2, 4, "only a comment may follow the document separator '---'"),
    ("a: *nope\n", 1, 4, "unknown anchor referenced"),
    ("x: 1\na: &a [*a]\n", 2, 8, "the value of an anchor contains itself"),
    ("? [a]\n: 1\n", 1, 3, "invalid map key: a map or a sequence is no key"),
    ("a:\n  ~: 1\n", 2, 3, "a key that is null cannot be a name in JSON"),
    ("18446744073709551615: 1\n", 1, 1, "a key that is beyond Int64 cannot be a name in JSON"),
    ("a: [1, .inf]\n", 1, 8, "JSON has no number for an infinity, nor for NaN"),
    ("a: !!int x\n", 1, 4, "cannot decode a !!str as a !!int"),
    ("a: !!binary '*'\n", 1, 4, "!!binary value contains invalid base64 data"),
    ("<<: 1\n", 1, 5, "map merge requires map or sequence of maps as the value"),
    ("%YAML 1.2\n---\na: 1\n", 1, 1, "found incompatible YAML document"),
    ("é: \"x\u{1}\"\n", 1, 6, "control characters are not allowed"),
    ("a: [b?c]\n", 1, 6, "did not find expected ',' or ']'"),
    ("a: {b?c: d}\n", 1, 6, "did not find expected ',' or '}'"),
    ("a: \"\\/\"\n", 1, 5, "found unknown escape character"),
    ("a: \"\\ud83d\"\n", 1, 7, "found invalid Unicode character escape code"),
    ("{\"a\": 1}\n{\"b\": 1}\n{\"c\": x}\n", 3, 7, "unexpected character, expected a value"),
    ("{\"a\": 1\n\"b\": 2}\n", 2, 4, "did not find expected ',' or '}'"),
  ])
  func `mistakes are reported with their place`(
    text: String, line: Int, column: Int, message: String
  ) {
    let failure = YAMLReaderTests.failure(text)
    #expect(failure?.line == line)
    #expect(failure?.column == column)
    #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "no error")")
  }

  @Test func `a message about a document speaks of lines of the text`() {
    let failure = YAMLReaderTests.failure("a: 1\n---\nb: {\n  c: [1\n}\n")
    #expect(
      failure?.message
        == "did not find expected ',' or ']' while parsing a flow sequence that begins on line 4")
  }

  /// A text may be a Secret.
  @Test(arguments: [
    "p: *HUNTER2\n", "p: {{ HUNTER2 }}\n", "a: 1\n--- {p: HUNTER2}\n", "p: !!int HUNTER2\n",
    "p: &HUNTER2 [*HUNTER2]\n", "p: !!binary HUNTER2\n", "? [HUNTER2]\n: 1\n",
    "{\"p\": 1}\n{\"p\": 1}\n{\"p\": HUNTER2}", "p: {<<: HUNTER2}\n", "p: \"HUNTER2\n",
    "%YAML HUNTER2\n---\na: 1\n", "p: !HUNTER2!x 1\n", "p: 1\nHUNTER2\n",
  ])
  func `a message quotes nothing of the text`(_ text: String) throws {
    let failure = try #require(YAMLReaderTests.failure(text))
    #expect(!"\(failure)".contains("HUNTER2"), "\(failure)")
  }

  /// Measured with kubectl kustomize.
  @Test(
    arguments: [
      ("--- {a: 1}\n", [["a": 1]]), ("---\na: 1\n--- # b\nb: 2\n", [["a": 1], ["b": 2]]),
      ("a:\n  ? \n", [["a": ["": .null]]]), ("a: 1\n--- {b: 2}", [["a": 1]]),
    ] as [(String, [Value])])
  func `kustomize reads more`(text: String, values: [Value]) throws {
    #expect(try YAML.parse(Array(text.utf8), as: .kustomize) == values)
    let others = try? YAML.parse(Array(text.utf8))
    #expect(text.contains("#") ? others == values : others == nil)
  }

  @Test(arguments: [false, true])
  func `kustomize reads UTF-16`(isLittle: Bool) throws {
    let units = "\u{FEFF}a: \u{1F600}\n---\nb: 1\n".utf16
    let bytes = units.flatMap { unit in
      let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
      return isLittle ? pair.reversed() : pair
    }
    #expect(try YAML.parse(bytes, as: .kustomize) == [["a": "\u{1F600}"], ["b": 1]])
  }

  @Test func `kustomize refuses content behind a separator, too`() {
    #expect(throws: DocumentError.self) {
      try YAML.parse(Array("a: 1\n--- {b: 2}\n".utf8), as: .kustomize)
    }
  }

  @Test func `bad bytes are reported with their place`() {
    let failure = error { () throws(DocumentError) in
      _ = try YAML.parse(Array("a: 1\nbc: ".utf8) + [0xFF])
    }
    #expect(failure?.description == "line 2, column 5: invalid leading UTF-8 octet")
  }

  @Test func `the first document of a kubeconfig`() throws {
    func first(_ text: String) throws -> Value? { try YAML.parseDocument(Array(text.utf8)) }
    #expect(try first("") == nil)
    #expect(try first("# nothing\n") == nil)
    #expect(try first("a: 1\n---\nb: [\n") == ["a": 1])
    #expect(try first("\u{FEFF}a: 1\r\nb: x\r\n") == ["a": 1, "b": "x"])
    #expect(try first("{\"a\": \"\\/\"}") == ["a": "/"])
    #expect(try first("{a: 1}") == ["a": 1])
    #expect(try first("token: 12345\n")?["token"]?.string == nil, "types stay apart")
  }

  @Test(arguments: ["[", "{a: ", "- ", "? "])
  func `nesting is limited`(piece: String) {
    let failure = YAMLReaderTests.failure(String(repeating: piece, count: 100_000))
    #expect(failure?.message == "nested deeper than 1000 levels")
  }

  @Test func `aliases cannot nest deeper`() {
    // Each line doubles nothing but adds ten levels.
    var text = "a0: &a0 [x]\n"
    for level in 1...150 {
      text += "a\(level): &a\(level) [[[[[[[[[[*a\(level - 1)]]]]]]]]]]\n"
    }
    #expect(YAMLReaderTests.failure(text)?.message == "nested deeper than 1000 levels")
  }

  @Test func `alias bombs are refused`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let failure = YAMLReaderTests.failure(text)
    #expect(failure?.message == "document contains excessive aliasing")
  }

  @Test func `aliases cannot copy text`() {
    let text =
      "a: &a \"\(String(repeating: "x", count: 1 << 20))\"\n"
      + "b: [\(Array(repeating: "*a", count: 100).joined(separator: ", "))]\n"
    #expect(YAMLReaderTests.failure(text)?.message == "document contains excessive aliasing")
  }

  @Test func `modest aliases are fine`() throws {
    let text = "a: &a {b: 1}\nc: [\(Array(repeating: "*a", count: 5000).joined(separator: ", "))]\n"
    #expect(try YAMLReaderTests.parse(text).first?["c"]?.array?.count == 5000)
  }

  @Test func `random bytes never crash`() {
    var random = RandomValues(seed: 4)
    var accepted = 0
    for _ in 0..<20_000 {
      if (try? YAML.parse(random.bytes())) != nil { accepted += 1 }
    }
    #expect(accepted > 0)
  }
}
