import Content

/// Reads a tar stream entry by entry, as Go's `archive/tar` does.
///
/// All dialects that it knows are read: V7, USTAR, PAX, GNU and star, with long names and sparse
/// files; what it refuses is refused in its words (`archive/tar/reader.go`, Go 1.26). Nothing is kept
/// beyond one header, so the size of the archive does not matter.
package final class TarReader {
  package typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

  static let blockSize = 512
  /// Limit for long names and PAX records.
  private static let specialSize = 1 << 20

  private let source: Source
  /// Stored bytes of the current entry that were not read.
  private var stored: Int64 = 0
  /// Zero bytes that fill its last block.
  private var padding = 0
  private var sparse: SparseContent?
  /// Whether the current entry has parts that are not in the archive.
  package var isSparse: Bool { sparse != nil }

  private struct SparseContent {
    var fragments: ArraySlice<SparseMap.Fragment>
    var position: Int64 = 0
    let size: Int64
  }

  /// - Parameter source: fills a part of the buffer and returns how many bytes it wrote; 0 is the end.
  package init(_ source: @escaping Source) {
    self.source = source
  }

  /// Goes on to the next entry; nil at the end of the archive.
  ///
  /// - Throws: `ArchiveError`; reading cannot go on after that.
  package func next() throws(ArchiveError) -> TarHeader? {
    var records = PAXRecords()
    var longName: [UInt8] = []
    var longLink: [UInt8] = []
    while true {
      guard try skipRest(), let block = try headerBlock() else { return nil }
      var header = try block.header()
      try begin(header)
      switch header.type {
      case UInt8(ascii: "x"):
        records = try PAXRecords(specialContent())
      case UInt8(ascii: "g"):
        let global = try PAXRecords(specialContent())
        // Go hands this header out as an empty entry that has only a name.
        try? global.apply(to: &header)
        return TarHeader(name: header.name, type: header.type)
      case UInt8(ascii: "L"):
        longName = try longText()
      case UInt8(ascii: "K"):
        longLink = try longText()
      default:
        try records.apply(to: &header)
        if !longName.isEmpty {
          header.name = TreePath(longName)
        }
        if !longLink.isEmpty {
          header.linkName = TreePath(longLink)
        }
        if header.type == 0 {
          header.type = UInt8(ascii: header.name.bytes.last == TreePath.slash ? "5" : "0")
        }
        try begin(header)
        try beginSparse(&header, block: block, records: records)
        return header
      }
    }
  }

  /// Reads content of the current entry.
  ///
  /// - Returns: how many bytes were written; 0 is the end of the entry, or an empty buffer.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    if sparse != nil {
      return try readSparse(into: buffer)
    }
    return try readStored(into: buffer)
  }

  // MARK: Headers

  /// Skips what is left of the current entry; false where the archive ends within the padding, which
  /// Go takes for a regular end.
  private func skipRest() throws(ArchiveError) -> Bool {
    sparse = nil
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 8)
    defer { scratch.deallocate() }
    while stored > 0 {
      _ = try readStored(into: scratch)
    }
    let rest = UnsafeMutableRawBufferPointer(rebasing: scratch[..<padding])
    let count = try fill(rest)
    defer { padding = 0 }
    return count == padding
  }

  /// The next header; nil at the end: nothing more, one zero block and nothing more, or two of them.
  private func headerBlock() throws(ArchiveError) -> TarHeaderBlock? {
    guard let block = try block() else { return nil }
    if !block.isZero {
      return block
    }
    guard let second = try self.block() else { return nil }
    guard second.isZero else { throw ArchiveError(.tarHeader) }
    return nil
  }

  private func block() throws(ArchiveError) -> TarHeaderBlock? {
    var bytes = [UInt8](repeating: 0, count: TarReader.blockSize)
    let count = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(ArchiveError) in
      try fill(UnsafeMutableRawBufferPointer(buffer))
    }
    guard count > 0 else { return nil }
    guard count == bytes.count else { throw ArchiveError(.unexpectedEnd) }
    return TarHeaderBlock(bytes: bytes)
  }

  private func begin(_ header: TarHeader) throws(ArchiveError) {
    let size = header.isHeaderOnly ? 0 : header.size
    guard size >= 0 else { throw ArchiveError(.tarHeader) }
    stored = size
    padding = Int(-size & Int64(TarReader.blockSize - 1))
  }

  private func longText() throws(ArchiveError) -> [UInt8] {
    Array(try specialContent().prefix { $0 != 0 })
  }

  /// The content of an entry that describes the next one.
  private func specialContent() throws(ArchiveError) -> [UInt8] {
    // What is announced costs nothing; only what is there is kept.
    var result: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while stored > 0 {
      let count = try part.withUnsafeMutableBufferPointer { (buffer) throws(ArchiveError) in
        try readStored(into: UnsafeMutableRawBufferPointer(buffer))
      }
      result += part[..<count]
      guard result.count <= TarReader.specialSize else { throw ArchiveError(.tarFieldTooLong) }
    }
    return result
  }

  // MARK: Sparse files

  private func beginSparse(
    _ header: inout TarHeader,
    block: TarHeaderBlock,
    records: PAXRecords
  ) throws(ArchiveError) {
    guard let fragments = try sparseFragments(&header, block: block, records: records) else {
      return
    }
    guard !header.isHeaderOnly else { throw ArchiveError(.tarHeader) }
    let map = try SparseMap(fragments, size: header.size)
    sparse = SparseContent(fragments: map.fragments[...], size: header.size)
  }

  private func sparseFragments(
    _ header: inout TarHeader,
    block: TarHeaderBlock,
    records: PAXRecords
  ) throws(ArchiveError) -> [SparseMap.Fragment]? {
    if header.type == UInt8(ascii: "S") {
      let map = try SparseMap.gnu(block) { () throws(ArchiveError) in
        guard let block = try self.block() else { throw ArchiveError(.unexpectedEnd) }
        return block.bytes
      }
      header.size = map.size
      return map.fragments
    }
    let version = ["GNU.sparse.major", "GNU.sparse.minor"].map { key in
      records[key].map { String(decoding: $0, as: UTF8.self) }
    }
    switch (version[0], version[1]) {
    case ("0", "0"), ("0", "1"), ("1", "0"): break
    case (nil, nil) where records["GNU.sparse.map"] != nil: break
    default: return nil
    }
    if let name = records["GNU.sparse.name"] {
      header.name = TreePath(name)
    }
    if let size = records["GNU.sparse.size"] ?? records["GNU.sparse.realsize"] {
      header.size = try TarNumber.decimal(size)
    }
    guard version[0] == "1" else { return try SparseMap.list(records) }
    return try SparseMap.lines { () throws(ArchiveError) in try self.storedBlock() }
  }

  /// A block of the entry's content.
  private func storedBlock() throws(ArchiveError) -> [UInt8] {
    guard stored >= TarReader.blockSize else { throw ArchiveError(.unexpectedEnd) }
    guard let block = try block() else { throw ArchiveError(.unexpectedEnd) }
    stored -= Int64(TarReader.blockSize)
    return block.bytes
  }

  private func readSparse(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    guard var content = sparse, !buffer.isEmpty else { return 0 }
    defer { sparse = content }
    if content.position == content.size {
      guard stored == 0 else { throw ArchiveError(.sparseDataUnreferenced) }
      return 0
    }
    let fragment = content.fragments.first
    let isData = fragment.map { $0.offset <= content.position } ?? false
    let end = isData ? fragment?.end : fragment?.offset
    let length = Int(min((end ?? content.size) - content.position, Int64(buffer.count)))
    let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
    var count = length
    if isData {
      count = try readStored(into: part)
      guard count > 0 else { throw ArchiveError(.sparseDataMissing) }
    } else {
      part.initializeMemory(as: UInt8.self, repeating: 0)
    }
    content.position += Int64(count)
    if isData, content.position == fragment?.end {
      content.fragments.removeFirst()
    }
    return count
  }

  // MARK: Bytes

  private func readStored(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    guard stored > 0, !buffer.isEmpty else { return 0 }
    let wanted = Int(min(stored, Int64(buffer.count)))
    let count = try some(UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
    guard count > 0 else { throw ArchiveError(.unexpectedEnd) }
    stored -= Int64(count)
    return count
  }

  /// Reads until the buffer is full or the input ends.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    var total = 0
    while total < buffer.count {
      let count = try some(UnsafeMutableRawBufferPointer(rebasing: buffer[total...]))
      guard count > 0 else { break }
      total += count
    }
    return total
  }

  private func some(_ buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    do {
      return min(max(try source(buffer), 0), buffer.count)
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw ArchiveError(.source, underlying: error)
    }
  }
}
