import Document
import Text

/// Whether a revision matches what the command line says.
package enum RevisionMatch {
  /// Whether a revision matches what was written, completely or in one of its parts.
  package static func matches(_ revision: String, _ wanted: String) -> Bool {
    if equalUTF8(revision, wanted) { return true }
    guard let at = revision.lastIndex(of: "@") else { return isAt(wanted, revision) }
    return equalUTF8(String(revision[..<at]), wanted)
      || equalUTF8(String(revision[revision.index(after: at)...]), wanted)
      || isAt(wanted, revision)
  }

  /// Whether a revision's hexadecimal digest begins with the given digits, of which there must be
  /// seven at least.
  package static func isAt(_ commit: String, _ revision: String) -> Bool {
    let wanted = commit.lowercased().split(separator: ":").last.map(String.init) ?? ""
    guard wanted.utf8.count >= 7, wanted.utf8.allSatisfy(isHexByte) else { return false }
    return revision.lowercased().split { !$0.isHexDigit }.contains {
      $0.utf8.count >= 40 && $0.hasPrefix(wanted)
    }
  }
}
