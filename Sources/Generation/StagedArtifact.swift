package import Content

/// What the controller's staging directory would hold for one artifact, ready to be archived.
package struct StagedArtifact: Sendable {
  /// The artifact's name; also the last part of the staging path, which the archive filter sees.
  package let name: String
  /// The directory itself (`.`) and everything below it, in the order of Go's `filepath.Walk`.
  package let entries: [StagedEntry]
}

/// A directory or file in the staging directory.
package struct StagedEntry: Sendable {
  package let path: TreePath
  package let kind: Kind
  /// Dropped from the archive by the controller's filter, but counted in the contents hash.
  package let isIgnored: Bool
  package let provenance: Provenance?

  package enum Kind: Sendable {
    case directory
    /// `mode` is `nil` where the file on disk says it when it is read.
    case file(FileContent, mode: UInt16?)
  }
}

extension StagedArtifact {
  /// Lists a staging tree.
  ///
  /// - Throws: `BuildFailure` in the controller's words where it could not read what it staged.
  init(name: String, tree: FileTree) throws(BuildFailure) {
    var entries: [StagedEntry] = []
    let filter = ArchiveFilter(artifact: name)
    do {
      try StagedArtifact.walk(
        tree.root, at: .root, tree: tree, filter: filter, below: false, into: &entries)
    } catch let error as PathError {
      throw BuildFailure("failed to hash staging dir: \(error)")
    } catch let error as BuildFailure {
      throw error
    } catch {
      throw BuildFailure("failed to hash staging dir: \(error)")
    }
    self.name = name
    self.entries = entries
  }

  private static func walk(
    _ node: FileTree.Node,
    at path: TreePath,
    tree: FileTree,
    filter: ArchiveFilter,
    below ignored: Bool,
    into entries: inout [StagedEntry]
  ) throws {
    // A directory that the filter names is left out, but the walk goes on below it; the patterns
    // then match everything there too.
    let isIgnored = ignored || filter.excludes(path, isDirectory: node.kind == .directory)
    switch node.kind {
    case .directory:
      entries.append(
        StagedEntry(path: path, kind: .directory, isIgnored: isIgnored, provenance: nil))
      for (name, child) in try node.entries() {
        try walk(
          child, at: path.child(name), tree: tree, filter: filter, below: isIgnored, into: &entries)
      }
    case .file:
      guard !path.bytes.contains(UInt8(ascii: "\n")) else {
        throw BuildFailure("failed to hash staging dir: filenames with newlines are not supported")
      }
      if let mode = node.mode, mode & 0o400 == 0 {
        throw PathError("open", TreePath(filter.artifact).child(path.bytes), .permissionDenied)
      }
      entries.append(
        StagedEntry(
          path: path,
          kind: .file(node.content, mode: node.mode),
          isIgnored: isIgnored,
          provenance: node.provenance
        )
      )
    case .link:
      // Only in a source that an artifact shares by its name: hashed through the link, not archived.
      let target = try tree.node(at: path, operation: "open")
      guard target.kind == .file else {
        throw PathError("read", path, .isADirectory)
      }
      entries.append(
        StagedEntry(
          path: path,
          kind: .file(target.content, mode: target.mode),
          isIgnored: true,
          provenance: nil
        )
      )
    case .other:
      throw PathError("open", path, .other(errno: 0, text: "not a regular file"))
    }
  }
}
