package import Content

/// What an archive entry is.
package enum TarEntryKind: Sendable {
  case directory
  case file(size: Int64)
}

/// Writes a tar stream with the bytes of Go's `archive/tar` for the headers that Flux's artifact
/// storage makes: no owner, no times, USTAR where the name fits, PAX otherwise
/// (`artifact/storage/archive.go` in fluxcd/pkg; `archive/tar/writer.go` in Go).
///
/// Every call of `sink` is one write of the reference's: the sizes of the writes reach the
/// compressor, whose output depends on them.
package struct TarWriter {
  package typealias Sink = (UnsafeRawBufferPointer) throws -> Void

  package static let blockSize = 512

  /// Zero bytes that the file before still needs to fill its last block.
  private var padding = 0

  package init() {}

  /// Begins an entry.
  ///
  /// - Parameters:
  ///   - path: relative to the root of the archive, which itself is `.`; no slash at its end.
  ///   - mode: permission bits.
  package mutating func begin(
    _ path: TreePath,
    kind: TarEntryKind,
    mode: UInt16,
    into sink: Sink
  ) throws {
    try flush(into: sink)
    let (type, size): (Unicode.Scalar, Int64) =
      switch kind {
      case .directory: ("5", 0)
      case .file(let size): ("0", size)
      }
    var records: [(key: String, value: [UInt8])] = []
    let split = TarWriter.splitName(path.bytes)
    if split == nil {
      records.append(("path", path.bytes))
    }
    if size > TarWriter.largestOctalSize {
      records.append(("size", Array(String(size).utf8)))
    }
    if !records.isEmpty {
      try writeExtendedHeader(records, for: path, into: sink)
    }
    let name = records.isEmpty ? (split?.name ?? path.bytes) : TarWriter.fallbackName(path)
    let prefix = records.isEmpty ? (split?.prefix ?? []) : []
    var header = Header()
    header.put(name, at: 0, length: 100)
    header.put(prefix, at: 345, length: 155)
    header.finish(type: UInt8(ascii: type), mode: mode, size: size)
    try header.bytes.withUnsafeBytes(sink)
    padding = TarWriter.padding(after: size)
  }

  /// Ends the archive: two empty blocks.
  package mutating func finish(into sink: Sink) throws {
    try flush(into: sink)
    let zeros = [UInt8](repeating: 0, count: TarWriter.blockSize)
    try zeros.withUnsafeBytes(sink)
    try zeros.withUnsafeBytes(sink)
  }

  private mutating func flush(into sink: Sink) throws {
    guard padding > 0 else { return }
    let zeros = [UInt8](repeating: 0, count: padding)
    padding = 0
    try zeros.withUnsafeBytes(sink)
  }

  static func padding(after size: Int64) -> Int {
    Int(-size & Int64(blockSize - 1))
  }

  /// The octal field has 11 digits.
  private static let largestOctalSize: Int64 = 0o77777777777

  /// PAX records in a file of their own before the entry that they describe.
  private mutating func writeExtendedHeader(
    _ records: [(key: String, value: [UInt8])],
    for path: TreePath,
    into sink: Sink
  ) throws {
    var data: [UInt8] = []
    for record in records {
      data += TarWriter.paxRecord(key: record.key, value: record.value)
    }
    var name = TarWriter.ascii(TarWriter.extendedHeaderName(for: path))
    name = Array(name.prefix(100))
    while name.last == TreePath.slash {
      name.removeLast()
    }
    var header = Header()
    header.put(name, at: 0, length: 100)
    header.finish(
      type: UInt8(ascii: "x"), mode: 0, size: Int64(data.count), namesDevice: false)
    try header.bytes.withUnsafeBytes(sink)
    try data.withUnsafeBytes(sink)
    padding = TarWriter.padding(after: Int64(data.count))
    try flush(into: sink)
  }

  /// `dir/PaxHeaders.0/base`.
  private static func extendedHeaderName(for path: TreePath) -> [UInt8] {
    let split = path.bytes.lastIndex(of: TreePath.slash).map { $0 + 1 } ?? 0
    let directory = TreePath(path.bytes[..<split])
    let base = TreePath(path.bytes[split...])
    return directory.joined("PaxHeaders.0").joined(base).bytes
  }

  /// `<length> <key>=<value>\n`, where the length counts its own digits.
  static func paxRecord(key: String, value: [UInt8]) -> [UInt8] {
    let rest = key.utf8.count + value.count + 3
    var length = rest + String(rest).utf8.count
    length = rest + String(length).utf8.count
    return Array("\(length) \(key)=".utf8) + value + [UInt8(ascii: "\n")]
  }

  /// A name for the USTAR fields: 100 bytes, and 155 for the directories before it.
  ///
  /// - Returns: `nil` where the name needs a PAX record: non-ASCII, or no slash in the right place.
  static func splitName(_ name: [UInt8]) -> (prefix: [UInt8], name: [UInt8])? {
    guard name.allSatisfy({ $0 < 0x80 && $0 != 0 }) else { return nil }
    if name.count <= 100 {
      return ([], name)
    }
    var length = name.count
    if length > 155 {
      length = 156
    } else if name.last == TreePath.slash {
      length -= 1
    }
    guard let slash = name[..<length].lastIndex(of: TreePath.slash), slash > 0 else { return nil }
    let rest = name.count - slash - 1
    guard rest <= 100, rest > 0 else { return nil }
    return (Array(name[..<slash]), Array(name[(slash + 1)...]))
  }

  /// The name in the main header behind a PAX record: what fits of its ASCII bytes.
  ///
  /// A slash at the cut goes too, since readers that know no PAX would take the entry for a
  /// directory.
  private static func fallbackName(_ path: TreePath) -> [UInt8] {
    let name = ascii(path.bytes)
    guard name.count > 100 else { return name }
    let cut = name[..<100]
    return Array(cut.last == TreePath.slash ? cut.dropLast() : cut)
  }

  /// Non-ASCII bytes and NUL left out.
  private static func ascii(_ bytes: [UInt8]) -> [UInt8] {
    bytes.filter { $0 < 0x80 && $0 != 0 }
  }
}

