import Document
import Testing

@Suite struct JSONWriterTests {
  /// What Go's encoding/json writes.
  @Test(arguments: [
    (0.0, "0"), (-0.0, "-0"), (1, "1"), (-1.5, "-1.5"), (100, "100"), (0.1, "0.1"),
    (1e-6, "0.000001"), (9.99e-7, "9.99e-7"), (1e-7, "1e-7"), (1.5e-10, "1.5e-10"),
    (1e20, "100000000000000000000"), (1e21, "1e+21"), (1.5e300, "1.5e+300"),
    (18_446_744_073_709_551_616, "18446744073709552000"), (.leastNonzeroMagnitude, "5e-324"),
    (123_456_789.5, "123456789.5"), (0.30000000000000004, "0.30000000000000004"),
    (9_223_372_036_854_774_784, "9223372036854775000"), (.infinity, "null"), (.nan, "null"),
  ])
  func `doubles are written as in Go`(number: Double, text: String) {
    #expect(JSON.string(.double(number), style: .compact) == text)
  }

  @Test(arguments: [
    ("\u{7F}\u{9B}2J", #""\u007f\u009b2J""#), ("\u{61C}\u{202E}\u{2066}", #""\u061c\u202e\u2066""#),
    ("\u{A0}é\u{620}\u{2010}\u{1F600}", "\"\u{A0}é\u{620}\u{2010}\u{1F600}\""),
  ])
  func `what is printed has nothing that a terminal acts on`(text: String, expected: String) throws
  {
    let printed = JSON.write(.string(text), style: .pretty)
    #expect(String(decoding: printed, as: UTF8.self) == expected + "\n")
    let read = try #require(try JSON.parse(printed).string)
    #expect(Array(read.utf8) == Array(text.utf8))
  }

  @Test(arguments: [
    ("<a href='x'>&", #""\u003ca href='x'\u003e\u0026""#),
    ("\u{2028}\u{2029}\u{2027}", "\"\\u2028\\u2029\u{2027}\""),
    ("\"\\/", #""\"\\/""#),
    ("\u{0}\u{1F}\u{8}\u{C}\n\r\t\u{7F}", "\"\\u0000\\u001f\\b\\f\\n\\r\\t\u{7F}\""),
    ("é\u{1F600}", "\"é\u{1F600}\""),
  ])
  func `strings are escaped as in Go`(text: String, expected: String) {
    #expect(JSON.string(.string(text), style: .compact) == expected)
    #expect(JSON.string([text: 1], style: .compact) == "{\(expected):1}")
  }

  @Test func `pretty is what kubectl prints`() {
    let value: Value = ["b": [1, [:], []], "a": ["x": .null, "w": true]]
    #expect(
      JSON.string(value, style: .pretty) == """
        {
            "a": {
                "w": true,
                "x": null
            },
            "b": [
                1,
                {},
                []
            ]
        }

        """)
    #expect(
      JSON.string(value, style: .compact) == #"{"a":{"w":true,"x":null},"b":[1,{},[]]}"#)
  }
}
