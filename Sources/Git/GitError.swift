/// Why something could not be read from a repository.
package struct GitError: Error, Sendable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    /// There is no `git`, it is too old, or it did not get to its end.
    case tool
    case notARepository
    /// There is a `.git`, but git does not accept it: it is damaged, or belongs to somebody else.
    case refused
    case unknownRevision
    /// The repository has no commit at all.
    case isEmpty
    /// Its objects have SHA-256 names.
    case isSHA256
    case missingObjects
    /// It wants something run.
    case wantsProgram
    case other
  }

  package let kind: Kind
  package let description: String

  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
