import CPlatform
package import SystemPackage

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Reads and changes files and directories.
///
/// Whatever opens something here gives it O_CLOEXEC: no child inherits it.
package enum Disk {
  package enum Kind: Sendable {
    case directory
    case file
    case link
    /// A device, socket or named pipe.
    case other

    fileprivate init(_ mode: mode_t) {
      switch mode & S_IFMT {
      case S_IFDIR: self = .directory
      case S_IFREG: self = .file
      case S_IFLNK: self = .link
      default: self = .other
      }
    }
  }

  package struct Status: Sendable {
    package let kind: Kind
    /// In bytes.
    package let size: Int64
    /// Permission bits.
    package let mode: UInt16
    /// Whether it belongs to the user, and no other user may write to it.
    package let isOnlyOurs: Bool
    /// When the content was changed last, in seconds since 1970.
    package let modified: Int64

    fileprivate init(_ status: stat) {
      isOnlyOurs = status.st_uid == geteuid() && status.st_mode & 0o022 == 0
      kind = Kind(status.st_mode)
      size = Int64(status.st_size)
      mode = UInt16(status.st_mode & 0o7777)
      #if canImport(Darwin)
        modified = Int64(status.st_mtimespec.tv_sec)
      #else
        modified = Int64(status.st_mtim.tv_sec)
      #endif
    }
  }

  /// An entry of a directory; never `.` or `..`.
  package struct Entry: Sendable {
    package let name: [UInt8]
    /// A link is a link.
    package let kind: Kind
  }

  // MARK: - Looking

  /// - Throws: also where a link leads nowhere.
  package static func status(of path: some NativePath) throws(Errno) -> Status {
    var status = stat()
    try check(path.withCPath { stat($0, &status) })
    return Status(status)
  }

  package static func status(of file: FileDescriptor) throws(Errno) -> Status {
    var status = stat()
    try check(fstat(file.rawValue, &status))
    return Status(status)
  }

  /// How many bytes an ordinary user may still write where a file is.
  package static func freeSpace(of file: FileDescriptor) throws(Errno) -> Int64 {
    var status = statvfs()
    try check(fstatvfs(file.rawValue, &status))
    let (bytes, isMore) = UInt64(status.f_bavail).multipliedReportingOverflow(
      by: UInt64(status.f_frsize))
    return isMore ? .max : Int64(clamping: bytes)
  }

  package static func isFile(_ path: some NativePath) -> Bool {
    (try? status(of: path))?.kind == .file
  }

  package static func exists(_ path: some NativePath) -> Bool {
    path.withCPath { access($0, F_OK) } == 0
  }

  package static func isReadable(_ path: some NativePath) -> Bool {
    path.withCPath { access($0, R_OK) } == 0
  }

  /// Whether its entries may be listed and reached.
  package static func isReadableFolder(_ path: some NativePath) -> Bool {
    path.withCPath { access($0, R_OK | X_OK) } == 0
  }

  /// Whether it is a file that may be run.
  package static func isProgram(_ path: some NativePath) -> Bool {
    isFile(path) && path.withCPath { access($0, X_OK) } == 0
  }

  /// The entries of a directory in the order of the file system.
  package static func entries(of path: some NativePath) throws(Errno) -> [Entry] {
    let folder = path.nativeBytes
    guard let stream = folder.withCPath({ opendir($0) }) else { throw lastError }
    return try entries(in: stream) { name, status in
      (folder + [UInt8(ascii: "/")] + name).withCPath { lstat($0, &status) }
    }
  }

  /// - Parameter look: asks for the status of an entry whose kind the listing does not show.
  private static func entries(
    in stream: DirectoryStream, look: ([UInt8], inout stat) -> Int32
  ) throws(Errno) -> [Entry] {
    defer { closedir(stream) }
    var result: [Entry] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name == Array(".".utf8) || name == Array("..".utf8) { continue }
      let kind: Kind
      switch Int(entry.pointee.d_type) {
      case Int(DT_DIR): kind = .directory
      case Int(DT_REG): kind = .file
      case Int(DT_LNK): kind = .link
      case Int(DT_UNKNOWN):
        // Some file systems leave the type to lstat.
        var status = stat()
        kind = look(name, &status) == 0 ? Kind(status.st_mode) : .other
      default: kind = .other
      }
      result.append(Entry(name: name, kind: kind))
    }
    if errno != 0 { throw lastError }
    return result
  }

  #if canImport(Glibc) || canImport(Musl)
    private typealias DirectoryStream = OpaquePointer
  #else
    private typealias DirectoryStream = UnsafeMutablePointer<DIR>
  #endif

  package static func linkTarget(of path: some NativePath) throws(Errno) -> [UInt8] {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = path.withCPath { readlink($0, &buffer, buffer.count) }
    guard count >= 0 else { throw lastError }
    return buffer[..<count].map { UInt8(bitPattern: $0) }
  }

  /// The absolute path without links.
  package static func resolved(_ path: some NativePath) throws(Errno) -> [UInt8] {
    guard let resolved = path.withCPath({ realpath($0, nil) }) else { throw lastError }
    defer { free(resolved) }
    return bytes(of: resolved)
  }

  // MARK: - Changing

  package static func makeDirectory(
    _ path: some NativePath, permissions: CInterop.Mode
  ) throws(Errno) {
    try check(path.withCPath { mkdir($0, permissions) })
  }

  /// Creates a directory and its missing parents.
  ///
  /// - Throws: `FileError` with the directory that cannot be created; ENOTDIR where it is a file.
  package static func makeDirectories(
    _ path: String, permissions: CInterop.Mode
  ) throws(FileError) {
    do throws(Errno) {
      try makeDirectory(path, permissions: permissions)
      return
    } catch .noSuchFileOrDirectory where path.dropFirst().utf8.contains(UInt8(ascii: "/")) {
      let parent = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
      try makeDirectories(String(parent), permissions: permissions)
    } catch .fileExists {
      if (try? status(of: path))?.kind == .directory { return }
      throw FileError("mkdir", path, .notDirectory)
    } catch {
      throw FileError("mkdir", path, error)
    }
    do throws(Errno) {
      try makeDirectory(path, permissions: permissions)
    } catch {
      if error != .fileExists { throw FileError("mkdir", path, error) }
    }
  }

  package static func makeLink(_ path: some NativePath, to target: some NativePath) throws(Errno) {
    try check(target.withCPath { target in path.withCPath { symlink(target, $0) } })
  }

  package static func rename(_ old: some NativePath, to new: some NativePath) throws(Errno) {
    try check(
      old.withCPath { old in
        new.withCPath { new in
          #if canImport(Darwin)
            Darwin.rename(old, new)
          #elseif canImport(Musl)
            Musl.rename(old, new)
          #else
            Glibc.rename(old, new)
          #endif
        }
      })
  }

  /// Removes a file or a link.
  package static func remove(_ path: some NativePath) throws(Errno) {
    try check(path.withCPath { unlink($0) })
  }

  /// Opens a file, closed when another program is run.
  package static func open(
    _ path: some NativePath,
    _ mode: FileDescriptor.AccessMode,
    options: FileDescriptor.OpenOptions = [],
    permissions: CInterop.Mode? = nil
  ) throws(Errno) -> FileDescriptor {
    try path.withCPath { path in
      Result { () throws(Errno) in
        try errnoOf {
          try FileDescriptor.open(
            path, mode, options: options.union(.closeOnExec),
            permissions: permissions.map { FilePermissions(rawValue: $0) })
        }
      }
    }.get()
  }

  /// A new file of the user's own with a unique name.
  package static func temporaryFile(
    in folder: some NativePath, prefix: String
  ) throws(Errno) -> (file: FileDescriptor, path: String) {
    var template = template(in: folder, prefix)
    let descriptor = artifact_temporary_file(&template)
    guard descriptor >= 0 else { throw lastError }
    return (FileDescriptor(rawValue: descriptor), String(nativeBytes: bytes(of: template)))
  }

  /// A new directory with a unique name, only for the user.
  package static func temporaryFolder(
    in folder: some NativePath, prefix: String
  ) throws(Errno) -> String {
    var template = template(in: folder, prefix)
    guard mkdtemp(&template) != nil else { throw lastError }
    return String(nativeBytes: bytes(of: template))
  }

  private static func template(in folder: some NativePath, _ prefix: String) -> [CChar] {
    (folder.nativeBytes + Array("/\(prefix)-XXXXXX\0".utf8)).map { CChar(bitPattern: $0) }
  }

  // MARK: - Removing trees

  /// Removes a file, a link or a directory with its content, as far as possible; never anything
  /// outside of it.
  ///
  /// - Returns: what stays, if anything: the first of it.
  @discardableResult
  package static func removeTree(_ path: some NativePath) -> FileError? {
    let path = path.nativeBytes
    return removeTree(path, in: AT_FDCWD, path: path)
  }

  /// Each directory is opened relative to its parent, which is open: whatever becomes a link
  /// meanwhile, none is followed.
  private static func removeTree(_ name: [UInt8], in parent: Int32, path: [UInt8]) -> FileError? {
    if name.withCPath({ unlinkat(parent, $0, 0) }) == 0 || errno == ENOENT { return nil }
    let refusal = lastError
    func stays(_ reason: Errno) -> FileError {
      FileError("remove", String(nativeBytes: path), reason)
    }
    let descriptor = name.withCPath {
      openat(parent, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    guard descriptor >= 0 else {
      let reason = lastError
      // It stays for another reason than that it is no directory.
      let isOther = reason == .notDirectory || reason == .tooManySymbolicLinkLevels
      return stays(isOther ? refusal : reason)
    }
    // The listing closes its own descriptor.
    guard let stream = fdopendir(fcntl(descriptor, F_DUPFD_CLOEXEC, 0)) else {
      defer { close(descriptor) }
      return stays(lastError)
    }
    defer { close(descriptor) }
    let children: [Entry]
    do throws(Errno) {
      children = try entries(in: stream) { _, _ in -1 }
    } catch {
      return stays(error)
    }
    var first: FileError?
    for child in children {
      let failure = removeTree(
        child.name, in: descriptor, path: path + [UInt8(ascii: "/")] + child.name)
      first = first ?? failure
    }
    if let first { return first }
    return name.withCPath({ unlinkat(parent, $0, AT_REMOVEDIR) }) == 0 ? nil : stays(lastError)
  }
}

/// Why something of a file could not be done, in the words of Go's os package.
package struct FileError: Error, Sendable, CustomStringConvertible {
  /// The system call that failed, such as `open`.
  package let operation: String
  package let path: String
  package let reason: Errno

  package init(_ operation: String, _ path: String, _ reason: Errno) {
    self.operation = operation
    self.path = path
    self.reason = reason
  }

  package var isMissing: Bool { reason == .noSuchFileOrDirectory }

  /// As Go says it: `open /x: no such file or directory`.
  package var description: String {
    let text = reason == .timedOut ? "a pipe without a writer" : reason.goText
    return "\(operation) \(path): \(text)"
  }
}

extension Errno {
  /// In lower case, as Go writes it.
  package var goText: String {
    description.lowercased()
  }
}

var lastError: Errno { Errno(rawValue: errno) }

func check(_ result: Int32) throws(Errno) {
  if result != 0 { throw lastError }
}

/// The calls of swift-system throw nothing but `Errno`.
func errnoOf<Result>(_ body: () throws -> Result) throws(Errno) -> Result {
  do {
    return try body()
  } catch {
    throw error as? Errno ?? .ioError
  }
}
