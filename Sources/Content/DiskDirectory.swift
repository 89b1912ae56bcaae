import Glibc

/// A directory on disk, named by its path; shared by the nodes that lie in it.
package final class DiskDirectory: Sendable {
  package let path: [UInt8]

  package init(path: [UInt8]) {
    self.path = path
  }

  func subdirectory(_ name: [UInt8]) -> DiskDirectory {
    DiskDirectory(path: filePath(name))
  }

  /// The path of an entry.
  package func filePath(_ name: [UInt8]) -> [UInt8] {
    var result = path
    result.reserveCapacity(path.count + name.count + 1)
    if result.last != TreePath.slash {
      result.append(TreePath.slash)
    }
    result.append(contentsOf: name)
    return result
  }

  func entries() throws(PathFailure) -> [DiskEntry] {
    guard let stream = withCPath(path, { opendir($0) }) else {
      throw PathFailure(errno: errno)
    }
    defer { closedir(stream) }
    var result: [DiskEntry] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        Array(bytes.prefix { $0 != 0 })
      }
      if name == [TreePath.dot] || name == [TreePath.dot, TreePath.dot] {
        continue
      }
      result.append(DiskEntry(name: name, kind: kind(of: name, hint: entry.pointee.d_type)))
    }
    if errno != 0 {
      throw PathFailure(errno: errno)
    }
    return result
  }

  private func kind(of name: [UInt8], hint: UInt8) -> FileTree.Kind {
    switch Int(hint) {
    case Int(DT_DIR): return .directory
    case Int(DT_REG): return .file
    case Int(DT_LNK): return .link
    case Int(DT_UNKNOWN):
      // Some file systems leave the type to lstat.
      var status = stat()
      guard withCPath(filePath(name), { lstat($0, &status) }) == 0 else { return .other }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: return .directory
      case S_IFREG: return .file
      case S_IFLNK: return .link
      default: return .other
      }
    default: return .other
    }
  }

  func linkTarget(_ name: [UInt8]) throws(PathFailure) -> TreePath {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = withCPath(filePath(name)) { path in
      buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map {
          readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count)
        } ?? -1
      }
    }
    guard count >= 0 else { throw PathFailure(errno: errno) }
    return TreePath(buffer[..<count])
  }
}

struct DiskEntry {
  let name: [UInt8]
  let kind: FileTree.Kind
}

extension PathFailure {
  package init(errno code: Int32) {
    switch code {
    case ENOENT: self = .notFound
    case EEXIST: self = .exists
    case ENOTDIR: self = .notADirectory
    case EISDIR: self = .isADirectory
    case EACCES: self = .permissionDenied
    case EINVAL: self = .invalidArgument
    case ELOOP: self = .tooManyLinks
    case ENAMETOOLONG: self = .nameTooLong
    default: self = .other(errno: code, text: PathFailure.text(code))
    }
  }

  /// The text of an error number, in lower case as Go writes it.
  private static func text(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "errno \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      .lowercased()
  }
}

/// Calls with a NUL-terminated copy of a path.
package func withCPath<Result>(
  _ path: [UInt8],
  _ body: (UnsafePointer<CChar>) -> Result
) -> Result {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: path.count + 1) { buffer in
    for (index, byte) in path.enumerated() {
      buffer[index] = CChar(bitPattern: byte)
    }
    buffer[path.count] = 0
    guard let start = buffer.baseAddress else { preconditionFailure("an empty allocation") }
    return body(UnsafePointer(start))
  }
}
