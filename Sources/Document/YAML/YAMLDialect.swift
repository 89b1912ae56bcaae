/// Where go.yaml.in/yaml v2, which Kubernetes tooling reads with, differs from libyaml 0.2.5.
///
/// Both descend from one C library. What only libyaml accepts is refused here in the words of the
/// Go package, so that a manifest never reads differently here than in the cluster.
struct YAMLDialect {
  /// The text to read: the original one but for what libyaml would not read.
  private(set) var source: [UInt8]
  private var adaptations = 0
  /// What was replaced in the text, in that order: where, how many bytes, and by how many.
  private var edits: [(start: Int, old: Int, new: Int)] = []
  /// What stands for a hidden character: private-use characters that the text does not have.
  private var colon: Unicode.Scalar?
  private var byteOrderMark: Unicode.Scalar?
  /// The byte that the character `index` begins at, since marks count characters.
  ///
  /// It only moves forward: events come in the order of the text.
  private var cursor = (index: 0, byte: 0)

  init(_ bytes: [UInt8]) {
    source = bytes
    hideByteOrderMarks()
    rewind()
  }

  private mutating func rewind() {
    // libyaml does not count the byte order mark at the start.
    cursor = (0, source.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
  }

  /// The offset in the text as it was given of an offset in `source`.
  func originalOffset(_ offset: Int) -> Int {
    var offset = offset
    for edit in edits.reversed() where offset > edit.start {
      offset =
        offset >= edit.start + edit.new
        ? offset - edit.new + edit.old : min(offset, edit.start + edit.old)
    }
    return offset
  }

  /// Whether marks can be turned into bytes of `source`.
  var isUTF8: Bool {
    !source.starts(with: [0xFF, 0xFE]) && !source.starts(with: [0xFE, 0xFF])
  }

  // MARK: What libyaml refuses and Go's package reads

  /// Changes the text so that libyaml reads on past `error`; false when the error stands.
  ///
  /// Go's package takes the colon in `[a:,b]` as part of the scalar and commas and brackets as part
  /// of a tag, and knows the escape `\'`.
  mutating func adapt(to error: LibYAMLError) -> Bool {
    // Every change means reading from the start again.
    guard adaptations < 100, adaptations * source.count < 64 << 20, isUTF8 else { return false }
    let byte = byteOffset(of: error.mark.index)
    guard byte < source.count else { return false }
    let before = source.count
    switch (error.problem, source[byte]) {
    case ("found unexpected ':'", UInt8(ascii: ":")):
      colon = colon ?? unusedCharacter()
      guard let colon else { return false }
      source.replaceSubrange(byte...byte, with: String(colon).utf8)
    case ("did not find expected whitespace or line break", UInt8(ascii: ",")):
      source.replaceSubrange(byte...byte, with: "%2C".utf8)
    case ("did not find expected whitespace or line break", UInt8(ascii: "[")):
      source.replaceSubrange(byte...byte, with: "%5B".utf8)
    case ("did not find expected whitespace or line break", UInt8(ascii: "]")):
      source.replaceSubrange(byte...byte, with: "%5D".utf8)
    case ("found unknown escape character", UInt8(ascii: "\\"))
    where byte + 1 < source.count && source[byte + 1] == UInt8(ascii: "'"):
      source.replaceSubrange(byte...byte + 1, with: "\\x27".utf8)
    default:
      return false
    }
    let old = source[byte] == UInt8(ascii: "\\") ? 2 : 1
    edits.append((byte, old, old + source.count - before))
    adaptations += 1
    rewind()
    return true
  }

  /// Hides all byte order marks but the first: libyaml skips them at the start of a line, for Go's
  /// package they are characters like others.
  private mutating func hideByteOrderMarks() {
    guard isUTF8 else { return }
    let found = source.indices.dropFirst().filter {
      source[$0] == 0xEF && source[$0...].starts(with: [0xEF, 0xBB, 0xBF])
    }
    guard !found.isEmpty, let hidden = unusedCharacter() else { return }
    byteOrderMark = hidden
    let replacement = Array(String(hidden).utf8)
    for start in found { source.replaceSubrange(start..<start + 3, with: replacement) }
  }

  /// A private-use character, of three bytes, that the text does not have.
  private func unusedCharacter() -> Unicode.Scalar? {
    let used = Set(String(decoding: source, as: UTF8.self).unicodeScalars.map(\.value))
    return (UInt32(0xE000)...0xF8FF).first { !used.contains($0) }.flatMap(Unicode.Scalar.init)
  }

  /// The text of a scalar with the hidden characters back in place.
  func restored(_ text: String) -> String {
    if colon == nil, byteOrderMark == nil { return text }
    var restored = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      restored.append(scalar == colon ? ":" : scalar == byteOrderMark ? "\u{FEFF}" : scalar)
    }
    return String(restored)
  }

