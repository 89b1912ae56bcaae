/// What is filled in before an object is applied: variables of post-build substitution, with which a
/// Kustomization fills its fields, and actions of the templates of a chart.
package enum PostBuildVariable {
  /// Whether a value is known only when it is applied.
  package static func isPart(of text: String) -> Bool {
    text.contains("${") || text.contains("{{")
  }
}
