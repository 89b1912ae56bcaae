import Content

/// The hash that names an artifact's archive: `<hash>.tar.gz`.
///
/// Adler-32 over a line for each file, sorted by path: the file's own Adler-32 in unpadded
/// hexadecimal, two spaces, the artifact's name and the file's path, a newline
/// (`internal/builder/dirhash.go` in source-watcher). It is taken before the archive filter.
struct ContentsHash {
  private let artifact: TreePath
  private var files: [(path: TreePath, checksum: UInt32)] = []

  init(artifact: String) {
    self.artifact = TreePath(artifact)
  }

  mutating func add(_ path: TreePath, checksum: UInt32) {
    files.append((artifact.child(path.bytes), checksum))
  }

  /// The hash as the controller prints it: decimal.
  consuming func finish() -> String {
    files.sort { $0.path < $1.path }
    var hash = Adler32()
    for file in files {
      hash.update(
        Array(String(file.checksum, radix: 16).utf8) + Array("  ".utf8) + file.path.bytes
          + [UInt8(ascii: "\n")]
      )
    }
    return String(hash.value)
  }
}
