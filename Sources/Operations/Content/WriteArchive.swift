package import Content
package import Platform

/// Writes an archive as it is, to a file that is there only when it is whole.
package struct WriteArchive: Sendable {
  package let path: String
  /// What is being written at any moment.
  package let unfinished = UnfinishedFiles()

  package init(to path: String) {
    self.path = path
  }

  /// - Throws: `OperationError` for what cannot be written.
  package func write(_ archive: FileContent) throws {
    let target = try FilePlace(path, flag: "--archive \(path)")
    let file = try BuildOutputFile(in: target.folder, unfinished: unfinished)
    let reader = try archive.open()
    try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
      while true {
        let count = try reader.read(into: buffer)
        if count == 0 { break }
        try file.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        try Task.checkCancellation()
      }
    }
    try file.finish(as: target.name)
  }
}
