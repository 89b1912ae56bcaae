/// A document of a text, with what reading it passed over.
package struct ReadDocument: Sendable {
  package let value: Value
  /// Keys that stand in one map more than once, of which the last won; in the words of
  /// `yaml.UnmarshalStrict` and of the strict JSON decoder of sigs.k8s.io/json.
  package let duplicates: [String]
}
