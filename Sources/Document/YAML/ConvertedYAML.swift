/// Why a text could not be converted, in the words of Go's YAML packages.
package struct YAMLConversionError: Error, Sendable, CustomStringConvertible {
  /// What `yaml.YAMLToJSON` returns, such as `yaml: line 3: mapping values are not allowed in this
  /// context`.
  package let description: String
}

extension YAML {
  /// The first document of a text, as `yaml.YAMLToJSON` of sigs.k8s.io/yaml reads it; null where there
  /// is none.
  ///
  /// Unlike `parse(_:)`, a line that begins with `---` only ends a document where YAML says so, JSON is
  /// read as YAML, and what follows the document is not looked at.
  ///
  /// - Throws: `YAMLConversionError`; deviations as in `MergeYAML`.
  package static func converted(_ text: [UInt8]) throws(YAMLConversionError) -> Value {
    do throws(YAMLFailure) {
      guard let (nodes, root) = try YAMLComposer.firstDocument(of: text) else { return .null }
      var decoder = YAMLDecoder(nodes: nodes, numbers: .exact)
      return try decoder.decode(root: root)
    } catch {
      throw YAMLConversionError(description: error.goText)
    }
  }
}
