import Document
import TestSupport
import Testing

@Suite struct PlacedDocumentTests {
  /// What each scalar of a text is, and what stands there, in the order of the text.
  private func scalars(_ text: String) throws -> [(value: Value, place: String, written: String)] {
    let bytes = Array(text.utf8)
    return try YAML.placed(bytes).flatMap(\.nodes).compactMap { node in
      guard case .scalar(let value) = node.content else { return nil }
      return (
        value, "\(node.line):\(node.column)",
        String(decoding: bytes[node.range], as: UTF8.self)
      )
    }
  }

  @Test func `scalars have their places`() throws {
    let found = try scalars("a: one\nb:\n- 'two'\n- é: \"x\\ty\"\n  c: 3\n")
    #expect(found.map(\.written) == ["a", "one", "b", "'two'", "é", "\"x\\ty\"", "c", "3"])
    #expect(found.map(\.place) == ["1:1", "1:4", "2:1", "3:3", "4:3", "4:6", "5:3", "5:6"])
    #expect(found.map(\.value).last == 3)
  }

  @Test func `lines count from the start of the file, whatever its line ends`() throws {
    let found = try scalars("# x\r\na: 1\r\n---\r\n# y\r\nb:   two\r\nc: |\r\n  t\r\n")
    #expect(found.map(\.written) == ["a", "1", "b", "two", "c", "|\r\n  t\r\n"])
    #expect(found.map(\.place) == ["2:1", "2:4", "5:1", "5:6", "6:1", "6:4"])
    #expect(found.last?.value == "t\n")
  }

  @Test func `a byte order mark is no column`() throws {
    #expect(try scalars("\u{FEFF}a: b\n").map(\.written) == ["a", "b"])
  }

  /// What the dialect changes to be read has the places of what was given.
  @Test func `places survive what has to be adapted`() throws {
    let found = try scalars("a: [x:,yy]\nb: \"it\\'s\"\nc: !t,u v\nd: end\n")
    #expect(
      found.map(\.written) == ["a", "x:", "yy", "b", "\"it\\'s\"", "c", "!t,u v", "d", "end"])
    #expect(found.map(\.value)[1] == "x:")
  }

  @Test func `several JSON values, and YAML behind one`() throws {
    let found = try scalars("{\"a\": [1, \"t/\\/\"]}\n{\"b\":\n null}")
    #expect(found.map(\.written) == ["\"a\"", "1", "\"t/\\/\"", "\"b\"", "null"])
    #expect(found.map(\.place) == ["1:2", "1:8", "1:11", "2:2", "3:2"])
    let mixed = try scalars("{\"a\": 1}\n---\nb: c\n")
    #expect(mixed.map(\.written) == ["\"a\"", "1", "b", "c"])
    #expect(mixed.last?.place == "3:4")
  }

  @Test func `aliases, merges and duplicate keys are left as they are`() throws {
    let documents = try YAML.placed(Array("a: &x {k: 1, k: 2}\nb: *x\n<<: *x\n".utf8))
    let document = try #require(documents.first)
    guard case .mapping(let pairs) = document.nodes[document.root].content else {
      Issue.record("no mapping")
      return
    }
    #expect(pairs.count == 3)
    guard case .mapping(let inner) = document.nodes[pairs[0].value].content,
      case .alias(let target) = document.nodes[pairs[1].value].content
    else {
      Issue.record("no mapping, or no alias")
      return
    }
    #expect(inner.count == 2)
    #expect(target == pairs[0].value)
  }

  @Test(arguments: [
    "a: [", "a: b: c", "--- x\n", "{\"a\" 1}", "\u{0}", "{a: 1}\nb: 2\n", "a: 1\n...\nb: 2\n",
  ])
  func `what is no YAML is refused with its line`(text: String) {
    #expect(throws: DocumentError.self) { try YAML.placed(Array(text.utf8)) }
  }

  @Test func `only UTF-8 has places`() {
    #expect(throws: DocumentError.self) { try YAML.placed([0xFF, 0xFE, 0x61, 0, 0x3A, 0]) }
  }

  /// What is written at the place of a scalar reads as that scalar.
  @Test(arguments: 0..<300)
  func `a scalar stands where it is said to be`(seed: UInt64) throws {
    var random = RandomValues(seed: seed)
    let values = (0..<3).map { _ in random.value() }
    let writers: [(Value) -> String] = [
      { "---\n" + YAML.write($0) }, { KYAML.write($0) }, { JSON.string($0, style: .pretty) },
    ]
    for write in writers {
      let text = values.map(write).joined()
      let bytes = Array(text.utf8)
      guard let documents = try? YAML.placed(bytes) else { continue }
      for node in documents.flatMap(\.nodes) {
        guard case .scalar(let value) = node.content, !node.range.isEmpty,
          node.style != .literal, node.style != .folded
        else { continue }
        let written = bytes[node.range]
        if node.style == .plain, let text = value.string, !text.contains("\n") {
          // A plain text of several lines is folded.
          if !written.contains(UInt8(ascii: "\n")) { #expect(Array(text.utf8) == Array(written)) }
        } else if node.style == .doubleQuoted || node.style == .singleQuoted {
          #expect(written.first == written.last)
          #expect("\"'".utf8.contains(written.first ?? 0))
        }
      }
    }
  }

  @Test(arguments: 0..<300)
  func `no bytes trap`(seed: UInt64) {
    var random = RandomValues(seed: seed)
    let bytes = random.bytes()
    guard let documents = try? YAML.placed(bytes) else { return }
    for node in documents.flatMap(\.nodes) {
      #expect(node.range.upperBound <= bytes.count)
      #expect(node.line >= 1)
      #expect(node.column >= 1)
    }
  }
}
