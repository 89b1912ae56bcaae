import Platform
package import SystemPackage

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

  func entries() throws(PathFailure) -> [Disk.Entry] {
    try PathFailure.translating { () throws(Errno) in try Disk.entries(of: path) }
  }

  func linkTarget(_ name: [UInt8]) throws(PathFailure) -> TreePath {
    TreePath(
      try PathFailure.translating { () throws(Errno) in try Disk.linkTarget(of: filePath(name)) })
  }
}

extension FileTree.Kind {
  init(_ kind: Disk.Kind) {
    self =
      switch kind {
      case .directory: .directory
      case .file: .file
      case .link: .link
      case .other: .other
      }
  }
}

extension PathFailure {
  package init(_ reason: Errno) {
    switch reason {
    case .noSuchFileOrDirectory: self = .notFound
    case .fileExists: self = .exists
    case .notDirectory: self = .notADirectory
    case .isDirectory: self = .isADirectory
    case .permissionDenied: self = .permissionDenied
    case .invalidArgument: self = .invalidArgument
    case .tooManySymbolicLinkLevels: self = .tooManyLinks
    case .fileNameTooLong: self = .nameTooLong
    default: self = .other(errno: reason.rawValue, text: reason.goText)
    }
  }

  static func translating<Result>(_ body: () throws(Errno) -> Result) throws(PathFailure) -> Result
  {
    do throws(Errno) {
      return try body()
    } catch {
      throw PathFailure(error)
    }
  }
}
