/// Lays out scalars, maps and sequences as the emitter inside Go's YAML package does.
///
/// Facts from go.yaml.in/yaml v2, emitterc.go: indent 2, lines folded at the first lone space past
/// column 80, sequences not indented under their key, empty collections in flow style, keys over 128
/// bytes or with line breaks after `? `.
struct YAMLEmitter {
  private static let width = 80
  private static let simpleKeyLimit = 128

  private(set) var output: [UInt8] = []
  /// In characters, from 0.
  private var column = 0
  /// The indent of the innermost block; -1 outside of all.
  private var indent = -1
  /// Whether the last thing written leaves room for the next without a space.
  private var isAfterSpace = true
  /// Whether only indentation and `-`, `?` or `:` have been written on this line.
  private var isInIndentation = true

  // MARK: Structure

  /// Ends the document.
  mutating func finish() {
    writeIndent()
  }

  mutating func writeEmptySequence() {
    writeIndicator("[", needsSpace: true, leavesSpace: true)
    writeIndicator("]")
  }

  mutating func writeEmptyMapping() {
    writeIndicator("{", needsSpace: true, leavesSpace: true)
    writeIndicator("}")
  }

  /// Begins a block; hands back the indent to end it with.
  mutating func beginMapping() -> Int {
    let outer = indent
    indent = indent < 0 ? 0 : indent + 2
    return outer
  }

  /// Begins a block; hands back the indent to end it with.
  ///
  /// `isValue` says that it is the value of a key.
  mutating func beginSequence(isValue: Bool) -> Int {
    let outer = indent
    if indent < 0 {
      indent = 0
    } else if !(isValue && !isInIndentation) {
      indent += 2
    }
    return outer
  }

  mutating func endBlock(indent outer: Int) {
    indent = outer
  }

  mutating func beginItem() {
    writeIndent()
    writeIndicator("-", needsSpace: true, keepsIndentation: true)
  }

  /// Writes a key and what separates it from its value.
  mutating func writeKey(_ key: String) {
    writeIndent()
    var key = key
    key.withUTF8 { bytes in
      let simple = YAMLScalarStyle(string: bytes, isSimpleKey: true)
      if bytes.count <= YAMLEmitter.simpleKeyLimit, !simple.isMultiline {
        writeScalar(bytes, style: simple.style, folds: false)
        writeIndicator(":")
      } else {
        writeIndicator("?", needsSpace: true, keepsIndentation: true)
        let full = YAMLScalarStyle(string: bytes, isSimpleKey: false)
        writeScalar(bytes, style: full.style, folds: true)
        writeIndent()
        writeIndicator(":", needsSpace: true, keepsIndentation: true)
      }
    }
  }

  // MARK: Scalars

