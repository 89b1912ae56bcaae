extension FileTree.Node {
  /// Visits everything below a directory.
  ///
  /// The order is that of Go's `filepath.Walk`: by name, each directory before what is in it. Links are
  /// not followed.
  ///
  /// - Parameters:
  ///   - path: where the directory lies, in front of the paths of what is visited.
  ///   - carried: what is known at the directory.
  ///   - visit: gets a path, its node and what is known of the directory above; returns what is known
  ///     there for what is below, nil not to go in.
  /// - Throws: what `visit` throws, and `PathError` for a directory that cannot be read.
  package func walk<Known>(
    at path: TreePath = .root, _ carried: Known,
    _ visit: (TreePath, FileTree.Node, Known) throws -> Known?
  ) throws {
    let entries: [(name: [UInt8], node: FileTree.Node)]
    do throws(PathFailure) {
      entries = try self.entries()
    } catch {
      throw PathError("open", path, error)
    }
    for (name, node) in entries {
      let child = path.child(name)
      guard let known = try visit(child, node, carried), node.kind == .directory else { continue }
      try node.walk(at: child, known, visit)
    }
  }

  /// As ``walk(at:_:_:)``, into every directory.
  package func walk(
    at path: TreePath = .root, _ visit: (TreePath, FileTree.Node) throws -> Void
  ) throws {
    try walk(at: path, ()) { path, node, _ in
      try visit(path, node)
      return ()
    }
  }
}
