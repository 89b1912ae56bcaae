import Text

/// A heading of a table.
package struct Column: Sendable, Hashable {
  /// In capitals, as kubectl prints it.
  package let title: String
  /// Whether the column is shown with `-o wide` only.
  package let isWide: Bool
  /// Whether a terminal shows it on lines of its own, below the row and without a heading: what a
  /// reader needs as a whole.
  package let isNote: Bool
  /// Whether it names what a row is about: never cut, because people copy it.
  package let isName: Bool

  package init(_ title: String, wide: Bool = false, note: Bool = false, name: Bool = false) {
    self.title = title
    self.isWide = wide
    self.isNote = note
    self.isName = name
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
  ///   - room: The width of the terminal, where columns are cut to fit: the last one first.
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
  private let notes: [Int]
  private let style: Style
  private let padsEmptyCells: Bool
  private let room: Int?
  private let keepsLines: Bool
  /// So much of the last column is shown before other columns are cut to less than ``leastCell``.
  private static let leastRoom = 20
  private static let leastCell = 12
  /// Less than this of the last column says nothing.
  private static let usefulRoom = 8
  private static let noteIndent = "  "
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
    let wanted = columns.indices.filter { wide || !columns[$0].isWide }
    notes = room == nil ? [] : wanted.filter { columns[$0].isNote }
    shown = wanted.filter { [notes] in !notes.contains($0) }
    widths = [Int](repeating: 0, count: shown.count)
    needsHeading = headers
  }

  /// The lines of some more rows, the heading before the first; nothing for no rows.
  package mutating func text(for rows: [[Cell]]) -> String {
    guard !rows.isEmpty else { return "" }
    let lines = rows.map { row in
      shown.map { index in
        let text = row[index].text
        // Nothing stands beside the last column: it can go on below.
        let isWhole = keepsLines && index == shown.last
        return Cell(
          isWhole ? Printable.lines(text).joined(separator: "\n") : Printable.line(text),
          row[index].tone)
      }
    }
    var result = ""
    var heading: [Cell] = []
    if needsHeading {
      needsHeading = false
      // Servers and command lines name columns, too.
      heading = shown.map { Cell(Printable.line(columns[$0].title)) }
    }
    widths = Self.widths(of: heading.isEmpty ? lines : [heading] + lines, atLeast: widths)
    let fitted = fittedWidths
    if !heading.isEmpty { result += text(of: heading, fitted) }
    for (row, line) in zip(rows, lines) {
      result += text(of: line, fitted)
      for note in notes { result += text(ofNote: row[note]) }
    }
    return result
  }

  /// The lines of a cell that stands below its row.
  private func text(ofNote cell: Cell) -> String {
    guard !cell.text.isEmpty else { return "" }
    return wrapped(Printable.line(cell.text), beside: Self.noteIndent.utf8.count, in: room)
      .map { Self.noteIndent + style.paint($0, cell.tone) + "\n" }.joined()
  }

  /// The width of each column, its padding included; never less than it was.
  private static func widths(of lines: [[Cell]], atLeast earlier: [Int]) -> [Int] {
    earlier.indices.map { position in
      lines.reduce(max(minimumWidth, earlier[position])) { width, line in
        max(width, displayWidth(line[position].text) + padding)
      }
    }
  }

  /// The widths that fit the terminal.
  ///
  /// Where the last column cannot be cut enough, the longest of the others are, but for names. No
  /// column becomes shorter than its heading. Where that is not enough, rows wrap as kubectl's do:
  /// then only the last column is cut, to the end of a line.
  private var fittedWidths: [Int] {
    guard let room, room > 0, let last = widths.last else { return widths }
    let needed = min(last - Self.padding, Self.usefulRoom)
    var fitted = Array(widths.dropLast())
    var left = room - fitted.reduce(0, +)
    for (least, wanted) in [(Self.leastCell, Self.leastRoom), (0, Self.usefulRoom)]
    where left < needed {
      let floors = zip(shown, widths).dropLast().map { index, width in
        columns[index].isName
          ? width : max(displayWidth(columns[index].title), least, Self.minimumWidth) + Self.padding
      }
      fitted = Self.cut(
        widths.dropLast(), floors: floors, to: room - min(last - Self.padding, wanted))
      left = room - fitted.reduce(0, +)
    }
    if left >= needed { return fitted + [left] }
    let before = widths.dropLast().reduce(0, +)
    left = room - before % room
    // A few letters are not worth a row that does not fit anyway.
    while left < Self.leastRoom { left += room }
    return Array(widths.dropLast()) + [left]
  }

  /// Makes the widest columns as narrow as all of them need it to fit.
  private static func cut(_ widths: ArraySlice<Int>, floors: [Int], to most: Int) -> [Int] {
    var low = minimumWidth
    var high = widths.max() ?? 0
    func capped(_ cap: Int) -> [Int] {
      zip(widths, floors).map { min($0, max($1, cap)) }
    }
    guard widths.reduce(0, +) > most else { return Array(widths) }
    while low < high {
      let middle = low + (high - low + 1) / 2
      if capped(middle).reduce(0, +) <= most { low = middle } else { high = middle - 1 }
    }
    return capped(low)
  }

  /// A line with its line feed.
  private func text(of line: [Cell], _ fitted: [Int]) -> String {
    var result = ""
    // Padding waits until something follows it, so that no line ends in blanks.
    var pending = 0
    for (position, (cell, width)) in zip(line, fitted).enumerated() {
      var text = cell.text
      if room != nil, !columns[shown[position]].isName {
        // The end of a name or a revision tells it from others.
        text =
          position == line.count - 1
          ? truncated(text, to: width) : truncatedInside(text, to: width - Self.padding)
      }
      if !text.isEmpty || padsEmptyCells {
        result += String(repeating: " ", count: pending)
        result += style.paint(text, cell.tone)
        pending = 0
      }
      pending += width - displayWidth(text)
    }
    return result + "\n"
  }
}
