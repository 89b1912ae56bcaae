import Text

/// One line of a tree and what hangs below it.
package struct TreeNode: Sendable, Hashable {
  package var label: String
  /// What follows the label on its line, a blank before each.
  package var details: [Cell]
  /// What has a line of its own below the label, before the children.
  package var remarks: [Cell]
  package var children: [TreeNode]

  package init(
    _ label: String, details: [Cell] = [], remarks: [Cell] = [], _ children: [TreeNode] = []
  ) {
    self.label = label
    self.details = details
    self.remarks = remarks
    self.children = children
  }
}

/// Draws trees with the glyphs that `flux tree` and `tree` use.
package enum TreeDrawing {
  /// The root's label, then a line for each node below it, depth first, without line feeds; below
  /// each label its remarks, indented.
  ///
  /// - Parameter room: The width of the terminal, where remarks are wrapped.
  package static func lines(
    _ root: TreeNode, style: Style = .plain, room: Int? = nil
  ) -> [String] {
    var lines = [text(of: root, style)]
    append(remarksOf: root, indentation: "", style, room, to: &lines)
    append(branchesOf: root, indentation: "", style, room, to: &lines)
    return lines
  }

  /// The branch to the children goes on beside the remarks.
  private static func append(
    remarksOf node: TreeNode, indentation: String, _ style: Style, _ room: Int?,
    to lines: inout [String]
  ) {
    let beside = indentation + (node.children.isEmpty ? "    " : "│   ")
    for remark in node.remarks where !remark.text.isEmpty {
      lines += wrapped(Printable.line(remark.text), beside: beside.count, in: room).map {
        beside + style.paint($0, remark.tone)
      }
    }
  }

  private static func append(
    branchesOf node: TreeNode, indentation: String, _ style: Style, _ room: Int?,
    to lines: inout [String]
  ) {
    for (index, child) in node.children.enumerated() {
      let isLast = index == node.children.count - 1
      lines.append(indentation + (isLast ? "└── " : "├── ") + text(of: child, style))
      let below = indentation + (isLast ? "    " : "│   ")
      append(remarksOf: child, indentation: below, style, room, to: &lines)
      append(branchesOf: child, indentation: below, style, room, to: &lines)
    }
  }

  private static func text(of node: TreeNode, _ style: Style) -> String {
    var text = Printable.line(node.label)
    for detail in node.details where !detail.text.isEmpty {
      text += " " + style.paint(Printable.line(detail.text), detail.tone)
    }
    return text
  }
}
