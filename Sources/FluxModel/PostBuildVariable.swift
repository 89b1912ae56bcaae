/// Variables of post-build substitution, with which a Kustomization that applies an object fills its fields.
package enum PostBuildVariable {
  /// Whether a value is known only when it is applied.
  package static func isPart(of text: String) -> Bool { text.contains("${") }
}
