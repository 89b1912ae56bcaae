/// What a text allows a YAML writer to do with it, and the style that Kubernetes tooling writes it in.
///
/// The style is first chosen from the meaning (go.yaml.in/yaml v2, encode.go, stringv) and then
/// gives way where the characters forbid it (emitterc.go, yaml_emitter_analyze_scalar).
struct YAMLScalarStyle {
  enum Style {
    case plain
    case singleQuoted
    case doubleQuoted
    case literal
  }

  let style: Style
  /// Whether the text has any line break, which keeps it from being a key on one line.
  let isMultiline: Bool

  /// The style of a string; the bytes must be UTF-8.
  init(string bytes: UnsafeBufferPointer<UInt8>, isSimpleKey: Bool) {
    let analysis = Analysis(bytes)
    isMultiline = analysis.hasBreak
    style = YAMLScalarStyle.choose(bytes, analysis, isSimpleKey: isSimpleKey)
  }

  private static func choose(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ analysis: Analysis,
    isSimpleKey: Bool
  ) -> Style {
    var style: Style
    if bytes.contains(UInt8(ascii: "\n")) {
      style = .literal
    } else {
      style = readsAsString(bytes) ? .plain : .doubleQuoted
    }
    if isSimpleKey, analysis.hasBreak { style = .doubleQuoted }
    if style == .plain, !analysis.allowsPlain { style = .singleQuoted }
    if style == .singleQuoted, !analysis.allowsSingleQuoted { style = .doubleQuoted }
    if style == .literal, !analysis.allowsLiteral || isSimpleKey { style = .doubleQuoted }
    return style
  }

  /// Whether the text, unquoted, would be read as a string, by old readers too: base 60 is quoted.
  private static func readsAsString(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first else { return false }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "~"):
      break
    default:
      // Only a short word can be something else.
      guard bytes.count <= 5 else { return true }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return YAMLScalar(plain: text) == .string && !isBase60(bytes)
  }

  /// Whether the text is a number in base 60: `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`.
  private static func isBase60(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let isDigit: (UInt8) -> Bool = { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let isDigitOrUnderscore: (UInt8) -> Bool = { isDigit($0) || $0 == UInt8(ascii: "_") }
    var rest = bytes[...]
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
      rest = rest.dropFirst()
    }
    guard let first = rest.first, isDigit(first) else { return false }
    rest = rest.drop(while: isDigitOrUnderscore)
    var groups = 0
    while rest.first == UInt8(ascii: ":") {
      let digits = rest.dropFirst().prefix(while: isDigit)
      guard let tens = digits.first, digits.count == 1 || digits.count == 2 && tens < 0x36
      else { return false }
      rest = rest.dropFirst(1 + digits.count)
      groups += 1
    }
    guard groups > 0 else { return false }
    if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst().drop(while: isDigitOrUnderscore) }
    return rest.isEmpty
  }
}

/// The properties of a text that rule styles out.
private struct Analysis {
  var hasBreak = false
  var allowsPlain = true
  var allowsSingleQuoted = true
  var allowsLiteral = true

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.isEmpty {
      allowsLiteral = false
      return
    }
    if bytes.starts(with: "---".utf8) || bytes.starts(with: "...".utf8) { allowsPlain = false }
    var previous = Previous.other
    var afterBlank = true
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let width = YAMLCharacter.width(byte)
      let next = index + width
      let beforeBlank = next >= bytes.count || YAMLCharacter.isBlank(bytes[next])
      if Analysis.isIndicator(byte, isFirst: index == 0, afterBlank, beforeBlank) {
        allowsPlain = false
      }
      if !YAMLCharacter.isPrintable(bytes, at: index) { refuseAllButDouble() }
      if byte == UInt8(ascii: " ") {
        if index == 0 { allowsPlain = false }
        if next == bytes.count {
          allowsPlain = false
          allowsLiteral = false
        }
        if previous == .lineBreak {
          allowsPlain = false
          allowsSingleQuoted = false
        }
        previous = .space
      } else if YAMLCharacter.isBreak(bytes, at: index) {
        hasBreak = true
        allowsPlain = false
        if previous == .space { refuseAllButDouble() }
        previous = .lineBreak
      } else {
        previous = .other
      }
      afterBlank =
        YAMLCharacter.isBlank(byte) || YAMLCharacter.isBreak(bytes, at: index) || byte == 0
      index = next
    }
  }

  private enum Previous {
    case space
    case lineBreak
    case other
  }

  private mutating func refuseAllButDouble() {
    allowsPlain = false
    allowsSingleQuoted = false
    allowsLiteral = false
  }

  private static func isIndicator(
    _ byte: UInt8,
    isFirst: Bool,
    _ afterBlank: Bool,
    _ beforeBlank: Bool
  ) -> Bool {
    if isFirst {
      switch byte {
      case UInt8(ascii: "#"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"),
        UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "&"), UInt8(ascii: "*"),
        UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "'"),
        UInt8(ascii: "\""), UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"):
        return true
      case UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "-"):
        return beforeBlank
      default:
        return false
      }
    }
    switch byte {
    case UInt8(ascii: ":"): return beforeBlank
    case UInt8(ascii: "#"): return afterBlank
    default: return false
    }
  }
}

/// Characters as the YAML emitter sorts them; the bytes must be UTF-8.
enum YAMLCharacter {
  static func width(_ lead: UInt8) -> Int {
    switch lead {
    case 0x00..<0x80: 1
    case 0x80..<0xE0: 2
    case 0xE0..<0xF0: 3
    default: 4
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  /// CR, LF, NEL, LS or PS.
  static func isBreak(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    switch bytes[index] {
    case 0x0A, 0x0D: true
    case 0xC2: bytes[index + 1] == 0x85
    case 0xE2: bytes[index + 1] == 0x80 && (bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9)
    default: false
    }
  }

  /// What may stand for itself: not a control character, not a byte order mark, and (a limit of
  /// this emitter, not of YAML) nothing beyond U+FFFF.
  static func isPrintable(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    switch bytes[index] {
    case 0x0A, 0x20...0x7E: true
    case 0xC2: bytes[index + 1] >= 0xA0
    case 0xC3...0xEE: true
    case 0xEF:
      !(bytes[index + 1] == 0xBB && bytes[index + 2] == 0xBF)
        && !(bytes[index + 1] == 0xBF && bytes[index + 2] >= 0xBE)
    default: false
    }
  }
}
