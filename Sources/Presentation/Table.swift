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
package struct Table: Sendable {
  package let columns: [Column]
  private let padsEmptyCells: Bool
  private let room: Int?
  private var rows: [[Cell]] = []

  /// - Parameters:
  ///   - padsEmptyCells: Whether a line whose last cells are empty ends in blanks, as kubectl's do.
  ///   - room: The width of the terminal, where the last column is cut to fit.
  package init(columns: [Column], padsEmptyCells: Bool = false, room: Int? = nil) {
    self.columns = columns
    self.padsEmptyCells = padsEmptyCells
    self.room = room
  }

  /// Adds a row: one cell for each column, wide ones included.
  package mutating func append(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "a row needs a cell for each column")
    rows.append(cells)
  }

  /// The whole table with a line feed after each line; nothing when it has no rows.
  package func rendered(wide: Bool = false, headers: Bool = true, style: Style = .plain) -> String {
    var table = GrowingTable(
      columns: columns, wide: wide, headers: headers, style: style, padsEmptyCells: padsEmptyCells,
      room: room)
    return table.text(for: rows)
  }
}

/// A table whose rows come over time, with columns that stay where they are.
///
/// A column is as wide as its longest text plus three, and at least six; the last one is not padded
/// (`cli-runtime/pkg/printers/tabwriter.go`). Width is counted in cells of a terminal, while tabwriter
/// counts Unicode scalars.
///
/// Widths only grow, as in `kubectl get --watch` (`RememberWidths` of cli-runtime's `tabwriter`): a
/// longer text moves what follows it to the right from then on, never back.
package struct GrowingTable: Sendable {
  private static let minimumWidth = 6
  private static let padding = 3

  private let columns: [Column]
  private let shown: [Int]
  private let style: Style
  private let padsEmptyCells: Bool
  private let room: Int?
  /// Whether all lines of the last column are shown, those after the first below it.
  private let keepsLines: Bool
  /// So much of the last column is shown in any case.
  private static let leastRoom = 20
  private var widths: [Int]
  private var needsHeading: Bool

  package init(
    columns: [Column], wide: Bool, headers: Bool, style: Style, padsEmptyCells: Bool = false,
    room: Int? = nil, keepsLines: Bool = false
  ) {
    self.columns = columns
    self.room = room
    self.keepsLines = keepsLines
    self.style = style
    self.padsEmptyCells = padsEmptyCells
    shown = columns.indices.filter { wide || !columns[$0].isWide }
    widths = [Int](repeating: 0, count: shown.count)
    needsHeading = headers
  }

  /// The lines of some more rows, the heading before the first; nothing for no rows.
  package mutating func text(for rows: [[Cell]]) -> String {
    guard !rows.isEmpty else { return "" }
    var lines = rows.flatMap { row in
      var first = shown.map { Cell(Printable.line(row[$0].text), row[$0].tone) }
      guard keepsLines, let last = shown.last.map({ row[$0] }) else { return [first] }
      let texts = Printable.lines(last.text)
      first[first.count - 1] = Cell(texts.first ?? "", last.tone)
      let empty = [Cell](repeating: "", count: first.count - 1)
      return [first] + texts.dropFirst().map { empty + [Cell($0, last.tone)] }
    }
    if needsHeading {
      needsHeading = false
      // Servers and command lines name columns, too.
      lines.insert(shown.map { Cell(Printable.line(columns[$0].title)) }, at: 0)
    }
    widths = Self.widths(of: lines, atLeast: widths)
    return lines.map(text).joined()
  }

  /// The width of each column, its padding included; never less than it was.
  private static func widths(of lines: [[Cell]], atLeast earlier: [Int]) -> [Int] {
    earlier.indices.map { position in
      lines.reduce(max(minimumWidth, earlier[position])) { width, line in
        max(width, displayWidth(line[position].text) + padding)
      }
    }
  }

  /// A line with its line feed.
  private func text(of line: [Cell]) -> String {
    var result = ""
    // Padding waits until something follows it, so that no line ends in blanks.
    var pending = 0
    let before = widths.dropLast().reduce(0, +)
    for (position, (cell, width)) in zip(line, widths).enumerated() {
      if !cell.text.isEmpty || padsEmptyCells {
        result += String(repeating: " ", count: pending)
        let isLast = position == line.count - 1
        let left = isLast ? room.map { max($0 - before, Self.leastRoom) } : nil
        let text = left.map { truncated(cell.text, to: $0) } ?? cell.text
        result += style.paint(text, cell.tone)
        pending = 0
      }
      pending += width - displayWidth(cell.text)
    }
    return result + "\n"
  }
}
