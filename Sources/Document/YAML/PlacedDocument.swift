import Text

/// A document of a text with the place of everything in it: for what speaks about lines of a file,
/// or replaces parts of it.
package struct PlacedDocument: Sendable {
  /// In the order of the text; a collection comes before what is in it.
  package let nodes: [PlacedNode]
  /// The position of the outermost node in `nodes`.
  package let root: Int
}

/// A node as it is written: aliases and `<<` are not followed, duplicate keys are all there.
package struct PlacedNode: Sendable {
  package enum Content: Sendable {
    case scalar(Value)
    /// The positions of the elements in `PlacedDocument.nodes`.
    case sequence([Int])
    case mapping([(key: Int, value: Int)])
    /// The node that is meant. It may contain the alias.
    case alias(Int)
  }

  package enum Style: Sendable {
    /// Without quotes; also of collections and aliases.
    case plain
    case singleQuoted
    case doubleQuoted
    /// A block after `|`.
    case literal
    /// A block after `>`.
    case folded
  }

  package let content: Content
  package let style: Style
  /// Of the first character, from 1.
  package let line: Int
  /// In characters, from 1.
  package let column: Int
  /// In bytes of the text.
  ///
  /// That of a scalar includes its quotes, its anchor and tag, and of a block
  /// the line of the indicator and the line breaks after the block; that of a block collection may
  /// reach to the next node.
  package let range: Range<Int>

  /// The text of a string.
  package var string: String? {
    if case .scalar(let value) = content { value.string } else { nil }
  }
}

extension YAML {
  /// Reads the documents of a text as `read(_:)` does, but as nodes with their places.
  ///
  /// A text may have places although `read(_:)` refuses it, where only values are at fault (a key that
  /// JSON cannot have, a wrong tag). Memory is linear in the text: aliases are not expanded.
  ///
  /// It has none where `read(_:)` passes over the rest of a text: behind a root in braces, behind `...`.
  ///
  /// - Throws: `DocumentError` with line and column, also for a text that is not UTF-8.
  package static func placed(_ text: [UInt8]) throws(DocumentError) -> [PlacedDocument] {
    guard !text.starts(with: [0xFF, 0xFE]), !text.starts(with: [0xFE, 0xFF]) else {
      throw DocumentError(line: nil, column: nil, message: "places are known in UTF-8 only")
    }
    guard beginsLikeJSON(text) else { return try placedDocuments(text, from: 0) }
    let (documents, rest, jsonError) = PlacedJSON.documents(of: text)
    guard let jsonError else { return documents }
    guard documents.count <= 1 else { throw jsonError }
    return documents + (try placedDocuments(text, from: rest))
  }

  private static func placedDocuments(
    _ text: [UInt8], from start: Int
  ) throws(DocumentError) -> [PlacedDocument] {
    let lines = LineStarts(text, from: start)
    var documents = YAMLDocuments(Array(text[start...]))
    var result: [PlacedDocument] = []
    var cursor = TextCursor(text)
    while let document = try next(of: &documents, firstLine: lines.before) {
      let composed: YAMLComposer.ComposedDocument
      do throws(YAMLFailure) {
        guard let found = try YAMLComposer.placedDocument(of: document.bytes) else { continue }
        composed = found
      } catch {
        throw error.error(after: lines.before + document.firstLine)
      }
      guard composed.dialect.isUTF8 else {
        throw DocumentError(line: nil, column: nil, message: "places are known in UTF-8 only")
      }
      result.append(
        place(composed, of: document, in: text, lines, &cursor))
    }
    return result
  }

