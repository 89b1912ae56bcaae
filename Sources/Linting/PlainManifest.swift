/// Tells without a parser that a text is a Kubernetes object.
struct PlainManifest {
  private var levels: [Level] = []
  /// Whether what was read last, a key or the sign of an element, has its value on lines below.
  private var isOpen = true
  private var isInMetadata = false
  private var apiVersion = ""
  private var kind: String?
  private var name: String?
  private var namespace = ""

  private struct Level {
    let indent: Int
    let isList: Bool
  }

  /// Whether a text is one object with kind and name, in the plainest YAML: mappings and lists in block
  /// style, with a key or a value on each line.
  ///
  /// Lists of objects are not.
  ///
  /// - Returns: nil for anything else, which may be an object, too.
  static func identity(_ text: [UInt8]) -> ResourceIdentity? {
    var reader = PlainManifest()
    for line in text.split(separator: UInt8(ascii: "\n")) {
      guard reader.take(line) else { return nil }
    }
    guard let kind = reader.kind, let name = reader.name else { return nil }
    return ResourceIdentity(
      apiVersion: reader.apiVersion, kind: kind, namespace: reader.namespace, name: name)
  }

  private mutating func take(_ line: ArraySlice<UInt8>) -> Bool {
    var rest = line.drop { $0 == UInt8(ascii: " ") }
    var indent = line.count - rest.count
    guard let first = rest.first, first != UInt8(ascii: "#") else { return true }
    if levels.isEmpty, line.elementsEqual("---".utf8) { return true }
    var isElement = false
    while rest.starts(with: "- ".utf8) {
      guard !levels.isEmpty, place(indent, isList: true) else { return false }
      isOpen = true
      isElement = true
      let inner = rest.dropFirst(2).drop { $0 == UInt8(ascii: " ") }
      indent += rest.count - inner.count
      rest = inner
    }
    guard let colon = Self.endOfKey(rest) else {
      guard isElement, Self.isPlain(rest) else { return false }
      isOpen = false
      return true
    }
    guard place(indent, isList: false) else { return false }
    let value = rest[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
    isOpen = value.isEmpty
    guard value.isEmpty || Self.isPlain(value) else { return false }
    return note(rest[..<colon], value)
  }

  /// Remembers the fields that an object needs.
  private mutating func note(_ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool {
    if levels.count == 1 {
      isInMetadata = key.elementsEqual("metadata".utf8)
      if key.elementsEqual("apiVersion".utf8) {
        guard let text = Self.name(value) else { return false }
        apiVersion = text
      }
      guard key.elementsEqual("kind".utf8) else { return true }
      kind = Self.name(value)
      return kind?.hasSuffix("List") == false
    }
    guard levels.count == 2, isInMetadata else { return true }
    if key.elementsEqual("name".utf8) { name = Self.name(value) }
    if key.elementsEqual("namespace".utf8) {
      guard let text = Self.name(value) else { return false }
      namespace = text
    }
    return true
  }

  /// Takes the beginning of a key or an element at a column.
  private mutating func place(_ indent: Int, isList: Bool) -> Bool {
    if isOpen {
      let last = levels.last
      let isBelow = last.map { indent > $0.indent } ?? true
      let isBeside = last.map { isList && !$0.isList && indent == $0.indent } ?? false
      if isBelow || isBeside {
        levels.append(Level(indent: indent, isList: isList))
        isOpen = false
        return true
      }
    }
    isOpen = false
    while let last = levels.last, last.indent > indent { levels.removeLast() }
    // A list may begin in the column of its key.
    if let last = levels.last, last.indent == indent, last.isList, !isList { levels.removeLast() }
    guard let last = levels.last else { return false }
    return last.indent == indent && last.isList == isList
  }

  /// The place of the colon behind a key.
  private static func endOfKey(_ text: ArraySlice<UInt8>) -> Int? {
    guard text.first.map(isLetter) ?? false else { return nil }
    let end = text.firstIndex { byte in
      !isLetter(byte) && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        && !"_./-".utf8.contains(byte)
    }
    guard let end, text[end] == UInt8(ascii: ":") else { return nil }
    let isApart = end + 1 == text.endIndex || text[end + 1] == UInt8(ascii: " ")
    return isApart ? end : nil
  }

  /// Whether a value is what it seems: nothing in it begins or ends anything.
  private static func isPlain(_ value: ArraySlice<UInt8>) -> Bool {
    guard let first = value.first, let last = value.last else { return false }
    let isQuoted = first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
    if isQuoted {
      guard value.count >= 2, last == first else { return false }
      return value.dropFirst().dropLast().allSatisfy {
        $0 >= 0x20 && $0 < 0x7F && $0 != first && $0 != UInt8(ascii: "\\")
      }
    }
    let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    guard isLetter(first) || isDigit || first == UInt8(ascii: "/") else { return false }
    var before = first
    for byte in value {
      guard byte >= 0x20, byte < 0x7F else { return false }
      if byte == UInt8(ascii: "#"), before == UInt8(ascii: " ") { return false }
      if byte == UInt8(ascii: " "), before == UInt8(ascii: ":") { return false }
      before = byte
    }
    return last != UInt8(ascii: ":")
  }

  /// A value that is a text without quotes and not empty, and nothing else.
  private static func name(_ value: ArraySlice<UInt8>) -> String? {
    guard let first = value.first, isLetter(first) else { return nil }
    let end = value.lastIndex { $0 != UInt8(ascii: " ") } ?? value.startIndex
    let text = String(decoding: value[...end], as: UTF8.self)
    let others = ["null", "true", "false", "yes", "no", "on", "off"]
    return others.contains(text.lowercased()) ? nil : text
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
