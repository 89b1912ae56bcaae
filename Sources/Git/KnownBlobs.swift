import Content
import Synchronization

/// The contents that were read of repositories, for those who read further commits of them.
///
/// Two trees of one repository mostly have the same files. A content that is read once is also the same by
/// its place (``FileContent/isEquivalent(to:modes:)``).
package final class KnownBlobs: Sendable {
  /// By the repository's own directory, which all its work trees share, and the blob's name: one repository
  /// says nothing of what another one has by that name.
  private let contents = Mutex<[String: [String: FileContent]]>([:])

  package init() {}

  func contents(of objects: [String], in repository: String) -> [String: FileContent] {
    contents.withLock { contents in
      guard let known = contents[repository] else { return [:] }
      var result: [String: FileContent] = [:]
      for object in objects { result[object] = known[object] }
      return result
    }
  }

  func add(_ more: [String: FileContent], of repository: String) {
    contents.withLock { $0[repository, default: [:]].merge(more) { $1 } }
  }
}
