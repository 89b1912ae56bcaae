package import Content

/// What a name in a tree stands for.
package enum GlobKind: Sendable, Hashable {
  case directory
  case file
  case link
  /// A device, socket or named pipe.
  case other
}

/// A name in a directory; a link is not followed.
package struct GlobEntry: Sendable, Hashable {
  package let name: [UInt8]
  package let kind: GlobKind
}

/// What the pattern matchers need to see of a file tree.
///
/// Paths are relative to the root, which is `.`. Links are followed as long as they stay inside the
/// root, as Go's `os.Root` does.
package protocol GlobTree {
  /// What a path stands for after following links; `nil` where that fails for whatever reason.
  func kind(at path: TreePath) -> GlobKind?

  /// The names in a directory, sorted by bytes.
  func entries(of directory: TreePath) throws(PathFailure) -> [GlobEntry]
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
  func statForFS(_ path: TreePath) -> GlobKind? {
    path.isValidForFS ? kind(at: path) : nil
  }

  /// `fs.ReadDir` on `os.Root.FS()`, its error thrown away.
  func readForFS(_ directory: TreePath) -> [GlobEntry]? {
    directory.isValidForFS ? try? entries(of: directory) : nil
  }
}
