import Document
import Text

/// Findings as SARIF 2.1.0 (OASIS, `sarif-schema-2.1.0.json`), as code scanning reads it.
enum ScanningLog {
  static func document(_ report: FindingsReport) -> Value {
    // Every finding has a rule, also one that nobody has described.
    var rules = report.rules
    var positions: [String: Int] = [:]
    for (index, rule) in rules.enumerated() where positions[rule.id] == nil {
      positions[rule.id] = index
    }
    for finding in report.findings where positions[finding.rule] == nil {
      positions[finding.rule] = rules.count
      rules.append(
        FindingRule(
          id: finding.rule, title: finding.rule, severity: finding.severity, link: finding.link))
    }
    var driver: Object = [
      "name": .string(report.tool.name),
      "version": .string(report.tool.version),
      "rules": .array(rules.map(document)),
    ]
    driver["informationUri"] = report.tool.link.map(Value.string)
    let results = zip(report.findings, report.fingerprints).map { finding, fingerprint in
      result(finding, fingerprint, rule: positions[finding.rule] ?? 0, in: report)
    }
    return [
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        [
          "tool": ["driver": .object(driver)],
          "columnKind": "unicodeCodePoints",
          "results": .array(results),
        ]
      ],
    ]
  }

  private static func document(_ rule: FindingRule) -> Value {
    var result: Object = [
      "id": .string(rule.id),
      "shortDescription": ["text": .string(Finding.harmless(rule.title))],
      "defaultConfiguration": ["level": .string(level(rule.severity))],
      "help": ["text": .string(Finding.harmless(rule.help.isEmpty ? rule.title : rule.help))],
    ]
    result["helpUri"] = rule.link.map(Value.string)
    return .object(result)
  }

  private static func result(
    _ finding: Finding, _ fingerprint: String, rule: Int, in report: FindingsReport
  ) -> Value {
    let place = report.place(of: finding)
    var physical: Object = ["artifactLocation": ["uri": .string(uri(place.file))]]
    if let line = place.line {
      var region: Object = ["startLine": .integer(Int64(line))]
      region["startColumn"] = place.column.map { .integer(Int64($0)) }
      physical["region"] = .object(region)
    }
    var location: Object = ["physicalLocation": .object(physical)]
    if let subject = finding.subject {
      location["logicalLocations"] = [
        ["fullyQualifiedName": .string(Printable.spelled(subject))]
      ]
    }
    return [
      "ruleId": .string(finding.rule),
      "ruleIndex": .integer(Int64(rule)),
      "level": .string(level(finding.severity)),
      "message": ["text": .string(finding.advice)],
      "locations": [.object(location)],
      "partialFingerprints": ["artifactgen/v1": .string(fingerprint)],
    ]
  }

  private static func uri(_ path: String) -> String {
    let encoded = percentEncoded(path, keeping: "-._~/")
    return path.utf8.first == UInt8(ascii: "/") ? "file://\(encoded)" : encoded
  }

  private static func level(_ severity: Finding.Severity) -> String {
    switch severity {
    case .error: "error"
    case .warning: "warning"
    case .info: "note"
    }
  }
}
