import Document
import Testing

/// The expected texts are kubectl 1.36's.
@Suite struct KYAMLTests {
  @Test func `objects and lists of objects stand in braces on lines of their own`() {
    let value: Value = [
      "kind": "List",
      "items": [["a": 1, "b": [true, .null]], ["c": [:] as Value, "d": [] as Value]],
    ]
    #expect(
      KYAML.write(value) == """
        ---
        {
          items: [{
            a: 1,
            b: [
              true,
              null,
            ],
          }, {
            c: {},
            d: [],
          }],
          kind: "List",
        }

        """)
  }

  @Test(arguments: [
    ("x\ny\n  z", "\"\\\n     x\\n\\\n     y\\n\\\n    \\  z\\\n    \""),
    ("a\n", "\"\\\n     a\\n\\\n    \""),
    ("\n\n", "\"\\\n     \\n\\\n     \\n\\\n    \""),
    ("é😀\u{1}\u{2028} q\"b\\s\t", "\"é😀\\x01\\L q\\\"b\\\\s\t\""),
  ])
  func `a text is quoted, and has a line for each of its lines`(text: String, written: String) {
    #expect(KYAML.write(["k": .string(text)]) == "---\n{\n  k: \(written),\n}\n")
  }

  @Test(arguments: [
    ("dash-x", false), ("a.b/c", false), ("UPPER", false), ("_a", false), ("e1", false),
    ("0x1f", true), ("1", true), ("1.5", true), ("1e3", true), ("2001-01-01", true), ("Yes", true),
    ("inf", true), ("null", true), ("true", true), ("y", true), ("-dash", true), ("", true),
    ("a b", true), ("a:b", true), ("f:metadata", true), (".", true), ("a.", true),
  ])
  func `a name is quoted where some reader would take it for something else`(
    name: String, isQuoted: Bool
  ) {
    let written = isQuoted ? "\"\(name)\"" : name
    #expect(KYAML.write([name: 1]) == "---\n{\n  \(written): 1,\n}\n")
  }
}
