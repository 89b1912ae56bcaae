package import Content

/// What the controller's staging directory would contain for one artifact, ready to be archived.
package struct StagedArtifact: Sendable {
  /// The artifact's name; also the last part of the staging path, which the archive filter sees.
  package let name: String
  /// The directory itself (`.`) and everything below it, in the order of Go's `filepath.Walk`.
  package let entries: [StagedEntry]

  package init(name: String, entries: [StagedEntry]) {
    self.name = name
    self.entries = entries
  }
}

/// A directory or file in the staging directory.
package struct StagedEntry: Sendable {
  package let path: TreePath
  package let kind: Kind
  /// The pattern of the controller's archive filter that drops it; it still counts in the contents
  /// hash.
  package let ignoredBy: String?
  package let provenance: Provenance?

  package init(
    path: TreePath, kind: Kind, ignoredBy: String? = nil, provenance: Provenance? = nil
  ) {
    self.path = path
    self.kind = kind
    self.ignoredBy = ignoredBy
    self.provenance = provenance
  }

  package var isIgnored: Bool {
    ignoredBy != nil
  }

  package enum Kind: Sendable {
    case directory
    /// `mode` is `nil` where the file on disk says it when it is read.
    case file(FileContent, mode: UInt16?)
  }
}

extension StagedArtifact {
  /// Whether its archive and contents hash are those of another artifact: all that
  /// ``ArtifactArchiver`` reads is the same.
  ///
  /// - Throws: `PathFailure` where a file of either cannot be read, `CancellationError`.
  package func isArchivedLike(_ other: StagedArtifact) throws -> Bool {
    guard name == other.name, entries.count == other.entries.count else { return false }
    for (one, two) in zip(entries, other.entries) {
      guard one.path == two.path, one.isIgnored == two.isIgnored else { return false }
      switch (one.kind, two.kind) {
      case (.directory, .directory): continue
      case (.file(let content, let mode), .file(let second, let secondMode)):
        guard try content.isEquivalent(to: second, modes: (mode, secondMode)) else { return false }
      case (.directory, .file), (.file, .directory): return false
      }
    }
    return true
  }

  /// Lists a staging tree.
  ///
  /// - Throws: `BuildFailure` in the controller's words where it could not read what it staged.
  package init(name: String, tree: FileTree) throws(BuildFailure) {
    var entries: [StagedEntry] = []
    do {
      try StagedArtifact.walk(
        tree.root, at: .root, named: Array(name.utf8), artifact: name, tree: tree, below: nil,
        into: &entries)
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
    named fileName: [UInt8],
    artifact: String,
    tree: FileTree,
    below ignored: String?,
    into entries: inout [StagedEntry]
  ) throws {
    // A directory that the filter names is left out, but the walk goes on below it; the patterns
    // then match everything there too.
    guard path.bytes.count <= FileTree.longestPath else {
      throw PathError("lstat", TreePath(artifact).child(path.bytes), .nameTooLong)
    }
    let ignoredBy =
      ignored
      ?? ArtifactFilter.pattern(
        excludingName: fileName[...], isDirectory: node.kind == .directory)
    switch node.kind {
    case .directory:
      entries.append(
        StagedEntry(path: path, kind: .directory, ignoredBy: ignoredBy, provenance: nil))
      for (name, child) in try node.entries() {
        try walk(
          child, at: path.child(name), named: name, artifact: artifact, tree: tree,
          below: ignoredBy,
          into: &entries)
      }
    case .file:
      guard !path.bytes.contains(UInt8(ascii: "\n")) else {
        throw BuildFailure("failed to hash staging dir: filenames with newlines are not supported")
      }
      if let mode = node.mode, mode & 0o400 == 0 {
        throw PathError("open", TreePath(artifact).child(path.bytes), .permissionDenied)
      }
      entries.append(
        StagedEntry(
          path: path,
          kind: .file(node.content, mode: node.mode),
          ignoredBy: ignoredBy,
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
          ignoredBy: "symbolic links",
          provenance: nil
        )
      )
    case .other:
      throw PathError("open", path, .other(errno: 0, text: "not a regular file"))
    }
  }
}
