import Text

/// One document of a multi-document text, cut out the way `kubectl -f` does.
struct YAMLDocument {
  /// Lines that all end in a line feed.
  var bytes: [UInt8]
  /// How many lines of the text come before it.
  var firstLine: Int
}

/// A separator line that says more than `---`.
struct YAMLSeparatorError: Error {
  /// From 0.
  var line: Int
  /// What follows the dashes, trimmed.
  var rest: String
}

/// Cuts a text into documents at the lines that begin with `---`, one at a time: what is wrong with a
/// separator only comes up once the documents before it have been read.
struct YAMLDocuments {
  private let text: [UInt8]
  private let rules: YAML.Rules
  private var start = 0
  private var line = 0

  init(_ text: [UInt8], _ rules: YAML.Rules = .kubectl) {
    self.text = text
    self.rules = rules
  }

  /// The next document, or nil at the end.
  ///
  /// The rules are those of k8s.io/apimachinery (pkg/util/yaml/decoder.go, YAMLReader), not of YAML:
  /// only a comment may follow the dashes, a line that begins so ends a document even inside a
  /// scalar, and CR LF becomes LF. For kustomize, a separator stands between two line breaks
  /// (`splitDocuments` in kyaml's `byteio_reader.go`).
  mutating func next() throws(YAMLSeparatorError) -> YAMLDocument? {
    var current = YAMLDocument(bytes: [], firstLine: line)
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      var content = text[start..<end]
      if end < text.count, content.last == UInt8(ascii: "\r") { content = content.dropLast() }
      start = end + 1
      line += 1
      let isBetween = line > 1 && end < text.count
      if content.starts(with: "---".utf8), rules == .kubectl || isBetween {
        let rest = YAMLDocuments.trimmed(content.dropFirst(3))
        guard rest.isEmpty || rest.first == UInt8(ascii: "#") else {
          throw YAMLSeparatorError(
            line: line - 1,
            rest: rest.withUnsafeBufferPointer { repairedUTF8($0) }
          )
        }
        if !current.bytes.isEmpty { return current }
      }
      current.bytes += content
      current.bytes.append(UInt8(ascii: "\n"))
    }
    return current.bytes.isEmpty ? nil : current
  }

  /// Without the white space (Unicode's White_Space) at both ends.
  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    if !bytes.contains(where: { $0 >= 0x80 }) { return bytes.trimmingWhiteSpace() }
    let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
    let front = scalars.drop { $0.properties.isWhitespace }
    guard let last = front.lastIndex(where: { !$0.properties.isWhitespace }) else { return [] }
    return Array(String(front[...last]).utf8)[...]
  }
}
