package import Content

/// What happened to a file between two trees.
package enum FileChange: Sendable {
  case added(FileSide)
  case removed(FileSide)
  /// The content changed, and perhaps the mode.
  case modified(from: FileSide, to: FileSide)
  /// Only the mode changed.
  case mode(from: FileSide, to: FileSide)
  /// The same content under another path, perhaps with another mode.
  case renamed(from: FileSide, to: FileSide)

  /// The names of the kinds in output.
  package enum Kind: String, Sendable, CaseIterable {
    case added
    case removed
    case modified
    case mode
    case renamed
  }

  package var kind: Kind {
    switch self {
    case .added: .added
    case .removed: .removed
    case .modified: .modified
    case .mode: .mode
    case .renamed: .renamed
    }
  }

  /// The file as it was; nil for one that was added.
  package var old: FileSide? {
    switch self {
    case .added: nil
    case .removed(let old), .modified(let old, _), .mode(let old, _), .renamed(let old, _): old
    }
  }

  /// The file as it is now; nil for one that was removed.
  package var new: FileSide? {
    switch self {
    case .removed: nil
    case .added(let new), .modified(_, let new), .mode(_, let new), .renamed(_, let new): new
    }
  }

  /// Where the file is now or, if it was removed, where it was.
  package var path: TreePath {
    switch self {
    case .removed(let side), .added(let side): side.path
    case .modified(_, let new), .mode(_, let new), .renamed(_, let new): new.path
    }
  }

  /// Whether the file is executable on one side only, which is all that git records of a mode.
  package var changesMode: Bool {
    guard let old, let new else { return false }
    return old.isExecutable != new.isExecutable
  }
}
