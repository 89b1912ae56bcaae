package import Content

/// Go's `fs.Glob` over `os.Root.FS()`: how Overwrite and Merge find what a pattern means.
///
/// Each part of the pattern matches one level: `**` is no more than `*`. Errors while reading are
/// ignored, and a path that is not clean (`./x`, `x/../y`, a slash at the end) matches nothing
/// (`io/fs/glob.go`).
package enum FileGlob {
  /// The paths that match, in the order of the reference: by directory, then by name.
  ///
  /// - Throws: `BadPattern`, also where nothing would be looked at.
  package static func paths(
    matching pattern: TreePath,
    in tree: some GlobTree
  ) throws(BadPattern) -> [TreePath] {
    var parts = pattern.components.map(Array.init)
    // The leading parts without a special character are one path; the reference works from the
    // end, but checks every shorter pattern on the way, with the same result.
    var end = pattern.bytes.endIndex
    while end > 0 {
      _ = try GlobPattern(pattern.bytes[..<end])
      guard hasMeta(pattern.bytes[..<end]) else { break }
      end = pattern.bytes[..<end].lastIndex(of: TreePath.slash) ?? 0
    }
    var literal: [[UInt8]] = []
    while let first = parts.first, !hasMeta(first) {
      literal.append(parts.removeFirst())
    }
    let start =
      literal.isEmpty ? .root : TreePath(literal.joined(separator: [TreePath.slash]))
    if parts.isEmpty {
      return tree.statForFS(start) == nil ? [] : [start]
    }
    var matches = [start]
    for part in parts {
      let pattern = try GlobPattern(part)
      matches = matches.flatMap { directory in
        (tree.readForFS(directory) ?? []).lazy
          .filter { pattern.matches($0.name) }
          .map { directory.child($0.name) }
      }
    }
    return matches
  }

  private static func hasMeta(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.contains { byte in
      byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
        || byte == UInt8(ascii: "\\")
    }
  }
}
