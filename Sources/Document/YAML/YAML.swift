import Text

package enum YAML {
  /// Whose rules a text is read by.
  package enum Rules: Sendable {
    case kubectl
    /// As kustomize reads the resources and kustomizations of a tree (kyaml, with go.yaml.in/yaml/v3): also
    /// UTF-16, `--- {...}` as the first line, and null keys, which become empty names.
    case kustomize
  }

  /// Reads all documents of a text, as `kubectl -f` does.
  ///
  /// YAML 1.1 with the rules of sigs.k8s.io/yaml: keys become strings (`yes:` is `"true"`), dates stay
  /// strings, of duplicate keys the last wins, `<<` merges. Documents that are empty or null are
  /// left out. JSON is read as JSON, several objects one after another included. Integers that fit
  /// Int64 are exact, larger ones are doubles.
  ///
  /// - Throws: `DocumentError` with line and column: what kubectl refuses too (also `--- x`, null
  ///   keys, infinities), nesting beyond 1000, too much alias expansion.
  package static func parse(
    _ text: [UInt8], as rules: Rules = .kubectl
  ) throws(DocumentError) -> [Value] {
    try read(text, as: rules).map(\.value)
  }

  /// Reads all documents of a text as `parse(_:)` does, and says of each what it has twice.
  package static func read(
    _ text: [UInt8], as rules: Rules = .kubectl
  ) throws(DocumentError) -> [ReadDocument] {
    let text = rules == .kustomize ? inUTF8(text) : text
    guard beginsLikeJSON(text) else { return try parseDocuments(text[...], firstLine: 0, rules) }
    var (values, rest, jsonError) = text.withUnsafeBufferPointer { readObjects($0) }
    guard let jsonError else { return values }
    // kubectl takes a text for YAML again as long as it has seen no more than one JSON object.
    guard values.count <= 1 else { throw jsonError }
    do throws(DocumentError) {
      let line = text[..<rest].count { $0 == UInt8(ascii: "\n") }
      values += try parseDocuments(text[rest...], firstLine: line, rules)
      return values
    } catch {
      // Neither reads it: the one that came further is the better guess at what was meant.
      let reached = (error.line ?? 0, error.column ?? 0)
      throw reached > (jsonError.line ?? 0, jsonError.column ?? 0) ? error : jsonError
    }
  }

  /// Reads the first document of a text and ignores what follows it, as client-go reads a
  /// kubeconfig; nil when there is none or it is null.
  ///
  /// - Throws: as `parse(_:)`.
  package static func parseDocument(_ text: [UInt8]) throws(DocumentError) -> Value? {
    if beginsLikeJSON(text), let value = try? JSON.parse(text) { return value }
    return try decode(YAMLDocument(bytes: text, firstLine: 0))?.value
  }

  private static func parseDocuments(
    _ text: ArraySlice<UInt8>,
    firstLine: Int,
    _ rules: Rules
  ) throws(DocumentError) -> [ReadDocument] {
    var documents = YAMLDocuments(Array(text), rules)
    var values: [ReadDocument] = []
    while var document = try next(of: &documents, firstLine: firstLine) {
      document.firstLine += firstLine
      if let value = try decode(document, rules) { values.append(value) }
    }
    return values
  }

  static func next(
    of documents: inout YAMLDocuments,
    firstLine: Int
  ) throws(DocumentError) -> YAMLDocument? {
    do {
      return try documents.next()
    } catch {
      throw DocumentError(
        line: firstLine + error.line + 1,
        column: 4,
        message: "only a comment may follow the document separator '---'"
      )
    }
  }

  /// A text with the mark of UTF-16 in UTF-8; any other as it is.
  private static func inUTF8(_ text: [UInt8]) -> [UInt8] {
    let isLittle = text.starts(with: [0xFF, 0xFE])
    guard isLittle || text.starts(with: [0xFE, 0xFF]) else { return text }
    let units = stride(from: 2, to: text.count - 1, by: 2).map { index in
      isLittle
        ? UInt16(text[index]) | UInt16(text[index + 1]) << 8
        : UInt16(text[index]) << 8 | UInt16(text[index + 1])
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }

  private static func decode(
    _ document: YAMLDocument, _ rules: Rules = .kubectl
  ) throws(DocumentError) -> ReadDocument? {
    do throws(YAMLFailure) {
      guard let (nodes, root) = try YAMLComposer.firstDocument(of: document.bytes)
      else { return nil }
      var decoder = YAMLDecoder(
        nodes: nodes, numbers: .exact, allowsNullKeys: rules == .kustomize)
      let value = try decoder.decode(root: root)
      guard !value.isNull else { return nil }
      return ReadDocument(
        value: value,
        duplicates: decoder.duplicates.map { key in
          "line \(document.firstLine + key.line + 1): key \(key.name.goQuoted) already set in map"
        })
    } catch {
      throw error.error(after: document.firstLine)
    }
  }

  /// Whether the first thing in the text is a brace.
  static func beginsLikeJSON(_ text: [UInt8]) -> Bool {
    text.first { !isWhiteSpace($0) } == UInt8(ascii: "{")
  }

  /// Reads JSON values one after another: those that could be read, where the rest begins, and why
  /// it could not be read.
  private static func readObjects(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) -> (values: [ReadDocument], rest: Int, error: DocumentError?) {
    var reader = JSONReader(bytes)
    var values: [ReadDocument] = []
    while true {
      reader.skipSpace()
      let start = reader.position
      if start == bytes.count { return (values, start, nil) }
      do throws(DocumentError) {
        reader.duplicates = []
        let value = try reader.readValue()
        if !value.isNull {
          values.append(
            ReadDocument(
              value: value,
              duplicates: reader.duplicates.map { "duplicate field \($0.goQuoted)" }))
        }
      } catch {
        return (values, start, error)
      }
    }
  }
}