  private static func place(
    _ composed: YAMLComposer.ComposedDocument, of document: YAMLDocument, in text: [UInt8],
    _ lines: LineStarts, _ cursor: inout TextCursor
  ) -> PlacedDocument {
    let characters = CharacterOffsets(composed.dialect.source)
    let documentLines = LineStarts(document.bytes, from: 0)
    func offset(_ mark: YAMLMark) -> Int {
      let inDocument = min(
        composed.dialect.originalOffset(characters.offset(of: mark.index)), document.bytes.count)
      let line = documentLines.line(of: inDocument)
      let start = lines.start(of: document.firstLine + line) ?? text.count
      return min(start + inDocument - documentLines.starts[line], text.count)
    }
    var nodes: [PlacedNode] = []
    nodes.reserveCapacity(composed.nodes.count)
    for (node, place) in zip(composed.nodes, composed.places) {
      let start = offset(place.start)
      let end = max(start, offset(place.end))
      cursor.advance(to: start)
      nodes.append(
        PlacedNode(
          content: content(of: node), style: PlacedNode.Style(place.style), line: cursor.line,
          column: cursor.column, range: start..<end))
    }
    return PlacedDocument(nodes: nodes, root: composed.root)
  }

  private static func content(of node: YAMLNode) -> PlacedNode.Content {
    switch node.content {
    case .alias(let target): return .alias(target)
    case .sequence: return .sequence(node.children)
    case .mapping:
      return .mapping(
        stride(from: 0, to: node.children.count - 1, by: 2).map {
          (node.children[$0], node.children[$0 + 1])
        })
    case .scalar:
      guard let (scalar, text) = try? YAMLDecoder.resolve(node) else {
        return .scalar(.string(node.value))
      }
      switch scalar {
      case .null: return .scalar(.null)
      case .bool(let flag): return .scalar(.bool(flag))
      case .integer(let number): return .scalar(.integer(number))
      case .unsigned(let number): return .scalar(.double(Double(number)))
      case .float(let number): return .scalar(YAMLDecoder.exact(number))
      case .string, .timestamp: return .scalar(.string(text))
      }
    }
  }
}

extension PlacedNode.Style {
  init(_ style: YAMLEvent.ScalarStyle) {
    switch style {
    case .plain: self = .plain
    case .singleQuoted: self = .singleQuoted
    case .doubleQuoted: self = .doubleQuoted
    case .literal: self = .literal
    case .folded: self = .folded
    }
  }
}

// MARK: JSON

/// Reads JSON values one after another, with their places.
private struct PlacedJSON {
  private var reader: JSONReader
  private var cursor: TextCursor
  private var nodes: [PlacedNode] = []
  private let bytes: UnsafeBufferPointer<UInt8>
  private var depth = 0

  /// The values that could be read, where the rest begins, and why it could not be read.
  static func documents(
    of text: [UInt8]
  ) -> (documents: [PlacedDocument], rest: Int, error: DocumentError?) {
    text.withUnsafeBufferPointer { bytes in
      var placed = PlacedJSON(
        reader: JSONReader(bytes), cursor: TextCursor(text), bytes: bytes)
      var documents: [PlacedDocument] = []
      while true {
        placed.reader.skipSpace()
        let start = placed.reader.position
        if start == bytes.count { return (documents, start, nil) }
        do throws(DocumentError) {
          placed.nodes = []
          let root = try placed.read()
          documents.append(PlacedDocument(nodes: placed.nodes, root: root))
        } catch {
          return (documents, start, error)
        }
      }
    }
  }

