import Document
import Foundation
import Presentation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct FindingsTests {
  private static let tool = FindingsReport.Tool(
    name: "artifactgen", version: "1.2.3", link: "https://example.com/")

  private static let missing = Finding(
    rule: "AG014", .error, "100% of it\nis missing: all, really",
    place: .init(file: "./apps/a, b:c.yaml", line: 12, column: 5),
    subject: "ArtifactGenerator/apps/podinfo", fix: "add a copy operation",
    link: "https://example.com/AG014")

  private static let unused = Finding(rule: "AG002", .warning, "nobody uses it")

  private func report(_ findings: [Finding]) -> FindingsReport {
    FindingsReport(findings, of: Self.tool, check: "lint")
  }

  // MARK: - GitHub

  @Test func `annotations have the escapes of the runner`() {
    #expect(
      report([Self.missing, Self.unused]).text(as: .github) == """
        ::error file=apps/a%2C b%3Ac.yaml,line=12,col=5,title=AG014%3A ArtifactGenerator/apps/podinfo\
        ::100%25 of it%0Ais missing: all, really%0AFix: add a copy operation
        ::warning title=AG002::nobody uses it

        """)
    #expect(report([]).text(as: .github) == "")
  }

  @Test func `no text of others is a command or controls a terminal`() {
    let hostile = Finding(
      rule: "R", .info, "a\r\n::stop-commands::x\r::error::y\u{1B}[2J\u{202E}",
      place: .init(file: "a\n::error::z", line: -3, column: 0), subject: "s\n::set-env::")
    let text = report([hostile]).text(as: .github)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
    #expect(text.hasPrefix("::notice file=a\\n%3A%3Aerror%3A%3Az,line=1,col=1,title=R%3A s\\n"))
    #expect(text.contains("::a%0A::stop-commands::x^M::error::y^[[2J\\u202e\n"))
  }

  // MARK: - GitLab

  @Test func `code quality has what GitLab asks for`() throws {
    let items = try #require(
      try JSON.parse(Array(report([Self.missing, Self.unused]).text(as: .gitlab).utf8)).array)
    #expect(items.count == 2)
    for item in items {
      #expect(
        Set(item.object?.keys ?? []) == [
          "description", "check_name", "fingerprint", "severity", "location",
        ])
      #expect(["info", "minor", "major", "critical", "blocker"].contains(item["severity"]?.string))
      #expect(item["location", "path"]?.filled != nil)
      #expect((item["location", "lines", "begin"]?.integer ?? 0) >= 1)
      #expect(item["fingerprint"]?.filled != nil)
    }
    #expect(items[0]["location", "path"] == "apps/a, b:c.yaml")
    #expect(items[0]["location", "lines", "begin"] == 12)
    #expect(items[1]["location", "path"] == ".")
    #expect(report([]).text(as: .gitlab) == "[]\n")
  }

  @Test func `fingerprints outlive other lines, and are never equal`() throws {
    func prints(_ findings: [Finding]) throws -> [String] {
      try JSON.parse(Array(report(findings).text(as: .gitlab).utf8)).array?.compactMap {
        $0["fingerprint"]?.string
      } ?? []
    }
    var moved = Self.missing
    moved.place = .init(file: "apps/a, b:c.yaml", line: 99)
    #expect(try prints([Self.missing]) == prints([moved]))
    #expect(Set(try prints([Self.missing, moved, Self.missing, Self.unused])).count == 4)
    #expect(try prints([Self.missing]) == ["d400beabe76803b8"])
  }

  // MARK: - JUnit

  @Test func `a test report has a case for each finding and for what passed`() throws {
    var report = report([Self.missing, Self.unused])
    report.passed = ["ArtifactGenerator/apps/good"]
    let xml = try TestReportReader.read(report.text(as: .junit))
    #expect(xml.names == ["testsuites", "testsuite"] + Array(repeating: "testcase", count: 3))
    #expect(xml.elements[0].attributes["failures"] == "1")
    #expect(xml.elements[1].attributes["tests"] == "3")
    #expect(xml.elements[3].attributes["name"] == "AG014: ArtifactGenerator/apps/podinfo")
    #expect(xml.elements[3].failure == "100% of it...")
    #expect(xml.elements[3].text.contains("apps/a, b:c.yaml:12:5: 100% of it\nis missing"))
    #expect(xml.elements[4].failure == nil)
    #expect(xml.elements[4].text == "warning: nobody uses it")
    report.failing = .warning
    #expect(
      try TestReportReader.read(report.text(as: .junit)).elements[1].attributes["failures"] == "2")
    #expect(try TestReportReader.read(self.report([]).text(as: .junit)).names.count == 2)
  }

  @Test func `every scalar gives valid XML`() throws {
    var random = SeededGenerator(seed: 16)
    var all = String.UnicodeScalarView()
    for value: UInt8 in 0...0xFF { all.append(Unicode.Scalar(value)) }
    for _ in 0..<3000 {
      let value = UInt32.random(in: 0...0x10FFFF, using: &random)
      if let scalar = Unicode.Scalar(value) { all.append(scalar) }
    }
    all.append(contentsOf: "\u{FFFE}\u{FFFF}]]><!-- ]]> &amp; \u{2028}".unicodeScalars)
    let text = String(all)
    let hostile = Finding(
      rule: text, .error, text, place: .init(file: text, line: 1), subject: text, fix: text)
    var report = report([hostile])
    report.passed = [text]
    let xml = try TestReportReader.read(report.text(as: .junit))
    #expect(xml.names.count == 4)
  }

  // MARK: - SARIF

  @Test func `a scanning log has the structure of the standard`() throws {
    var report = report([Self.missing, Self.unused, Self.missing])
    report.rules = [
      FindingRule(
        id: "AG014", title: "A reference leaves the artifact.", help: "Copy what it names.",
        severity: .error, link: "https://example.com/AG014")
    ]
    report.defaultFile = "flux/generator.yaml"
    let log = try JSON.parse(Array(report.text(as: .sarif).utf8))
    #expect(Set(log.object?.keys ?? []) == ["$schema", "version", "runs"])
    #expect(log["version"] == "2.1.0")
    let run = try #require(log["runs"]?.array?.first)
    let driver = try #require(run["tool", "driver"])
    #expect(driver["name"] == "artifactgen")
    let rules = try #require(driver["rules"]?.array)
    #expect(rules.compactMap { $0["id"]?.string } == ["AG014", "AG002"])
    #expect(rules[0]["help", "text"] == "Copy what it names.")
    #expect(rules[0]["helpUri"] == "https://example.com/AG014")
    #expect(rules[1]["defaultConfiguration", "level"] == "warning")
    let results = try #require(run["results"]?.array)
    #expect(results.count == 3)
    for result in results {
      let index = try #require(result["ruleIndex"]?.integer)
      #expect(rules[Int(index)]["id"] == result["ruleId"])
      #expect(["none", "note", "warning", "error"].contains(result["level"]?.string))
      #expect(result["message", "text"]?.filled != nil)
    }
    let place = try #require(results[0]["locations"]?.array?.first)
    #expect(place["physicalLocation", "artifactLocation", "uri"] == "apps/a%2C%20b%3Ac.yaml")
    #expect(place["physicalLocation", "region"] == ["startLine": 12, "startColumn": 5])
    #expect(
      place["logicalLocations"]
        == [["fullyQualifiedName": "ArtifactGenerator/apps/podinfo"]])
    let other = try #require(results[1]["locations"]?.array?.first?["physicalLocation"])
    #expect(other == ["artifactLocation": ["uri": "flux/generator.yaml"]])
  }

  @Test func `an absolute path is a file URL`() throws {
    let finding = Finding(rule: "R", .error, "x", place: .init(file: "/a b/ü.yaml"))
    #expect(report([finding]).text(as: .sarif).contains("\"file:///a%20b/%C3%BC.yaml\""))
  }
}

/// What a parser of XML reads: the elements down to test cases, with the text in them.
private final class TestReportReader: NSObject, XMLParserDelegate {
  struct Element {
    var attributes: [String: String]
    var text = ""
    var failure: String?
  }

  private(set) var names: [String] = []
  private(set) var elements: [Element] = []
  private var isInCase = false

  static func read(_ text: String) throws -> TestReportReader {
    let reader = TestReportReader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
    return reader
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    switch name {
    case "failure": elements[elements.count - 1].failure = attributes["message"]
    case "system-out": break
    default:
      isInCase = name == "testcase"
      names.append(name)
      elements.append(Element(attributes: attributes))
    }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    guard isInCase, let last = elements.indices.last else { return }
    elements[last].text += text
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    guard name == "testcase", let last = elements.indices.last else { return }
    isInCase = false
    elements[last].text = elements[last].text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
