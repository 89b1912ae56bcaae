/// Where go.yaml.in/yaml v2, which Kubernetes tooling reads with, differs from libyaml 0.2.5.
///
/// Both descend from one C library. What only libyaml accepts is refused here in the words of the
/// Go package, so that a manifest never reads differently here than in the cluster.
struct YAMLDialect {
  /// The text to read: the original one but for the colons that `adapt(to:)` has hidden.
  private(set) var source: [UInt8]
  private var hiddenColons = 0
  /// What stands for a hidden colon: a private-use character that the text does not have.
  private var placeholder: String?
  /// Marks count characters; this is the byte that the character `index` begins at. It only moves
  /// forward, since events come in the order of the text.
  private var cursor = (index: 0, byte: 0)

  init(_ bytes: [UInt8]) {
    source = bytes
    rewind()
  }

  private mutating func rewind() {
    // libyaml does not count the byte order mark at the start.
    cursor = (0, source.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
  }

  /// Whether marks can be turned into bytes of `source`.
  private var isUTF8: Bool {
    !source.starts(with: [0xFF, 0xFE]) && !source.starts(with: [0xFE, 0xFF])
  }

  // MARK: What libyaml refuses and Go's package reads

  /// Changes the text so that libyaml reads on past `error`; false when the error stands.
  ///
  /// In `[a:,b]` Go's package takes the colon as part of the scalar, libyaml 0.2.5 is at a loss.
  mutating func adapt(to error: LibYAMLError) -> Bool {
    guard error.problem == "found unexpected ':'", hiddenColons < 100, isUTF8 else { return false }
    let byte = byteOffset(of: error.mark.index)
    guard byte < source.count, source[byte] == UInt8(ascii: ":") else { return false }
    if placeholder == nil {
      let text = String(decoding: source, as: UTF8.self)
      placeholder = (UInt32(0xE000)...0xF8FF).lazy.compactMap(Unicode.Scalar.init)
        .first { !text.unicodeScalars.contains($0) }
        .map { String($0) }
    }
    guard let placeholder else { return false }
    source.replaceSubrange(byte...byte, with: placeholder.utf8)
    hiddenColons += 1
    rewind()
    return true
  }

  /// The text of a scalar with the hidden colons back in place.
  func restored(_ text: String) -> String {
    guard let hidden = placeholder?.unicodeScalars.first, text.unicodeScalars.contains(hidden)
    else { return text }
    var restored = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { restored.append(scalar == hidden ? ":" : scalar) }
    return String(restored)
  }

  // MARK: What libyaml reads and Go's package refuses

  /// What Go's package says about an event that libyaml accepts; nil when it accepts it as well.
  ///
  /// `inFlow` is the start of the brackets or braces right around the event, if any.
  mutating func objection(
    to event: YAMLEvent, inFlow: YAMLMark?, isMapping: Bool
  ) -> LibYAMLError? {
    switch event.kind {
    case .documentStart:
      guard let version = event.version, version != (1, 1) else { return nil }
      return LibYAMLError(
        stage: .parser, problem: "found incompatible YAML document", mark: event.start,
        context: nil, contextMark: YAMLMark(), offset: 0)
    case .scalar where event.scalarStyle == .plain:
      guard let inFlow, event.value.utf8.contains(UInt8(ascii: "?")) else { return nil }
      // There a question mark begins a key wherever it stands.
      return LibYAMLError(
        stage: .parser, problem: "did not find expected ',' or '\(isMapping ? "}" : "]")'",
        mark: mark(in: event) { $0 == UInt8(ascii: "?") } ?? event.start,
        context: "while parsing a flow \(isMapping ? "mapping" : "sequence")",
        contextMark: inFlow, offset: 0)
    case .scalar where event.scalarStyle == .doubleQuoted:
      guard event.value.utf8.contains(UInt8(ascii: "/")) else { return nil }
      var escaped = false
      let slash = mark(in: event) { byte in
        let found = escaped && byte == UInt8(ascii: "/")
        escaped = !escaped && byte == UInt8(ascii: "\\")
        return found
      }
      guard var backslash = slash else { return nil }
      backslash.index -= 1
      backslash.column -= 1
      return LibYAMLError(
        stage: .scanner, problem: "found unknown escape character", mark: backslash,
        context: "while parsing a quoted scalar", contextMark: event.start, offset: 0)
    default:
      return nil
    }
  }

  /// The place of the first byte of a scalar's source that `matches`.
  private mutating func mark(
    in event: YAMLEvent, where matches: (UInt8) -> Bool
  ) -> YAMLMark? {
    guard isUTF8 else { return nil }
    let start = byteOffset(of: event.start.index)
    let end = byteOffset(of: event.end.index)
    var mark = event.start
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
