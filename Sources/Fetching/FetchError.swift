/// Why an artifact was not fetched.
package struct FetchError: Error, Sendable, CustomStringConvertible {
  package enum Kind: Sendable {
    /// The object has no artifact, or its status describes one that cannot be used.
    case unusable
    /// One way, or every way, leads nowhere.
    case unreachable
    /// What came is not what the object says.
    case mismatch
    /// It is larger than allowed.
    case tooLarge
    /// The bytes could not be kept.
    case output
  }

  package let kind: Kind
  /// What the user reads.
  package let description: String

  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
