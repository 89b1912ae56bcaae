/// Why an artifact was not fetched.
package struct FetchError: Error, Sendable, CustomStringConvertible {
  package enum Kind: Sendable {
    /// The object has no artifact, or its status describes one that cannot be used.
    case unusable
    /// The object's digest is of an algorithm that we do not have.
    case unsupported
    /// One way, or every way, leads nowhere.
    case unreachable
    /// The server itself answered, and not with the whole artifact.
    case refused
    /// More bytes came, or fewer, than the object says.
    case wrongSize
    /// What came is not what the object says.
    case mismatch
    /// It is larger than allowed.
    case tooLarge
    /// The bytes could not be kept.
    case output

    /// Whether another way may lead to the artifact all the same.
    var leavesOtherWays: Bool { self == .unreachable || self == .refused }
  }

  package let kind: Kind
  /// What the user reads.
  package let description: String

  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
