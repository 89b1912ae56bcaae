/// The text of some bytes, with U+FFFD for every byte that belongs to no character.
///
/// Go replaces byte by byte (unicode/utf8, DecodeRune); Swift's own repair would put one mark for
/// several bytes.
package func repairedUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  if let text = String(validating: bytes, as: UTF8.self) { return text }
  var repaired: [UInt8] = []
  repaired.reserveCapacity(bytes.count + 16)
  var index = 0
  while index < bytes.count {
    let unit = GoRunes.decode(bytes, at: index)
    if unit.isInvalid {
      repaired += [0xEF, 0xBF, 0xBD]
    } else {
      repaired += bytes[index..<index + unit.width]
    }
    index += unit.width
  }
  return String(decoding: repaired, as: UTF8.self)
}

/// Appends the UTF-8 of a code point, which must not be a surrogate.
@inlinable package func appendUTF8(_ point: UInt32, to bytes: inout [UInt8]) {
  switch point {
  case 0..<0x80:
    bytes.append(UInt8(point))
  case 0x80..<0x800:
    bytes.append(UInt8(0xC0 | point >> 6))
    bytes.append(UInt8(0x80 | point & 0x3F))
  case 0x800..<0x10000:
    bytes.append(UInt8(0xE0 | point >> 12))
    bytes.append(UInt8(0x80 | point >> 6 & 0x3F))
    bytes.append(UInt8(0x80 | point & 0x3F))
  default:
    bytes.append(UInt8(0xF0 | point >> 18))
    bytes.append(UInt8(0x80 | point >> 12 & 0x3F))
    bytes.append(UInt8(0x80 | point >> 6 & 0x3F))
    bytes.append(UInt8(0x80 | point & 0x3F))
  }
}
