import ArgumentParser
import Content
import Operations

/// What `ls`, `cat` and `pull` say alike.
enum ContentText {
  static let sources =
    "git:DIR@REF reads a commit without touching the work tree. A directory at the top of a work tree is "
    + "read as if everything in it were committed now. dir:DIR, directories without .git and FILE.tar.gz "
    + "are read as they are, unless the source object is known. Source "
    + "objects are looked up in --manifests, then in the files of -f, then in --snapshot. Without -f, "
    + "NAME can be any name and refers to the first source object in --manifests."

  /// Prints what reading found in addition to the files.
  static func tell(_ listing: ContentListing, in surroundings: Surroundings) {
    for warning in listing.warnings { surroundings.warn(warning) }
    for note in listing.notes { surroundings.note("Note: \(note)") }
  }

  /// Why nothing is at a path.
  static func absence(of path: TreePath, in listing: ContentListing) -> String {
    let reasons = listing.absent.filter { $0.path == path }.map(\.reason)
    guard reasons.isEmpty else {
      return "\(path) is not published: \(reasons.joined(separator: "; "))"
    }
    let above = listing.absent.first { absence in
      path.bytes.starts(with: absence.path.bytes + [TreePath.slash])
    }
    if let above { return "\(path) is not published: \(above.path): \(above.reason)" }
    return "\(path) is not published: the source has no such file"
  }
}

extension ArgumentHelp {
  static let artifact = ArgumentHelp(
    "The artifact of a generator, such as ea/frontend", valueName: "OBJECT")
  static let artifactAndPath = ArgumentHelp(
    "The artifact of a generator, such as ea/frontend, and a path in it", valueName: "OBJECT")
}
