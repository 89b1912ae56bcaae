import Archive
import Content

/// Receives the members of an archive into a tree; their content goes to the spool.
struct StagingSink: ArchiveSink {
  let staging: FileTree
  /// Where in the tree the archive is unpacked.
  let folder: TreePath
  /// What the tree is called in messages.
  let artifact: String
  let spool: Spool
  /// The archive's own; `nil` where it is not needed.
  let provenance: Provenance?

  var folderAbove: TreePath { TreePath(artifact).joined(folder).joined("..") }

  func makeAll(_ path: TreePath) throws(PathError) {
    try staging.makeAllDirectories(path, shown: TreePath(artifact))
  }

  func skippedLink(_ path: TreePath, to target: TreePath) {
    staging.skippedLinks.append((folder.joined(path), target))
  }

  func directory(_ path: TreePath, mode: UInt16) throws {
    try staging.makeAllDirectories(
      folder.joined(path), mode: mode & ~StagingSink.mask, shown: TreePath(artifact))
  }

  /// The controllers' umask.
  private static let mask: UInt16 = 0o022

  func file(
    _ path: TreePath,
    mode: UInt16,
    size: Int64,
    isSparse: Bool,
    read: (UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int
  ) throws {
    let target = folder.joined(path)
    // The reference ignores the result of this: opening the file fails with the same error.
    try? makeAll(target.directory)
    let file = try staging.openForWriting(
      target, mode: mode & ~StagingSink.mask, shown: TreePath(artifact))
    let start = spool.position
    do throws(PathFailure) {
      if isSparse { try spool.reserve(size) }
    } catch {
      throw PathError("write", TreePath(artifact).joined(target), error)
    }
    try withUnsafeTemporaryAllocation(byteCount: 32 * 1024, alignment: 16) { buffer in
      while true {
        let count = try read(buffer)
        if count == 0 {
          break
        }
        try spool.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
    if var provenance {
      provenance.source = TreePath(
        provenance.source.bytes + [UInt8(ascii: "!")] + path.bytes)
      provenance.earlier = file.provenance?.history ?? []
      file.provenance = provenance
    }
    file.content = .spooled(spool, offset: start, size: spool.position - start)
  }
}
