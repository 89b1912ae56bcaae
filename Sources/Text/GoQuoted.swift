extension [UInt8] {
  /// The bytes as a Go string literal, as `%q` and `strconv.Quote` write them.
  ///
  /// Error texts of the controller quote names this way; bytes that are not UTF-8 become `\xNN`.
  package var goQuoted: String {
    var result = "\""
    for unit in GoRunes(self[...]) {
      if unit.isInvalid {
        result += "\\x" + hex(UInt32(unit.byte), width: 2)
      } else {
        unit.scalar.appendGoEscaped(to: &result)
      }
    }
    result += "\""
    return result
  }
}

extension String {
  /// The text as a Go string literal, as `%q` writes it.
  package var goQuoted: String {
    Array(utf8).goQuoted
  }
}

private func hex(_ value: UInt32, width: Int) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Unicode.Scalar {
  fileprivate func appendGoEscaped(to result: inout String) {
    switch self {
    case "\"", "\\":
      result += "\\"
      result.unicodeScalars.append(self)
    case _ where isGoPrintable: result.unicodeScalars.append(self)
    case "\u{07}": result += "\\a"
    case "\u{08}": result += "\\b"
    case "\u{0C}": result += "\\f"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case "\u{0B}": result += "\\v"
    case _ where value < 0x20 || value == 0x7F: result += "\\x" + hex(value, width: 2)
    case _ where value < 0x10000: result += "\\u" + hex(value, width: 4)
    default: result += "\\U" + hex(value, width: 8)
    }
  }

  /// What `unicode.IsPrint` accepts: letters, marks, numbers, punctuation, symbols and the space.
  private var isGoPrintable: Bool {
    if isASCII {
      return value >= 0x20 && value < 0x7F
    }
    return switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      false
    default: true
    }
  }
}
