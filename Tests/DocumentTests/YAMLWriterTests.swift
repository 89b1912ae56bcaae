import Document
import Testing

@Suite struct YAMLWriterTests {
  /// What sigs.k8s.io/yaml writes for `k`.
  @Test(arguments: [
    ("", "\"\""), ("word", "word"), ("two words", "two words"), ("y", "\"y\""),
    ("NULL", "\"NULL\""),
    ("1:30", "\"1:30\""), ("1:60", "1:60"), ("190:20:30.1_5", "\"190:20:30.1_5\""),
    ("-1:30", "\"-1:30\""), ("1_", "\"1_\""), ("089", "\"089\""), ("0b2", "0b2"), ("0x", "0x"),
    ("+.5", "\"+.5\""), ("1e", "1e"), ("685.230_15", "\"685.230_15\""), ("0.1.2", "0.1.2"),
    ("2001-1-1", "\"2001-1-1\""), ("2001-01", "2001-01"), ("2001-02-29", "2001-02-29"),
    ("2000-02-29", "\"2000-02-29\""), ("2001-12-14 21:59:43.10", "\"2001-12-14 21:59:43.10\""),
    ("2001-12-14 21:59:43.10 -5", "2001-12-14 21:59:43.10 -5"),
    ("2001-12-14t1:5:3,5-05:00", "\"2001-12-14t1:5:3,5-05:00\""),
    ("2001-12-14T24:00:00Z", "2001-12-14T24:00:00Z"),
    (".inf", "\".inf\""), (".5e", ".5e"), ("=", "="), ("<<", "<<"), ("-", "'-'"), ("- x", "'- x'"),
    ("-x", "-x"), ("? x", "'? x'"), (": x", "': x'"), (":x", ":x"), ("a: b", "'a: b'"),
    ("a:", "'a:'"), ("a:b", "a:b"), ("a #b", "'a #b'"), ("a#b", "a#b"), ("#a", "'#a'"),
    (",x", "',x'"), ("x,]}", "x,]}"), ("--- x", "'--- x'"), ("...", "'...'"), ("it's", "it's"),
    ("'q'", "'''q'''"), ("\"q\"", "'\"q\"'"), (" lead", "' lead'"), ("trail ", "'trail '"),
    ("%x", "'%x'"), ("100%", "100%"), ("`x", "'`x'"), ("\t", "\"\\t\""), ("a\tb", "\"a\\tb\""),
    ("\\", "\\"), ("\"\t\\", "\"\\\"\\t\\\\\""), ("\u{0}\u{7}\u{1B}", "\"\\0\\a\\e\""),
    ("\u{A0}x", "\u{A0}x"), ("\u{1F600} x", "\"\\U0001F600 x\""), ("\u{FEFF}x", "\"\\uFEFF\\x78\""),
    ("x\u{FEFF}", "\"x\\uFEFF\""), ("a\rb", "\"a\\rb\""), ("a\r\nb", "\"a\\r\\nb\""),
    ("\u{7F}", "\"\\x7F\""), ("a\u{2028}b", "'a\u{2028}  b'"), ("a \u{2028}b", "\"a \\Lb\""),
    ("a\u{85}b", "a b"), ("a \u{85} \u{85} b\u{85}", "\"a\\nb \""),
    ("a\nb", "|-\n  a\n  b"), ("a\nb\n", "|\n  a\n  b"), ("a\n\n", "|+\n  a\n"), ("\n", "|2+"),
    ("\na", "|2-\n\n  a"), ("  a\nb", "|2-\n    a\n  b"), ("a \nb", "\"a \\nb\""),
    ("a\n b", "|-\n  a\n   b"), ("a\n\tb", "\"a\\n\\tb\""), ("a\nb ", "\"a\\nb \""),
    ("a\n\u{1F600}", "\"a\\n\\U0001F600\""),
  ])
  func `strings have their style`(text: String, expected: String) {
    var written = YAML.write(["k": .string(text)])
    if text == "\n" {
      #expect(written == "k: |2+\n\n")
      return
    }
    #expect(written.removeLast() == "\n")
    #expect(Array(written.utf8) == Array("k: \(expected)".utf8))
  }

