import Glibc

/// The bytes of a file, where they are until somebody reads them.
package enum FileContent: Sendable {
  case empty
  case bytes([UInt8])
  case disk(DiskDirectory, name: [UInt8])
  /// A range of a spool file that holds unpacked archives.
  case spooled(Spool, offset: Int64, size: Int64)
}

/// Size in bytes and permission bits of a file.
package struct FileStatus: Sendable {
  package let size: Int64
  package let mode: UInt16
}

extension FileContent {
  /// Size and mode, from disk where the file is there.
  package func status() throws(PathFailure) -> FileStatus {
    switch self {
    case .empty: return FileStatus(size: 0, mode: 0o644)
    case .bytes(let bytes): return FileStatus(size: Int64(bytes.count), mode: 0o644)
    case .spooled(_, _, let size): return FileStatus(size: size, mode: 0o644)
    case .disk(let directory, let name):
      var status = stat()
      guard withCPath(directory.filePath(name), { stat($0, &status) }) == 0 else {
        throw PathFailure(errno: errno)
      }
      return FileStatus(size: Int64(status.st_size), mode: UInt16(status.st_mode & 0o7777))
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
      return FileReader(descriptor: spool.descriptor, owned: false, offset: offset, size: size)
    case .disk(let directory, let name):
      // Not blocking: a named pipe that took the file's place must not hang the build.
      let descriptor = withCPath(directory.filePath(name)) {
        Glibc.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      }
      guard descriptor >= 0 else { throw PathFailure(errno: errno) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else {
        let code = errno
        close(descriptor)
        throw PathFailure(errno: code)
      }
      guard status.st_mode & S_IFMT == S_IFREG else {
        close(descriptor)
        throw status.st_mode & S_IFMT == S_IFDIR ? .isADirectory : .invalidArgument
      }
      return FileReader(
        descriptor: descriptor,
        owned: true,
        offset: 0,
        size: Int64(status.st_size),
        mode: UInt16(status.st_mode & 0o7777)
      )
    }
  }

  /// The whole content, for files that have to be understood and not only carried.
  ///
  /// - Parameter limit: refuses more bytes than this.
  package func readAll(limit: Int64 = 256 << 20) throws(PathFailure) -> [UInt8] {
    let reader = try open()
    guard reader.size <= limit else {
      throw .other(errno: EFBIG, text: "file is larger than \(limit) bytes")
    }
    var result = [UInt8](repeating: 0, count: Int(reader.size))
    var filled = 0
    while filled < result.count {
      let step = filled
      var failure: PathFailure?
      let count = result.withUnsafeMutableBytes { bytes -> Int in
        do throws(PathFailure) {
          return try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[step...]))
        } catch {
          failure = error
          return 0
        }
      }
      if let failure {
        throw failure
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

/// One pass over a file's bytes.
///
/// Closes the descriptor when it goes.
package final class FileReader {
  /// Bytes that the file had when it was opened.
  package let size: Int64
  /// Permission bits, where the file is on disk.
  package let mode: UInt16?

  private let descriptor: Int32
  private let isOwned: Bool
  private var offset: Int64
  private var remaining: Int64
  private let bytes: [UInt8]?

  init(bytes: [UInt8]) {
    size = Int64(bytes.count)
    mode = nil
    descriptor = -1
    isOwned = false
    offset = 0
    remaining = size
    self.bytes = bytes
  }

  init(descriptor: Int32, owned: Bool, offset: Int64, size: Int64, mode: UInt16? = nil) {
    self.size = size
    self.mode = mode
    self.descriptor = descriptor
    isOwned = owned
    self.offset = offset
    remaining = size
    bytes = nil
  }

  deinit {
    if isOwned {
      close(descriptor)
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
    var filled = 0
    while filled < wanted {
      let count = pread(
        descriptor, buffer.baseAddress?.advanced(by: filled), wanted - filled, off_t(offset))
      if count < 0 {
        if errno == EINTR {
          continue
        }
        throw PathFailure(errno: errno)
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
