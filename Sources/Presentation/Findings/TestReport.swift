import Text

/// Findings as a test report in the form that Jenkins, GitLab and others call JUnit's: a case for each
/// finding, named so that it is found again in the next run, and one for what is all right.
///
/// Attributes are those that every schema of the form has: places stand in the text.
enum TestReport {
  static func text(_ report: FindingsReport) -> String {
    let failures = report.findings.count { $0.severity.isAtLeast(report.failing) }
    let count = report.findings.count + report.passed.count
    let check = XML.attribute(report.check)
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      #"<testsuites name="\#(check)" tests="\#(count)" failures="\#(failures)" errors="0">"#,
      #"  <testsuite name="\#(check)" tests="\#(count)" failures="\#(failures)" errors="0" "#
        + #"skipped="0" time="0">"#,
    ]
    for name in report.passed {
      lines.append(
        #"    <testcase classname="\#(check)" name="\#(XML.attribute(name))" time="0"/>"#)
    }
    for finding in report.findings { lines += self.lines(finding, in: report) }
    lines += ["  </testsuite>", "</testsuites>"]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ finding: Finding, in report: FindingsReport) -> [String] {
    let name = finding.subject.map { "\(finding.rule): \($0)" } ?? finding.rule
    let group = finding.place?.file ?? report.check
    let head =
      #"    <testcase classname="\#(XML.attribute(group))" name="\#(XML.attribute(name))" time="0">"#
    var text = finding.advice
    if let place = finding.place {
      let numbers = [place.line, place.column].compactMap { $0.map { ":\($0)" } }
      text = Printable.spelled(place.file) + numbers.joined() + ": " + text
    }
    let body: String
    if finding.severity.isAtLeast(report.failing) {
      body =
        #"      <failure message="\#(XML.attribute(Printable.line(finding.message)))" "#
        + #"type="\#(finding.severity.rawValue)">"#
        + XML.text(text) + "</failure>"
    } else {
      body = "      <system-out>\(XML.text(finding.severity.rawValue + ": " + text))</system-out>"
    }
    return [head, body, "    </testcase>"]
  }
}

extension Finding.Severity {
  func isAtLeast(_ other: Finding.Severity) -> Bool {
    func rank(_ severity: Finding.Severity) -> Int {
      switch severity {
      case .error: 2
      case .warning: 1
      case .info: 0
      }
    }
    return rank(self) >= rank(other)
  }
}

/// Text in XML 1.0, which has no way at all to write most control characters: they are spelled out.
enum XML {
  /// Of several lines.
  static func text(_ text: String) -> String {
    escaped(Finding.harmless(text))
  }

  /// In one line, between double quotes.
  static func attribute(_ text: String) -> String {
    escaped(Printable.spelled(text))
  }

  private static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      // Needed in "]]>".
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      // No characters of XML.
      case "\u{FFFE}", "\u{FFFF}": result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
