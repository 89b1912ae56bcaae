import Content
import KubeAPI
import Platform
import SystemPackage

/// Artifacts that were fetched, by digest.
///
/// A file for each, the user's own, in a directory of the user's own: what others may write to does
/// not count, and no link is followed. Whatever is read is verified again, so any number of processes
/// may fill, read and empty the cache at once. One that cannot be read or written is no cache, and
/// never an error.
package struct ContentCache: Sendable {
  /// Bytes that are kept at most.
  package static let limit: Int64 = 512 << 20
  /// Seconds after which an unused entry is deleted.
  package static let lifetime: Int64 = 7 * 24 * 3600
  /// Seconds after which an unfinished file is one that a killed process has left.
  private static let unfinishedLifetime: Int64 = 3600
  private static let unfinishedPrefix = ".part"

  let directory: String
  private let limit: Int64
  private let now: @Sendable () -> Int64

  /// - Parameter directory: made when needed.
  package init(
    directory: String, limit: Int64 = ContentCache.limit,
    now: @escaping @Sendable () -> Int64 = unixTimeNow
  ) {
    self.directory = directory
    self.limit = limit
    self.now = now
  }

  /// The cache in the user's usual place; nil without a home and where `CI` is set: what runs there
  /// begins with nothing and leaves nothing.
  package init?(environment: [String: String]) {
    guard (environment["CI"] ?? "").isEmpty,
      let directory = CacheFolder.path("content", environment)
    else { return nil }
    self.init(directory: directory)
  }

  // MARK: - Reading

  /// The content of a digest, verified; nil where there is none.
  func content(of wanted: WantedArtifact) -> FileContent? {
    let path = path(wanted.digest)
    guard Disk.isOwnFolder(directory), let (file, size) = try? Disk.openOwn(path) else {
      return nil
    }
    let content = FileContent.spooled(
      Spool(adopting: file, in: directory, size: size), offset: 0, size: size)
    let measured =
      wanted.size.map { $0 == size } ?? true
      ? try? content.measured(wanted.digest.algorithm) : nil
    guard let measured, measured.size == size, measured.digest == wanted.digest else {
      // A broken entry is removed by its reader; it may have been replaced meanwhile, which costs
      // another fetch. Whoever was cancelled does not know.
      if !Task.isCancelled { try? Disk.remove(path) }
      return nil
    }
    try? Disk.touch(file, seconds: now())
    return content
  }

  // MARK: - Writing

  /// A file for what is fetched, under a temporary name; nil where nothing can be kept.
  func newFile(_ unfinished: UnfinishedFiles) -> (file: FileDescriptor, path: String)? {
    do throws(FileError) {
      try Disk.makeDirectories(directory, permissions: 0o700)
    } catch {
      return nil
    }
    guard Disk.isOwnFolder(directory) else { return nil }
    return unfinished.change { paths in
      guard
        let (file, path) = try? Disk.temporaryFile(in: directory, prefix: Self.unfinishedPrefix)
      else { return nil }
      paths.insert(path)
      return (file, path)
    }
  }

  /// Gives a file its name, and makes room.
  func keep(_ temporary: String, size: Int64, as digest: Digest, _ unfinished: UnfinishedFiles) {
    guard size <= limit else { return }
    unfinished.change { paths in
      if (try? Disk.rename(temporary, to: path(digest))) != nil { paths.remove(temporary) }
    }
    tidy()
  }

  /// Removes what is old, and what has not been used for longest where there is too much.
  func tidy() {
    struct Kept {
      let path: String
      let used: Int64
      let size: Int64
    }
    guard Disk.isOwnFolder(directory), let entries = try? Disk.entries(of: directory) else {
      return
    }
    var kept: [Kept] = []
    for entry in entries where entry.kind == .file {
      let name = String(decoding: entry.name, as: UTF8.self)
      let path = "\(directory)/\(name)"
      guard let status = try? Disk.status(of: path) else { continue }
      let isUnfinished = name.hasPrefix(Self.unfinishedPrefix)
      let age = now().subtractingReportingOverflow(status.modified).partialValue
      if age > (isUnfinished ? Self.unfinishedLifetime : Self.lifetime) {
        try? Disk.remove(path)
      } else if !isUnfinished {
        kept.append(Kept(path: path, used: status.modified, size: status.size))
      }
    }
    var total = kept.reduce(0) { $0 + $1.size }
    for file in kept.sorted(by: { ($0.used, $0.path) < ($1.used, $1.path) }) where total > limit {
      try? Disk.remove(file.path)
      total -= file.size
    }
  }

  private func path(_ digest: Digest) -> String {
    "\(directory)/\(digest.algorithm.rawValue)-\(digest.hex)"
  }
}
