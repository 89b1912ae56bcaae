import Document
import Presentation
import Testing

/// Results as kubectl 1.32 gives them; `Tests/EndToEnd` compares the two on a real server.
@Suite struct JSONPathTests {
  private static let object: Value = [
    "kind": "List",
    "items": [
      [
        "metadata": ["name": "one", "labels": ["app.kubernetes.io/name": "web"]],
        "n": 1, "ok": true, "f": 1.5, "none": .null, "list": [1, 2, 3],
      ],
      ["metadata": ["name": "two"], "n": 2, "ok": false],
      ["metadata": ["name": "it's"], "n": 3],
    ],
  ]

  @Test(arguments: [
    ("", ""),
    ("plain text", "plain text"),
    ("{.kind}", "List"),
    ("{$.kind}{@.kind}{ .kind }", "ListListList"),
    ("{.missing}", ""),
    ("{.items[*].metadata.name}", "one two it's"),
    ("{.items..name}", "one two it's"),
    ("{.items[0].metadata}", #"{"labels":{"app.kubernetes.io/name":"web"},"name":"one"}"#),
    (#"{.items[0].metadata.labels.app\.kubernetes\.io/name}"#, "web"),
    ("{.items[0].metadata.labels['app.kubernetes.io/name']}", ""),
    (#"{.items[0].metadata.labels['app\.kubernetes\.io/name']}"#, "web"),
    ("{.items[0]['n','ok']}", "1 true"),
    ("{.items[0].f}", "1.5"),
    ("{.items[-1].n}", "3"),
    ("{.items[0:2].n}", "1 2"),
    ("{.items[:].n}", "1 2 3"),
    ("{.items[::2].n}", "1 3"),
    ("{.items[0,2].n}", "1 3"),
    ("{.items[0].list}", "[1,2,3]"),
    ("{.items[0].list[*]}", "1 2 3"),
    ("{.items[?(@.n>1)].n}", "2 3"),
    ("{.items[?(@.n >= 2)].n}", "2 3"),
    (#"{.items[?(@.metadata.name=="two")].n}"#, "2"),
    (#"{.items[?(@.metadata.name!='two')].n}"#, "1 3"),
    ("{.items[?(@.ok==true)].n}", "1"),
    ("{.items[?(@.ok)].n}", "1 2"),
    (#"{range .items[*]}{.metadata.name}{"\t"}{.n}{"\n"}{end}"#, "one\t1\ntwo\t2\nit's\t3\n"),
    ("{range .items[*]}[{.n}]{end} end", "[1][2][3] end"),
    ("{range .missing[*]}{.n}{end}x", "x"),
    ("{range .items[0:1]}{range .list[*]}{@},{end};{end}", "1,2,3,;"),
  ])
  func `a template is filled in as kubectl does`(template: String, expected: String) throws {
    #expect(try JSONPath(template).text(of: JSONPathTests.object) == expected)
  }

  @Test(arguments: [
    ("{.a[}", "unterminated array"), ("{.a", "unclosed action"), ("{\"a}", "unterminated quoted"),
    ("{.a[x]}", "invalid array index x"), ("{nonsense}", "unrecognized identifier nonsense"),
    ("{end}", "not in range, nothing to end"), ("{....a}", "invalid multiple recursive descent"),
    ("{.a[?(@.b]}", "unterminated filter"), ("{.a[?(@.b<>1)]}", "unrecognized filter operator <>"),
    ("{!}", "unrecognized character in action"),
  ])
  func `what is no template is refused`(template: String, text: String) {
    let error = #expect(throws: JSONPathError.self) { try JSONPath(template) }
    #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("{.items[5]}", "array index out of bounds: index 5, length 3"),
    ("{.kind[0]}", "string is not array or slice"),
    ("{.items[2:1]}", "starting index 2 is greater than ending index 1"),
    ("{.items[?(@.n==\"1\")]}", "incompatible types for comparison"),
    ("{.items[::0]}", "step must be > 0"),
  ])
  func `a template that finds nothing fails`(template: String, text: String) throws {
    let path = try JSONPath(template)
    let error = #expect(throws: JSONPathError.self) { try path.text(of: JSONPathTests.object) }
    #expect(error?.description == text)
  }

  @Test func `a missing field is an error where that is asked for`() throws {
    let path = try JSONPath("{.kind}{.nope.x}", allowsMissing: false)
    let error = #expect(throws: JSONPathError.self) { try path.text(of: JSONPathTests.object) }
    #expect(error?.description == "nope is not found")
  }

  @Test func `each part of a template finds a list`() throws {
    let path = try JSONPath("{.kind}, {.nope}")
    let kind = JSONPathTests.object["kind"] ?? .null
    #expect(try path.arrays(of: JSONPathTests.object) == [[kind], [", "], []])
  }
}
