package import Content

/// `spec.sparseCheckout` of a GitRepository: prefixes of paths, as text
/// (`Index.SkipUnless` of go-git), not directories.
package struct SparseCheckout: Sendable {
  /// As they are compared: without one leading `./`.
  private let prefixes: [[UInt8]]
  package let directories: [String]

  package init?(_ directories: [String]) {
    guard !directories.isEmpty else { return nil }
    self.directories = directories
    prefixes = directories.map { text in
      Array(text.utf8.starts(with: "./".utf8) ? text.utf8.dropFirst(2) : text.utf8[...])
    }
  }

  /// Whether a file, link or submodule is checked out.
  package func takes(_ path: TreePath) -> Bool {
    prefixes.contains { path.bytes.starts(with: $0) }
  }

  /// Takes out of a checkout what is not in it.
  ///
  /// - Throws: `SourceFailure` where a directory of the list is not there afterwards.
  package func apply(to tree: FileTree) throws -> [PublishedTree.LeftOut] {
    var leftOut: [PublishedTree.LeftOut] = []
    _ = try prune(tree.root, at: .root, leftOut: &leftOut)
    try check(tree)
    return leftOut
  }

  /// - Returns: whether anything is left of the directory.
  private func prune(
    _ directory: FileTree.Node, at path: TreePath, leftOut: inout [PublishedTree.LeftOut]
  ) throws -> Bool {
    var isEmpty = true
    for (name, node) in try directory.entries() {
      let child = path.child(name)
      var stays = takes(child)
      if node.kind == .directory, try !node.entries().isEmpty {
        stays = try prune(node, at: child, leftOut: &leftOut)
      } else if !stays {
        leftOut.append(
          PublishedTree.LeftOut(
            path: child, isDirectory: node.kind == .directory, reason: .sparseCheckout))
      }
      if stays {
        isEmpty = false
      } else {
        try directory.remove(name)
      }
    }
    return !isEmpty
  }

  /// What surprises people about it.
  package func remarks(
    taken: [TreePath], leftOut: [PublishedTree.LeftOut]
  ) -> [SourceRemark] {
    var result: [SourceRemark] = []
    for (index, (directory, prefix)) in zip(directories, prefixes).enumerated()
    where !prefix.isEmpty && prefix.last != TreePath.slash {
      let more = taken.filter { path in
        path.bytes.starts(with: prefix) && path.bytes.count > prefix.count
          && path.bytes[prefix.count] != TreePath.slash
      }
      if !more.isEmpty {
        result.append(
          SourceRemark(
            .sparseCheckout,
            "spec.sparseCheckout '\(directory)' is a prefix and also matches "
              + "\(PublishedTree.named(more)): write '\(directory)/'", at: .sparseEntry(index)))
      }
    }
    if leftOut.contains(where: { $0.path == TreePath(IgnoreRules.fileName) }) {
      result.append(
        SourceRemark(
          .sparseCheckout,
          "spec.sparseCheckout excludes the .sourceignore in the root, so it is not applied: list it"
        ))
    }
    return result
  }

  /// `validateSparseCheckoutPaths`: links on the way are followed within the checkout.
  private func check(_ tree: FileTree) throws(SourceFailure) {
    for directory in directories {
      guard SecurePath.exists(directory, in: tree) else {
        throw SourceFailure(
          .sourceController,
          "failed to sparse checkout directories : sparse checkout dir '\(directory)' does not exist "
            + "in repository")
      }
    }
  }
}