/// One 512-byte header block.
private struct Header {
  var bytes = [UInt8](repeating: 0, count: TarWriter.blockSize)

  mutating func put(_ value: [UInt8], at offset: Int, length: Int) {
    for (index, byte) in value.prefix(length).enumerated() {
      bytes[offset + index] = byte
    }
  }

  /// Octal digits with leading zeros and a NUL behind them.
  mutating func putOctal(_ value: Int64, at offset: Int, length: Int) {
    let digits = Array(String(value, radix: 8).utf8)
    let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: max(0, length - 1 - digits.count))
    put(zeros + digits, at: offset, length: length - 1)
  }

  /// - Parameter namesDevice: whether the device numbers are zero, in octal, or left out as in the
  ///   header of PAX records.
  mutating func finish(type: UInt8, mode: UInt16, size: Int64, namesDevice: Bool = true) {
    putOctal(Int64(mode), at: 100, length: 8)
    putOctal(0, at: 108, length: 8)
    putOctal(0, at: 116, length: 8)
    // A size too large for its field is in the PAX record; the field then contains zero.
    putOctal(size > 0o77777777777 ? 0 : size, at: 124, length: 12)
    putOctal(0, at: 136, length: 12)
    bytes[156] = type
    put(Array("ustar\u{0}00".utf8), at: 257, length: 8)
    if namesDevice {
      putOctal(0, at: 329, length: 8)
      putOctal(0, at: 337, length: 8)
    }
    // The checksum is taken with its own field full of spaces.
    put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148, length: 8)
    let sum = bytes.reduce(Int64(0)) { $0 + Int64($1) }
    putOctal(sum, at: 148, length: 7)
    bytes[154] = 0
    bytes[155] = UInt8(ascii: " ")
  }
}
