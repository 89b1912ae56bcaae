import Document
import Text

/// The formats for findings that other tools read.
package enum FindingsFormat: String, Sendable, CaseIterable {
  /// Annotations of a run of GitHub Actions.
  case github
  /// A Code Quality report of GitLab.
  case gitlab
  /// A test report, as Jenkins and GitLab read it.
  case junit
  /// A log for code scanning, version 2.1.0.
  case sarif
}

/// Findings, and what a format says beside them.
package struct FindingsReport: Sendable {
  /// What has found them.
  package struct Tool: Sendable {
    package let name: String
    package let version: String
    package let link: String?

    package init(name: String, version: String, link: String? = nil) {
      self.name = name
      self.version = version
      self.link = link
    }
  }

  let tool: Tool
  /// What was done, such as `lint`: the name of the test suite.
  let check: String
  let findings: [Finding]
  package var rules: [FindingRule] = []
  /// What was looked at and is all right: the test cases that pass, by their names.
  package var passed: [String] = []
  /// The lowest severity that fails: as the exit status of the command has it.
  package var failing: Finding.Severity = .error
  /// The file of findings without one: GitLab and code scanning accept none without.
  package var defaultFile = "."

  /// - Parameter findings: In the order in which they are shown.
  package init(_ findings: [Finding], of tool: Tool, check: String) {
    self.findings = findings
    self.tool = tool
    self.check = check
  }

  /// The whole report, with a line feed at its end; nothing for no annotations.
  package func text(as format: FindingsFormat) -> String {
    switch format {
    case .github: GitHubAnnotations.text(findings)
    case .gitlab: JSON.string(CodeQuality.document(self), style: .pretty)
    case .junit: TestReport.text(self)
    case .sarif: JSON.string(ScanningLog.document(self), style: .pretty)
    }
  }

  func place(of finding: Finding) -> Finding.Place {
    finding.place ?? Finding.Place(file: defaultFile)
  }

  /// The same on every run for the same thing, wherever in its file it stands; no two are equal.
  ///
  /// GitLab shows only one of several findings with the same one.
  var fingerprints: [String] {
    var seen: [UInt64: Int] = [:]
    return findings.map { finding in
      let parts = [
        finding.rule, place(of: finding).file, finding.subject ?? "", finding.message,
      ]
      let hash = fnv1a(parts.joined(separator: "\0"))
      let earlier = seen[hash, default: 0]
      seen[hash] = earlier + 1
      let digits = String(hash, radix: 16)
      let text = String(repeating: "0", count: 16 - digits.count) + digits
      return earlier == 0 ? text : "\(text)-\(earlier + 1)"
    }
  }
}

extension Finding {
  /// What it says and what to do, lines of text that may stand anywhere.
  var advice: String {
    let fix = fix.map { "\nFix: " + $0 } ?? ""
    return Finding.harmless(message + fix)
  }

  /// Without anything that moves a cursor or shows a line in another order than it has.
  static func harmless(_ text: String) -> String {
    // A line feed is what remains of both forms of a line break.
    var scalars = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      if scalar == "\n", previous == "\r" { scalars.removeLast() }
      scalars.append(scalar)
      previous = scalar
    }
    return Printable.block(String(scalars))
  }
}

/// The hash of Fowler, Noll and Vo with 64 bits: stable, not against intent.
private func fnv1a(_ text: String) -> UInt64 {
  text.utf8.reduce(0xCBF2_9CE4_8422_2325) { hash, byte in
    (hash ^ UInt64(byte)) &* 0x100_0000_01B3
  }
}
