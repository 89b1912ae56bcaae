import Differences
import FluxModel
import Objects
import Operations
import Presentation
import Text

/// A comparison as a comment of a pull request.
struct DiffMarkdown {
  let report: DiffReport
  let places: DiffPlaces
  let details: DiffDetails
  /// How many there are of each kind, as below the table.
  let summary: String

  /// By which a script finds the comment of the last run.
  static let marker = "<!-- artifactgen diff -->"

  /// - Parameter limit: As ``Markdown/length(_:)`` counts.
  func text(within limit: Int) throws -> String {
    let entries = DiffFindings(report, places).entries
    var result = MarkdownReport(headline: headline(entries))
    for entry in entries {
      let subject = entry.finding.subject.map { Markdown.code($0) + ": " } ?? ""
      result.addItem(
        "**\(Self.word(entry))** \(subject)\(Markdown.text(entry.finding.message))",
        rank: rank(entry.level), as: "problems")
    }
    let beside = DiffImpactLines(report, style: .plain, isCut: true).beside()
    for (kind, line) in beside where kind != .waits {
      result.addItem("\(kind.heading): \(Markdown.text(line))", rank: 3, as: "consequences")
    }
    for note in report.warnings + report.notes {
      result.addItem(Markdown.text(note), rank: 3, as: "notes")
    }
    let ranking = DiffRank(report)
    let items = ranking.sorted
    if !items.isEmpty {
      result.addTable(["Artifact", "Status", "Files", "Objects", "Consumers"])
    }
    for item in items {
      result.addRow(row(item), rank: 4 + ranking.of(item), as: "artifacts")
    }
    addRendered(to: &result)
    try addDetails(of: items, to: &result, limit)
    // What only waits does not change: it comes last, and goes first.
    for (kind, line) in beside where kind == .waits {
      result.addItem("\(kind.heading): \(Markdown.text(line))", rank: 40, as: "what waits")
    }
    return result.text(within: limit)
  }

  private func headline(_ entries: [DiffFindings.Entry]) -> [String] {
    let changed = DiffRank(report).sorted.count
    var title = "### artifactgen diff: "
    title += changed == 0 ? "no artifact changes" : "\(changed) of \(report.items.count) "
    if changed > 0 { title += report.items.count == 1 ? "artifact changes" : "artifacts change" }
    let consumers = report.consumerChanges.count
    if consumers > 0 { title += ", " + counted(consumers, "consumer") }
    var lines = [Self.marker, title, "", Markdown.text(String(summary.prefix(400)))]
    var counts = [DiffReport.Severity.errors, .breaks, .dangerous].compactMap { level -> String? in
      let count = entries.count { $0.level == level && $0.rule != .lint }
      guard count > 0 else { return nil }
      switch level {
      case .errors: return counted(count, "error")
      case .breaks: return count == 1 ? "1 consumer breaks" : "\(count) consumers break"
      case .dangerous, .changes:
        let deleting = entries.count { $0.rule == .pruneDeletes }
        return count == deleting
          ? counted(count, "consumer") + " may delete objects" : counted(count, "dangerous change")
      }
    }
    let unfit = entries.count { $0.rule == .lint && $0.finding.severity == .error }
    if unfit > 0 { counts.append(counted(unfit, "lint error")) }
    if !counts.isEmpty { lines += ["", "**\(counts.joined(separator: ", "))**"] }
    return lines
  }

  private static func word(_ entry: DiffFindings.Entry) -> String {
    switch entry.rule {
    case .lint: entry.finding.rule
    case .objectDeletes, .rightsWiden, .versionsEnd: "Dangerous:"
    case .notRendered: "Not rendered:"
    case .inputFails, .baseFails, .generatorFails, .artifactFails, .consumerBreaks, .pruneDeletes:
      word(entry.level)
    }
  }

  private static func word(_ level: DiffReport.Severity) -> String {
    switch level {
    case .errors: "Error:"
    case .breaks: "Breaks:"
    case .dangerous: "Deletes:"
    case .changes: "Base:"
    }
  }

  private func rank(_ level: DiffReport.Severity) -> Int {
    switch level {
    case .errors: 0
    case .breaks: 1
    case .dangerous: 2
    case .changes: 3
    }
  }

