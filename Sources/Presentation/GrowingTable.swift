import Text

/// A table whose rows come over time, with columns that stay where they are.
///
/// Widths only grow, as in `kubectl get --watch` (`RememberWidths` of cli-runtime's `tabwriter`): a
/// longer text moves what follows it to the right from then on, never back.
package struct GrowingTable: Sendable {
  private let columns: [Column]
  private let shown: [Int]
  private let style: Style
  private var widths: [Int]
  private var needsHeading: Bool

  package init(columns: [Column], wide: Bool, headers: Bool, style: Style) {
    self.columns = columns
    self.style = style
    shown = columns.indices.filter { wide || !columns[$0].isWide }
    widths = [Int](repeating: 0, count: shown.count)
    needsHeading = headers
  }

  /// The lines of some more rows, the heading before the first; nothing for no rows.
  package mutating func text(for rows: [[Cell]]) -> String {
    guard !rows.isEmpty else { return "" }
    var lines = rows.map { row in
      shown.map { Cell(Printable.line(row[$0].text), row[$0].tone) }
    }
    if needsHeading {
      needsHeading = false
      lines.insert(Table.heading(shown.map { columns[$0] }), at: 0)
    }
    widths = Table.widths(of: lines, atLeast: widths)
    return Table.text(of: lines, widths: widths, style: style)
  }
}
