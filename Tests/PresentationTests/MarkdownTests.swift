import Presentation
import TestSupport
import Testing

@Suite struct MarkdownTests {
  @Test(arguments: [
    ("apps/podinfo", "`apps/podinfo`"), ("@octocat", "`@octocat`"), ("", ""),
    ("a|b", "<code>a&#124;b</code>"), ("a`b", "<code>a&#96;b</code>"),
    ("a\\", "<code>a&#92;</code>"), (" a", "<code> a</code>"), ("a\nb", "<code>a&#92;nb</code>"),
    ("<b>", "`<b>`"),
  ])
  func `names are code`(name: String, markdown: String) {
    #expect(Markdown.code(name) == markdown)
  }

  @Test(arguments: [
    (
      "its path ./base is not in the artifact: copy it",
      "its path ./base is not in the artifact: copy it"
    ),
    ("by @octocat", "`by @octocat`"), ("see #12", "`see #12`"), ("**x**", "`**x**`"),
    ("<b>", "`<b>`"), ("see https://example.com", "`see https://example.com`"),
    ("a :smile: b", "`a :smile: b`"), ("- a", "`- a`"), ("snake_case_name", "`snake_case_name`"),
    ("www.example.com", "`www.example.com`"),
  ])
  func `sentences with markup are code`(text: String, markdown: String) {
    #expect(Markdown.text(text) == markdown)
  }

  @Test func `a fence is longer than any in it`() {
    #expect(
      Markdown.fenced(["a", "```", "x `````"], language: "diff").hasPrefix("``````diff\na\n"))
    #expect(Markdown.fenced(["a\u{1B}\nb"], language: "") == "```\na^[\\nb\n```")
  }

  @Test func `a report keeps to any limit and counts what it leaves out`() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<300 {
      var report = MarkdownReport(headline: ["### Title"], footer: "end")
      let items = Int.random(in: 0...30, using: &random)
      for index in 0..<items {
        report.addItem(
          String(repeating: "é", count: Int.random(in: 1...80, using: &random)), rank: index % 3,
          as: "items")
      }
      report.addTable(["A", "B"])
      let rows = Int.random(in: 0...60, using: &random)
      for index in 0..<rows { report.addRow(["`\(index)`", "x"], rank: 5, as: "rows") }
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        let lines = Array(
          repeating: "+ ``` 🌈", count: Int.random(in: 1...200, using: &random))
        report.addFolded("S", lines, language: "diff", rank: 9, as: "diffs")
      }
      let limit = Int.random(in: MarkdownReport.leastLength...4000, using: &random)
      let text = report.text(within: limit)
      #expect(Markdown.length(text) <= limit)
      #expect(text.hasPrefix("### Title\n"))
      #expect(text.hasSuffix("\nend\n"))
      let all = report.text(within: nil)
      #expect(Markdown.length(all) > limit || text == all)
      #expect(
        text.split(separator: "\n").count { $0 == "````diff" } * 2
          == text.split(separator: "\n").count { $0.hasPrefix("````") })
    }
  }

  @Test func `a graph has a box for each node and a line for each link`() {
    var drawing = GraphDrawing(columns: 2)
    drawing.add("a", .init("<a>", style: "good"), column: 0)
    drawing.add("a", .init("again", style: "bad"), column: 0)
    drawing.add("b", .init(String(repeating: "b", count: 99), style: "bad"), column: 1)
    drawing.connect("a", "b")
    drawing.connect("a", "b")
    drawing.connect("a", "missing")
    let text = drawing.text(title: "T")
    #expect(text.count { $0 == "\n" } == 4)
    #expect(text.contains("&lt;a&gt;"))
    #expect(!text.contains("again"))
    #expect(text.components("<path").count == 2)
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [Substring] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}
