/// The dialect of YAML that kubectl 1.34 and later write with `-o kyaml` (`sigs.k8s.io/yaml/kyaml`):
/// braces, brackets and quoted values, so that no white space has a meaning.
package enum KYAML {
  /// Writes a value as one document: `---` first, a line break at the end.
  ///
  /// Names come in the order of their bytes, as in JSON.
  package static func write(_ value: Value) -> String {
    var writer = KYAMLWriter()
    writer.write(value, indent: 0)
    return "---\n" + writer.output + "\n"
  }
}

private struct KYAMLWriter {
  var output = ""

  mutating func write(_ value: Value, indent: Int) {
    switch value {
    case .null: output += "null"
    case .bool(let flag): output += flag ? "true" : "false"
    case .integer(let number): output += String(number)
    case .double(let number): output += number.isFinite ? NumberText(number).json : "null"
    case .string(let text): write(quoted: text, indent: indent + 1, folds: true)
    case .array(let elements): write(elements, indent: indent)
    case .object(let object): write(object, indent: indent)
    }
  }

  private mutating func write(_ elements: [Value], indent: Int) {
    guard !elements.isEmpty else {
      output += "[]"
      return
    }
    let isCuddled = elements.allSatisfy { $0.object != nil || $0.array != nil }
    output += "["
    for (index, element) in elements.enumerated() {
      if isCuddled {
        if index > 0 { output += ", " }
        write(element, indent: indent)
      } else {
        if index == 0 { output += "\n" }
        margin(indent + 1)
        write(element, indent: indent + 1)
        output += ",\n"
      }
    }
    if !isCuddled { margin(indent) }
    output += "]"
  }

  private mutating func write(_ object: Object, indent: Int) {
    guard !object.isEmpty else {
      output += "{}"
      return
    }
    output += "{\n"
    for (key, value) in object {
      margin(indent + 1)
      if KYAMLKey.needsQuotes(key) {
        write(quoted: key, indent: indent + 2, folds: false)
      } else {
        output += key
      }
      output += ": "
      write(value, indent: indent + 1)
      output += ",\n"
    }
    margin(indent)
    output += "}"
  }

  private mutating func margin(_ level: Int) {
    output += String(repeating: "  ", count: level)
  }

  /// - Parameter folds: Whether each line of the text has one of its own.
  private mutating func write(quoted text: String, indent: Int, folds: Bool) {
    let folds = folds && text.unicodeScalars.contains("\n")
    var isAtStart = folds
    output += folds ? "\"\\\n" : "\""
    for scalar in text.unicodeScalars {
      if isAtStart {
        margin(indent)
        // White space at the start of a line would be dropped.
        output += scalar.properties.isWhitespace && scalar != "\n" ? "\\" : " "
        isAtStart = false
      }
      if scalar == "\n" {
        output += folds ? "\\n\\\n" : "\\n"
        isAtStart = folds
      } else {
        output += Self.escaped(scalar)
      }
    }
    if folds {
      if !isAtStart { output += "\\\n" }
      margin(indent)
    }
    output += "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"", "\\": return "\\\(scalar)"
    case "\t": return "\t"
    case "\r": return "\\r"
    case "\0": return "\\0"
    case "\u{07}": return "\\a"
    case "\u{08}": return "\\b"
    case "\u{0B}": return "\\v"
    case "\u{0C}": return "\\f"
    case "\u{1B}": return "\\e"
    case "\u{85}": return "\\N"
    case "\u{A0}": return "\\_"
    case "\u{2028}": return "\\L"
    case "\u{2029}": return "\\P"
    default: break
    }
    if isPrintable(scalar) { return String(scalar) }
    let digits = String(scalar.value, radix: 16)
    let (mark, width) =
      scalar.value < 0x80 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
    return "\\\(mark)" + String(repeating: "0", count: width - digits.count) + digits
  }

  /// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }
}

/// Which names stand in KYAML without quotes.
private enum KYAMLKey {
  static func needsQuotes(_ key: String) -> Bool {
    if key.isEmpty || readsOtherwise(key) { return true }
    let scalars = Array(key.unicodeScalars)
    return scalars.indices.contains { index in
      let scalar = scalars[index]
      if isWordCharacter(scalar) { return false }
      let isInside = index > 0 && index < scalars.count - 1
      return !(isInside && ["-", ".", "/"].contains(scalar))
    }
  }

  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber:
      true
    default: scalar == "_"
    }
  }

  /// Whether some reader takes the text for a null, a truth value, a number or a time.
  private static func readsOtherwise(_ key: String) -> Bool {
    if words.contains(key.lowercased()) { return true }
    if YAMLScalar(plain: key) != .string { return true }
    let plain = key.filter { $0 != "_" }
    return YAMLScalar(plain: plain) != .string || isHexadecimalFloat(plain)
  }

  /// What Go's `strconv.ParseBool` and `ParseFloat` read beyond YAML.
  private static let words: Set = [
    "null", "~", "y", "yes", "on", "n", "no", "off", "true", "false", "t", "f", "inf", "infinity",
    "nan", ".inf", "-.inf", "+.inf", ".nan",
  ]

  private static func isHexadecimalFloat(_ text: String) -> Bool {
    text.lowercased().hasPrefix("0x") && Double(text) != nil
  }
}
