/// Where a text stops being base64.
package struct Base64Error: Error {
  package let offset: Int
}

/// Decodes standard base64 (RFC 4648, padded); line ends may stand anywhere, as in Go's
/// encoding/base64.
package func decodeBase64(_ text: String) throws(Base64Error) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count / 4 * 3)
  var bits: UInt32 = 0
  var digits = 0
  var padding = 0
  var offset = 0
  for byte in text.utf8 {
    defer { offset += 1 }
    if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { continue }
    if byte == UInt8(ascii: "=") {
      padding += 1
      guard digits % 4 >= 2, digits % 4 + padding <= 4 else { throw Base64Error(offset: offset) }
      continue
    }
    guard padding == 0, let digit = base64Digit(byte) else { throw Base64Error(offset: offset) }
    bits = bits << 6 | UInt32(digit)
    digits += 1
    if digits % 4 == 0 {
      bytes.append(contentsOf: [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)])
      bits = 0
    }
  }
  switch (digits % 4, padding) {
  case (0, 0): break
  case (2, 2): bytes.append(UInt8(bits >> 4 & 255))
  case (3, 1): bytes.append(contentsOf: [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)])
  default: throw Base64Error(offset: offset)
  }
  return bytes
}

/// Standard base64, padded.
package func encodeBase64(_ bytes: some Collection<UInt8>) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var result: [UInt8] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    let group = Array(rest.prefix(3))
    rest = rest.dropFirst(3)
    let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
    for position in 0..<4 {
      let isPadding = position > group.count
      result.append(
        isPadding ? UInt8(ascii: "=") : alphabet[Int(bits >> UInt32(18 - 6 * position) & 63)])
    }
  }
  return String(decoding: result, as: UTF8.self)
}

private func base64Digit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
  case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
  case UInt8(ascii: "+"): 62
  case UInt8(ascii: "/"): 63
  default: nil
  }
}