  /// The error in its place, or the one that Go's package has met before it.
  ///
  /// That is a `%YAML` directive of another version than 1.1, which comes to light at the start of
  /// the document and not if that start is missing, or an escaped slash in a quoted scalar that has
  /// another fault further on.
  mutating func translated(_ error: LibYAMLError) -> LibYAMLError {
    if error.context?.hasSuffix("a quoted scalar") == true {
      return escapedSlash(from: error.contextMark, to: error.mark) ?? error
    }
    guard error.problem == "did not find expected <document start>" else { return error }
    for (line, text) in source.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    where line < error.mark.line && text.starts(with: "%YAML ".utf8) {
      let version = text.dropFirst(6).drop { $0 == 0x20 }.prefix { $0 > 0x20 }
      if !version.elementsEqual("1.1".utf8) {
        return YAMLDialect.incompatible(at: YAMLMark(line: line))
      }
    }
    return error
  }

  private static func incompatible(at mark: YAMLMark) -> LibYAMLError {
    LibYAMLError(stage: .parser, problem: "found incompatible YAML document", mark: mark)
  }

  // MARK: What libyaml reads and Go's package refuses

  /// What Go's package says about an event that libyaml accepts; nil when it accepts it as well.
  ///
  /// `inFlow` is the start of the brackets or braces right around the event, if any.
  mutating func objection(
    to event: YAMLEvent,
    inFlow: YAMLMark?,
    isMapping: Bool
  ) -> LibYAMLError? {
    switch event.kind {
    case .documentStart:
      guard let version = event.version, version != (1, 1) else { return nil }
      return YAMLDialect.incompatible(at: event.start)
    case .scalar where event.scalarStyle == .plain:
      guard let inFlow, event.value.utf8.contains(UInt8(ascii: "?")) else { return nil }
      // There a question mark begins a key wherever it stands.
      return LibYAMLError(
        stage: .parser,
        problem: "did not find expected ',' or '\(isMapping ? "}" : "]")'",
        mark: mark(from: event.start, to: event.end) { $0 == UInt8(ascii: "?") } ?? event.start,
        context: "while parsing a flow \(isMapping ? "mapping" : "sequence")",
        contextMark: inFlow
      )
    case .scalar where event.scalarStyle == .doubleQuoted:
      guard event.value.utf8.contains(UInt8(ascii: "/")) else { return nil }
      return escapedSlash(from: event.start, to: event.end)
    default:
      return nil
    }
  }

  /// The error for the first `\/` in a scalar in double quotes; nil when there is none.
  private mutating func escapedSlash(from start: YAMLMark, to end: YAMLMark) -> LibYAMLError? {
    let first = byteOffset(of: start.index)
    guard first < source.count, source[first] == UInt8(ascii: "\"") else { return nil }
    var escaped = false
    let slash = mark(from: start, to: end) { byte in
      let found = escaped && byte == UInt8(ascii: "/")
      escaped = !escaped && byte == UInt8(ascii: "\\")
      return found
    }
    guard var backslash = slash else { return nil }
    backslash.index -= 1
    backslash.column -= 1
    return LibYAMLError(
      stage: .scanner, problem: "found unknown escape character", mark: backslash,
      context: "while parsing a quoted scalar", contextMark: start)
  }

  /// The place of the first byte that `matches` between two marks.
  private mutating func mark(
    from begin: YAMLMark,
    to finish: YAMLMark,
    where matches: (UInt8) -> Bool
  ) -> YAMLMark? {
    guard isUTF8 else { return nil }
    let start = byteOffset(of: begin.index)
    let end = max(byteOffset(of: finish.index), start)
    var mark = begin
    for byte in source[start..<end] {
      if matches(byte) { return mark }
      if byte == UInt8(ascii: "\n") {
        mark.line += 1
        mark.column = 0
        mark.index += 1
      } else if byte & 0xC0 != 0x80 {
        mark.column += 1
        mark.index += 1
      }
    }
    return nil
  }

  private mutating func byteOffset(of index: Int) -> Int {
    if index < cursor.index { rewind() }
    while cursor.index < index, cursor.byte < source.count {
      cursor.byte += 1
      while cursor.byte < source.count, source[cursor.byte] & 0xC0 == 0x80 { cursor.byte += 1 }
      cursor.index += 1
    }
    return cursor.byte
  }
}
