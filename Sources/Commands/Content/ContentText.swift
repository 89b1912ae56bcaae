import ArgumentParser
import Content
import Operations

/// What `ls`, `cat` and `pull` say alike.
enum ContentText {
  static let sources =
    "git:DIR@REF reads a commit from git's objects and never touches the work tree; a directory that is "
    + "the top of a work tree counts as if everything in it were committed now; dir:DIR, a directory "
    + "without .git and FILE.tar.gz are read as they are, unless the source object is known. Source "
    + "objects are looked up in --manifests, then beside the generators, then in --snapshot. Without -f, "
    + "NAME is free and stands for the first source object of --manifests."

  /// Says what a reading found besides the files.
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
    return "\(path) is not published: there is no such file in the source"
  }
}

extension ArgumentHelp {
  static let artifact = ArgumentHelp(
    "The artifact of a generator, as in ea/frontend", valueName: "OBJECT")
  static let artifactAndPath = ArgumentHelp(
    "The artifact of a generator, as in ea/frontend, and a path in it", valueName: "OBJECT")
}
