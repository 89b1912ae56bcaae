package import Content

/// A name in a directory; a link is not followed.
package struct GlobEntry: Sendable, Hashable {
  package let name: [UInt8]
  package let kind: FileTree.Kind
}

/// What the pattern matchers need to see of a file tree.
///
/// Paths are relative to the root, which is `.`. Links are followed as long as they stay inside the
/// root, as Go's `os.Root` does.
package protocol GlobTree {
  /// What a path stands for after following links; `nil` where that fails for whatever reason.
  func kind(at path: TreePath) -> FileTree.Kind?

  /// The names in a directory, sorted by bytes.
  func entries(of directory: TreePath) throws(PathFailure) -> [GlobEntry]
}

extension FileTree: GlobTree {
  package func kind(at path: TreePath) -> Kind? {
    (try? node(at: path))?.kind
  }

  package func entries(of directory: TreePath) throws(PathFailure) -> [GlobEntry] {
    let found: Node
    do throws(PathError) {
      found = try node(at: directory)
    } catch {
      throw error.failure
    }
    return try found.entries().map { GlobEntry(name: $0.name, kind: $0.node.kind) }
  }
}

extension TreePath {
  /// Whether Go's `fs.FS` accepts the path (`fs.ValidPath`): UTF-8, no empty part, no `.` except
  /// alone, no `..`, no slash at either end.
  ///
  /// The controller globs through that interface, so a pattern such as `./dir/*` matches nothing.
  package var isValidForFS: Bool {
    if isRoot {
      return true
    }
    guard String(validating: bytes, as: UTF8.self) != nil else { return false }
    return components.allSatisfy { part in
      !part.isEmpty && !part.elementsEqual([TreePath.dot])
        && !part.elementsEqual([TreePath.dot, TreePath.dot])
    }
  }
}

extension GlobTree {
  /// `fs.Stat` on `os.Root.FS()`, its error thrown away.
  func statForFS(_ path: TreePath) -> FileTree.Kind? {
    path.isValidForFS ? kind(at: path) : nil
  }

  /// `fs.ReadDir` on `os.Root.FS()`, its error thrown away.
  func readForFS(_ directory: TreePath) -> [GlobEntry]? {
    directory.isValidForFS ? try? entries(of: directory) : nil
  }
}
