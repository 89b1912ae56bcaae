/// Changes with the rules and error texts of plain file system calls, which the reference uses when
/// it unpacks archives (`os.MkdirAll`, `os.OpenFile`).
///
/// Paths in errors are shown below `shown`, the name of the directory that the tree represents.
extension FileTree {
  /// `os.MkdirAll` below the root.
  ///
  /// - Parameter mode: for what is new; nil for what archives have.
  package func makeAllDirectories(
    _ path: TreePath, mode: UInt16? = nil, shown: TreePath
  ) throws(PathError) {
    var node = root
    var walked = TreePath.root
    let path = path.cleaned
    for part in path.components where !path.isRoot {
      walked = walked.child(part)
      let name = Array(part)
      do throws(PathFailure) {
        try FileTree.checkLength(walked, last: part)
        if let next = try node.child(name) {
          guard next.kind == .directory else { throw .notADirectory }
          node = next
        } else {
          let next = Node(directory: [:])
          next.mode = mode
          try node.add(next, as: name)
          node = next
        }
      } catch {
        throw PathError("mkdir", shown.child(walked.bytes), error)
      }
    }
  }

  /// `os.OpenFile` with `O_WRONLY|O_CREATE|O_TRUNC`: the file, whose mode is kept if it was there.
  package func openForWriting(
    _ path: TreePath,
    mode: UInt16,
    shown: TreePath
  ) throws(PathError) -> Node {
    let name = path.cleaned
    do throws(PathFailure) {
      guard !name.isRoot else { throw .isADirectory }
      try FileTree.checkLength(name, last: name.base.bytes[...])
      let parent = try directoryNode(name.directory)
      if let node = try parent.child(name.base.bytes) {
        guard node.kind != .directory else { throw .isADirectory }
        guard try node.permissions() & 0o200 != 0 else { throw .permissionDenied }
        node.mode = try node.permissions()
        return node
      }
      let node = Node(kind: .file, content: .empty, mode: mode)
      try parent.add(node, as: name.base.bytes)
      return node
    } catch {
      throw PathError("open", shown.child(name.isRoot ? [] : name.bytes), error)
    }
  }

  private func directoryNode(_ path: TreePath) throws(PathFailure) -> Node {
    var node = root
    for part in path.components where !path.isRoot {
      guard let next = try node.child(Array(part)) else { throw .notFound }
      guard next.kind == .directory else { throw .notADirectory }
      node = next
    }
    return node
  }
}
