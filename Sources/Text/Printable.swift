/// Makes text from elsewhere safe to show on a terminal.
package enum Printable {
  /// One line of text: cut at the first line break, with `...` where something was cut, and with
  /// control characters spelled out.
  ///
  /// The cut is that of kubectl's table printer (`cli-runtime/pkg/printers/tableprinter.go`); kubectl
  /// spells out only escape and carriage return, we all of C0 and C1, because a message of a
  /// controller must not be able to move the cursor.
  package static func line(_ text: String) -> String {
    let scalars = text.unicodeScalars
    if scalars.allSatisfy({ !isControl($0) }) { return text }
    var result = ""
    for scalar in scalars {
      switch scalar {
      case "\n", "\r", "\u{0C}": return result + "..."
      default: append(scalar, to: &result)
      }
    }
    return result
  }

  /// All lines of a text without those at its end that are empty, with control characters spelled out.
  package static func lines(_ text: String) -> [String] {
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
      line in
      let text = line.last == "\r" ? line.dropLast() : line
      return Self.line(String(String.UnicodeScalarView(text)))
    }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return lines
  }

  /// One line that keeps all of a text: line breaks are spelled out as in Go and JSON.
  package static func spelled(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\u{0C}": result += "\\f"
      default: append(scalar, to: &result)
      }
    }
    return result
  }

  /// Text of several lines, with control characters other than line feed and tab spelled out.
  package static func block(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy({ isLayout($0) || !isControl($0) }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isLayout(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        append(scalar, to: &result)
      }
    }
    return result
  }

  /// Text of several lines for which nothing stands that a terminal would act on: control sequences
  /// and control characters other than line feed and tab are left out.
  package static func plain(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if scalar == "\u{1B}" || scalar == "\u{9B}" {
        if scalar == "\u{1B}" {
          guard rest.first == "[" else { continue }
          rest.removeFirst()
        }
        // A control sequence ends with a byte of 0x40 to 0x7e.
        while let next = rest.popFirst(), !(0x40...0x7e).contains(next.value) {}
      } else if isLayout(scalar) || !isControl(scalar) {
        result.append(scalar)
      }
    }
    return String(result)
  }

  private static func isLayout(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\t"
  }

  /// Control characters of ASCII and of Latin-1, DEL among them, and what changes where text stands:
  /// marks and embeddings of bidirectional text (which show a line in another order than it has),
  /// separators of lines and paragraphs.
  package static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x20, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// Whether a byte of UTF-8 may stand in a URL or a header: neither a space nor a control character.
  package static func isGraphic(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte != 0x7F
  }

  private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
    switch scalar.value {
    case 0x09: result += " "
    // The caret notation of terminals: ^[ for escape.
    case 0..<0x20, 0x7F:
      result += "^"
      result.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value ^ 0x40)))
    case _ where isControl(scalar):
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
}
