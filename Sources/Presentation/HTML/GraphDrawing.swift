import Text

/// A graph in layers as SVG: boxes in columns, lines to the right.
package struct GraphDrawing: Sendable {
  package struct Node: Sendable, Hashable {
    let label: String
    let style: String

    /// - Parameters:
    ///   - style: A class of the page.
    package init(_ label: String, style: String) {
      self.label = label
      self.style = style
    }
  }

  private var columns: [[(id: String, node: Node)]]
  private var positions: [String: (column: Int, row: Int)] = [:]
  private var lines: [Line] = []
  private var known: Set<Line> = []

  private struct Line: Hashable {
    let from: String
    let to: String
  }

  package init(columns: Int) {
    self.columns = Array(repeating: [], count: columns)
  }

  /// Adds a box, unless there is one with the name.
  package mutating func add(_ id: String, _ node: Node, column: Int) {
    guard columns.indices.contains(column), positions[id] == nil else { return }
    positions[id] = (column, columns[column].count)
    columns[column].append((id, node))
  }

  package mutating func connect(_ from: String, _ to: String) {
    let line = Line(from: from, to: to)
    if known.insert(line).inserted { lines.append(line) }
  }

  private static let boxWidth = 250
  private static let boxHeight = 28
  private static let gapX = 70
  private static let gapY = 10
  /// Characters that fit into a box.
  private static let room = 32

  /// - Parameter title: What is shown, for who does not see it.
  package func text(title: String) -> String {
    let width = columns.count * (Self.boxWidth + Self.gapX) - Self.gapX + 2
    let height = (columns.map(\.count).max() ?? 0) * (Self.boxHeight + Self.gapY) + 2
    var result =
      "<svg role=\"img\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\">"
      + "<title>\(HTML.text(title))</title>\n"
    for line in lines {
      guard let from = positions[line.from], let to = positions[line.to] else { continue }
      let start = corner(from)
      let end = corner(to)
      let (x1, y1) = (start.x + Self.boxWidth, start.y + Self.boxHeight / 2)
      let (x2, y2) = (end.x, end.y + Self.boxHeight / 2)
      let middle = (x1 + x2) / 2
      result += "<path d=\"M\(x1) \(y1) C\(middle) \(y1) \(middle) \(y2) \(x2) \(y2)\"/>\n"
    }
    for column in columns {
      for (id, node) in column {
        guard let position = positions[id] else { continue }
        let (x, y) = corner(position)
        result +=
          "<g class=\"\(HTML.text(node.style))\"><title>\(HTML.text(node.label))</title>"
          + "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(Self.boxWidth)\" height=\"\(Self.boxHeight)\" "
          + "rx=\"5\"/><text x=\"\(x + 8)\" y=\"\(y + 19)\">"
          + "\(HTML.text(truncated(Printable.spelled(node.label), to: Self.room)))</text></g>\n"
      }
    }
    return result + "</svg>"
  }

  private func corner(_ position: (column: Int, row: Int)) -> (x: Int, y: Int) {
    (
      1 + position.column * (Self.boxWidth + Self.gapX),
      1 + position.row * (Self.boxHeight + Self.gapY)
    )
  }
}
