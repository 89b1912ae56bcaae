import Content
import Generation
import Glibc

/// Writes an artifact's tree to disk as the controller's consumers unpack it: beside its final
/// place first, then swapped in whole.
struct BuildOutputTree {
  /// The folder that will hold the tree.
  let directory: String
  static let name = "content"

  /// - Returns: a warning where the tree is in its place and the one before it could not be removed.
  func write(_ artifact: StagedArtifact) throws -> String? {
    let work = try BuildOutputFile.temporaryFolder(in: directory)
    let new = work + "/new"
    let old = work + "/old"
    let final = directory + "/" + BuildOutputTree.name
    var isComplete = false
    defer {
      if !isComplete {
        TreeRemoval.remove(work)
      }
    }
    try BuildOutputFile.makeDirectories(new)
    for entry in artifact.entries where !entry.isIgnored && !entry.path.isRoot {
      try write(entry, below: new)
    }
    if rename(final, old) != 0, errno != ENOENT {
      throw BuildOutputFile.failure(final, errno: errno)
    }
    guard rename(new, final) == 0 else {
      let code = errno
      rename(old, final)
      throw BuildOutputFile.failure(final, errno: code)
    }
    isComplete = true
    return TreeRemoval.remove(work).map { failure in
      "cannot remove \(failure.path): \(failure.reason): it is left of what stood at \(final) "
        + "before; remove it by hand"
    }
  }

  private func write(_ entry: StagedEntry, below root: String) throws {
    let path = Array(root.utf8) + [TreePath.slash] + entry.path.bytes
    switch entry.kind {
    case .directory:
      guard withCPath(path, { mkdir($0, 0o750) }) == 0 else {
        throw BuildOutputFile.failure("\(TreePath(path))", errno: errno)
      }
    case .file(let content, let mode):
      let reader = try content.open()
      let permissions = mode ?? reader.mode ?? 0o644
      let stored: mode_t = permissions & 0o111 != 0 ? 0o700 : 0o600
      let descriptor = withCPath(path) { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, stored) }
      guard descriptor >= 0 else {
        throw BuildOutputFile.failure("\(TreePath(path))", errno: errno)
      }
      defer { close(descriptor) }
      try copy(reader, to: descriptor, path: path)
    }
  }

  private func copy(_ reader: FileReader, to descriptor: Int32, path: [UInt8]) throws {
    try withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 16) { buffer in
      while true {
        let count = try reader.read(into: buffer)
        if count == 0 {
          return
        }
        var written = 0
        while written < count {
          let step = Glibc.write(
            descriptor, buffer.baseAddress?.advanced(by: written), count - written)
          guard step >= 0 || errno == EINTR else {
            throw BuildOutputFile.failure("\(TreePath(path))", errno: errno)
          }
          written += max(0, step)
        }
        try Task.checkCancellation()
      }
    }
  }
}
