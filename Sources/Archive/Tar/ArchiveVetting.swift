import Content

/// Refuses what no publisher of artifacts packs and what could do harm, before anything of it is
/// unpacked: consumers of Flux pass over some of it, and users who inspect an artifact should know.
package struct ArchiveVetting: Sendable {
  /// Of a path, and of a name in it: what Linux takes.
  private static let longestPath = 4095
  private static let longestName = 255

  /// How many entries are unpacked.
  package static let mostEntries = 200_000

  /// Bytes of content that are taken in all.
  package let sizeLimit: Int64
  package let entryLimit: Int

  private var size: Int64 = 0
  private var entries = 0
  private var files: Set<[UInt8]> = []
  private var directories: Set<[UInt8]> = []

  package init(sizeLimit: Int64, entryLimit: Int = mostEntries) {
    self.sizeLimit = sizeLimit
    self.entryLimit = entryLimit
  }

  /// - Throws: `ArchiveError` that names the entry.
  package mutating func check(_ header: TarHeader) throws(ArchiveError) {
    entries += 1
    guard entries <= entryLimit else {
      throw ArchiveVetting.tooMany(header.name, limit: entryLimit)
    }
    try checkType(header)
    guard header.size >= 0 else { throw refused(header, "has a negative size") }
    let (total, isMore) = size.addingReportingOverflow(header.size)
    guard !isMore, total <= sizeLimit else {
      throw ArchiveError(.tooBig(header.name, limit: sizeLimit))
    }
    size = total
    // It describes what follows, and is unpacked as nothing.
    guard header.type != UInt8(ascii: "g") else { return }
    try checkPlace(header)
  }

  private func checkType(_ header: TarHeader) throws(ArchiveError) {
    let mode = header.fileMode
    switch header.type {
    case UInt8(ascii: "1"): throw refused(header, "is a hard link")
    case UInt8(ascii: "2"): throw ArchiveError(.symbolicLink(header.name))
    default: break
    }
    guard mode.isRegular || mode.contains(.directory) else {
      throw refused(header, "is neither a file nor a directory (\(mode))")
    }
    guard mode.isDisjoint(with: [.setUser, .setGroup]) else {
      throw refused(header, "would run as another user (setuid or setgid)")
    }
  }

  private mutating func checkPlace(_ header: TarHeader) throws(ArchiveError) {
    let path = header.name.cleaned
    guard path.bytes.count <= Self.longestPath,
      path.components.allSatisfy({ $0.count <= Self.longestName })
    else { throw refused(header, "has a name that is too long") }
    guard path != ".." else { throw refused(header, "leads up") }
    let isDirectory = header.fileMode.contains(.directory)
    guard !path.isRoot else {
      if isDirectory { return }
      throw refused(header, "is a file where the directory of all others is")
    }
    var above = path.directory
    while !above.isRoot, !directories.contains(above.bytes) {
      guard !files.contains(above.bytes) else {
        throw refused(header, "is below \(above), which is a file")
      }
      directories.insert(above.bytes)
      above = above.directory
    }
    if isDirectory {
      guard !files.contains(path.bytes) else { throw refused(header, "is a file too") }
      directories.insert(path.bytes)
    } else {
      guard !directories.contains(path.bytes) else { throw refused(header, "is a directory too") }
      guard files.insert(path.bytes).inserted else { throw refused(header, "appears twice") }
    }
  }

  static func tooMany(_ name: TreePath, limit: Int) -> ArchiveError {
    ArchiveError(
      .refused(name, reason: "exceeds the limit: no more than \(limit) entries are unpacked"))
  }

  private func refused(_ header: TarHeader, _ reason: String) -> ArchiveError {
    ArchiveError(.refused(header.name, reason: reason))
  }
}
