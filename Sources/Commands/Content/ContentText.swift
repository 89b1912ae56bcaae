import ArgumentParser
import Content
import Operations
import Text

/// What `ls`, `cat` and `pull` say alike.
enum ContentText {
  static let cluster =
    "An artifact of the cluster is fetched through the API server: by its service proxy (which takes the "
    + "right to get services/proxy), else by a port forwarded to a pod (to get services, to list "
    + "endpointslices or pods, and to get and create pods/portforward); --via chooses. In a pod it is "
    + "asked for directly, too. What comes is compared with digest and size of the object's status "
    + "before anything is done with it, and kept below the user's cache folder for seven days (512 MiB "
    + "at most; not with --no-cache, and not where CI is set). Its archive is refused where it holds "
    + "links, devices, files twice or names that lead elsewhere."

  static let sources =
    "git:DIR@REF reads a commit from git's objects and never touches the work tree; a directory that is "
    + "the top of a work tree counts as if everything in it were committed now; dir:DIR, a directory "
    + "without .git and FILE.tar.gz are read as they are, unless the source object is known. Source "
    + "objects are looked up in --manifests, then beside the generators, then in --snapshot. Without -f, "
    + "NAME is free and stands for the first source object of --manifests."

  /// Whether a terminal shows a file as it is: text without control characters.
  static func isText(_ content: FileContent) throws -> Bool {
    let reader = try content.open()
    var beginning = [UInt8](repeating: 0, count: 32 << 10)
    let count = try beginning.withUnsafeMutableBufferPointer { (bytes) throws(PathFailure) in
      try reader.read(into: UnsafeMutableRawBufferPointer(bytes))
    }
    var text = beginning[..<count]
    // A character may be cut in two.
    while count == beginning.count, let last = text.last, last & 0x80 != 0, text.count + 4 > count {
      text.removeLast()
    }
    guard let string = String(validating: text, as: UTF8.self) else { return false }
    return string.unicodeScalars.allSatisfy {
      !Printable.isControl($0) || "\n\r\t".unicodeScalars.contains($0)
    }
  }

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
    return listing.source?.origin == .cluster
      ? "there is no \(path) in the artifact (ls lists what there is)"
      : "\(path) is not published: there is no such file in the source"
  }
}

extension ArgumentHelp {
  static let artifact = ArgumentHelp(
    "An object with an artifact, as in ea/frontend or git/monorepo", valueName: "OBJECT")
  static let artifactAndPath = ArgumentHelp(
    "An object with an artifact, as in ea/frontend or git/monorepo, and a path in it",
    valueName: "OBJECT")
}
