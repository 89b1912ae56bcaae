import Content
import Platform
import SystemPackage

/// A file that appears under its name only when it is complete: written beside it, then renamed.
final class BuildOutputFile {
  private let directory: String
  private let temporaryPath: String
  private let file: FileDescriptor
  private let unfinished: UnfinishedFiles
  private var isFinished = false

  /// Makes the directory, with those above it, and a temporary file in it.
  init(in directory: String, unfinished: UnfinishedFiles) throws(OperationError) {
    try BuildOutputFile.makeDirectories(directory)
    self.directory = directory
    self.unfinished = unfinished
    (file, temporaryPath) = try unfinished.change { paths throws(OperationError) in
      let (file, path) = try BuildOutputFile.writing(directory) { () throws(Errno) in
        try Disk.temporaryFile(in: directory, prefix: ".artifactgen")
      }
      paths.insert(path)
      return (file, path)
    }
  }

  deinit {
    try? file.close()
    if !isFinished {
      try? Disk.remove(temporaryPath)
      unfinished.forget(temporaryPath)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OperationError) {
    try BuildOutputFile.writing(directory) { () throws(Errno) in try file.write(all: bytes) }
  }

  /// Gives the file its name.
  func finish(as name: String) throws(OperationError) {
    let final = directory + "/" + name
    try unfinished.change { paths throws(OperationError) in
      try BuildOutputFile.writing(final) { () throws(Errno) in
        try file.setPermissions(0o644)
        try Disk.rename(temporaryPath, to: final)
      }
      paths.remove(temporaryPath)
    }
    isFinished = true
  }

  /// Creates a directory with a unique name, for what is not complete yet.
  static func temporaryFolder(
    in directory: String,
    unfinished: UnfinishedFiles
  ) throws(OperationError) -> String {
    try makeDirectories(directory)
    return try unfinished.change { paths throws(OperationError) in
      let path = try writing(directory) { () throws(Errno) in
        try Disk.temporaryFolder(in: directory, prefix: ".artifactgen")
      }
      paths.insert(path)
      return path
    }
  }

  /// The directory of a file, by its name.
  static func parent(of path: String) -> String {
    Disk.split(path).folder
  }

  /// Makes a directory, with those above it.
  static func makeDirectories(
    _ path: String, permissions: CInterop.Mode = 0o777
  ) throws(OperationError) {
    do throws(FileError) {
      try Disk.makeDirectories(path, permissions: permissions)
    } catch {
      throw failure(error.path, error.reason)
    }
  }

  /// Copies all of a content into a file.
  static func copy(_ reader: FileReader, to file: FileDescriptor, path: String) throws {
    try withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 16) { buffer in
      while true {
        let count = try reader.read(into: buffer)
        if count == 0 { return }
        try writing(path) { () throws(Errno) in
          try file.write(all: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        try Task.checkCancellation()
      }
    }
  }

  /// Puts a file or directory in its place.
  static func writing<Result>(
    _ path: String, _ body: () throws(Errno) -> Result
  ) throws(OperationError) -> Result {
    do throws(Errno) {
      return try body()
    } catch {
      throw failure(path, error)
    }
  }

  private static func failure(_ path: String, _ reason: Errno) -> OperationError {
    OperationError(.output, "cannot write \(path): \(reason.goText)")
  }
}
