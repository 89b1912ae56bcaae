import Content
import Glibc

/// Removes files and folders, and never anything outside of them.
enum TreeRemoval {
  /// What could not be removed.
  struct Failure {
    let path: TreePath
    let reason: PathFailure
  }

  /// Removes a file, a link or a folder with all that is in it, as far as possible.
  ///
  /// - Returns: what stays, if anything: the first of it.
  @discardableResult
  static func remove(_ path: String) -> Failure? {
    remove(Array(path.utf8), in: AT_FDCWD, path: Array(path.utf8))
  }

  /// Each folder is opened as an entry of the one above, which is open: whatever becomes a link
  /// meanwhile, none is followed.
  private static func remove(_ name: [UInt8], in parent: Int32, path: [UInt8]) -> Failure? {
    if withCPath(name, { unlinkat(parent, $0, 0) }) == 0 || errno == ENOENT {
      return nil
    }
    let refusal = errno
    let descriptor = withCPath(name) {
      openat(parent, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    guard descriptor >= 0, let stream = fdopendir(descriptor) else {
      // That it is no folder is not why it stays.
      let code = errno == ENOTDIR || errno == ELOOP ? refusal : errno
      if descriptor >= 0 {
        close(descriptor)
      }
      return Failure(path: TreePath(path), reason: PathFailure(errno: code))
    }
    defer { closedir(stream) }
    var first: Failure?
    while let entry = readdir(stream) {
      let child = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if child == [TreePath.dot] || child == [TreePath.dot, TreePath.dot] {
        continue
      }
      let failure = remove(child, in: descriptor, path: path + [TreePath.slash] + child)
      first = first ?? failure
    }
    if let first {
      return first
    }
    if withCPath(name, { unlinkat(parent, $0, AT_REMOVEDIR) }) == 0 {
      return nil
    }
    return Failure(path: TreePath(path), reason: PathFailure(errno: errno))
  }
}
