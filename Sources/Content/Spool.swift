import Glibc

/// A nameless temporary file that holds the content of unpacked archives.
///
/// It is readable by its owner only and unlinked as soon as it exists, so that nothing is left behind
/// however the process ends.
package final class Spool: @unchecked Sendable {
  // Invariant: appended to by one task while planning; afterwards only read, with pread.
  let descriptor: Int32
  private var end: Int64 = 0

  /// - Parameter folder: where to put it, for example `$TMPDIR`.
  package init(folder: [UInt8]) throws(PathError) {
    descriptor = try Spool.unlinkedFile(in: folder)
  }

  deinit {
    close(descriptor)
  }

  private static func unlinkedFile(in folder: [UInt8]) throws(PathError) -> Int32 {
    var template = folder + Array("/artifactgen-XXXXXX".utf8) + [0]
    let descriptor = template.withUnsafeMutableBytes { bytes -> Int32 in
      guard let path = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return -1 }
      let descriptor = mkstemp(path)
      if descriptor >= 0 {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(path)
      }
      return descriptor
    }
    guard descriptor >= 0 else {
      throw PathError("open", TreePath(folder), PathFailure(errno: errno))
    }
    return descriptor
  }

  /// Appends bytes; the content of one file is what was appended between two calls of `position`.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(PathFailure) {
    var written = 0
    while written < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(end))
      if count < 0 {
        if errno == EINTR {
          continue
        }
        throw PathFailure(errno: errno)
      }
      written += count
      end += Int64(count)
    }
  }

  /// Where the next byte goes.
  package var position: Int64 {
    end
  }
}
