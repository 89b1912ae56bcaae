/// Variables of post-build substitution, with which a Kustomization that applies an object fills its fields.
enum Substitution {
  /// Whether a value is known only when it is applied.
  static func isVariable(_ text: String) -> Bool { text.contains("${") }
}
