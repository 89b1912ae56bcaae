import Text

package enum JSON {
  /// Arrays and objects may nest this deep.
  ///
  /// Go's decoder stops at 10,000; no Kubernetes object comes near either number, and values this
  /// deep can be walked on any thread's stack.
  static let depthLimit = 1000

  /// Reads one JSON text (RFC 8259), which must fill `bytes` but for white space.
  ///
  /// As Kubernetes reads JSON: an integer literal that fits Int64 stays exact, any other number is
  /// a double; of duplicate names the last wins; a byte that is not UTF-8 and a lone surrogate
  /// become U+FFFD, one each.
  ///
  /// - Throws: `DocumentError` with line and column: no JSON, a number beyond double, nesting
  ///   beyond 1000.
  package static func parse(_ bytes: [UInt8]) throws(DocumentError) -> Value {
    let result = bytes.withUnsafeBytes { read($0) }
    return try result.get()
  }

  /// Reads one JSON text, as `parse(_:)` does for an array.
  ///
  /// Nothing points into `bytes` afterwards.
  package static func parse(_ bytes: UnsafeRawBufferPointer) throws(DocumentError) -> Value {
    try read(bytes).get()
  }

  private static func read(_ bytes: UnsafeRawBufferPointer) -> Result<Value, DocumentError> {
    bytes.withMemoryRebound(to: UInt8.self) { buffer in
      var reader = JSONReader(buffer)
      do throws(DocumentError) {
        let value = try reader.readValue()
        reader.skipSpace()
        guard reader.position == buffer.count else {
          throw reader.error("unexpected \(reader.found) after the JSON value")
        }
        return .success(value)
      } catch {
        return .failure(error)
      }
    }
  }
}

