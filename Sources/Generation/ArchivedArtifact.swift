package import Content

/// What the controller would store for one artifact.
package struct ArchivedArtifact: Sendable {
  /// Digest of the compressed archive.
  package let digest: Digest
  /// Bytes of the compressed archive.
  package let size: Int64
  /// `<contents hash>.tar.gz`.
  package let filename: String
  /// Files in the archive, in its order; empty unless they were asked for.
  package let files: [ArchivedFile]
  /// How many files and directories the archive contains, and the bytes of the files.
  package let fileCount: Int
  package let directoryCount: Int
  package let contentSize: Int64
}

/// A file in an archive.
package struct ArchivedFile: Sendable {
  package let path: TreePath
  /// 0o600, or 0o700 where any execute bit was set.
  package let mode: UInt16
  package let size: Int64
  /// SHA-256 of the content.
  package let digest: Digest
  package let provenance: Provenance?
}
