import Content
import Generation
import Platform
import SystemPackage

/// Writes an artifact's tree to disk as the controller's consumers unpack it: beside its final
/// place first, then swapped in whole.
struct BuildOutputTree {
  /// The directory of the tree.
  let directory: String
  let unfinished: UnfinishedFiles
  static let name = "content"
  /// Marks a tree of ours: without it, the directory is not ours.
  private static let marker = ".artifactgen-content"

  /// - Throws: `OperationError` where a tree would replace what no build has written.
  static func refuseForeign(in directory: String) throws(OperationError) {
    let tree = "\(directory)/\(name)"
    let isLink = (try? Disk.linkTarget(of: tree)) != nil
    guard isLink || Disk.exists(tree) else { return }
    guard isLink || !Disk.isFile("\(directory)/\(marker)") else { return }
    throw OperationError(
      .invalidArgument,
      "\(tree) would be replaced, but build --extract did not create it (no \(marker) "
        + "beside it): move it or choose another --output-dir")
  }

  /// - Returns: a warning where the tree is in its place and the one before it could not be removed.
  func write(_ artifact: StagedArtifact) throws -> String? {
    let work = try BuildOutputFile.temporaryFolder(in: directory, unfinished: unfinished)
    let new = work + "/new"
    let marker = "\(directory)/\(BuildOutputTree.marker)"
    let final = directory + "/" + BuildOutputTree.name
    do {
      try make(new, 0o777)
      for entry in artifact.entries where !entry.isIgnored && !entry.path.isRoot {
        try Task.checkCancellation()
        try write(entry, below: new)
      }
      let mark = try change(marker) { () throws(Errno) in
        try Disk.open(marker, .writeOnly, options: [.create, .noFollow], permissions: 0o644)
      }
      try? mark.close()
      try swap(new, with: final, aside: work + "/old")
    } catch {
      remove(work)
      throw error
    }
    return remove(work).map { failure in
      "cannot remove \(failure.path): \(failure.reason.goText): it remains from an earlier "
        + "\(final): remove it manually"
    }
  }

  @discardableResult
  private func remove(_ work: String) -> FileError? {
    let failure = Disk.removeTree(work)
    unfinished.forget(work)
    return failure
  }

  private func swap(_ new: String, with final: String, aside old: String) throws(OperationError) {
    // What is aside must not be removed before the new tree is in its place.
    try change(final) { () throws(Errno) in
      do throws(Errno) {
        try Disk.rename(final, to: old)
      } catch .noSuchFileOrDirectory {}
      do throws(Errno) {
        try Disk.rename(new, to: final)
      } catch {
        try? Disk.rename(old, to: final)
        throw error
      }
    }
  }

  /// Changes something where ``UnfinishedFiles`` looks.
  private func change<Result>(
    _ path: String, _ body: () throws(Errno) -> Result
  ) throws(OperationError) -> Result {
    try unfinished.change { _ throws(OperationError) in
      try BuildOutputFile.writing(path, body)
    }
  }

  private func make(_ path: String, _ permissions: CInterop.Mode) throws(OperationError) {
    try change(path) { () throws(Errno) in try Disk.makeDirectory(path, permissions: permissions) }
  }

  private func write(_ entry: StagedEntry, below root: String) throws {
    let path = root + "/" + String(nativeBytes: entry.path.bytes)
    switch entry.kind {
    case .directory:
      try make(path, 0o750)
    case .file(let content, let mode):
      let reader = try content.open()
      let permissions = mode ?? reader.mode ?? 0o644
      let file = try change(path) { () throws(Errno) in
        try Disk.open(
          path, .writeOnly, options: [.create, .exclusiveCreate],
          permissions: permissions & 0o111 != 0 ? 0o700 : 0o600)
      }
      defer { try? file.close() }
      try BuildOutputFile.copy(reader, to: file, path: path)
    }
  }
}