  /// Reads the value at the position; its own position among the nodes.
  private mutating func read() throws(DocumentError) -> Int {
    reader.skipSpace()
    let start = reader.position
    cursor.advance(to: start)
    let (line, column) = (cursor.line, cursor.column)
    let index = nodes.count
    func node(_ content: PlacedNode.Content, _ style: PlacedNode.Style = .plain) -> PlacedNode {
      PlacedNode(
        content: content, style: style, line: line, column: column, range: start..<reader.position)
    }
    let first = start < bytes.count ? bytes[start] : 0
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      let value = try reader.readValue()
      nodes.append(node(.scalar(value), value.string == nil ? .plain : .doubleQuoted))
      return index
    }
    depth += 1
    guard depth <= JSON.depthLimit else {
      throw reader.error("nested deeper than \(JSON.depthLimit) levels")
    }
    nodes.append(node(.scalar(.null)))
    reader.position += 1
    let content = try first == UInt8(ascii: "{") ? readMembers() : readElements()
    depth -= 1
    nodes[index] = node(content)
    return index
  }

  private mutating func readMembers() throws(DocumentError) -> PlacedNode.Content {
    var pairs: [(key: Int, value: Int)] = []
    if try steps(over: UInt8(ascii: "}")) { return .mapping([]) }
    while true {
      reader.skipSpace()
      guard reader.position < bytes.count, bytes[reader.position] == UInt8(ascii: "\"") else {
        throw reader.error("unexpected \(reader.found), expected a name in double quotes")
      }
      let key = try read()
      guard try steps(over: UInt8(ascii: ":")) else {
        throw reader.error("unexpected \(reader.found), expected ':' after a name")
      }
      pairs.append((key, try read()))
      if try steps(over: UInt8(ascii: "}")) { return .mapping(pairs) }
      guard try steps(over: UInt8(ascii: ",")) else {
        throw reader.error("unexpected \(reader.found), expected ',' or '}'")
      }
    }
  }

  private mutating func readElements() throws(DocumentError) -> PlacedNode.Content {
    var elements: [Int] = []
    if try steps(over: UInt8(ascii: "]")) { return .sequence([]) }
    while true {
      elements.append(try read())
      if try steps(over: UInt8(ascii: "]")) { return .sequence(elements) }
      guard try steps(over: UInt8(ascii: ",")) else {
        throw reader.error("unexpected \(reader.found), expected ',' or ']'")
      }
    }
  }

  private mutating func steps(over byte: UInt8) throws(DocumentError) -> Bool {
    reader.skipSpace()
    guard reader.position < bytes.count, bytes[reader.position] == byte else { return false }
    reader.position += 1
    return true
  }
}

// MARK: Places in a text

/// A place in a text that only moves forward: line and column, from 1, the column in characters.
private struct TextCursor {
  private let text: [UInt8]
  private var offset = 0
  private(set) var line = 1
  private(set) var column = 1

  init(_ text: [UInt8]) {
    self.text = text
  }

  mutating func advance(to target: Int) {
    while offset < min(target, text.count) {
      if text[offset] == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if text[offset] & 0xC0 != 0x80 {
        column += 1
      }
      offset += 1
    }
  }
}

/// Where the lines of a text begin; only line feeds end one.
private struct LineStarts {
  /// The lines before the one that the first is a part of.
  let before: Int
  private(set) var starts: [Int]

  init(_ text: [UInt8], from start: Int) {
    before = text[..<start].count { $0 == UInt8(ascii: "\n") }
    starts = [start]
    for index in start..<text.count where text[index] == UInt8(ascii: "\n") {
      starts.append(index + 1)
    }
  }

  func start(of line: Int) -> Int? {
    starts.indices.contains(line) ? starts[line] : nil
  }

  /// The line that an offset is in.
  func line(of offset: Int) -> Int {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }
}

/// The bytes at which the characters of a text begin, as libyaml counts characters: the byte order
/// mark at the start is none.
private struct CharacterOffsets {
  private let text: [UInt8]
  /// Where every `spacing`th character begins.
  private var checkpoints: [Int] = []
  private static let spacing = 64

  init(_ text: [UInt8]) {
    self.text = text
    var count = 0
    let start = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    for index in start..<text.count where text[index] & 0xC0 != 0x80 {
      if count % CharacterOffsets.spacing == 0 { checkpoints.append(index) }
      count += 1
    }
  }

  func offset(of character: Int) -> Int {
    let checkpoint = character / CharacterOffsets.spacing
    guard character >= 0, checkpoint < checkpoints.count else { return text.count }
    var offset = checkpoints[checkpoint]
    var left = character % CharacterOffsets.spacing
    while offset < text.count {
      if text[offset] & 0xC0 != 0x80 {
        if left == 0 { return offset }
        left -= 1
      }
      offset += 1
    }
    return text.count
  }
}
