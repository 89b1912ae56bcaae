/// The text of some bytes, with U+FFFD for every byte that belongs to no character.
///
/// Go replaces byte by byte (unicode/utf8, DecodeRune); Swift's own repair would put one mark for
/// several bytes.
func repairedUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  if let text = String(validating: bytes, as: UTF8.self) { return text }
  var repaired: [UInt8] = []
  repaired.reserveCapacity(bytes.count + 16)
  var index = 0
  while index < bytes.count {
    let length = characterLength(at: index, in: bytes)
    if length == 0 {
      repaired += [0xEF, 0xBF, 0xBD]
      index += 1
    } else {
      repaired += bytes[index..<index + length]
      index += length
    }
  }
  return String(decoding: repaired, as: UTF8.self)
}

/// How many bytes the character at `index` has; 0 when there is none.
private func characterLength(at index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
  let lead = bytes[index]
  let (length, second): (Int, ClosedRange<UInt8>)
  switch lead {
  case 0x00...0x7F: return 1
  case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
  case 0xE0: (length, second) = (3, 0xA0...0xBF)
  case 0xED: (length, second) = (3, 0x80...0x9F)
  case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
  case 0xF0: (length, second) = (4, 0x90...0xBF)
  case 0xF4: (length, second) = (4, 0x80...0x8F)
  case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
  default: return 0
  }
  guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
  for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
  return length
}

/// Appends the UTF-8 of a code point, which must not be a surrogate.
func appendUTF8(_ point: UInt32, to bytes: inout [UInt8]) {
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
