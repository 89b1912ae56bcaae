package import Content

/// A file of one side of a comparison: what is known of it before its content is read.
package struct FileSide: Sendable {
  /// Relative to the root of the tree, as raw bytes.
  package let path: TreePath
  /// Permission bits: 0o600 or 0o700 in an archive of Flux's, any on disk.
  package let mode: UInt16
  /// In bytes.
  package let size: Int64
  /// SHA-256 of the content.
  package let digest: Digest
  package let content: FileContent

  package init(path: TreePath, mode: UInt16, size: Int64, digest: Digest, content: FileContent) {
    self.path = path
    self.mode = mode
    self.size = size
    self.digest = digest
    self.content = content
  }

  /// All that git keeps of the permissions of a file (`create_ce_mode` in git's read-cache.h).
  package var isExecutable: Bool {
    mode & 0o111 != 0
  }

  /// The mode as git writes it: `100644`, or `100755` for a file that anyone may execute.
  package var gitMode: String {
    isExecutable ? "100755" : "100644"
  }
}

extension FileSide {
  /// The content as it is, for a comparison that has nothing to hide.
  ///
  /// - Throws: `PathError` where the file cannot be read, or is larger than any that is compared
  ///   (``ContentDifference/largestSize``).
  package func wholeContent() throws(PathError) -> [UInt8] {
    do throws(PathFailure) {
      return try content.readAll(limit: ContentDifference.largestSize)
    } catch {
      throw PathError("read", path, error)
    }
  }
}
