/// Why the Merge strategy fails on a text, in the words that the controller reports.
package struct MergeYAMLError: Error, Sendable, CustomStringConvertible {
  /// What follows `failed to apply copy operation from '…' to '…': ` in the controller's message.
  package let description: String
}

/// What the Merge copy strategy of an ArtifactGenerator does with text.
///
/// Facts from fluxcd/source-watcher, internal/builder/merge.go, and sigs.k8s.io/yaml: YAML to JSON to a
/// map in which every number is a double, and back to JSON and YAML.
package enum MergeYAML {
  /// A text as the strategy sees it.
  package struct Document: Sendable {
    package let object: Object
    /// Whether keys that differ in YAML have the same name (`1` and `"1"`) but not the same value:
    /// the reference keeps one of the values by chance, `object` the last.
    package let hasAmbiguousKeys: Bool
  }

  /// Reads all documents of a text and merges them, a later one over an earlier one.
  ///
  /// - Throws: `MergeYAMLError` in the reference's wording. Deviations: nesting is refused beyond
  ///   1000 levels (there 10,000), and aliases that copy more than 64 MiB of text.
  package static func read(_ text: [UInt8]) throws(MergeYAMLError) -> Document {
    var documents = YAMLDocuments(text)
    var object = Object()
    var hasAmbiguousKeys = false
    while let document = try next(of: &documents) {
      guard let (value, ambiguous) = try read(document) else { continue }
      object = merge(object, value)
      hasAmbiguousKeys = hasAmbiguousKeys || ambiguous
    }
    return Document(object: object, hasAmbiguousKeys: hasAmbiguousKeys)
  }

  /// Puts `overlay` over `base`: maps are merged, anything else is replaced, by null too.
  package static func merge(_ base: Object, _ overlay: Object) -> Object {
    var result = base
    for (key, value) in overlay {
      if case .object(let over) = value, case .object(let under)? = result[key] {
        result[key] = .object(merge(under, over))
      } else {
        result[key] = value
      }
    }
    return result
  }

  /// Writes a merged map.
  ///
  /// `unstableKeys` says that some map has keys that the reference may write in more than one
  /// order, because its comparison of keys is not transitive; `text` is one of its possible results,
  /// always the same.
  ///
  /// - Throws: `MergeYAMLError` for what the reference cannot write either: DEL and control characters
  ///   beyond ASCII, keys of more than 1024 characters.
  package static func write(
    _ merged: Object
  ) throws(MergeYAMLError) -> (text: [UInt8], unstableKeys: Bool) {
    let passed: Value
    do {
      passed = try YAMLPassage.throughJSON(.object(merged))
    } catch {
      throw MergeYAMLError(description: "failed to merged YAML: \(error.goText)")
    }
    var writer = YAMLWriter(looksForUnstableKeys: true)
    let text = writer.document(passed)
    return (text, writer.hasUnstableKeys)
  }

  private static func next(
    of documents: inout YAMLDocuments
  ) throws(MergeYAMLError) -> YAMLDocument? {
    do {
      return try documents.next()
    } catch {
      throw MergeYAMLError(
        description: "error reading YAML document: invalid Yaml document separator: \(error.rest)"
      )
    }
  }

  private static func read(
    _ document: YAMLDocument
  ) throws(MergeYAMLError) -> (object: Object, hasAmbiguousKeys: Bool)? {
    let prefix = "cannot unmarshal YAML document: "
    let value: Value
    let ambiguous: Bool
    do throws(YAMLFailure) {
      guard let (nodes, root) = try YAMLComposer.firstDocument(of: document.bytes)
      else { return nil }
      var decoder = YAMLDecoder(nodes: nodes, numbers: .double)
      value = try decoder.decode(root: root)
      ambiguous = decoder.hasAmbiguousKeys
    } catch {
      throw MergeYAMLError(description: prefix + "error converting YAML to JSON: " + error.goText)
    }
    let type: String
    switch value {
    case .object(let object): return (object, ambiguous)
    case .null: return nil
    case .bool: type = "bool"
    case .integer, .double: type = "number"
    case .string: type = "string"
    case .array: type = "array"
    }
    throw MergeYAMLError(
      description: prefix
        + "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal \(type) "
        + "into Go value of type map[string]interface {}"
    )
  }
}
