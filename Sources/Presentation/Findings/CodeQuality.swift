import Document
import Text

/// Findings as GitLab's Code Quality report (`docs/ci/testing/code_quality.md`): an array of
/// `{description, check_name, fingerprint, severity, location: {path, lines: {begin}}}`.
enum CodeQuality {
  static func document(_ report: FindingsReport) -> Value {
    .array(
      zip(report.findings, report.fingerprints).map { finding, fingerprint in
        let place = report.place(of: finding)
        let subject = finding.subject.map { Printable.spelled($0) + ": " } ?? ""
        return [
          "description": .string(subject + finding.advice),
          "check_name": .string(finding.rule),
          "fingerprint": .string(fingerprint),
          "severity": .string(severity(finding.severity)),
          "location": [
            "path": .string(place.file),
            "lines": ["begin": .integer(Int64(place.line ?? 1))],
          ],
        ]
      })
  }

  private static func severity(_ severity: Finding.Severity) -> String {
    switch severity {
    case .error: "major"
    case .warning: "minor"
    case .info: "info"
    }
  }
}
