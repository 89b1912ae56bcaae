import Text

/// One line of a tree and what hangs below it.
package struct TreeNode: Sendable, Hashable {
  package var label: String
  /// What follows the label on its line, a blank before each.
  package var details: [Cell]
  package var children: [TreeNode]

  package init(_ label: String, details: [Cell] = [], _ children: [TreeNode] = []) {
    self.label = label
    self.details = details
    self.children = children
  }
}

/// Draws trees with the glyphs that `flux tree` and `tree` use.
package enum TreeDrawing {
  /// The root's label, then a line for each node below it, depth first, without line feeds.
  package static func lines(_ root: TreeNode, style: Style = .plain) -> [String] {
    var lines = [text(of: root, style)]
    append(branchesOf: root, indentation: "", style, to: &lines)
    return lines
  }

  private static func append(
    branchesOf node: TreeNode, indentation: String, _ style: Style, to lines: inout [String]
  ) {
    for (index, child) in node.children.enumerated() {
      let isLast = index == node.children.count - 1
      lines.append(indentation + (isLast ? "└── " : "├── ") + text(of: child, style))
      append(
        branchesOf: child, indentation: indentation + (isLast ? "    " : "│   "), style, to: &lines)
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
