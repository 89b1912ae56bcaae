package import Content

extension FileTree: GlobTree {
  package func kind(at path: TreePath) -> GlobKind? {
    (try? node(at: path)).map { GlobKind($0.kind) }
  }

  package func entries(of directory: TreePath) throws(PathFailure) -> [GlobEntry] {
    let found: Node
    do throws(PathError) {
      found = try node(at: directory)
    } catch {
      throw error.failure
    }
    return try found.entries().map { GlobEntry(name: $0.name, kind: GlobKind($0.node.kind)) }
  }
}

extension GlobKind {
  init(_ kind: FileTree.Kind) {
    switch kind {
    case .directory: self = .directory
    case .file: self = .file
    case .link: self = .link
    case .other: self = .other
    }
  }
}
