package import Content

/// A file or directory that lies where a source is taken from and is not in the source.
package struct SourceAbsence: Sendable {
  package let path: TreePath
  /// By which rule.
  package let reason: String

  package init(path: TreePath, reason: String) {
    self.path = path
    self.reason = reason
  }
}

/// Says where something is that a copy operation does not find.
struct SourceWhereabouts {
  let tree: FileTree
  let absences: [SourceAbsence]

  /// - Parameter path: what was looked for, or the directory in which a pattern looks.
  func hint(for path: TreePath) -> String? {
    absence(of: path) ?? neighbour(of: path)
  }

  private func absence(of path: TreePath) -> String? {
    func lies(_ inner: TreePath, below outer: TreePath) -> Bool {
      outer.isRoot || inner.bytes.starts(with: outer.bytes + [TreePath.slash])
    }
    if let exact = absences.first(where: { $0.path == path }) {
      return "\(path) is excluded from the source: \(exact.reason)"
    }
    if let above = absences.first(where: { lies(path, below: $0.path) }) {
      return "\(above.path) is excluded from the source: \(above.reason)"
    }
    let isThere = path.isRoot ? isEmpty(tree) : tree.plainNode(at: path) == nil
    if isThere, let below = absences.first(where: { lies($0.path, below: path) }) {
      return "\(below.path) is excluded from the source: \(below.reason)"
    }
    return nil
  }

  private func isEmpty(_ tree: FileTree) -> Bool {
    (try? tree.root.entries())?.isEmpty ?? true
  }

  /// The same path one directory further down or up.
  private func neighbour(of path: TreePath) -> String? {
    guard !path.isRoot, tree.plainNode(at: path) == nil else { return nil }
    let parts = path.components
    if parts.count > 1 {
      let inner = TreePath(path.bytes.dropFirst(parts[0].count + 1))
      if tree.plainNode(at: inner) != nil { return "the source contains it as \(inner)" }
    }
    for (name, node) in (try? tree.root.entries()) ?? [] where node.kind == .directory {
      let outer = TreePath(name).child(path.bytes)
      if tree.plainNode(at: outer) != nil { return "the source contains it as \(outer)" }
    }
    return nil
  }
}
