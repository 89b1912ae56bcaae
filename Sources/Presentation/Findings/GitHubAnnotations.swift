import Text

/// Findings as commands that GitHub Actions reads from the output of a step, a line each:
/// `::error file=…,line=…,col=…,title=…::message`.
///
/// GitHub shows ten of each kind for a step.
enum GitHubAnnotations {
  static func text(_ findings: [Finding]) -> String {
    findings.map { line($0) + "\n" }.joined()
  }

  static func line(_ finding: Finding) -> String {
    let kind =
      switch finding.severity {
      case .error: "error"
      case .warning: "warning"
      case .info: "notice"
      }
    var properties: [(String, String)] = []
    if let place = finding.place {
      properties.append(("file", place.file))
      if let line = place.line { properties.append(("line", "\(line)")) }
      if let column = place.column { properties.append(("col", "\(column)")) }
    }
    let title = finding.subject.map { "\(finding.rule): \($0)" } ?? finding.rule
    properties.append(("title", title))
    let list = properties.map { "\($0.0)=\(property(Printable.spelled($0.1)))" }
    return "::\(kind) \(list.joined(separator: ","))::\(data(finding.advice))"
  }

  /// The escapes of GitHub's own library (`actions/toolkit/packages/core/src/command.ts`).
  static func data(_ text: String) -> String {
    escaped(text, ["%", "\r", "\n"])
  }

  static func property(_ text: String) -> String {
    escaped(text, ["%", "\r", "\n", ":", ","])
  }

  private static func escaped(_ text: String, _ special: [Unicode.Scalar]) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if special.contains(scalar) {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result.append(contentsOf: ("%" + (digits.count < 2 ? "0" : "") + digits).unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
