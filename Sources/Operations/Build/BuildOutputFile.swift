import Content
import Glibc

/// A file that appears under its name only when it is complete: written beside it, then renamed.
final class BuildOutputFile {
  private let directory: String
  private let temporaryPath: [CChar]
  private var descriptor: Int32
  private var isFinished = false

  /// Makes the directory, with those above it, and a temporary file in it.
  init(in directory: String) throws(OperationError) {
    try BuildOutputFile.makeDirectories(directory)
    self.directory = directory
    var template = (directory + "/.artifactgen-XXXXXX").utf8CString.map { $0 }
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw BuildOutputFile.failure(directory, errno: errno)
    }
    temporaryPath = template
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
    }
    if !isFinished {
      unlink(temporaryPath)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var written = 0
    while written < bytes.count {
      let count = Glibc.write(
        descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
      if count < 0 {
        if errno == EINTR {
          continue
        }
        throw BuildOutputFile.failure(directory, errno: errno)
      }
      written += count
    }
  }

  /// Gives the file its name.
  func finish(as name: String, mode: mode_t = 0o644) throws(OperationError) {
    guard fchmod(descriptor, mode) == 0, rename(temporaryPath, directory + "/" + name) == 0 else {
      throw BuildOutputFile.failure(directory + "/" + name, errno: errno)
    }
    isFinished = true
  }

  /// Makes a folder of a name that nobody else has, for what is not complete yet.
  static func temporaryFolder(in directory: String) throws(OperationError) -> String {
    try makeDirectories(directory)
    var template = (directory + "/.artifactgen-XXXXXX").utf8CString.map { $0 }
    guard mkdtemp(&template) != nil else {
      throw failure(directory, errno: errno)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func makeDirectories(_ path: String) throws(OperationError) {
    if mkdir(path, 0o777) == 0 || errno == EEXIST {
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        throw failure(path, errno: ENOTDIR)
      }
      return
    }
    let code = errno
    guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw failure(path, errno: code)
    }
    try makeDirectories(String(path[..<slash]))
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw failure(path, errno: errno)
    }
  }

  static func failure(_ path: String, errno code: Int32) -> OperationError {
    OperationError(.output, "cannot write \(path): \(PathFailure(errno: code))")
  }
}