  /// Writes a string in the style that brings it back as a string.
  mutating func writeString(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      let style = YAMLScalarStyle(string: bytes, isSimpleKey: false).style
      writeScalar(bytes, style: style, folds: true)
    }
  }

  /// Writes a number or a word as it stands.
  mutating func writePlain(_ text: String) {
    var text = text
    text.withUTF8 { writeScalar($0, style: .plain, folds: false) }
  }

  private mutating func writeScalar(
    _ bytes: UnsafeBufferPointer<UInt8>,
    style: YAMLScalarStyle.Style,
    folds: Bool
  ) {
    let outer = indent
    indent = indent < 0 ? 2 : indent + 2
    switch style {
    case .plain: writePlain(bytes, folds: folds)
    case .singleQuoted: writeSingleQuoted(bytes, folds: folds)
    case .doubleQuoted: writeDoubleQuoted(bytes, folds: folds)
    case .literal: writeLiteral(bytes)
    }
    indent = outer
  }

  private mutating func writePlain(_ bytes: UnsafeBufferPointer<UInt8>, folds: Bool) {
    if !isAfterSpace { put(UInt8(ascii: " ")) }
    var index = 0
    while index < bytes.count {
      if folds, isLoneSpace(bytes, at: index), bytes[index + 1] != UInt8(ascii: " ") {
        writeIndent()
        index += 1
      } else {
        copy(bytes, &index)
        isInIndentation = false
      }
    }
    isAfterSpace = false
    isInIndentation = false
  }

  private mutating func writeSingleQuoted(_ bytes: UnsafeBufferPointer<UInt8>, folds: Bool) {
    writeIndicator("'", needsSpace: true)
    var afterBreak = false
    var index = 0
    while index < bytes.count {
      if folds, isLoneSpace(bytes, at: index), bytes[index + 1] != UInt8(ascii: " ") {
        writeIndent()
        index += 1
      } else if bytes[index] == UInt8(ascii: " ") {
        copy(bytes, &index)
      } else if YAMLCharacter.isBreak(bytes, at: index) {
        copyBreak(bytes, &index)
        isInIndentation = true
        afterBreak = true
      } else {
        if afterBreak { writeIndent() }
        if bytes[index] == UInt8(ascii: "'") { put(UInt8(ascii: "'")) }
        copy(bytes, &index)
        isInIndentation = false
        afterBreak = false
      }
    }
    writeIndicator("'")
    isAfterSpace = false
    isInIndentation = false
  }

  private mutating func writeDoubleQuoted(_ bytes: UnsafeBufferPointer<UInt8>, folds: Bool) {
    writeIndicator("\"", needsSpace: true)
    // The emitter looks for the byte order mark at the start of the text, whatever the place.
    let escapesAll = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if escapesAll || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
        || !YAMLCharacter.isPrintable(bytes, at: index) || YAMLCharacter.isBreak(bytes, at: index)
      {
        putEscape(of: bytes, &index)
      } else if folds, isLoneSpace(bytes, at: index) {
        writeIndent()
        if bytes[index + 1] == UInt8(ascii: " ") { put(UInt8(ascii: "\\")) }
        index += 1
      } else {
        copy(bytes, &index)
      }
    }
    writeIndicator("\"")
    isAfterSpace = false
    isInIndentation = false
  }

  /// Whether a line that is full can end at a space: none comes before it, and it is not at an end.
  private func isLoneSpace(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    let space = UInt8(ascii: " ")
    return bytes[index] == space && column > YAMLEmitter.width && index > 0
      && index < bytes.count - 1 && bytes[index - 1] != space
  }

  private mutating func putEscape(of bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) {
    let lead = bytes[index]
    let width = YAMLCharacter.width(lead)
    var point = UInt32(width == 1 ? lead : lead & (0x7F >> UInt8(width)))
    for offset in 1..<max(width, 1) { point = point << 6 | UInt32(bytes[index + offset] & 0x3F) }
    index += width
    put(UInt8(ascii: "\\"))
    let letter: StaticString
    switch point {
    case 0x00: letter = "0"
    case 0x07: letter = "a"
    case 0x08: letter = "b"
    case 0x09: letter = "t"
    case 0x0A: letter = "n"
    case 0x0B: letter = "v"
    case 0x0C: letter = "f"
    case 0x0D: letter = "r"
    case 0x1B: letter = "e"
    case 0x22: letter = "\""
    case 0x5C: letter = "\\"
    case 0x85: letter = "N"
    case 0xA0: letter = "_"
    case 0x2028: letter = "L"
    case 0x2029: letter = "P"
    default:
      let digits = point <= 0xFF ? 2 : point <= 0xFFFF ? 4 : 8
      put(UInt8(ascii: digits == 2 ? "x" : digits == 4 ? "u" : "U"))
      for shift in stride(from: (digits - 1) * 4, through: 0, by: -4) {
        let digit = UInt8(point >> UInt32(shift) & 0xF)
        put(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "A"))
      }
      return
    }
    put(letter.utf8Start.pointee)
  }

  private mutating func writeLiteral(_ bytes: UnsafeBufferPointer<UInt8>) {
    writeIndicator("|", needsSpace: true)
    if bytes[0] == UInt8(ascii: " ") || YAMLCharacter.isBreak(bytes, at: 0) { writeIndicator("2") }
    let last = lastCharacter(of: bytes, before: bytes.count)
    if !YAMLCharacter.isBreak(bytes, at: last) {
      writeIndicator("-")
    } else if last == 0
      || YAMLCharacter.isBreak(bytes, at: lastCharacter(of: bytes, before: last))
    {
      writeIndicator("+")
    }
    putBreak()
    isInIndentation = true
    isAfterSpace = true
    var afterBreak = true
    var index = 0
    while index < bytes.count {
      if YAMLCharacter.isBreak(bytes, at: index) {
        copyBreak(bytes, &index)
        isInIndentation = true
        afterBreak = true
      } else {
        if afterBreak { writeIndent() }
        copy(bytes, &index)
        isInIndentation = false
        afterBreak = false
      }
    }
  }

  private func lastCharacter(of bytes: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
    var index = end - 1
    while bytes[index] & 0xC0 == 0x80 { index -= 1 }
    return index
  }

  // MARK: Characters

  private mutating func put(_ byte: UInt8) {
    output.append(byte)
    column += 1
  }

  private mutating func putBreak() {
    output.append(UInt8(ascii: "\n"))
    column = 0
  }

  /// Copies one character.
  private mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) {
    let width = YAMLCharacter.width(bytes[index])
    for offset in 0..<width { output.append(bytes[index + offset]) }
    column += 1
    index += width
  }

  private mutating func copyBreak(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) {
    copy(bytes, &index)
    column = 0
  }

  private mutating func writeIndicator(
    _ text: StaticString,
    needsSpace: Bool = false,
    leavesSpace: Bool = false,
    keepsIndentation: Bool = false
  ) {
    if needsSpace, !isAfterSpace { put(UInt8(ascii: " ")) }
    put(text.utf8Start.pointee)
    isAfterSpace = leavesSpace
    isInIndentation = isInIndentation && keepsIndentation
  }

  private mutating func writeIndent() {
    let target = max(indent, 0)
    if !isInIndentation || column > target || (column == target && !isAfterSpace) { putBreak() }
    while column < target { put(UInt8(ascii: " ")) }
    isAfterSpace = true
    isInIndentation = true
  }
}
