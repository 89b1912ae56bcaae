/// Why a file operation failed, with the wording of Go's `syscall` and `os` packages.
package enum PathFailure: Error, Sendable, Hashable, CustomStringConvertible {
  case notFound
  case exists
  case notADirectory
  case isADirectory
  case permissionDenied
  case invalidArgument
  case tooManyLinks
  case nameTooLong
  /// The path, or a link on it, leads out of the tree (`os.Root`).
  case escapes
  case other(errno: Int32, text: String)

  package var description: String {
    switch self {
    case .notFound: "no such file or directory"
    case .exists: "file exists"
    case .notADirectory: "not a directory"
    case .isADirectory: "is a directory"
    case .permissionDenied: "permission denied"
    case .invalidArgument: "invalid argument"
    case .tooManyLinks: "too many levels of symbolic links"
    case .nameTooLong: "file name too long"
    case .escapes: "path escapes from parent"
    case .other(_, let text): text
    }
  }
}

/// A failed operation on a path, written as Go's `fs.PathError` is: `openat x/y: not a directory`.
package struct PathError: Error, Sendable, Equatable, CustomStringConvertible {
  package let operation: String
  package let path: TreePath
  package let failure: PathFailure

  package init(_ operation: String, _ path: TreePath, _ failure: PathFailure) {
    self.operation = operation
    self.path = path
    self.failure = failure
  }

  package var description: String {
    "\(operation) \(path): \(failure)"
  }
}
