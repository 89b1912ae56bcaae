import Platform
import SystemPackage

/// A nameless temporary file that holds the content of unpacked archives.
///
/// It is readable by its owner only and unlinked as soon as it exists, so that nothing is left behind
/// however the process ends.
package final class Spool: @unchecked Sendable {
  // Invariant: appended to by one task while planning; afterwards only read, with pread.
  let file: FileDescriptor
  private var end: Int64 = 0

  /// - Parameter folder: where to put it, for example `$TMPDIR`.
  package init(folder: String) throws(PathError) {
    do throws(Errno) {
      let (file, path) = try Disk.temporaryFile(in: folder, prefix: "artifactgen")
      try Disk.remove(path)
      self.file = file
    } catch {
      throw PathError("open", TreePath(folder.nativeBytes), PathFailure(error))
    }
  }

  deinit {
    try? file.close()
  }

  /// Appends bytes; the content of one file is what was appended between two calls of `position`.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(PathFailure) {
    try PathFailure.translating { () throws(Errno) in try file.write(bytes, at: end) }
    end += Int64(bytes.count)
  }

  /// Where the next byte goes.
  package var position: Int64 {
    end
  }
}