/// A recursive-descent reader over borrowed bytes; `position` is the next byte to read.
struct JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  private var depth = 0
  /// Members of the objects and elements of the arrays that are still open, so that every
  /// container is allocated once, in its final size.
  private var openEntries: [Object.Entry] = []
  private var openElements: [Value] = []
  /// Names that an object has more than once.
  var duplicates: [String] = []
  /// Names seen lately, by a hash of their bytes: objects of one kind repeat their names.
  private var names = [String](repeating: "", count: 512)

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  mutating func readValue() throws(DocumentError) -> Value {
    skipSpace()
    guard position < bytes.count else { throw error("unexpected end, expected a value") }
    switch bytes[position] {
    case UInt8(ascii: "\""):
      return .string(try readString())
    case UInt8(ascii: "{"):
      return try readObject()
    case UInt8(ascii: "["):
      return try readArray()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try readNumber()
    case UInt8(ascii: "t"):
      try expect("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try expect("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try expect("null")
      return .null
    default:
      throw error("unexpected \(found), expected a value")
    }
  }

  @inline(__always)
  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  // MARK: Containers

  private mutating func readObject() throws(DocumentError) -> Value {
    try enter()
    let start = openEntries.count
    var ascending = true
    if try !closes(UInt8(ascii: "}")) {
      repeat {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
          throw error("unexpected \(found), expected a name in double quotes")
        }
        let key = try readName()
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
          throw error("unexpected \(found), expected ':' after a name")
        }
        position += 1
        let value = try readValue()
        if ascending, openEntries.count > start {
          ascending = compareUTF8(openEntries[openEntries.count - 1].key, key) < 0
        }
        openEntries.append(Object.Entry(key: key, value: value))
      } while try continues(before: UInt8(ascii: "}"))
    }
    depth -= 1
    let entries = Array(openEntries[start...])
    openEntries.removeSubrange(start...)
    guard !ascending else { return .object(Object(ascending: entries)) }
    let object = Object(ascending: Object.sorted(entries))
    if object.count < entries.count {
      var seen: Set<[UInt8]> = []
      duplicates += entries.map(\.key).filter { !seen.insert(Array($0.utf8)).inserted }
    }
    return .object(object)
  }

  private mutating func readArray() throws(DocumentError) -> Value {
    try enter()
    let start = openElements.count
    if try !closes(UInt8(ascii: "]")) {
      repeat {
        openElements.append(try readValue())
      } while try continues(before: UInt8(ascii: "]"))
    }
    depth -= 1
    let elements = Array(openElements[start...])
    openElements.removeSubrange(start...)
    return .array(elements)
  }

  private mutating func enter() throws(DocumentError) {
    depth += 1
    if depth > JSON.depthLimit {
      throw error("nested deeper than \(JSON.depthLimit) levels")
    }
    position += 1
  }

  /// Whether the container just opened is empty; steps over its end.
  private mutating func closes(_ end: UInt8) throws(DocumentError) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == end else { return false }
    position += 1
    return true
  }

  /// Steps over the comma or the end that follows a member; whether it was a comma.
  private mutating func continues(before end: UInt8) throws(DocumentError) -> Bool {
    skipSpace()
    if position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: ",") || byte == end {
        position += 1
        return byte != end
      }
    }
    let closing = Character(Unicode.Scalar(end))
    throw error("unexpected \(found), expected ',' or '\(closing)'")
  }

  // MARK: Strings

  /// A name of an object.
  ///
  /// A short name that was read before costs no allocation and no validation.
  private mutating func readName() throws(DocumentError) -> String {
    let start = position + 1
    var index = start
    var hash: UInt32 = 2_166_136_261
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") { break }
      if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\\") { return try readString() }
      hash = (hash ^ UInt32(byte)) &* 16_777_619
      index += 1
    }
    guard index < bytes.count, index - start <= 64 else { return try readString() }
    let name = UnsafeBufferPointer(rebasing: bytes[start..<index])
    let slot = Int((hash ^ (hash >> 16)) & 511)
    position = index + 1
    let known = names[slot].utf8.withContiguousStorageIfAvailable { compareBytes($0, name) == 0 }
    if known == true { return names[slot] }
    let text = String(decoding: name, as: UTF8.self)
    names[slot] = text
    return text
  }

  private mutating func readString() throws(DocumentError) -> String {
    let start = position + 1
    var index = start
    var ascii: UInt8 = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        position = index + 1
        let content = UnsafeBufferPointer(rebasing: bytes[start..<index])
        return ascii < 0x80 ? String(decoding: content, as: UTF8.self) : repairedUTF8(content)
      }
      if byte == UInt8(ascii: "\\") || byte < 0x20 { break }
      ascii |= byte
      index += 1
    }
    return try readEscapedString(from: start, firstEscape: index)
  }

  private mutating func readEscapedString(
    from start: Int,
    firstEscape: Int
  ) throws(DocumentError) -> String {
    var text = Array(bytes[start..<firstEscape])
    position = firstEscape
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return text.withUnsafeBufferPointer { repairedUTF8($0) }
      }
      if byte < 0x20 {
        throw error("unexpected \(found) in a string, it must be escaped")
      }
      position += 1
      if byte == UInt8(ascii: "\\") {
        appendUTF8(try readEscape(), to: &text)
      } else {
        text.append(byte)
      }
    }
    throw error("unexpected end in a string")
  }

  /// The character of the escape whose backslash was just read.
  private mutating func readEscape() throws(DocumentError) -> UInt32 {
    guard position < bytes.count else { throw error("unexpected end in a string") }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt32(letter)
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "u"):
      let unit = try readHexDigits()
      guard (0xD800...0xDFFF).contains(unit) else { return unit }
      // A high surrogate counts only with its low one right behind it.
      if unit < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        let before = position
        position += 2
        let second = try readHexDigits()
        if (0xDC00...0xDFFF).contains(second) {
          return 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00)
        }
        position = before
      }
      return 0xFFFD
    default:
      position -= 1
      throw error("unexpected \(found) after '\\' in a string")
    }
  }

  private mutating func readHexDigits() throws(DocumentError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, let digit = hexDigit(bytes[position]) else {
        throw error("unexpected \(found), expected four hexadecimal digits after '\\u'")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  // MARK: Numbers and words

  private mutating func readNumber() throws(DocumentError) -> Value {
    let start = position
    let negative = bytes[position] == UInt8(ascii: "-")
    if negative { position += 1 }
    var magnitude: UInt64 = 0
    var exact = true
    let firstDigit = position
    while let digit = digit(at: position) {
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if overflow || carry { exact = false }
      magnitude = sum
      position += 1
    }
    guard position > firstDigit else { throw error("unexpected \(found), expected a digit") }
    if bytes[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
      position = firstDigit + 1
      throw error("unexpected \(found), a number has no leading zeros")
    }
    var whole = true
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      whole = false
      position += 1
      try skipDigits()
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      whole = false
      position += 1
      if position < bytes.count,
        bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      try skipDigits()
    }
    if whole, exact {
      if !negative, magnitude <= UInt64(Int64.max) { return .integer(Int64(magnitude)) }
      if negative, magnitude <= 1 << 63 {
        return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
      }
    }
    let literal = UnsafeBufferPointer(rebasing: bytes[start..<position])
    guard let number = Double(String(decoding: literal, as: UTF8.self)), number.isFinite else {
      position = start
      throw error("the number is out of range")
    }
    return .double(number)
  }

  private func digit(at index: Int) -> UInt8? {
    guard index < bytes.count else { return nil }
    let digit = bytes[index] &- UInt8(ascii: "0")
    return digit < 10 ? digit : nil
  }

  private mutating func skipDigits() throws(DocumentError) {
    guard digit(at: position) != nil else {
      throw error("unexpected \(found), expected a digit")
    }
    while digit(at: position) != nil { position += 1 }
  }

  private mutating func expect(_ word: StaticString) throws(DocumentError) {
    let expected = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    for byte in expected {
      guard position < bytes.count, bytes[position] == byte else {
        throw error("unexpected \(found) in the word '\(word)'")
      }
      position += 1
    }
  }

  // MARK: Errors

  /// What stands at the position, for messages: of what may be a secret, only that it is there.
  var found: String {
    guard position < bytes.count else { return "end" }
    switch bytes[position] {
    case 0x0A: return "line break"
    case let byte where "{}[],:\"".utf8.contains(byte):
      return "'\(Character(Unicode.Scalar(byte)))'"
    case 0x21...0xFF: return "character"
    case let byte: return "byte 0x" + String(byte, radix: 16)
    }
  }

  func error(_ message: String) -> DocumentError {
    let (line, column) = textPosition(of: position, in: bytes)
    return DocumentError(line: line, column: column, message: message)
  }
}
