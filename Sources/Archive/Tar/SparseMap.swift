/// Where the stored bytes of a sparse file belong; everything else is zero.
struct SparseMap {
  struct Fragment: Equatable {
    var offset: Int64
    var length: Int64

    var end: Int64 {
      offset &+ length
    }
  }

  private(set) var fragments: [Fragment]

  /// - Throws: `.tarHeader` if fragments overlap, are out of order or beyond the end.
  init(_ fragments: [Fragment], size: Int64) throws(ArchiveError) {
    var previousEnd: Int64 = 0
    guard size >= 0 else { throw ArchiveError(.tarHeader) }
    for fragment in fragments {
      guard fragment.offset >= 0, fragment.length >= 0,
        fragment.offset <= Int64.max - fragment.length, fragment.end <= size,
        previousEnd <= fragment.offset
      else { throw ArchiveError(.tarHeader) }
      previousEnd = fragment.end
    }
    self.fragments = fragments.filter { $0.length > 0 }
  }

  // MARK: Forms of the map

  /// GNU's own header: four fragments, then blocks of 21 (`readOldGNUSparseMap` in Go).
  static func gnu(
    _ header: TarHeaderBlock,
    nextBlock: () throws(ArchiveError) -> [UInt8]
  ) throws(ArchiveError) -> (fragments: [Fragment], size: Int64) {
    guard header.format == .gnu else { throw ArchiveError(.tarHeader) }
    let size = try TarNumber.any(header.bytes[483..<495])
    var fragments: [Fragment] = []
    var area = header.bytes[386..<483]
    while true {
      let count = area.count / 24
      for index in 0..<count {
        let entry = area.dropFirst(index * 24).prefix(24)
        guard entry.first != 0 else { break }
        fragments.append(
          Fragment(
            offset: try TarNumber.any(entry.prefix(12)), length: try TarNumber.any(entry.suffix(12))
          ))
      }
      guard let isExtended = area.dropFirst(count * 24).first, isExtended > 0 else {
        return (fragments, size)
      }
      area = try nextBlock()[...]
    }
  }

  /// PAX formats 0.0 and 0.1: a list in a record.
  static func list(_ records: PAXRecords) throws(ArchiveError) -> [Fragment] {
    let count = try TarNumber.decimal(records["GNU.sparse.numblocks"] ?? [])
    let numbers =
      records["GNU.sparse.map"]?
      .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) ?? []
    guard count >= 0, count <= Int64(numbers.count), Int64(numbers.count) == 2 * count else {
      throw ArchiveError(.tarHeader)
    }
    return try pairs(numbers)
  }

  /// PAX format 1.0: lines in front of the content, in whole blocks.
  static func lines(
    nextBlock: () throws(ArchiveError) -> [UInt8]
  ) throws(ArchiveError) -> [Fragment] {
    let limit = 1 << 20
    var text: [UInt8] = []
    var newlines = 0
    func read(lines wanted: Int) throws(ArchiveError) {
      while newlines < wanted {
        guard text.count + TarReader.blockSize <= limit else {
          throw ArchiveError(.sparseMapTooLong)
        }
        let block = try nextBlock()
        newlines += block.count { $0 == UInt8(ascii: "\n") }
        text += block
      }
    }
    try read(lines: 1)
    let first = text.prefix { $0 != UInt8(ascii: "\n") }
    let count = try TarNumber.decimal(first)
    guard count >= 0, count < Int64.max / 2 else { throw ArchiveError(.tarHeader) }
    try read(lines: 1 + 2 * Int(count))
    let lines = text[first.endIndex...].dropFirst()
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return try pairs(Array(lines.prefix(2 * Int(count))))
  }

  private static func pairs(_ numbers: [ArraySlice<UInt8>]) throws(ArchiveError) -> [Fragment] {
    var result: [Fragment] = []
    for index in stride(from: 0, to: numbers.count - 1, by: 2) {
      result.append(
        Fragment(
          offset: try TarNumber.decimal(numbers[index]),
          length: try TarNumber.decimal(numbers[index + 1])))
    }
    return result
  }
}
