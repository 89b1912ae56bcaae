/// Why a JSONPath template cannot be read or evaluated, in the words of client-go
/// (`util/jsonpath`).
package struct JSONPathError: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
