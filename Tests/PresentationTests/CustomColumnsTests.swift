import Document
import Presentation
import Testing

/// Results as kubectl 1.32 gives them; `Tests/EndToEnd` compares the two on a real server.
@Suite struct CustomColumnsTests {
  private static let objects: [Value] = [
    [
      "name": "one", "size": 3, "ratio": 0.25, "big": 1e21, "on": true, "none": .null,
      "labels": ["b": "2", "a": "1"], "list": [1, "x", .null], "empty": "",
      "deep": [["kind": "A", "n": 1], ["kind": "B", "n": 2]],
    ],
    ["name": "two"],
  ]

  @Test(arguments: [
    ("N:.name", "N\none\ntwo\n"),
    ("N:name,M:{.name},O:{name}", "N     M     O\none   one   one\ntwo   two   two\n"),
    ("SIZE:.size", "SIZE\n3\n<none>\n"),
    (
      "F:.ratio,B:.big,O:.on",
      "F        B        O\n0.25     1e+21    true\n<none>   <none>   <none>\n"
    ),
    ("L:.labels", "L\nmap[a:1 b:2]\n<none>\n"),
    ("L:.list", "L\n[1 x <nil>]\n<none>\n"),
    ("L:.list[*]", "L\n1,x,<nil>\n<none>\n"),
    ("K:.deep[*].kind", "K\nA,B\n<none>\n"),
    ("NULL:.none", "NULL\n<nil>\n<none>\n"),
    ("E:.empty,N:.name", "E        N\n         one\n<none>   two\n"),
    ("EMPTY:", "EMPTY\n<none>\n<none>\n"),
    (":.name", "\none\ntwo\n"),
    ("a b:.name", "a b\none\ntwo\n"),
  ])
  func `columns show what their paths find`(spec: String, expected: String) throws {
    let columns = try CustomColumns(spec)
    #expect(try columns.rendered(Self.objects, headers: true) == expected)
  }

  /// A cut would lose values behind the first line break; kubectl prints them all.
  @Test func `nothing behind a line break is lost`() throws {
    let columns = try CustomColumns("M:.messages[*],N:.name")
    let object: Value = ["messages": ["one\ntwo\u{1B}[2J", "three"], "name": "x"]
    #expect(
      try columns.rendered([object], headers: false) == "one\\ntwo^[[2J,three   x\n")
  }

  @Test func `a file has a line of headings and one of paths`() throws {
    let columns = try CustomColumns(file: "N    SIZE\n  name {.size}\nmore\n")
    // As in kubectl, for which --no-headers does not change these.
    for headers in [true, false] {
      #expect(
        try columns.rendered(Self.objects, headers: headers)
          == "N     SIZE\none   3\ntwo   <none>\n")
    }
  }

  @Test(arguments: [
    ("", "invalid template, missing header line."),
    ("N\n", "invalid template, missing spec line."),
    ("N M\n.a\n", "number of headers (2) and field specifications (1) don't match"),
  ])
  func `a file of another form is refused`(content: String, text: String) {
    let error = #expect(throws: JSONPathError.self) { try CustomColumns(file: content) }
    #expect(error?.description.hasPrefix(text) == true, "\(error?.description ?? "")")
  }

  @Test func `headings can be left out`() throws {
    let columns = try CustomColumns("N:.name,SIZE:.size")
    #expect(try columns.rendered(Self.objects, headers: false) == "one   3\ntwo   <none>\n")
    #expect(try columns.rendered([], headers: true) == "N     SIZE\n")
    #expect(try columns.rendered([], headers: false) == "")
  }

  @Test(arguments: [
    ("", "custom-columns format specified but no custom columns given"),
    ("N", "unexpected custom-columns spec: N, expected <header>:<json-path-expr>"),
    ("N:.a,", "unexpected custom-columns spec: , expected <header>:<json-path-expr>"),
    ("N:{.a}{.b}", "unexpected path string"),
    ("N:.a[", "unterminated array"),
  ])
  func `what is no column is refused`(spec: String, text: String) {
    let error = #expect(throws: JSONPathError.self) { try CustomColumns(spec) }
    #expect(error?.description.hasPrefix(text) == true, "\(error?.description ?? "")")
  }
}
