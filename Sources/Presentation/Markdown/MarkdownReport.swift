/// A report in Markdown that fits into a comment.
///
/// What does not fit is left out by its importance, and counted. Nothing is cut inside of a row, and no
/// fence stays open.
package struct MarkdownReport: Sendable {
  /// Something that is there or is left out.
  private struct Unit: Sendable {
    /// How several of them are called where they are left out.
    let name: String
    let rank: Int
    let text: Text
    /// The position of the table that it is a row of.
    var table: Int?
  }

  private enum Text: Sendable {
    /// With its line feeds.
    case whole(String)
    case folded(summary: String, language: String, lines: [String], omitted: Int)
  }

  private let headline: String
  private let footer: String
  private var tables: [String] = []
  private var units: [Unit] = []
  private var omitted: [(name: String, count: Int)] = []

  /// - Parameters:
  ///   - headline: Always there, as the footer is; lines of Markdown that are short.
  ///   - footer: Empty for none.
  package init(headline: [String], footer: String = "") {
    self.headline = headline.joined(separator: "\n") + "\n"
    self.footer = footer.isEmpty ? "" : "\n\(footer)\n"
  }

  /// Adds an item of a list.
  ///
  /// - Parameters:
  ///   - rank: The lower, the more important.
  ///   - name: As what it is counted where it is left out, in the plural.
  package mutating func addItem(_ markdown: String, rank: Int, as name: String) {
    units.append(Unit(name: name, rank: rank, text: .whole("- \(markdown)\n")))
  }

  /// Begins a table, to which the next rows belong.
  package mutating func addTable(_ columns: [String]) {
    tables.append(
      "\n| \(columns.joined(separator: " | ")) |\n|\(String(repeating: " --- |", count: columns.count))\n"
    )
  }

  package mutating func addRow(_ cells: [String], rank: Int, as name: String) {
    let text = "| \(cells.joined(separator: " | ")) |\n"
    units.append(Unit(name: name, rank: rank, text: .whole(text), table: tables.count - 1))
  }

  /// Adds lines that are shown on demand.
  ///
  /// - Parameters:
  ///   - summary: A line of HTML.
  ///   - omitted: How many lines there would be behind these.
  package mutating func addFolded(
    _ summary: String, _ lines: [String], omitted: Int = 0, language: String, rank: Int,
    as name: String
  ) {
    units.append(
      Unit(
        name: name, rank: rank,
        text: .folded(summary: summary, language: language, lines: lines, omitted: omitted)))
  }

  /// Counts what is left out in any case.
  package mutating func omit(_ count: Int, as name: String) {
    if count > 0 { omitted.append((name, count)) }
  }

  /// The least length that ``text(within:)`` can keep to.
  package static let leastLength = 1000

  /// - Parameter limit: At least ``leastLength``, as ``Markdown/length(_:)`` counts; nil for all of it.
  package func text(within limit: Int?) -> String {
    let all = assembled(units.map { whole($0) }, note: note(leaving: [], cut: 0))
    guard let limit, Markdown.length(all) > limit else { return all }
    // The note is longest where everything is left out.
    var room =
      limit - Markdown.length(headline + footer)
      - Markdown.length(note(leaving: Array(units.indices), cut: units.count))
    var chosen: [String?] = Array(repeating: nil, count: units.count)
    var begun: Set<Int> = []
    var cut = 0
    let order = units.indices.sorted { (units[$0].rank, $0) < (units[$1].rank, $1) }
    for index in order {
      let unit = units[index]
      var text = whole(unit)
      let table = unit.table.flatMap { begun.contains($0) ? nil : tables[$0] } ?? ""
      if Markdown.length(table) + Markdown.length(text) > room {
        guard let part = shortened(unit, to: room) else { continue }
        text = part
        cut += 1
      }
      room -= Markdown.length(table) + Markdown.length(text)
      chosen[index] = text
      if let table = unit.table { begun.insert(table) }
    }
    let left = units.indices.filter { chosen[$0] == nil }
    let result = assembled(chosen, note: note(leaving: left, cut: cut))
    // Only a headline that is too long leads here.
    return Markdown.length(result) <= limit ? result : Self.prefix(of: headline, limit)
  }

  private static func prefix(of text: String, _ limit: Int) -> String {
    var length = 0
    return String(
      text.prefix { character in
        length += character.utf16.count
        return length <= limit
      })
  }

  private func assembled(_ texts: [String?], note: String) -> String {
    var result = headline
    var begun: Set<Int> = []
    var isInList = false
    for (unit, text) in zip(units, texts) {
      guard let text else { continue }
      if let table = unit.table {
        if begun.insert(table).inserted { result += tables[table] }
        isInList = false
      } else if case .whole = unit.text {
        if !isInList { result += "\n" }
        isInList = true
      }
      result += text
    }
    return result + note + footer
  }

  private func whole(_ unit: Unit) -> String {
    switch unit.text {
    case .whole(let text): text
    case .folded(let summary, let language, let lines, let omitted):
      Self.folded(summary, language, lines, omitted)
    }
  }

  private static func folded(
    _ summary: String, _ language: String, _ lines: [String], _ omitted: Int
  ) -> String {
    let lines = omitted > 0 ? lines + [more(omitted)] : lines
    return "\n<details><summary>\(summary)</summary>\n\n"
      + "\(Markdown.fenced(lines, language: language))\n\n</details>\n"
  }

  /// The line for those that are left out.
  package static func more(_ count: Int) -> String {
    count == 1 ? "… 1 more line" : "… \(count) more lines"
  }

  /// As many lines as fit, if those are worth it.
  private func shortened(_ unit: Unit, to room: Int) -> String? {
    guard case .folded(let summary, let language, let lines, let omitted) = unit.text, room >= 400
    else { return nil }
    // Halves what is kept until it fits: each try is as long as what it tries.
    var count = min(lines.count, room)
    while count > 3 {
      count = count * 3 / 4
      let text = Self.folded(
        summary, language, Array(lines.prefix(count)), lines.count - count + omitted)
      if Markdown.length(text) <= room { return text }
    }
    return nil
  }

  private func note(leaving left: [Int], cut: Int) -> String {
    var counts: [(name: String, count: Int)] = []
    for (name, count) in left.map({ (units[$0].name, 1) }) + omitted {
      if let known = counts.firstIndex(where: { $0.name == name }) {
        counts[known].count += count
      } else {
        counts.append((name, count))
      }
    }
    var parts = counts.map { "\($0.name) (\($0.count))" }
    if cut > 0 { parts.append("ends of diffs (\(cut))") }
    guard !parts.isEmpty else { return "" }
    return "\n**Left out to keep this short:** \(parts.joined(separator: ", ")).\n"
  }
}
