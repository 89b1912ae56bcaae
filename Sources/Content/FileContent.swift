import Platform
import SystemPackage
import Text

/// The bytes of a file, read on demand.
package enum FileContent: Sendable {
  case empty
  case bytes([UInt8])
  case disk(DiskDirectory, name: [UInt8])
  /// A range of a spool file that contains unpacked archives.
  case spooled(Spool, offset: Int64, size: Int64)
}

extension FileContent {
  /// Size in bytes and permission bits, from disk where the file is there.
  package func status() throws(PathFailure) -> (size: Int64, mode: UInt16) {
    switch self {
    case .empty: return (0, 0o644)
    case .bytes(let bytes): return (Int64(bytes.count), 0o644)
    case .spooled(_, _, let size): return (size, 0o644)
    case .disk(let directory, let name):
      let status = try PathFailure.translating { () throws(Errno) in
        try Disk.status(of: directory.filePath(name))
      }
      return (status.size, status.mode)
    }
  }

  /// Opens the file for one pass from its start.
  package func open() throws(PathFailure) -> FileReader {
    switch self {
    case .empty:
      return FileReader(bytes: [])
    case .bytes(let bytes):
      return FileReader(bytes: bytes)
    case .spooled(let spool, let offset, let size):
      return FileReader(file: spool.file, owned: false, offset: offset, size: size)
    case .disk(let directory, let name):
      return try PathFailure.translating { () throws(Errno) in
        // Not blocking: a named pipe that took the file's place must not hang the build.
        let file = try Disk.open(directory.filePath(name), .readOnly, options: .nonBlocking)
        do throws(Errno) {
          let status = try Disk.status(of: file)
          guard status.kind == .file else {
            throw status.kind == .directory ? .isDirectory : .invalidArgument
          }
          return FileReader(
            file: file, owned: true, offset: 0, size: status.size, mode: status.mode)
        } catch {
          try? file.close()
          throw error
        }
      }
    }
  }

  /// The whole content, for files that have to be understood and not only carried.
  ///
  /// - Parameter limit: refuses more bytes than this.
  package func readAll(limit: Int64 = 256 << 20) throws(PathFailure) -> [UInt8] {
    let reader = try open()
    guard reader.size <= limit else {
      throw .other(errno: Errno.fileTooLarge.rawValue, text: "file is larger than \(limit) bytes")
    }
    var result = [UInt8](repeating: 0, count: Int(reader.size))
    var filled = 0
    while filled < result.count {
      let count = try result.withUnsafeMutableBufferPointer { (bytes) throws(PathFailure) in
        let rest = UnsafeMutableBufferPointer(rebasing: bytes[filled...])
        return try reader.read(into: UnsafeMutableRawBufferPointer(rest))
      }
      if count == 0 {
        break
      }
      filled += count
    }
    result.removeSubrange(filled...)
    return result
  }
}

extension FileContent {
  /// Hands over the whole content, piece by piece.
  ///
  /// - Throws: `PathFailure` where it cannot be read, `CancellationError` between pieces.
  package func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) throws {
    let reader = try open()
    try withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
      while true {
        try Task.checkCancellation()
        let count = try reader.read(into: buffer)
        if count == 0 { return }
        body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
  }

  /// Whether two files have the same bytes now, and whether any execute bit is set on both or neither.
  ///
  /// - Throws: as ``forEachPiece(_:)``.
  package func isEquivalent(to other: FileContent, modes: (UInt16?, UInt16?)) throws -> Bool {
    let (left, right) = (try open(), try other.open())
    let permissions = (modes.0 ?? left.mode ?? 0o644, modes.1 ?? right.mode ?? 0o644)
    guard left.size == right.size, (permissions.0 & 0o111 == 0) == (permissions.1 & 0o111 == 0)
    else { return false }
    if case .spooled(let spool, let offset, _) = self,
      case .spooled(let second, let secondOffset, _) = other, spool === second,
      offset == secondOffset
    {
      return true
    }
    let half = 64 << 10
    return try withUnsafeTemporaryAllocation(byteCount: 2 * half, alignment: 16) { buffer in
      let (one, two) = (
        UnsafeMutableRawBufferPointer(rebasing: buffer[..<half]),
        UnsafeMutableRawBufferPointer(rebasing: buffer[half...])
      )
      while true {
        try Task.checkCancellation()
        let count = try left.read(into: one)
        guard try right.read(into: two) == count else { return false }
        if count == 0 { return true }
        let (left, right) = (
          UnsafeRawBufferPointer(rebasing: one[..<count]),
          UnsafeRawBufferPointer(rebasing: two[..<count])
        )
        guard commonPrefix(left, right) == count else { return false }
      }
    }
  }

  /// The digest of the whole content, and its size in bytes.
  ///
  /// - Throws: as ``forEachPiece(_:)``.
  package func measured(
    _ algorithm: DigestAlgorithm = .sha256
  ) throws -> (digest: Digest, size: Int64) {
    var digester = Digester(algorithm)
    var size: Int64 = 0
    try forEachPiece { bytes in
      digester.update(bytes)
      size += Int64(bytes.count)
    }
    return (digester.finish(), size)
  }
}

/// One pass over a file's bytes.
///
/// Closes the descriptor when it goes.
package final class FileReader {
  /// Bytes that the file had when it was opened.
  package let size: Int64
  /// Permission bits, where the file is on disk.
  package let mode: UInt16?

  private let file: FileDescriptor?
  private let isOwned: Bool
  private var offset: Int64
  private var remaining: Int64
  private let bytes: [UInt8]?

  init(bytes: [UInt8]) {
    size = Int64(bytes.count)
    mode = nil
    file = nil
    isOwned = false
    offset = 0
    remaining = size
    self.bytes = bytes
  }

  init(file: FileDescriptor, owned: Bool, offset: Int64, size: Int64, mode: UInt16? = nil) {
    self.size = size
    self.mode = mode
    self.file = file
    isOwned = owned
    self.offset = offset
    remaining = size
    bytes = nil
  }

  deinit {
    if isOwned {
      try? file?.close()
    }
  }

  /// Fills as much of the buffer as there is, at most `size` bytes over all calls.
  ///
  /// - Returns: the number of bytes read; 0 at the end, or where a file on disk ends early.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(PathFailure) -> Int {
    let wanted = Int(min(remaining, Int64(buffer.count)))
    guard wanted > 0 else { return 0 }
    if let bytes {
      let start = Int(offset)
      buffer.copyBytes(from: bytes[start..<start + wanted])
      offset += Int64(wanted)
      remaining -= Int64(wanted)
      return wanted
    }
    guard let file else { return 0 }
    var filled = 0
    while filled < wanted {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<wanted])
      let count = try PathFailure.translating { () throws(Errno) in
        try file.read(at: offset, into: rest)
      }
      if count == 0 {
        break
      }
      filled += count
      offset += Int64(count)
      remaining -= Int64(count)
    }
    return filled
  }
}
