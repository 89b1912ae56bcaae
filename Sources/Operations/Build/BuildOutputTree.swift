import Content
import Generation
import Glibc

/// Writes an artifact's tree to disk as the controller's consumers unpack it: beside its final
/// place first, then swapped in whole.
struct BuildOutputTree {
  /// The folder that will hold the tree.
  let directory: String
  let unfinished: UnfinishedFiles
  static let name = "content"

  /// - Returns: a warning where the tree is in its place and the one before it could not be removed.
  func write(_ artifact: StagedArtifact) throws -> String? {
    let work = try BuildOutputFile.temporaryFolder(in: directory, unfinished: unfinished)
    let new = work + "/new"
    let final = directory + "/" + BuildOutputTree.name
    do {
      try make(TreePath(Array(new.utf8)), mode: 0o777)
      for entry in artifact.entries where !entry.isIgnored && !entry.path.isRoot {
        try Task.checkCancellation()
        try write(entry, below: new)
      }
      try swap(new, with: final, aside: work + "/old")
    } catch {
      remove(work)
      throw error
    }
    return remove(work).map { failure in
      "cannot remove \(failure.path): \(failure.reason): it is left of what stood at \(final) "
        + "before; remove it by hand"
    }
  }

  @discardableResult
  private func remove(_ work: String) -> TreeRemoval.Failure? {
    let failure = TreeRemoval.remove(work)
    unfinished.forget(work)
    return failure
  }

  private func swap(_ new: String, with final: String, aside old: String) throws(OperationError) {
    // Nobody may remove what is aside before the new tree is in its place.
    try unfinished.change { _ throws(OperationError) in
      if rename(final, old) != 0, errno != ENOENT {
        throw BuildOutputFile.failure(final, errno: errno)
      }
      guard rename(new, final) == 0 else {
        let code = errno
        rename(old, final)
        throw BuildOutputFile.failure(final, errno: code)
      }
    }
  }

  private func make(_ path: TreePath, mode: mode_t) throws(OperationError) {
    try unfinished.change { _ throws(OperationError) in
      guard withCPath(path.bytes, { mkdir($0, mode) }) == 0 else {
        throw BuildOutputFile.failure("\(path)", errno: errno)
      }
    }
  }

  private func write(_ entry: StagedEntry, below root: String) throws {
    let path = Array(root.utf8) + [TreePath.slash] + entry.path.bytes
    switch entry.kind {
    case .directory:
      try make(TreePath(path), mode: 0o750)
    case .file(let content, let mode):
      let reader = try content.open()
      let permissions = mode ?? reader.mode ?? 0o644
      let stored: mode_t = permissions & 0o111 != 0 ? 0o700 : 0o600
      let descriptor = try unfinished.change { _ throws(OperationError) in
        let descriptor = withCPath(path) {
          open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, stored)
        }
        guard descriptor >= 0 else {
          throw BuildOutputFile.failure("\(TreePath(path))", errno: errno)
        }
        return descriptor
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
