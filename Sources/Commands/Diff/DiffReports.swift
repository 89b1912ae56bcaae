import Operations
import Platform
import Presentation

/// A comparison in the formats for who reviews a change.
struct DiffReports<T: Tool> {
  let tool: T.Type
  let rendering: DiffRendering
  let places: DiffPlaces
  /// What ends with status 1.
  let failing: DiffReport.Severity
  /// Of ``DiffReportFormat/isLimited``.
  let limit: Int

  func text(as format: DiffReportFormat) throws -> String {
    switch format {
    case .markdown: return try markdown
    case .html:
      return try DiffPage(
        report: rendering.report, places: places, details: rendering.details,
        summary: rendering.summary
      ).text
    case .github: return annotations
    case .gitlab: return findings.text(as: .gitlab)
    case .junit: return findings.text(as: .junit)
    }
  }

  private var findings: FindingsReport {
    let findings = DiffFindings(rendering.report, places)
    var report = FindingsReport(
      findings.entries.map(\.finding),
      of: FindingsReport.Tool(name: T.executable, version: BuildInfo.version), check: "diff")
    // As the exit status has it.
    report.failing = failing > .dangerous ? .error : .warning
    report.passed = findings.passed
    if let file = places.anyFile { report.defaultFile = file }
    return report
  }

  private var markdown: String {
    get throws {
      try DiffMarkdown(
        report: rendering.report, places: places, details: rendering.details,
        summary: rendering.summary
      ).text(within: limit)
    }
  }

  /// As many as there is room for; GitHub shows ten of a kind.
  private var annotations: String {
    let lines = findings.text(as: .github).split(separator: "\n", omittingEmptySubsequences: true)
    func last(_ count: Int) -> String { "::notice title=artifactgen::\(count) more are left out\n" }
    let all = lines.reduce(0) { $0 + Markdown.length(String($1)) + 1 }
    guard all > limit else { return lines.map { $0 + "\n" }.joined() }
    var room = limit - Markdown.length(last(lines.count))
    var result = ""
    var left = 0
    for line in lines {
      let length = Markdown.length(String(line)) + 1
      guard length <= room else {
        left += 1
        continue
      }
      room -= length
      result += line + "\n"
    }
    return result + last(left)
  }

  /// The variable with the file whose Markdown GitHub shows as the summary of a job.
  private static var summaryVariable: String { "GITHUB_STEP_SUMMARY" }

  /// Adds the comment to the summary of the job; does nothing outside of GitHub Actions.
  ///
  /// - Throws: `FileError`.
  func appendJobSummary(in surroundings: Surroundings) throws {
    guard let path = surroundings.environment[Self.summaryVariable], !path.isEmpty else { return }
    try Disk.append(Array(try markdown.utf8), to: path, permissions: 0o644)
  }
}
