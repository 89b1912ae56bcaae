/// The bytes of a standard base64 text (RFC 4648, padded), or nil when it is none.
///
/// Line breaks may stand anywhere, as in Go's encoding/base64.
func decodedBase64(_ text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  var bits: UInt32 = 0
  var digits = 0
  var padding = 0
  for byte in text.utf8 {
    let digit: UInt8
    switch byte {
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
      continue
    case UInt8(ascii: "="):
      padding += 1
      if padding + digits % 4 > 4 || digits % 4 < 2 { return nil }
      continue
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = byte - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): digit = 62
    case UInt8(ascii: "/"): digit = 63
    default: return nil
    }
    if padding > 0 { return nil }
    bits = bits << 6 | UInt32(digit)
    digits += 1
    if digits % 4 == 0 {
      bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      bytes.append(UInt8(truncatingIfNeeded: bits))
    }
  }
  guard (digits + padding) % 4 == 0 else { return nil }
  if digits % 4 == 2 { bytes.append(UInt8(truncatingIfNeeded: bits >> 4)) }
  if digits % 4 == 3 {
    bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
    bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
  }
  return bytes
}
