import Text

/// A heading of a table.
package struct Column: Sendable, Hashable {
  /// In capitals, as kubectl prints it.
  package let title: String
  /// Whether the column is shown with `-o wide` only.
  package let isWide: Bool

  package init(_ title: String, wide: Bool = false) {
    self.title = title
    self.isWide = wide
  }
}

/// One field of a table.
package struct Cell: Sendable, Hashable, ExpressibleByStringLiteral {
  /// As it came: escaping is the table's business.
  package let text: String
  package let tone: Tone

  package init(_ text: String, _ tone: Tone = .plain) {
    self.text = text
    self.tone = tone
  }

  package init(stringLiteral text: String) {
    self.init(text)
  }
}

/// Rows under headings, laid out as kubectl lays them out.
///
/// A column is as wide as its longest text plus three, and at least six; the last one is not padded
/// (`cli-runtime/pkg/printers/tabwriter.go`). Width is counted in Unicode scalars, as tabwriter does.
package struct Table: Sendable {
  private static let minimumWidth = 6
  private static let padding = 3

  package let columns: [Column]
  private var rows: [[Cell]] = []

  package init(columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row: one cell for each column, wide ones included.
  package mutating func append(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "a row needs a cell for each column")
    rows.append(cells)
  }

  /// The whole table with a line feed after each line; nothing when it has no rows.
  package func rendered(wide: Bool = false, headers: Bool = true, style: Style = .plain) -> String {
    guard !rows.isEmpty else { return "" }
    let shown = columns.indices.filter { wide || !columns[$0].isWide }
    var lines: [[Cell]] = headers ? [Self.heading(shown.map { columns[$0] })] : []
    for row in rows {
      lines.append(shown.map { Cell(Printable.line(row[$0].text), row[$0].tone) })
    }
    let none = [Int](repeating: 0, count: shown.count)
    return Self.text(of: lines, widths: Self.widths(of: lines, atLeast: none), style: style)
  }

  /// Servers and command lines name columns, too.
  static func heading(_ columns: [Column]) -> [Cell] {
    columns.map { Cell(Printable.line($0.title)) }
  }

  /// The width of each column, its padding included; never less than it was.
  static func widths(of lines: [[Cell]], atLeast earlier: [Int]) -> [Int] {
    earlier.indices.map { position in
      lines.reduce(max(minimumWidth, earlier[position])) { width, line in
        max(width, line[position].text.unicodeScalars.count + padding)
      }
    }
  }

  /// Lines with a line feed after each.
  static func text(of lines: [[Cell]], widths: [Int], style: Style) -> String {
    var result = ""
    for line in lines {
      append(line, widths: widths, style: style, to: &result)
    }
    return result
  }

  private static func append(_ line: [Cell], widths: [Int], style: Style, to result: inout String) {
    // Padding waits until something follows it, so that no line ends in blanks.
    var pending = 0
    for (cell, width) in zip(line, widths) {
      if !cell.text.isEmpty {
        result += String(repeating: " ", count: pending)
        result += style.paint(cell.text, cell.tone)
        pending = 0
      }
      pending += width - cell.text.unicodeScalars.count
    }
    result += "\n"
  }
}
