import Content
import Glibc

/// A file that appears under its name only when it is complete: written beside it, then renamed.
final class BuildOutputFile {
  private let directory: String
  private let temporaryPath: String
  private let descriptor: Int32
  private let unfinished: UnfinishedFiles
  private var isFinished = false

  /// Makes the directory, with those above it, and a temporary file in it.
  init(in directory: String, unfinished: UnfinishedFiles) throws(OperationError) {
    try BuildOutputFile.makeDirectories(directory)
    self.directory = directory
    self.unfinished = unfinished
    (descriptor, temporaryPath) = try unfinished.change { paths throws(OperationError) in
      var template = BuildOutputFile.template(in: directory)
      let descriptor = mkstemp(&template)
      guard descriptor >= 0 else {
        throw BuildOutputFile.failure(directory, errno: errno)
      }
      let path = BuildOutputFile.path(template)
      paths.insert(path)
      return (descriptor, path)
    }
  }

  deinit {
    close(descriptor)
    if !isFinished {
      unlink(temporaryPath)
      unfinished.forget(temporaryPath)
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
    let final = directory + "/" + name
    try unfinished.change { paths throws(OperationError) in
      guard fchmod(descriptor, mode) == 0, rename(temporaryPath, final) == 0 else {
        throw BuildOutputFile.failure(final, errno: errno)
      }
      paths.remove(temporaryPath)
    }
    isFinished = true
  }

  /// Makes a folder of a name that nobody else has, for what is not complete yet.
  static func temporaryFolder(
    in directory: String,
    unfinished: UnfinishedFiles
  ) throws(OperationError) -> String {
    try makeDirectories(directory)
    return try unfinished.change { paths throws(OperationError) in
      var template = template(in: directory)
      guard mkdtemp(&template) != nil else {
        throw failure(directory, errno: errno)
      }
      let path = path(template)
      paths.insert(path)
      return path
    }
  }

  private static func template(in directory: String) -> [CChar] {
    Array((directory + "/.artifactgen-XXXXXX").utf8CString)
  }

  private static func path(_ template: [CChar]) -> String {
    String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
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
