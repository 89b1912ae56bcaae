import Platform
package import SystemPackage

/// A nameless temporary file that contains the content of unpacked archives.
///
/// It is readable by its owner only and unlinked as soon as it exists, so that nothing is left behind
/// however the process ends.
package final class Spool: @unchecked Sendable {
  // Invariant: appended to by one task while planning; afterwards only read, with pread.
  let file: FileDescriptor
  private var end: Int64 = 0
  private let folder: String

  /// - Parameter folder: where to put it, for example `$TMPDIR`.
  package init(folder: String) throws(PathError) {
    do throws(Errno) {
      let (file, path) = try Disk.temporaryFile(in: folder, prefix: "artifactgen")
      try Disk.remove(path)
      self.file = file
      self.folder = folder
    } catch {
      throw PathError("open", TreePath(folder.nativeBytes), PathFailure(error))
    }
  }

  /// Takes over an open file with content at its beginning, and closes it in the end.
  ///
  /// - Parameters:
  ///   - folder: what messages call the directory of the file.
  ///   - size: in bytes, of the content.
  package init(adopting file: FileDescriptor, in folder: String, size: Int64) {
    self.file = file
    self.folder = folder
    end = size
  }

  deinit {
    try? file.close()
  }

  /// Appends bytes; the content of one file is what was appended between two calls of `position`.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(PathFailure) {
    try PathFailure.translating { () throws(Errno) in try file.write(bytes, at: end) }
    end += Int64(bytes.count)
  }

  /// Refuses what there is no room for before any of it is written: the size that an archive claims
  /// is arbitrary.
  ///
  /// - Parameter size: in bytes.
  package func reserve(_ size: Int64) throws(PathFailure) {
    // Little is not worth the question.
    guard size > 1 << 20 else { return }
    let free = try PathFailure.translating { () throws(Errno) in try Disk.freeSpace(of: file) }
    guard size > free else { return }
    throw .other(
      errno: Errno.noSpace.rawValue,
      text: "no space left on device: the file has \(size) bytes, but \(folder) has only "
        + "\(free) free; set TMPDIR to a directory with more space")
  }

  /// Lets another writer append: it gets the file with its position at the end.
  ///
  /// - Returns: where that begins.
  package func extend(
    _ write: (FileDescriptor) async throws -> Void
  ) async throws -> Int64 {
    let start = end
    _ = try file.seek(offset: start, from: .start)
    try await write(file)
    end = try file.seek(offset: 0, from: .end)
    return start
  }

  /// What stands at a place, as far as there is so much.
  package func read(at offset: Int64, count: Int) throws(PathFailure) -> [UInt8] {
    let reader = FileReader(file: file, owned: false, offset: offset, size: Int64(count))
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(PathFailure) in
      try reader.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    return Array(bytes[..<filled])
  }

  /// Where the next byte goes.
  package var position: Int64 {
    end
  }
}
