import Foundation
import Platform
import SystemPackage
import Testing

@Suite struct DiskTests {
  @Test func `a device without an end is refused, and /dev/null is empty`() throws {
    let error = #expect(throws: FileError.self) {
      try Disk.read("/dev/zero", limit: 1 << 20)
    }
    #expect(error?.reason == .notSupported)
    #expect(try Disk.read("/dev/null", limit: 1 << 20) == [])
  }

  @Test func `a pipe is read as long as somebody writes, and waited for no longer than asked`()
    throws
  {
    let folder = try Folder()
    let path = "\(folder.above)/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let error = #expect(throws: FileError.self) {
      try Disk.read(path, limit: 10, patience: .zero)
    }
    #expect(error?.reason == .timedOut)
    let writer = Thread {
      let end = open(path, O_WRONLY)
      _ = write(end, "content", 7)
      close(end)
    }
    writer.start()
    #expect(try Disk.read(path, limit: 10, patience: .seconds(600)) == Array("content".utf8))
    // A writer that stays and does not write.
    let silent = open(path, O_RDWR)
    defer { close(silent) }
    #expect(throws: FileError.self) { try Disk.read(path, limit: 10, patience: .zero) }
    // A file is there at once.
    try Disk.replace("\(folder.above)/file", with: [1], permissions: 0o600)
    #expect(try Disk.read("\(folder.above)/file", limit: 10, patience: .zero) == [1])
  }

  /// A folder whose name is not UTF-8.
  private struct Folder: ~Copyable {
    let above: String
    let path: String

    init() throws {
      let folder = try Disk.temporaryFolder(in: NSTemporaryDirectory(), prefix: "disk")
      let odd = "\(folder)/" + String(nativeBytes: [0x61, 0xFF])
      try Disk.makeDirectory(odd, permissions: 0o700)
      above = folder
      path = odd
    }

    deinit { Disk.removeTree(above) }
  }

  @Test func `a folder whose name is no UTF-8 is a folder as any other`() throws {
    let folder = try Folder()
    let file = "\(folder.path)/" + String(nativeBytes: [0xFE])
    try Disk.replace(file, with: Array("content".utf8), permissions: 0o600)
    #expect(try Disk.read(file, limit: 7) == Array("content".utf8))
    #expect(try Disk.entries(of: folder.path).map(\.name) == [[0xFE]])
    #expect(try Disk.entries(of: folder.above).map(\.name) == [[0x61, 0xFF]])
    #expect(try Disk.status(of: file).mode == 0o600)
    #expect(try Disk.resolved(folder.path).suffix(3) == [0x2F, 0x61, 0xFF])
  }

  @Test func `a file that is replaced is whole, and nothing is left beside it`() throws {
    let folder = try Folder()
    let file = "\(folder.path)/f"
    try Disk.replace(file, with: [1, 2, 3], permissions: 0o600)
    try Disk.replace(file, with: [4], permissions: 0o600)
    #expect(try Disk.read(file, limit: 10) == [4])
    // A folder in its place cannot be replaced.
    let taken = "\(folder.path)/d"
    try Disk.makeDirectories("\(taken)/e", permissions: 0o700)
    #expect(throws: FileError.self) {
      try Disk.replace(taken, with: [1], permissions: 0o600)
    }
    #expect(
      try Set(Disk.entries(of: folder.path).map(\.name)) == [Array("f".utf8), Array("d".utf8)])
  }

  @Test func `reading stops at the limit`() throws {
    let folder = try Folder()
    let path = "\(folder.path)/large"
    try Disk.replace(path, with: [UInt8](repeating: 0, count: 1 << 20), permissions: 0o600)
    #expect(try Disk.read(path, limit: 1 << 20).count == 1 << 20)
    let error = #expect(throws: FileError.self) { try Disk.read(path, limit: 1 << 19) }
    #expect(error?.reason == .fileTooLarge)
    #expect(error?.description.hasPrefix("read \(folder.above)") == true)
    #expect(error?.description.hasSuffix("/large: file too large") == true)
  }

  @Test func `what is missing is told as Go tells it`() throws {
    let error = #expect(throws: FileError.self) { try Disk.read("/nowhere/x", limit: 1) }
    #expect(error?.description == "open /nowhere/x: no such file or directory")
    #expect(error?.isMissing == true)
  }

  @Test func `folders are made as far as they are missing`() throws {
    let folder = try Folder()
    try Disk.makeDirectories("\(folder.path)/a/b/c", permissions: 0o755)
    try Disk.makeDirectories("\(folder.path)/a/b/c", permissions: 0o755)
    try Disk.replace("\(folder.path)/file", with: [], permissions: 0o600)
    let error = #expect(throws: FileError.self) {
      try Disk.makeDirectories("\(folder.path)/file", permissions: 0o755)
    }
    #expect(error?.reason == .notDirectory)
  }

  @Test func `a tree is removed without following its links`() throws {
    let folder = try Folder()
    try Disk.makeDirectories("\(folder.path)/in/a", permissions: 0o755)
    try Disk.makeDirectories("\(folder.path)/out", permissions: 0o755)
    try Disk.replace("\(folder.path)/out/kept", with: [1], permissions: 0o600)
    try Disk.replace("\(folder.path)/in/a/x", with: [1], permissions: 0o600)
    let link = "\(folder.above)/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.above)
    try Disk.rename(link, to: "\(folder.path)/in/a/link")
    #expect(Disk.removeTree("\(folder.path)/in") == nil)
    #expect(try Disk.entries(of: folder.path).map(\.name) == [Array("out".utf8)])
    #expect(Disk.exists("\(folder.path)/out/kept"))
    // What is not there need not be removed.
    #expect(Disk.removeTree("\(folder.path)/in") == nil)
  }

  @Test func `nothing that is opened here is passed on`() throws {
    let folder = try Folder()
    let (file, path) = try Disk.temporaryFile(in: folder.path, prefix: "x")
    defer { try? file.close() }
    let pipe = try Platform.Pipe()
    let again = try Disk.open(path, .readOnly)
    defer { try? again.close() }
    for descriptor in [file, again, try #require(pipe.reading), try #require(pipe.writing)] {
      #expect(fcntl(descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0)
    }
  }
}
