package import Content

/// Receives what an archive contains.
package protocol ArchiveSink {
  /// What messages call the parent of the directory that is unpacked to.
  var folderAbove: TreePath { get }

  /// Makes a directory and those above it; one that exists is left as it is.
  ///
  /// - Parameter mode: permission bits for what is new.
  mutating func directory(_ path: TreePath, mode: UInt16) throws

  /// Makes a file, or replaces the content of one that exists and keeps its mode; directories above
  /// it are made where they are missing.
  ///
  /// - Parameters:
  ///   - mode: permission bits for a new file.
  ///   - size: how many bytes `read` will give in all.
  ///   - isSparse: whether the archive may hold fewer: then nothing but its word stands for the size.
  ///   - read: fills a part of the buffer and returns how many bytes it wrote; 0 is the end.
  mutating func file(
    _ path: TreePath,
    mode: UInt16,
    size: Int64,
    isSparse: Bool,
    read: (UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int
  ) throws

  /// Takes note of a symbolic link that is not unpacked.
  mutating func skippedLink(_ path: TreePath, to target: TreePath)
}

extension ArchiveSink {
  package mutating func skippedLink(_ path: TreePath, to target: TreePath) {}
}

/// Unpacks `.tar.gz` archives with the rules of fluxcd/pkg `tar` (`untar.go`), which the controller
/// uses for sources and for the Extract strategy.
package enum TarExtraction {
  /// How many bytes Extract takes from one archive; sources have no limit.
  package static let extractLimit: Int64 = 100 << 20

  /// Unpacks an archive into a sink.
  ///
  /// Paths given to the sink are clean and never lead out: a name with `../`, a backslash or a slash
  /// in front is an error, and so is a file named `..`. Symbolic links and devices are errors, a hard
  /// link is an empty file, a global PAX header is a file of mode 0.
  ///
  /// - Parameters:
  ///   - source: the compressed bytes.
  ///   - limit: how many bytes of content are allowed; nil for any number.
  ///   - entryLimit: how many entries are allowed; nil for any number.
  ///   - skipsLinks: whether symbolic links are passed over, as `WithSkipSymlinks` has it.
  ///   - vetting: what is also refused; nil where the reference's rules are all that counts.
  /// - Throws: `ArchiveError` in the reference's words; what the sink throws is its `underlying`.
  package static func extract(
    _ source: @escaping GunzipReader.Source,
    limit: Int64?,
    entryLimit: Int? = nil,
    skipsLinks: Bool = false,
    vetting: ArchiveVetting? = nil,
    into sink: inout some ArchiveSink
  ) throws(ArchiveError) {
    let gunzip: GunzipReader
    do throws(ArchiveError) {
      gunzip = try GunzipReader(source)
    } catch {
      throw error.adding(context: "requires gzip-compressed body: ")
    }
    let tar = TarReader { try gunzip.read(into: $0) }
    var total: Int64 = 0
    var entries = 0
    var vetting = vetting
    while let header = try nextEntry(of: tar) {
      total &+= header.size
      if let limit, total > limit {
        throw ArchiveError(.tooBig(header.name, limit: limit))
      }
      entries += 1
      if let entryLimit, entries > entryLimit {
        throw ArchiveVetting.tooMany(header.name, limit: entryLimit)
      }
      guard isAllowed(header.name) else { throw ArchiveError(.invalidName(header.name)) }
      try vetting?.check(header)
      if skipsLinks, header.fileMode.contains(.symbolicLink) {
        sink.skippedLink(header.name.cleaned, to: header.linkName)
        continue
      }
      try extract(header, from: tar, into: &sink)
    }
    try gunzip.close()
  }

  private static func nextEntry(of tar: TarReader) throws(ArchiveError) -> TarHeader? {
    do throws(ArchiveError) {
      return try tar.next()
    } catch {
      throw error.adding(context: "tar error: ")
    }
  }

  private static func extract(
    _ header: TarHeader,
    from tar: TarReader,
    into sink: inout some ArchiveSink
  ) throws(ArchiveError) {
    let path = header.name.cleaned
    let mode = header.fileMode
    if mode.isRegular {
      // The reference tries to write to the parent directory.
      guard path != ".." else {
        throw ArchiveError(.sink, underlying: PathError("open", sink.folderAbove, .isADirectory))
      }
      try handingOver { () throws in
        let size = header.isHeaderOnly ? 0 : header.size
        try sink.file(path, mode: mode.permissions, size: size, isSparse: tar.isSparse) {
          (buffer) throws(ArchiveError) in
          do throws(ArchiveError) {
            return try tar.read(into: buffer)
          } catch {
            throw error.adding(context: "error copying buffer: ")
          }
        }
      }
      if header.isHeaderOnly, header.size != 0 {
        throw ArchiveError(.missingContent(path, expected: header.size))
      }
    } else if mode.contains(.directory) {
      // The root and the directory above it exist already.
      guard !path.isRoot, path != ".." else { return }
      try handingOver { () throws in
        try sink.directory(path, mode: mode.permissions | 0o700)
      }
    } else if mode.contains(.symbolicLink) {
      throw ArchiveError(.symbolicLink(header.name))
    } else {
      throw ArchiveError(.unsupportedType(header.name, mode: mode.description))
    }
  }

  private static func handingOver(_ body: () throws -> Void) throws(ArchiveError) {
    do {
      try body()
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw ArchiveError(.sink, underlying: error)
    }
  }

  private static func isAllowed(_ name: TreePath) -> Bool {
    let bytes = name.bytes
    guard !bytes.isEmpty, bytes.first != TreePath.slash, !bytes.contains(UInt8(ascii: "\\")) else {
      return false
    }
    let parent = Array("../".utf8)
    return !bytes.indices.contains { bytes[$0...].starts(with: parent) }
  }
}
