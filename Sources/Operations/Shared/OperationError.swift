/// What keeps an operation from being carried out.
///
/// Failures of the API server and of its connection stay what they are; this is for the rest.
package struct OperationError: Error, Sendable, CustomStringConvertible {
  package enum Kind: Sendable {
    /// Words of the command line that cannot be meant so; the message says where to find help.
    case usage
    /// An argument that cannot be meant so.
    case invalidArgument
    /// A file that cannot be read or understood.
    case invalidInput
    /// Something that has to be there and is not.
    case notFound
    /// Objects that need each other.
    case cycle
    /// Something that could not be written.
    case output
    /// What the user has no right to.
    case forbidden
    /// A state of the cluster in which the action makes no sense.
    case precondition
    /// What did not end in its time.
    case timedOut
  }

  package let kind: Kind
  /// What the user reads: the subject first, how to fix it last.
  package let description: String
  /// The object that has no `--source`, where another source includes it.
  var unmappedInclude: ReadSource.Identity?

  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// A device or a pipe in a directory, with the name of a manifest: it was not asked for, and may be
  /// endless.
  static func noRegularFile(_ path: String) -> OperationError {
    OperationError(
      .invalidInput, "\(path) is not a regular file: remove it, or pass it with a -f of its own")
  }
}
