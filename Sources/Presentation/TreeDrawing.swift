/// One line of a tree and what hangs below it.
package struct TreeNode: Sendable, Hashable {
  package var label: String
  package var children: [TreeNode]

  package init(_ label: String, _ children: [TreeNode] = []) {
    self.label = label
    self.children = children
  }
}

/// Draws trees with the glyphs that `flux tree` and `tree` use.
package enum TreeDrawing {
  /// The root's label, then a line for each node below it, depth first, without line feeds.
  package static func lines(_ root: TreeNode) -> [String] {
    [Printable.line(root.label)] + branches(of: root, indentation: "")
  }

  private static func branches(of node: TreeNode, indentation: String) -> [String] {
    var lines: [String] = []
    for (index, child) in node.children.enumerated() {
      let isLast = index == node.children.count - 1
      lines.append(indentation + (isLast ? "└── " : "├── ") + Printable.line(child.label))
      lines += branches(of: child, indentation: indentation + (isLast ? "    " : "│   "))
    }
    return lines
  }
}
