import Document
import FluxModel
import Operations
import Presentation
import Text

/// Turns a history into output.
struct HistoryRendering {
  let report: HistoryReport
  /// The artifacts that are meant; nil for all.
  let artifacts: Set<String>?
  let range: ReadHistory.Range
  let style: Style
  let showsHeaders: Bool
  /// Whether digests are cut to eight digits.
  let isShortened: Bool

  func print(as format: OutputFormat, in surroundings: Surroundings) throws {
    try surroundings.print(
      as: format, documents: { [document] },
      names: {
        var last: String?
        for row in rows where row.commit.name != last {
          try surroundings.output.line(row.commit.name)
          last = row.commit.name
        }
      }
    ) { isWide in
      try surroundings.output.write(
        table(now: surroundings.now(), room: surroundings.terminal.room)
          .rendered(wide: isWide, headers: showsHeaders, style: style))
    }
    try surroundings.output.flush()
    if rows.isEmpty, report.end != .nothing, format.isForPeople {
      surroundings.note(
        artifacts == nil ? "No commit changes an artifact." : "No commit changes the artifact.")
    }
    if let failure = report.newestFailure {
      surroundings.note("at the newest commit, nothing can be built: \(failure)")
    }
    surroundings.note("Note: \(endText)")
  }

  /// What fails as a whole concerns every artifact.
  private var rows: [HistoryReport.Row] {
    guard let artifacts else { return report.rows }
    return report.rows.filter { row in row.artifact.map { artifacts.contains($0.name) } ?? true }
  }

  private var endText: String {
    let count = counted(report.commits, "commit")
    switch report.end {
    case .root: return "read \(count), back to the first one"
    case .maxCount: return "read \(count); there are older ones (--max-count)"
    case .since: return "read \(count); older ones are before --since \(range.since ?? "")"
    case .nothing: return "no commit after --since \(range.since ?? "")"
    case .shallow(let advice):
      return "read \(count); what the oldest one changed is unknown: \(advice)"
    }
  }

  // MARK: - Table

  private func table(now: Timestamp, room: Int?) -> Table {
    let hasReasons = rows.contains { $0.reason != nil }
    var table = Table(
      columns: [
        Column("COMMIT"), Column("AGE"), Column("DATE", wide: true),
        Column("ARTIFACT", name: true),
        Column("GENERATOR", wide: true), Column("CHANGE"), Column("FILES"), Column("DIGEST"),
        Column("SUBJECT"),
      ] + (hasReasons ? [Column("REASON", note: true)] : []), room: room)
    let showsNamespaces = Set(report.artifacts.map(\.namespace)).count > 1
    for row in rows {
      let date = Timestamp(seconds: row.commit.committed)
      let (age, isTooLong) = now.seconds.subtractingReportingOverflow(row.commit.committed)
      var cells = [
        Cell(String(row.commit.name.prefix(12))),
        Cell(isTooLong ? Age.unknown : Age.text(seconds: age)),
        Cell(date.shown ?? Age.unknown),
        Cell(
          row.artifact.map { showsNamespaces ? $0.description : $0.name }
            ?? row.generator.map { "all of \($0)" } ?? "all"),
        Cell(row.generator?.description ?? ""),
        Cell(row.change.rawValue, row.change.tone),
        Cell(row.files?.text ?? ""),
        Cell(row.digest.map { isShortened ? shortenHex("\($0)") : "\($0)" } ?? ""),
        Cell(row.commit.subject),
      ]
      if hasReasons { cells.append(Cell(row.reason ?? "")) }
      table.append(cells)
    }
    return table
  }

  // MARK: - Documents

  /// The documented shape, `artifactgen/v1` `HistoryList`.
  private var document: Value {
    [
      "apiVersion": "artifactgen/v1",
      "kind": "HistoryList",
      "items": .array(rows.map(document)),
      "commits": .integer(Int64(report.commits)),
      "builds": .integer(Int64(report.builds)),
      "end": .string(report.end.word),
      "warnings": .array(report.warnings.map(Value.string)),
      "notes": .array(report.notes.map(Value.string)),
    ]
  }

  private func document(_ row: HistoryReport.Row) -> Value {
    var result: Object = [
      "commit": .string(row.commit.name),
      "subject": .string(row.commit.subject),
      "change": .string(row.change.rawValue),
    ]
    result["date"] = Timestamp(seconds: row.commit.committed).shown.map(Value.string)
    result["generator"] = row.generator?.document
    result["namespace"] = row.artifact.map { .string($0.namespace) }
    result["name"] = row.artifact.map { .string($0.name) }
    result["digest"] = row.digest.map { .string("\($0)") }
    result["previousDigest"] = row.previous.map { .string("\($0)") }
    result["reason"] = row.reason.map(Value.string)
    result["files"] = row.files.map { files in
      [
        "added": .integer(Int64(files.added)), "removed": .integer(Int64(files.removed)),
        "modified": .integer(Int64(files.modified)), "renamed": .integer(Int64(files.renamed)),
      ]
    }
    return .object(result)
  }
}

extension Timestamp {
  /// Nil for what no calendar has: anybody can write a date into a commit.
  fileprivate var shown: String? {
    (0...253_402_300_799).contains(seconds) ? rfc3339 : nil
  }
}

extension HistoryReport.Files {
  fileprivate var text: String {
    let counts = [("+", added), ("-", removed), ("~", modified), (">", renamed)]
    let shown = counts.filter { $0.1 > 0 }.map { "\($0.0)\($0.1)" }
    return shown.isEmpty ? "none" : shown.joined(separator: " ")
  }
}

extension HistoryReport.Change {
  fileprivate var tone: Tone {
    switch self {
    case .new, .fixed: .good
    case .changed: .warning
    case .removed, .failed: .bad
    }
  }
}
