package import Archive
package import Content

/// A source that is a `.tar.gz`, as source-controller serves it, unpacked as the controller unpacks
/// it: no size limit, links passed over (`fetchSources` in `artifactgenerator_controller.go`, which goes
/// through pkg `http/fetch`, and that through `WithSkipSymlinks`).
package enum SourceArchive {
  /// - Parameters:
  ///   - reader: the archive.
  ///   - shown: what error texts call the directory.
  ///   - spool: for the content.
  ///   - limit: how many bytes of content are allowed; nil for any number, as for the controller.
  ///   - entryLimit: how many entries are allowed; nil for any number.
  ///   - vetting: what is refused besides, links among it; nil for what the controller does.
  /// - Throws: an error in the words of fluxcd/pkg's `tar`.
  package static func tree(
    of reader: FileReader,
    shown: String,
    spool: Spool,
    limit: Int64? = nil,
    entryLimit: Int? = nil,
    vetting: ArchiveVetting? = nil
  ) throws -> FileTree {
    let tree = FileTree()
    var sink = StagingSink(
      staging: tree, folder: .root, artifact: shown, spool: spool, provenance: nil)
    try TarExtraction.extract(
      {
        try Task.checkCancellation()
        return try reader.read(into: $0)
      }, limit: limit, entryLimit: entryLimit, skipsLinks: vetting == nil, vetting: vetting,
      into: &sink)
    return tree
  }

  /// What to do about an archive that is too big, with a colon in front; empty for any other error.
  package static func hint(for error: any Error) -> String {
    guard let error = error as? ArchiveError, case .tooBig = error.kind else { return "" }
    return ": raise the limit with --max-size"
  }
}

extension FileTree {
  /// The tree that a consumer of the artifact gets: what the archive filter leaves, with the modes
  /// that archives have.
  package convenience init(published artifact: StagedArtifact) throws(PathError) {
    self.init()
    for entry in artifact.entries where !entry.isIgnored && !entry.path.isRoot {
      switch entry.kind {
      case .directory:
        try makeAllDirectories(entry.path, shown: TreePath(artifact.name))
      case .file(let content, let mode):
        try makeAllDirectories(entry.path.directory, shown: TreePath(artifact.name))
        let node = try openForWriting(
          entry.path, mode: mode ?? 0o600, shown: TreePath(artifact.name))
        node.content = content
        node.mode = mode
      }
    }
  }
}