  // MARK: - Table

  private func row(_ item: DiffReport.Item) -> [String] {
    [
      Markdown.code("\(item.namespace)/\(item.name)"),
      item.change.phrase,
      item.changes.map { "\($0.files.count)" } ?? "",
      item.changes?.objects.map { "\($0.changes.count)" } ?? "",
      consumers(of: item),
    ]
  }

  private static let mostConsumers = 5

  private func consumers(of item: DiffReport.Item) -> String {
    let touched =
      item.consumers.filter { $0.effect == .breaks }
      + item.consumers.filter { ![.none, .breaks].contains($0.effect) }
    var names = touched.prefix(Self.mostConsumers).map { consumer in
      Markdown.code(consumer.id.name(seenFrom: item.namespace)) + consumer.effect.remark
    }
    if touched.count > names.count { names.append("\(touched.count - names.count) more") }
    return names.joined(separator: ", ")
  }

  // MARK: - Details

  private func addRendered(to result: inout MarkdownReport) {
    let mode = details.report.renderedMode
    let remark = mode == .base ? "" : ", \(mode.phrase)"
    for diff in details.rendered {
      result.addFolded(
        "Rendered objects of \(Markdown.codeInHTML(details.heading(of: diff)))\(remark)",
        details.section(of: diff), omitted: 0, language: "diff", rank: 29,
        as: "diffs of rendered objects")
    }
  }

  /// What has no room anyway is not made: a change of everything has gigabytes of it.
  private func addDetails(
    of items: [DiffReport.Item], to result: inout MarkdownReport, _ limit: Int
  ) throws {
    var room = limit
    func add(
      _ what: String, rank: Int,
      _ lines: (DiffReport.Item) throws -> (lines: [String], omitted: Int)
    ) throws {
      var omitted = 0
      for item in items where item.changes != nil || item.unread != nil {
        guard room > 0 else {
          omitted += 1
          continue
        }
        let (lines, left) = try lines(item)
        guard !lines.isEmpty else {
          if left > 0 { omitted += 1 }
          continue
        }
        room -= lines.reduce(0) { $0 + Markdown.length($1) + 1 }
        result.addFolded(
          "\(what) of \(Markdown.codeInHTML("\(item.namespace)/\(item.name)"))", lines,
          omitted: left, language: "diff", rank: rank, as: "diffs of \(what.lowercased())")
      }
      result.omit(omitted, as: "diffs of \(what.lowercased())")
    }
    if details.detail.showsObjects {
      try add("Objects", rank: 30) { (try details.section(of: $0), 0) }
    }
    try add("Files", rank: 31) { try details.patch(of: $0, limit: room) }
  }
}

/// In which order artifacts are reported: by what a reviewer has to see.
struct DiffRank {
  private let items: [DiffReport.Item]
  private let breaking: Set<ObjectID>
  private let dangerous: Set<ObjectID>

  init(_ report: DiffReport) {
    items = report.items
    breaking = Set(report.impact.filter { $0.kind == .breaks }.flatMap(\.causes))
    dangerous = Set(report.impact.filter { $0.kind == .dangerous }.flatMap(\.causes))
  }

  func of(_ item: DiffReport.Item) -> Int {
    if item.change == .failed { return 0 }
    if breaking.contains(item.id) { return 1 }
    if dangerous.contains(item.id) { return 2 }
    switch item.change {
    case .failed: return 0
    case .deleted: return 3
    case .changed: return 4
    case .new: return 5
    case .blocked: return 6
    case .unchanged: return 7
    }
  }

  /// Those that change.
  var sorted: [DiffReport.Item] {
    let ranked = items.enumerated().filter { $0.element.change != .unchanged }
      .map { (rank: of($0.element), offset: $0.offset, item: $0.element) }
    return ranked.sorted { ($0.rank, $0.offset) < ($1.rank, $1.offset) }.map(\.item)
  }
}

extension DiffReport.Consumer.Effect {
  /// What to say behind the name of a consumer.
  var remark: String {
    switch self {
    case .none, .reconciles: ""
    case .suspended: " (suspended)"
    case .breaks: " (breaks)"
    }
  }
}