  @Test(
    arguments: [
      (Value.null, "null\n"), (true, "true\n"), (1, "1\n"), (1.0, "1\n"), (-0.0, "0\n"),
      (0.5, "0.5\n"), (1e-5, "1e-05\n"), (1e-4, "0.0001\n"), (123_456.5, "123456.5\n"),
      (1_234_567.5, "1.2345675e+06\n"), (1e18, "1000000000000000000\n"),
      (9.2e18, "9200000000000000000\n"), (1.8e19, "18000000000000000000\n"), (1e20, "1e+20\n"),
      (-1e19, "-1e+19\n"), ("x", "x\n"), ("a\nb", "|-\n  a\n  b\n"), ([], "[]\n"), ([:], "{}\n"),
      (
        [[1, [2, [:]]], ["a": [1], "b": ["c": []]]],
        "- - 1\n  - - 2\n    - {}\n- a:\n  - 1\n  b:\n    c: []\n"
      ),
      (["a": ["x\ny", ["k": "x\ny"]]], "a:\n- |-\n  x\n  y\n- k: |-\n    x\n    y\n"),
    ] as [(Value, String)])
  func `documents have their layout`(value: Value, expected: String) {
    #expect(YAML.write(value) == expected)
  }

  @Test func `keys are quoted like values`() {
    let value: Value = ["y": 1, "1": 1, "": 1, "a b": 1, "a: b": 1, "-": 1, "a\tb": 1, "b\nc": [1]]
    #expect(
      YAML.write(value) == """
        "": 1
        '-': 1
        "1": 1
        "a\\tb": 1
        a b: 1
        'a: b': 1
        ? |-
          b
          c
        : - 1
        "y": 1

        """)
  }

  @Test func `long keys are marked`() {
    let fits = String(repeating: "k", count: 128)
    let long = fits + "k"
    #expect(YAML.write(.object([fits: 1])) == "\(fits): 1\n")
    #expect(YAML.write(.object([long: ["a": 1]])) == "? \(long)\n: a: 1\n")
    // Beyond what the reference can write.
    let endless = String(repeating: "k", count: 2000)
    #expect(YAML.write(.object([endless: 1])) == "? \(endless)\n: 1\n")
  }

  @Test func `lines fold at the first lone space past the width`() {
    let x = String(repeating: "x", count: 76)
    #expect(YAML.write(["a": .string("\(x) y z")]) == "a: \(x) y\n  z\n")
    #expect(YAML.write(["a": .string("\(x)x y z")]) == "a: \(x)x y\n  z\n")
    #expect(YAML.write(["a": .string("\(x)xx y z")]) == "a: \(x)xx\n  y z\n")
    #expect(YAML.write(["a": .string("\(x)x  y z")]) == "a: \(x)x  y\n  z\n")
    #expect(YAML.write(["a": .string("'\(x) y z")]) == "a: '''\(x)\n  y z'\n")
    #expect(YAML.write(["a": .string("\t\(x) y z")]) == "a: \"\\t\(x)\n  y z\"\n")
    #expect(YAML.write(["a": .string("\t\(x)  y")]) == "a: \"\\t\(x)\n  \\ y\"\n")
    #expect(
      YAML.write(["a": .string(String(repeating: "é", count: 78) + " y")])
        == "a: \(String(repeating: "é", count: 78))\n  y\n", "columns are characters")
    let words = Array(repeating: "word", count: 40).joined(separator: " ")
    #expect(YAML.write(["a": .string(words + "\nend")]) == "a: |-\n  \(words)\n  end\n")
  }

  @Test func `what is written reads back`() throws {
    // Two things the reference writes so that they do not read back: `<<` as a key, and U+2028 at
    // the end of a literal.
    var random = RandomValues(seed: 5, without: ["<<", "\u{2028}"])
    for _ in 0..<5000 {
      let value = random.value()
      guard value != .null else { continue }
      let text = YAML.write(value)
      let back = try? YAML.parseDocument(Array(text.utf8))
      #expect(back == .some(value), "\(text)")
    }
  }

  /// Go's order of keys, seen with go.yaml.in/yaml v2.4.
  @Test func `keys come in natural order`() {
    let expected = [
      "", "-a", "/x", "_a", "1", "01", "9", "10", "A1", "B", "HTTP2", "a", "a b", "a-b", "a.b",
      "a_b", "a1", "a2", "a10", "ab", "b", "http-2", "http_2", "http2", "http10", "https",
      "ver1.9", "ver1.10", "x", "z", "é", "世",
    ]
    let text = YAML.write(.object(Object(expected.reversed().map { ($0, 1) })))
    let keys = text.split(separator: "\n").map { line in
      line.dropLast(3).filter { $0 != "\"" }
    }
    #expect(keys.map { String($0) } == expected)
  }
}
