import Content

@testable import Generation

/// A tree from a list of paths: `a/b` is a file, `a/b/` a directory, `a -> b` a link to a path from
/// the root; directories on the way exist.
struct MemoryTree: GlobTree {
  private enum Node {
    case file
    case directory
    case link(TreePath)
  }

  private var nodes: [TreePath: Node] = [.root: .directory]
  /// Directories whose entries cannot be read.
  var unreadable: Set<TreePath> = []

  init(_ paths: [TreePath]) {
    for path in paths {
      let text = path.bytes
      let arrow = Array(" -> ".utf8)
      if let start = text.indices.first(where: { text[$0...].starts(with: arrow) }) {
        add(TreePath(text[..<start]), .link(TreePath(text[(start + arrow.count)...])))
      } else if text.last == TreePath.slash {
        add(TreePath(text.dropLast()), .directory)
      } else {
        add(path, .file)
      }
    }
  }

  private mutating func add(_ path: TreePath, _ node: Node) {
    nodes[path] = node
    let parent = path.directory
    if !parent.isRoot, nodes[parent] == nil {
      add(parent, .directory)
    }
  }

  func kind(at path: TreePath) -> FileTree.Kind? {
    resolve(path).flatMap { nodes[$0] }.map { node in
      switch node {
      case .file: .file
      case .directory: .directory
      case .link: .link
      }
    }
  }

  /// The path with every link on it followed; nil if something is missing.
  private func resolve(_ path: TreePath, depth: Int = 0) -> TreePath? {
    guard depth < 10 else { return nil }
    var current = TreePath.root
    for part in path.components where !part.elementsEqual([TreePath.dot]) {
      current = current.child(part)
      guard let node = nodes[current] else { return nil }
      if case .link(let target) = node {
        guard let resolved = resolve(target, depth: depth + 1) else { return nil }
        current = resolved
      }
    }
    return current
  }

  func entries(of directory: TreePath) throws(PathFailure) -> [GlobEntry] {
    guard let resolved = resolve(directory) else { throw .notFound }
    guard !unreadable.contains(resolved) else { throw .permissionDenied }
    guard case .directory? = nodes[resolved] else { throw .notADirectory }
    return
      nodes
      .filter { !$0.key.isRoot && $0.key.directory == resolved }
      .map { path, node in
        let kind: FileTree.Kind
        switch node {
        case .file: kind = .file
        case .directory: kind = .directory
        case .link: kind = .link
        }
        return GlobEntry(name: path.base.bytes, kind: kind)
      }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }
}
