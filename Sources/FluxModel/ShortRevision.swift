/// Cuts every digest in a text to its first eight digits, as Flux does in its tables.
///
/// A digest is a word of 40 to 128 lower-case hexadecimal digits; a word ends where no ASCII letter,
/// digit or underscore follows (`internal/utils/hex.go` of flux2, `TruncateHex`).
package func shortenHex(_ text: String) -> String {
  var result: [UInt8] = []
  var word: [UInt8] = []
  for byte in text.utf8 {
    if isWordByte(byte) {
      word.append(byte)
    } else {
      result += shortened(word)
      word = []
      result.append(byte)
    }
  }
  result += shortened(word)
  return String(decoding: result, as: UTF8.self)
}

private func shortened(_ word: [UInt8]) -> ArraySlice<UInt8> {
  (40...128).contains(word.count) && word.allSatisfy(isHexByte) ? word.prefix(8) : word[...]
}

func isHexByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
  default: false
  }
}

private func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
    true
  default: false
  }
}
