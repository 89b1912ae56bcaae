import Content
package import Platform
import SystemPackage

/// Writes a listing's files to a directory that is empty or does not exist yet: beside it first, then
/// into its place, with the modes of the files.
package struct WriteContent: Sendable {
  package let directory: String
  /// What is being written at any moment.
  package let unfinished = UnfinishedFiles()

  package init(to directory: String) {
    self.directory = directory
  }

  /// - Throws: `OperationError` for a directory that is not empty, and for what cannot be written.
  package func write(_ listing: ContentListing) throws {
    let directory = String(self.directory.trimmingSlashes)
    // It would be replaced by the directory, and what it leads to left as it is.
    if let target = try? Disk.linkTarget(of: directory) {
      throw OperationError(
        .output,
        "--output-dir \(directory) is a symbolic link: use its target "
          + String(nativeBytes: target).shown)
    }
    do throws(Errno) {
      guard try Disk.entries(of: directory).isEmpty else {
        throw Errno.directoryNotEmpty
      }
    } catch .noSuchFileOrDirectory {
      // It is made.
    } catch {
      throw OperationError(
        .output,
        error == .directoryNotEmpty
          ? "--output-dir \(directory) is not empty: choose an empty or new directory"
          : "--output-dir \(directory): \(error.goText)")
    }
    let work = try BuildOutputFile.temporaryFolder(
      in: BuildOutputFile.parent(of: directory), unfinished: unfinished)
    defer {
      Disk.removeTree(work)
      unfinished.forget(work)
    }
    let new = work + "/new"
    try make(new)
    for entry in listing.entries {
      try Task.checkCancellation()
      let path = new + "/" + String(nativeBytes: entry.path.bytes)
      switch entry.kind {
      case .directory:
        try make(path)
      case .file(let content):
        try write(content, to: path, mode: entry.mode)
      }
    }
    // Only now, because nothing can be put into some of them afterwards.
    for entry in listing.entries.reversed() {
      guard case .directory = entry.kind else { continue }
      let path = new + "/" + String(nativeBytes: entry.path.bytes)
      try change(path) { () throws(Errno) in
        let folder = try Disk.open(path, .readOnly, options: .directory)
        defer { try? folder.close() }
        try folder.setPermissions(CInterop.Mode(entry.mode))
      }
    }
    try change(directory) { () throws(Errno) in try Disk.rename(new, to: directory) }
  }

  private func change<Result>(
    _ path: String, _ body: () throws(Errno) -> Result
  ) throws(OperationError) -> Result {
    try unfinished.change { _ throws(OperationError) in
      try BuildOutputFile.writing(path, body)
    }
  }

  private func make(_ path: String) throws(OperationError) {
    try change(path) { () throws(Errno) in try Disk.makeDirectory(path, permissions: 0o777) }
  }

  private func write(_ content: FileContent, to path: String, mode: UInt16) throws {
    let reader = try content.open()
    let file = try change(path) { () throws(Errno) in
      try Disk.open(
        path, .writeOnly, options: [.create, .exclusiveCreate], permissions: 0o600)
    }
    defer { try? file.close() }
    try BuildOutputFile.copy(reader, to: file, path: path)
    try change(path) { () throws(Errno) in try file.setPermissions(CInterop.Mode(mode)) }
  }
}

extension String {
  /// Without slashes at the end.
  fileprivate var trimmingSlashes: Substring {
    var rest = self[...]
    while rest.count > 1, rest.last == "/" { rest.removeLast() }
    return rest
  }
}
