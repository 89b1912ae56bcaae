package import Archive
package import Content

/// Streams a staged artifact through tar and gzip into its digests, in one pass over its files.
///
/// The write sizes are the reference's, because its compressor's output depends on them: a header,
/// file data in pieces of at most 32 KiB, padding (`artifact/storage/archive.go` in fluxcd/pkg and
/// `io.Copy`). Memory is the compressor's window and one read buffer, whatever the size of files.
package struct ArtifactArchiver: Sendable {
  package let compressor: Compressor
  package let algorithm: DigestAlgorithm
  /// Whether to digest each file, for a listing.
  package let listsFiles: Bool

  package init(compressor: Compressor, algorithm: DigestAlgorithm, listsFiles: Bool) {
    self.compressor = compressor
    self.algorithm = algorithm
    self.listsFiles = listsFiles
  }

  /// One read of `io.Copy`.
  private static let writeSize = 32 * 1024
  private static let readSize = 8 * writeSize

  /// Archives an artifact.
  ///
  /// - Parameters:
  ///   - artifact: what to archive.
  ///   - sink: gets the compressed bytes in order.
  ///   - progress: gets the number of content bytes that were read since the last call.
  /// - Throws: `BuildFailure` where a staged file cannot be read; `CancellationError`; whatever `sink`
  ///   throws.
  package func archive(
    _ artifact: StagedArtifact,
    progress: (Int) -> Void = { _ in },
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> ArchivedArtifact {
    var pass = ArchivePass(archiver: self, artifact: artifact.name)
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: ArtifactArchiver.readSize, alignment: 16)
    defer { buffer.deallocate() }
    for entry in artifact.entries {
      try Task.checkCancellation()
      try pass.add(entry, buffer: buffer, progress: progress, sink: sink)
    }
    return try pass.finish(into: sink)
  }

  /// The state of one pass.
  private struct ArchivePass: ~Copyable {
    let archiver: ArtifactArchiver
    var tar = TarWriter()
    var gzip: GzipEncoder
    var digester: Digester
    var hash: ContentsHash
    var size: Int64 = 0
    var files: [ArchivedFile] = []
    var fileCount = 0
    var directoryCount = 0
    var contentSize: Int64 = 0

    init(archiver: ArtifactArchiver, artifact: String) {
      self.archiver = archiver
      gzip = GzipEncoder(compressor: archiver.compressor)
      digester = Digester(archiver.algorithm)
      hash = ContentsHash(artifact: artifact)
    }

    /// Hands bytes to the compressor and what comes out to the digest and the sink.
    mutating func compress(
      _ bytes: UnsafeRawBufferPointer,
      into sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
      try gzip.write(bytes) { output in
        digester.update(output)
        size += Int64(output.count)
        try sink(output)
      }
    }

    mutating func add(
      _ entry: StagedEntry,
      buffer: UnsafeMutableRawBufferPointer,
      progress: (Int) -> Void,
      sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
      switch entry.kind {
      case .directory:
        guard !entry.isIgnored else { return }
        directoryCount += 1
        try begin(entry.path, kind: .directory, mode: 0o750, sink: sink)
      case .file(let content, let mode):
        try add(
          entry, content: content, mode: mode, buffer: buffer, progress: progress, sink: sink)
      }
    }

    mutating func begin(
      _ path: TreePath,
      kind: TarEntryKind,
      mode: UInt16,
      sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
      var writes: [[UInt8]] = []
      try tar.begin(path, kind: kind, mode: mode) { writes.append(Array($0)) }
      try compress(writes, into: sink)
    }

    private mutating func compress(
      _ writes: [[UInt8]], into sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
      for write in writes {
        try write.withUnsafeBytes { try compress($0, into: sink) }
      }
    }

    mutating func add(
      _ entry: StagedEntry,
      content: FileContent,
      mode: UInt16?,
      buffer: UnsafeMutableRawBufferPointer,
      progress: (Int) -> Void,
      sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
      let reader = try reading(entry.path) { () throws(PathFailure) in try content.open() }
      let permissions = mode ?? reader.mode ?? 0o644
      let stored: UInt16 = permissions & 0o111 != 0 ? 0o700 : 0o600
      if !entry.isIgnored {
        try begin(entry.path, kind: .file(size: reader.size), mode: stored, sink: sink)
      }
      var checksum = Adler32()
      var digest = archiver.listsFiles && !entry.isIgnored ? Digester(.sha256) : nil
      var total: Int64 = 0
      while true {
        let count = try reading(entry.path) { () throws(PathFailure) in
          try reader.read(into: buffer)
        }
        if count == 0 {
          break
        }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        checksum.update(bytes)
        digest?.update(bytes)
        if !entry.isIgnored {
          try write(bytes, into: sink)
        }
        total += Int64(count)
        progress(count)
        // A single file can be most of an artifact.
        try Task.checkCancellation()
      }
      guard total == reader.size else {
        throw BuildFailure("\(entry.path) was truncated while being read: build again")
      }
      hash.add(entry.path, checksum: checksum.value)
      guard !entry.isIgnored else { return }
      fileCount += 1
      contentSize += total
      if let digest {
        files.append(
          ArchivedFile(
            path: entry.path,
            mode: stored,
            size: total,
            digest: digest.finish(),
            provenance: entry.provenance
          )
        )
      }
    }

    mutating func write(
      _ bytes: UnsafeRawBufferPointer,
      into sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
      var start = 0
      while start < bytes.count {
        let end = min(start + ArtifactArchiver.writeSize, bytes.count)
        try compress(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), into: sink)
        start = end
      }
    }

    private func reading<Result>(
      _ path: TreePath,
      _ body: () throws(PathFailure) -> Result
    ) throws -> Result {
      do throws(PathFailure) {
        return try body()
      } catch {
        throw BuildFailure("failed to hash staging dir: open \(path): \(error)")
      }
    }

    consuming func finish(
      into sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> ArchivedArtifact {
      var writes: [[UInt8]] = []
      try tar.finish { writes.append(Array($0)) }
      try compress(writes, into: sink)
      try gzip.finish { output in
        digester.update(output)
        size += Int64(output.count)
        try sink(output)
      }
      return ArchivedArtifact(
        digest: digester.finish(),
        size: size,
        filename: "\(hash.finish()).tar.gz",
        files: files,
        fileCount: fileCount,
        directoryCount: directoryCount,
        contentSize: contentSize
      )
    }
  }
}
