import Text

extension JSON {
  package enum Style: Sendable {
    /// No white space at all, no line break at the end.
    case compact
    /// As `kubectl -o json`: four spaces a level, a line break at the end. It may come to a terminal, so what one
    /// would act on is escaped, too (``Printable/isControl(_:)``): the data are the same.
    case pretty
  }

  /// Writes a value as kubectl does.
  ///
  /// Names come in the order of their bytes; `<`, `>`, `&`, U+2028 and U+2029 are escaped
  /// (encoding/json), doubles have Go's form. What JSON has no number for (an infinity) is written as
  /// null.
  package static func write(_ value: Value, style: Style) -> [UInt8] {
    var writer = JSONWriter(pretty: style == .pretty)
    writer.write(value, indent: 0)
    if style == .pretty { writer.output.append(UInt8(ascii: "\n")) }
    return writer.output
  }

  /// The text of `write(_:style:)`.
  package static func string(_ value: Value, style: Style) -> String {
    String(decoding: write(value, style: style), as: UTF8.self)
  }
}

private struct JSONWriter {
  let pretty: Bool
  var output: [UInt8] = []

  mutating func write(_ value: Value, indent: Int) {
    switch value {
    case .null: append("null")
    case .bool(let flag): append(flag ? "true" : "false")
    case .integer(let number): append(String(number))
    case .double(let number): append(number.isFinite ? NumberText(number).json : "null")
    case .string(let text): write(text)
    case .array(let elements): write(elements, indent: indent)
    case .object(let object): write(object, indent: indent)
    }
  }

  private mutating func write(_ elements: [Value], indent: Int) {
    output.append(UInt8(ascii: "["))
    for (index, element) in elements.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      breakLine(indent: indent + 1)
      write(element, indent: indent + 1)
    }
    if !elements.isEmpty { breakLine(indent: indent) }
    output.append(UInt8(ascii: "]"))
  }

  private mutating func write(_ object: Object, indent: Int) {
    output.append(UInt8(ascii: "{"))
    for (index, entry) in object.entries.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      breakLine(indent: indent + 1)
      write(entry.key)
      output.append(UInt8(ascii: ":"))
      if pretty { output.append(UInt8(ascii: " ")) }
      write(entry.value, indent: indent + 1)
    }
    if !object.isEmpty { breakLine(indent: indent) }
    output.append(UInt8(ascii: "}"))
  }

  private mutating func breakLine(indent: Int) {
    guard pretty else { return }
    output.append(UInt8(ascii: "\n"))
    output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * 4))
  }

  private mutating func append(_ text: String) {
    output.append(contentsOf: text.utf8)
  }

  private mutating func write(_ text: String) {
    output.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { bytes in
      var start = 0
      for index in bytes.indices {
        let escaped =
          JSONWriter.escape(at: index, in: bytes)
          ?? (pretty ? JSONWriter.escapeOfControl(at: index, in: bytes) : nil)
        guard let (escape, length) = escaped else { continue }
        output.append(contentsOf: bytes[start..<index])
        output.append(contentsOf: escape.utf8)
        start = index + length
      }
      output.append(contentsOf: bytes[start...])
    }
    output.append(UInt8(ascii: "\""))
  }

  /// The same for what Go leaves as it is and a terminal acts on.
  @inline(__always)
  private static func escapeOfControl(
    at index: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> (text: String, length: Int)? {
    let lead = bytes[index]
    guard lead >= 0x7F else { return nil }
    let length: Int
    switch lead {
    case 0x7F: length = 1
    case 0xC2, 0xD8: length = 2
    case 0xE2: length = 3
    default: return nil
    }
    guard index + length <= bytes.count else { return nil }
    var point = UInt32(length == 1 ? lead : lead & (0x7F >> UInt8(length)))
    for offset in 1..<max(length, 1) { point = point << 6 | UInt32(bytes[index + offset] & 0x3F) }
    guard let scalar = Unicode.Scalar(point), Printable.isControl(scalar) else { return nil }
    let digits = String(point, radix: 16)
    return ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits, length)
  }

  /// How the character that begins at `index` is escaped and how many bytes it has; nil when it
  /// stands for itself.
  @inline(__always)
  private static func escape(
    at index: Int,
    in bytes: UnsafeBufferPointer<UInt8>
  ) -> (text: String, length: Int)? {
    let byte = bytes[index]
    if byte > 0x3E && byte != 0x5C && byte != 0xE2 { return nil }
    switch byte {
    case UInt8(ascii: "\""): return ("\\\"", 1)
    case UInt8(ascii: "\\"): return ("\\\\", 1)
    case 0x08: return ("\\b", 1)
    case 0x0C: return ("\\f", 1)
    case 0x0A: return ("\\n", 1)
    case 0x0D: return ("\\r", 1)
    case 0x09: return ("\\t", 1)
    case UInt8(ascii: "<"): return ("\\u003c", 1)
    case UInt8(ascii: ">"): return ("\\u003e", 1)
    case UInt8(ascii: "&"): return ("\\u0026", 1)
    case 0x00..<0x20: return ("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16), 1)
    case 0xE2 where index + 2 < bytes.count && bytes[index + 1] == 0x80:
      if bytes[index + 2] == 0xA8 { return ("\\u2028", 3) }
      if bytes[index + 2] == 0xA9 { return ("\\u2029", 3) }
      return nil
    default: return nil
    }
  }
}
