package import Content

/// `spec.include` of a GitRepository: a part of another one's artifact, put into the checkout
/// (`Storage.CopyToPath` in fluxcd/pkg).
package struct IncludedTree {
  package let name: String
  package let fromPath: String
  package let toPath: String
  /// What the other's artifact is unpacked to.
  package let tree: FileTree

  package init(name: String, fromPath: String, toPath: String, tree: FileTree) {
    self.name = name
    self.fromPath = fromPath
    self.toPath = toPath
    self.tree = tree
  }

  /// Moves it as `os.Rename` does: a file takes the place of a file, a directory only that of nothing.
  ///
  /// - Throws: `SourceFailure` where the controller fails.
  package func apply(to checkout: FileTree) throws {
    let from = SecurePath.resolve(fromPath, in: tree)
    guard let node = tree.plainNode(at: from) else {
      throw failure("cannot stat \(from): no such file or directory")
    }
    let to = SecurePath.resolve(toPath, in: checkout)
    if let existing = checkout.plainNode(at: to) {
      guard node.kind != .directory, existing.kind != .directory else {
        throw failure("cannot rename \(from) to \(to): file exists")
      }
    }
    do {
      try checkout.place(node, at: to)
    } catch {
      throw failure("\(error)")
    }
  }

  private func failure(_ reason: String) -> SourceFailure {
    SourceFailure(
      .sourceController, "failed to copy '\(name)' include from \(fromPath) to \(toPath): \(reason)"
    )
  }
}
