package import SystemPackage

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Disk {
  /// The whole content of a file.
  ///
  /// Read until its end instead of asking for its size: a pipe (`-f <(…)`) has none.
  ///
  /// A device has no end either, but for `/dev/null`, which stands for nothing, and a terminal, where
  /// somebody types: any other is refused (EOPNOTSUPP).
  ///
  /// - Parameters:
  ///   - limit: of more bytes nothing is read (EFBIG).
  ///   - patience: for a pipe and who writes to it (ETIMEDOUT); nil waits as long as they take.
  package static func read(
    _ path: some NativePath, limit: Int, patience: Duration? = nil
  ) throws(FileError) -> [UInt8] {
    var operation = "open"
    do throws(Errno) {
      // To open a pipe waits for its writer.
      let file = try open(path, .readOnly, options: patience == nil ? [] : .nonBlocking)
      defer { try? file.close() }
      operation = "read"
      if isEndless(file) { throw Errno.notSupported }
      return try file.readAll(limit: limit, patience: patience)
    } catch {
      throw FileError(operation, String(nativeBytes: path.nativeBytes), error)
    }
  }

  private static func isEndless(_ file: FileDescriptor) -> Bool {
    var device = stat()
    guard fstat(file.rawValue, &device) == 0 else { return false }
    let kind = device.st_mode & S_IFMT
    guard kind == S_IFCHR || kind == S_IFBLK, isatty(file.rawValue) == 0 else { return false }
    var nothing = stat()
    return stat("/dev/null", &nothing) != 0 || nothing.st_rdev != device.st_rdev
  }

  /// The whole content of a regular file of the user that no other user may write to.
  ///
  /// - Throws: EPERM for any other file, ELOOP for a link.
  package static func readOwn(_ path: some NativePath, limit: Int) throws(FileError) -> [UInt8] {
    do throws(Errno) {
      let (file, _) = try openOwn(path)
      defer { try? file.close() }
      return try file.readAll(limit: limit)
    } catch {
      throw FileError("open", String(nativeBytes: path.nativeBytes), error)
    }
  }

  /// Opens such a file for reading, and returns its size in bytes.
  ///
  /// - Throws: EPERM for any other file, ELOOP for a link.
  package static func openOwn(
    _ path: some NativePath
  ) throws(Errno) -> (file: FileDescriptor, size: Int64) {
    // A pipe would wait for a writer.
    let file = try open(path, .readOnly, options: [.noFollow, .nonBlocking])
    do throws(Errno) {
      let status = try status(of: file)
      guard status.kind == .file, status.isOnlyOurs else { throw Errno.notPermitted }
      return (file, status.size)
    } catch {
      try? file.close()
      throw error
    }
  }

  /// Sets when a file was used and changed last.
  package static func touch(_ file: FileDescriptor, seconds: Int64) throws(Errno) {
    let time = timespec(tv_sec: time_t(seconds), tv_nsec: 0)
    var times = [time, time]
    try check(futimens(file.rawValue, &times))
  }

  /// Whether a directory, and a link to it, is the user's, and no other user may write there.
  package static func isOwnFolder(_ path: some NativePath) -> Bool {
    var link = stat()
    guard path.withCPath({ lstat($0, &link) }) == 0, link.st_uid == geteuid(),
      let status = try? status(of: path)
    else { return false }
    return status.kind == .directory && status.isOnlyOurs
  }

  /// The directory that a file is in and the file's own name, which is empty behind a slash.
  package static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    return (
      slash == path.startIndex ? "/" : String(path[..<slash]),
      String(path[path.index(after: slash)...])
    )
  }

  /// Adds to the end of a file, which is made if there is none.
  package static func append(
    _ bytes: [UInt8], to path: String, permissions: CInterop.Mode
  ) throws(FileError) {
    do throws(Errno) {
      let file = try open(
        path, .writeOnly, options: [.append, .create], permissions: permissions)
      defer { try? file.close() }
      try bytes.withUnsafeBytes { bytes in
        Result { () throws(Errno) in try file.write(all: bytes) }
      }.get()
    } catch {
      throw FileError("write", path, error)
    }
  }

  /// Gives a file new content in one step: written beside it under another name, then renamed, so
  /// that no reader sees half of it and nothing is left behind.
  ///
  /// - Parameter permissions: Exactly these, whatever the umask is.
  package static func replace(
    _ path: String, with bytes: [UInt8], permissions: CInterop.Mode
  ) throws(FileError) {
    let (folder, name) = split(path)
    do throws(Errno) {
      // Nobody can guess the name and put a link there.
      let (file, temporary) = try temporaryFile(in: folder, prefix: ".\(name.prefix(100))")
      defer { try? file.close() }
      do throws(Errno) {
        try file.setPermissions(permissions)
        try bytes.withUnsafeBytes { bytes in
          Result { () throws(Errno) in try file.write(all: bytes) }
        }.get()
        try rename(temporary, to: path)
      } catch {
        try? remove(temporary)
        throw error
      }
    } catch {
      throw FileError("write", path, error)
    }
  }
}

extension FileDescriptor {
  /// Everything up to the end.
  ///
  /// - Parameter patience: how long all of it may take; the descriptor is a non-blocking one then.
  /// - Throws: EFBIG beyond the limit, ETIMEDOUT when it takes longer.
  package func readAll(limit: Int, patience: Duration? = nil) throws(Errno) -> [UInt8] {
    let end = patience.map { ContinuousClock.now + $0 }
    var content: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      if let end { try waitForInput(until: end) }
      let count: Int
      do throws(Errno) {
        count = try errnoOf { try piece.withUnsafeMutableBytes { try read(into: $0) } }
      } catch .resourceTemporarilyUnavailable where end != nil {
        continue
      }
      if count == 0 { return content }
      content.append(contentsOf: piece[..<count])
      guard content.count <= limit else { throw .fileTooLarge }
    }
  }

  /// Returns when there is something to read, or the end.
  private func waitForInput(until end: ContinuousClock.Instant) throws(Errno) {
    var entry = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
    while true {
      let left = max(.zero, end - .now) / .milliseconds(1)
      let count = poll(&entry, 1, Int32(min(left, 1e9)))
      if count > 0 { return }
      if count == 0 { throw .timedOut }
      if lastError != .interrupted { throw lastError }
    }
  }

  /// Up to as many bytes as fit, from a place in the file; 0 at its end.
  package func read(
    at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Int {
    try errnoOf { try read(fromAbsoluteOffset: offset, into: buffer) }
  }

  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(Errno) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let place = offset + Int64(bytes.count - rest.count)
      rest = rest.dropFirst(try errnoOf { try write(toAbsoluteOffset: place, piece) })
    }
  }

  package func write(all bytes: UnsafeRawBufferPointer) throws(Errno) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      rest = rest.dropFirst(try errnoOf { try write(piece) })
    }
  }

  package func setPermissions(_ permissions: CInterop.Mode) throws(Errno) {
    try check(fchmod(rawValue, permissions))
  }
}
