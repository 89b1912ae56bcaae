import Document
import Linting
import Operations
import Platform
import Presentation
import Text

/// Turns what `lint` found into output.
struct LintRendering {
  let report: LintReport
  let isStrict: Bool
  let style: Style

  func print(as format: LintFormat, in surroundings: Surroundings) throws {
    switch format {
    case .plain(let format):
      try surroundings.print(
        as: format, documents: { [document] },
        text: { _ in
          for line in lines { try surroundings.output.line(line) }
        })
    case .findings(let format):
      try surroundings.output.write(findings.text(as: format))
    }
  }

  /// How many there are of each severity.
  var summary: String {
    let counts = LintRule.Severity.allCases.compactMap { severity -> String? in
      let count = report.items.count { $0.rule.severity == severity }
      guard count > 0 else { return nil }
      return severity == .info || count == 1
        ? "\(count) \(severity.rawValue)" : "\(count) \(severity.rawValue)s"
    }
    let ignored = report.ignored > 0 ? ["\(report.ignored) ignored"] : []
    return ((counts.isEmpty ? ["No problems found"] : counts) + ignored).joined(separator: ", ")
  }

  private var findings: FindingsReport {
    var findings = FindingsReport(
      report.items.map(\.finding),
      of: FindingsReport.Tool(name: "artifactgen", version: BuildInfo.version), check: "lint")
    findings.rules = LintRule.all.map { rule in
      FindingRule(
        id: rule.id, title: rule.title, help: "\(rule.reason). Fix: \(rule.fix).",
        severity: rule.severity.asFinding)
    }
    findings.failing = isStrict ? .warning : .error
    let failing: [LintRule.Severity] = isStrict ? [.error, .warning] : [.error]
    let failed = Set(report.items.filter { failing.contains($0.rule.severity) }.map(\.subject))
    findings.passed = report.checked.filter { !failed.contains($0) }
    return findings
  }

  /// As compilers write it, files apart.
  var lines: [String] {
    var lines: [String] = []
    var last: String?
    for item in report.items {
      let place = item.place
      if let last, last != place?.file { lines.append("") }
      last = place?.file
      var text = Printable.spelled(place?.file ?? item.subject)
      if let line = place?.line { text += ":\(line)" }
      if let column = place?.column { text += ":\(column)" }
      let severity = style.paint("\(item.rule.severity.rawValue):", item.rule.severity.tone)
      lines.append(
        "\(text): \(severity) \(Printable.spelled(item.message)) "
          + style.paint("[\(item.rule.id)]", .faint))
      lines.append("    fix: \(Printable.spelled(item.fix))")
    }
    return lines
  }

  private var document: Value {
    .object([
      "apiVersion": "artifactgen/v1",
      "kind": "LintList",
      "ignored": .integer(Int64(report.ignored)),
      "items": .array(report.items.map(\.document)),
      "notes": .array(report.notes.map(Value.string)),
    ])
  }

  /// The table of rules.
  static func printRules(as format: OutputFormat, in surroundings: Surroundings) throws {
    let document = Value.object([
      "apiVersion": "artifactgen/v1",
      "kind": "LintRuleList",
      "items": .array(
        LintRule.all.map {
          .object([
            "rule": .string($0.id), "severity": .string($0.severity.rawValue),
            "title": .string($0.title), "reason": .string($0.reason), "fix": .string($0.fix),
          ])
        }),
    ])
    try surroundings.print(
      as: format, documents: { [document] },
      text: { isWide in
        var table = Table(columns: [Column("RULE"), Column("SEVERITY"), Column("FINDS")])
        for rule in LintRule.all {
          table.append([Cell(rule.id), Cell(rule.severity.rawValue), Cell(rule.title)])
        }
        try surroundings.output.write(table.rendered(wide: isWide, headers: true, style: .plain))
      })
  }
}

extension LintReport.Item {
  fileprivate var place: Finding.Place? {
    file.map { Finding.Place(file: $0.shown, line: line, column: column) }
  }

  var finding: Finding {
    Finding(
      rule: rule.id, rule.severity.asFinding, message, place: place, subject: subject, fix: fix)
  }

  var document: Value {
    var result: Object = [
      "rule": .string(rule.id),
      "severity": .string(rule.severity.rawValue),
      "message": .string(message),
      "reason": .string(rule.reason),
      "fix": .string(fix),
      "object": .string(subject),
    ]
    result["file"] = (place?.file).map(Value.string)
    result["line"] = line.map { .integer(Int64($0)) }
    result["column"] = column.map { .integer(Int64($0)) }
    if !field.isEmpty { result["field"] = .string(field) }
    return .object(result)
  }
}

extension LintRule.Severity {
  fileprivate var asFinding: Finding.Severity {
    switch self {
    case .error: .error
    case .warning: .warning
    case .info: .info
    }
  }

  fileprivate var tone: Tone {
    switch self {
    case .error: .bad
    case .warning: .warning
    case .info: .faint
    }
  }
}
