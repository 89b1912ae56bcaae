/// A manifest that cannot be read as the Flux object it claims to be.
package struct FluxModelError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Kind: Sendable, Equatable {
    /// `apiVersion` or `kind` is another one.
    case wrongType
    case missingField
    case wrongFieldType
  }

  package let kind: Kind
  /// The path of the field, such as `spec.artifacts[0].copy[1].from`.
  package let field: String
  /// What is wrong and how to mend it.
  package let message: String

  package init(_ kind: Kind, field: String, message: String) {
    self.kind = kind
    self.field = field
    self.message = message
  }

  package var description: String {
    "\(field): \(message)"
  }
}
