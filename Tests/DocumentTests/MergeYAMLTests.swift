import Document
import TestSupport
import Testing

@Suite struct MergeYAMLTests {
  static func merged(_ base: String, _ overlay: String = "") throws -> String {
    let result = try MergeYAML.write(
      MergeYAML.merge(
        try MergeYAML.read(Array(base.utf8)).object,
        try MergeYAML.read(Array(overlay.utf8)).object))
    return String(decoding: result.text, as: UTF8.self)
  }

  /// What source-watcher 2.2.1 publishes.
  @Test(arguments: [
    (
      "a:\n  b:\n    c: 1\n    d: 2\n  e: x\nz: 1\n", "a:\n  b:\n    d: 3\n    f: 4\ny: new\n",
      "a:\n  b:\n    c: 1\n    d: 3\n    f: 4\n  e: x\n\"true\": new\nz: 1\n"
    ),
    (
      "a: 1\nb: {c: 1, d: 2}\nn: null\n", "a: null\nb: {c: ~}\nm:\n",
      "a: null\nb:\n  c: null\n  d: 2\n\"false\": null\nm: null\n"
    ),
    (
      "# head\nzeta: 1 # one\nBeta: 3\n_under: 4\n", "mid: 5\n",
      "_under: 4\nBeta: 3\nmid: 5\nzeta: 1\n"
    ),
    ("a: [1, 2]\nb: {c: 1}\n", "a: [3]\nb: x\n", "a:\n- 3\nb: x\n"),
    (
      "a: 1\nb: {c: 1}\n---\nb: {d: 2}\n---\na: 3\n", "x: 1\n---\nb: {c: 9}\n",
      "a: 3\nb:\n  c: 9\n  d: 2\nx: 1\n"
    ),
    ("---\n# only a comment\n---\n\n---\na: 1\n...\n---\n", "---\n---\n# nothing\n", "a: 1\n"),
    ("# base\n", "", "{}\n"),
    (
      "a: 1\r\nb:\r\n  c: x\r\n", "b:\r\n  d: |\r\n    l1\r\n    l2\r\n",
      "a: 1\nb:\n  c: x\n  d: |\n    l1\n    l2\n"
    ),
    ("def: &d\n  a: 1\nuse: *d\n", "use:\n  a: 2\n", "def:\n  a: 1\nuse:\n  a: 2\n"),
    (
      "s: !!set {a, b}\nt: !foo bar\nm: !vault {x: 1}\n", "",
      "m:\n  x: 1\ns:\n  a: null\n  b: null\nt: bar\n"
    ),
    ("a: \"<b>&amp;</b>\"\n\"<k>\": 1\n", "", "<k>: 1\na: <b>&amp;</b>\n"),
    ("big: 123456789012345678\n", "", "big: 123456789012345680\n"),
    ("a: {b: 1}\n", "{\"b\": {\"z\": \"t\", \"w\": 1.50}}", "a:\n  b: 1\nb:\n  w: 1.5\n  z: t\n"),
    ("\u{FEFF}a: 1\n", "", "a: 1\n"),
    ("a: [x:,b]\n", "", "a:\n- 'x:'\n- b\n"),
  ])
  func `maps are merged as by the controller`(base: String, overlay: String, expected: String)
    throws
  {
    #expect(try MergeYAMLTests.merged(base, overlay) == expected)
  }

  /// Every number goes through float64.
  @Test(arguments: [
    ("9007199254740993", "9007199254740992"), ("9223372036854775807", "9223372036854776000"),
    ("-9223372036854775808", "-9.223372036854776e+18"),
    ("18446744073709551615", "1.8446744073709552e+19"),
    ("100000000000000000000", "1e+20"), ("0.000001", "1e-06"), ("1.0", "1"), ("-0.0", "0"),
    ("6.02E23", "6.02e+23"), ("5e-324", "5e-324"), ("0x10", "16"), ("017", "15"), ("1_000", "1000"),
    ("5.", "5"), ("123456789012345680000.0", "1.2345678901234568e+20"), ("12.50", "12.5"),
  ])
  func `numbers lose precision as in the controller`(text: String, expected: String) throws {
    #expect(try MergeYAMLTests.merged("a: \(text)\n") == "a: \(expected)\n")
  }

