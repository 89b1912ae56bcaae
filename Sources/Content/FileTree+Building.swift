/// Trees that are put together in memory, as a checkout or an archive is.
extension FileTree {
  /// An empty directory, a file or a link that is in no tree yet.
  package static func newDirectory(mode: UInt16? = nil) -> Node {
    let node = Node(directory: [:])
    node.mode = mode
    return node
  }

  /// - Parameter mode: permission bits; nil for those of the content.
  package static func newFile(_ content: FileContent, mode: UInt16?) -> Node {
    Node(kind: .file, content: content, mode: mode)
  }

  package static func newLink(to target: TreePath) -> Node {
    Node(linkTo: target)
  }

  /// Puts a node at a clean path below the root and makes the directories above it that are missing.
  ///
  /// - Throws: `PathError` where a part of the path is no directory.
  package func place(_ node: Node, at path: TreePath) throws(PathError) {
    do throws(PathFailure) {
      var parent = root
      let parts = path.components
      for part in parts.dropLast() {
        let name = Array(part)
        if let next = try parent.child(name) {
          guard next.kind == .directory else { throw .notADirectory }
          parent = next
        } else {
          let next = Node(directory: [:])
          try parent.add(next, as: name)
          parent = next
        }
      }
      guard let last = parts.last else { throw .invalidArgument }
      try parent.add(node, as: Array(last))
    } catch {
      throw PathError("mkdir", path, error)
    }
  }

  /// What lies at a clean path, links not followed; nil where nothing does.
  package func plainNode(at path: TreePath) -> Node? {
    var node = root
    for part in path.components where !path.isRoot {
      guard node.kind == .directory, let next = try? node.child(Array(part)) else { return nil }
      node = next
    }
    return node
  }
}

extension FileTree.Node {
  /// Where a link leads, as it is written in it.
  package func linkDestination() throws(PathFailure) -> TreePath {
    try target()
  }

  package func remove(_ name: [UInt8]) throws(PathFailure) {
    try removeChild(name)
  }

  package func put(_ node: FileTree.Node, as name: [UInt8]) throws(PathFailure) {
    try add(node, as: name)
  }
}
