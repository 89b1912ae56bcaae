import Content

/// The 512 bytes of a tar header (`archive/tar/reader.go`, `format.go` and `strconv.go` in Go).
struct TarHeaderBlock {
  enum Format {
    case v7
    case ustar
    case gnu
    case star
  }

  let bytes: [UInt8]

  var isZero: Bool {
    bytes.allSatisfy { $0 == 0 }
  }

  /// The dialect that the header is written in; nil if its checksum is wrong.
  var format: Format? {
    guard let expected = try? TarNumber.octal(bytes[148..<156]) else { return nil }
    var unsigned: Int64 = 0
    var signed: Int64 = 0
    for (index, byte) in bytes.enumerated() {
      let byte = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
      unsigned += Int64(byte)
      signed += Int64(Int8(bitPattern: byte))
    }
    guard expected == unsigned || expected == signed else { return nil }
    if bytes[257..<263].elementsEqual("ustar\0".utf8) {
      return bytes[508..<512].elementsEqual("tar\0".utf8) ? .star : .ustar
    }
    return bytes[257..<265].elementsEqual("ustar  \0".utf8) ? .gnu : .v7
  }

  /// - Throws: `.tarHeader` for a wrong checksum or a field that is no number.
  func header() throws(ArchiveError) -> TarHeader {
    guard let format else { throw ArchiveError(.tarHeader) }
    var header = TarHeader(
      name: TreePath(text(0..<100)),
      linkName: TreePath(text(157..<257)),
      mode: try TarNumber.any(bytes[100..<108]),
      size: try TarNumber.any(bytes[124..<136]),
      type: bytes[156]
    )
    // Owner, group, time and device numbers are not used, but must be numbers.
    for field in [108..<116, 116..<124, 136..<148] {
      _ = try TarNumber.any(bytes[field])
    }
    if format != .v7 {
      for field in [329..<337, 337..<345] {
        _ = try TarNumber.any(bytes[field])
      }
      let prefix = try prefix(format)
      if !prefix.isEmpty {
        header.name = TreePath(Array(prefix) + [TreePath.slash] + header.name.bytes)
      }
    }
    return header
  }

  private func prefix(_ format: Format) throws(ArchiveError) -> ArraySlice<UInt8> {
    switch format {
    case .v7:
      return []
    case .ustar:
      return text(345..<500)
    case .star:
      for field in [476..<488, 488..<500] {
        _ = try TarNumber.any(bytes[field])
      }
      return text(345..<476)
    case .gnu:
      // Two times stand here. Writers that took them for a prefix are tolerated, as in Go, where
      // the times are no numbers (golang.org/issue/12594).
      for field in [345..<357, 357..<369] where bytes[field.lowerBound] != 0 {
        if (try? TarNumber.any(bytes[field])) == nil {
          let prefix = text(345..<500)
          return prefix.allSatisfy { $0 < 0x80 } ? prefix : []
        }
      }
      return []
    }
  }

  /// A text field, which ends at its first zero byte or at its end.
  private func text(_ field: Range<Int>) -> ArraySlice<UInt8> {
    bytes[field].prefix { $0 != 0 }
  }
}

/// Numbers in tar headers.
enum TarNumber {
  /// Octal digits, or two's complement in base 256 where the first bit is set.
  static func any(_ field: ArraySlice<UInt8>) throws(ArchiveError) -> Int64 {
    guard let first = field.first, first & 0x80 != 0 else { return try octal(field) }
    let inversion: UInt8 = first & 0x40 != 0 ? 0xFF : 0
    var value: UInt64 = 0
    for (index, byte) in field.enumerated() {
      guard value >> 56 == 0 else { throw ArchiveError(.tarHeader) }
      let byte = (byte ^ inversion) & (index == 0 ? 0x7F : 0xFF)
      value = value << 8 | UInt64(byte)
    }
    guard let magnitude = Int64(exactly: value) else { throw ArchiveError(.tarHeader) }
    return inversion == 0 ? magnitude : ~magnitude
  }

  /// Octal digits with spaces and zero bytes around them; nothing is 0.
  static func octal(_ field: ArraySlice<UInt8>) throws(ArchiveError) -> Int64 {
    let isPadding: (UInt8) -> Bool = { $0 == 0 || $0 == UInt8(ascii: " ") }
    var digits = field.drop(while: isPadding)
    while let last = digits.last, isPadding(last) {
      digits.removeLast()
    }
    var value: UInt64 = 0
    for digit in digits.prefix(while: { $0 != 0 }) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit), value >> 61 == 0 else {
        throw ArchiveError(.tarHeader)
      }
      value = value << 3 | UInt64(digit - UInt8(ascii: "0"))
    }
    return Int64(bitPattern: value)
  }

  /// Decimal digits with an optional sign, as in PAX records and sparse maps.
  static func decimal(_ text: some Sequence<UInt8>) throws(ArchiveError) -> Int64 {
    guard let value = Int64(String(decoding: Array(text), as: UTF8.self)) else {
      throw ArchiveError(.tarHeader)
    }
    return value
  }
}