  static let unreadable = "cannot unmarshal YAML document: "
  static let yaml = unreadable + "error converting YAML to JSON: "
  static let json =
    unreadable + "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "

  @Test(arguments: [
    ("a: .nan\n", yaml + "json: unsupported value: NaN"),
    ("b: -.inf\na: .inf\n", yaml + "json: unsupported value: +Inf"),
    ("- a\n", json + "array into Go value of type map[string]interface {}"),
    ("just a string\n", json + "string into Go value of type map[string]interface {}"),
    ("12\n", json + "number into Go value of type map[string]interface {}"),
    ("yes\n", json + "bool into Go value of type map[string]interface {}"),
    ("a:\n\tb: 1\n", yaml + "yaml: line 2: found character that cannot start any token"),
    ("a: [1, 2\nb: {\n", yaml + "yaml: line 1: did not find expected ',' or ']'"),
    ("a: 1\n b: 2\n", yaml + "yaml: line 2: mapping values are not allowed in this context"),
    ("a: *nope\n", yaml + "yaml: unknown anchor 'nope' referenced"),
    ("{\"b\": \"\\ud83d\"}", yaml + "yaml: found invalid Unicode character escape code"),
    ("{\"b\": \"\\/\"}", yaml + "yaml: found unknown escape character"),
    ("a: 1\nb: \"\\/\"", yaml + "yaml: line 2: found unknown escape character"),
    ("%YAML 1.2\n---\na: 1\n", yaml + "yaml: found incompatible YAML document"),
    ("# c\n%YAML 1.2\n---\na: 1\n", yaml + "yaml: line 1: found incompatible YAML document"),
    ("a: \"x\u{1}y\"\n", yaml + "yaml: control characters are not allowed"),
    (
      "a: 1\n--- {b: 2}\n",
      "error reading YAML document: invalid Yaml document separator: {b: 2}"
    ),
    ("a: [b\n", yaml + "yaml: line 1: did not find expected ',' or ']'"),
    ("a: 1\nb: [c?d]\n", yaml + "yaml: line 1: did not find expected ',' or ']'"),
    (
      "~: a\n",
      yaml + "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"a\""
    ),
    (
      "18446744073709551615: {b: [1, ~]}\n",
      yaml + "unsupported map key of type: uint64, key: 0xffffffffffffffff, value: "
        + "map[interface {}]interface {}{\"b\":[]interface {}{1, interface {}(nil)}}"
    ),
    (
      "? {a: 1}\n: b\n",
      yaml + "yaml: invalid map key: map[interface {}]interface {}{\"a\":1}"
    ),
    ("<<: 1\n", yaml + "yaml: map merge requires map or sequence of maps as the value"),
    ("a: !!int x\n", yaml + "yaml: cannot decode !!str `x` as a !!int"),
    ("a: &a [*a]\n", yaml + "yaml: anchor 'a' value contains itself"),
  ])
  func `failures have the controller's words`(text: String, expected: String) {
    let failure = error { () throws(MergeYAMLError) in _ = try MergeYAML.read(Array(text.utf8)) }
    #expect(failure?.description == expected)
  }

  @Test(arguments: [
    ([0x61, 0x3A, 0x20, 0xFF, 0x0A] as [UInt8], "invalid leading UTF-8 octet"),
    ([0xFF, 0xFE, 0x61, 0, 0x3A, 0, 0x20, 0, 0x31, 0, 0x0A, 0], "incomplete UTF-16 character"),
  ])
  func `other encodings fail`(bytes: [UInt8], problem: String) {
    let failure = error { () throws(MergeYAMLError) in _ = try MergeYAML.read(bytes) }
    #expect(failure?.description == MergeYAMLTests.yaml + "yaml: " + problem)
  }

