import Content
import Foundation
import TestSupport
import Testing

@Suite struct FileContentTests {
  private func all(_ content: FileContent) throws -> [UInt8] {
    let reader = try content.open()
    var result: [UInt8] = []
    try withUnsafeTemporaryAllocation(byteCount: 7, alignment: 1) { buffer in
      while true {
        let count = try reader.read(into: buffer)
        if count == 0 {
          break
        }
        result.append(contentsOf: buffer[..<count])
      }
    }
    return result
  }

  @Test func `every kind reads the same`() throws {
    let bytes = Array("some content that is longer than a buffer".utf8)
    let directory = try TemporaryDirectory()
    try directory.write("f", String(decoding: bytes, as: UTF8.self))
    let spool = try Spool(folder: directory.path)
    try Array("before".utf8).withUnsafeBytes { try spool.append($0) }
    let start = spool.position
    try bytes.withUnsafeBytes { try spool.append($0) }
    try Array("after".utf8).withUnsafeBytes { try spool.append($0) }
    let disk = FileContent.disk(DiskDirectory(path: Array(directory.path.utf8)), name: [0x66])
    for content in [
      FileContent.bytes(bytes), disk, .spooled(spool, offset: start, size: Int64(bytes.count)),
    ] {
      #expect(try all(content) == bytes)
      #expect(try content.readAll() == bytes)
      #expect(try content.status().size == Int64(bytes.count))
    }
    #expect(try all(.empty).isEmpty)
  }

  @Test func `the spool has no name`() throws {
    let directory = try TemporaryDirectory()
    let spool = try Spool(folder: directory.path)
    try [UInt8](repeating: 1, count: 10).withUnsafeBytes { try spool.append($0) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    #expect(spool.position == 10)
  }

  @Test func `a pipe is refused and not waited for`() throws {
    let directory = try TemporaryDirectory()
    #expect(mkfifo(directory.path + "/p", 0o600) == 0)
    let content = FileContent.disk(
      DiskDirectory(path: Array(directory.path.utf8)), name: Array("p".utf8))
    #expect(throws: PathFailure.invalidArgument) { try content.open() }
  }

  @Test func `too much to keep in memory`() {
    #expect(throws: PathFailure.self) {
      try FileContent.bytes([1, 2, 3]).readAll(limit: 2)
    }
  }
}