  /// An earlier document is read before a later separator is looked at.
  @Test func `documents are read in order`() {
    let failure = error { () throws(MergeYAMLError) in
      _ = try MergeYAML.read(Array("- a\n---\nb: 1\n---x\n".utf8))
    }
    #expect(failure?.description.hasPrefix(MergeYAMLTests.json) == true)
  }

  @Test(arguments: ["\u{7F}", "\u{80}", "\u{FFFE}", "x\u{85}--- y"])
  func `what cannot come back from JSON cannot be written`(text: String) {
    let failure = error { () throws(MergeYAMLError) in
      _ = try MergeYAML.write(["a": .string(text)])
    }
    #expect(failure?.description.hasPrefix("failed to merged YAML: yaml: ") == true)
  }

  @Test func `unstable key orders are reported`() throws {
    let cycle = try MergeYAML.write(
      try MergeYAML.read(Array("a2: 1\na10: 1\na1b2: 1\na1: 1\nab: 1\nx: 1\n".utf8)).object)
    #expect(cycle.unstableKeys)
    // The most frequent of the three results of the reference.
    #expect(cycle.text == Array("a1: 1\na10: 1\na1b2: 1\na2: 1\nab: 1\nx: 1\n".utf8))
    let nested = try MergeYAML.write(["x": [["a2": 1, "a10": 1, "a1b2": 1]]])
    #expect(nested.unstableKeys)
    #expect(!(try MergeYAML.write(["a2": 1, "a10": 1, "a1": 1, "b": 1]).unstableKeys))
  }

  @Test(arguments: [
    ("1: int\n1.0: float\n\"1\": string\n", true, "string"),
    ("\"1\": string\n1: int\n", true, "int"),
    ("1: same\n\"1\": same\n", false, "same"),
    ("1: a\n1: b\n", false, "b"),
    ("1: a\n\"1\": b\n1: b\n", false, "b"),
  ])
  func `keys that become the same are reported`(text: String, ambiguous: Bool, value: String) throws
  {
    let document = try MergeYAML.read(Array(text.utf8))
    #expect(document.hasAmbiguousKeys == ambiguous)
    #expect(document.object == ["1": .string(value)])
  }

  /// What is reported as stable is the only order that fits all pairs of keys, and nothing else is.
  @Test func `stability agrees with comparing all pairs`() throws {
    var generator = SeededGenerator(seed: 6)
    let pieces = ["a", "b", "A", "0", "1", "2", "9", "10", "-", "_", ".", "é"]
    var unstable = 0
    for _ in 0..<3000 {
      var keys: Set<String> = []
      for _ in 0..<Int.random(in: 2...15, using: &generator) {
        let length = Int.random(in: 0...4, using: &generator)
        keys.insert(
          (0..<length).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined())
      }
      let result = try MergeYAML.write(Object(keys.map { ($0, 1) }))
      let order = try keysInOrder(result.text)
      // A map of two keys shows how the reference compares them.
      let fitsAllPairs = try order.indices.allSatisfy { first in
        try order.indices.dropFirst(first + 1).allSatisfy { second in
          let pair = Object([(order[first], 1), (order[second], 1)])
          return try keysInOrder(try MergeYAML.write(pair).text)[0] == order[first]
        }
      }
      #expect(result.unstableKeys == !fitsAllPairs, "\(order)")
      if result.unstableKeys { unstable += 1 }
    }
    #expect(unstable > 100)
  }

  private func keysInOrder(_ text: [UInt8]) throws -> [String] {
    try String(decoding: text, as: UTF8.self).split(separator: "\n").map { line in
      try #require(try YAML.parseDocument(Array(line.utf8))?.object?.keys.first)
    }
  }

  @Test func `random texts never crash`() {
    var random = RandomValues(seed: 8)
    var accepted = 0
    for _ in 0..<20_000 {
      guard let object = try? MergeYAML.read(random.bytes()).object,
        let text = try? MergeYAML.write(MergeYAML.merge(object, object)).text
      else { continue }
      #expect((try? MergeYAML.read(text)) != nil)
      accepted += 1
    }
    #expect(accepted > 0)
  }
}
