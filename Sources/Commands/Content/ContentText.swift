import ArgumentParser
import Content
import FluxModel
import Operations
import Platform
import Text

/// What `ls`, `cat` and `pull` say alike.
enum ContentText {
  static let cluster =
    "An artifact in the cluster is fetched through the API server: with its service proxy (needs permission "
    + "to get services/proxy; a role with resourceNames lists http:NAME:PORT), or a port forwarded to a pod (needs permission to get services, to list "
    + "endpointslices or pods, and to get and create pods/portforward). In a pod, it can also be fetched "
    + "directly. --via selects the route. Digest and size are verified before the artifact is used. It is "
    + "cached for seven days (at most 512 MiB), unless --no-cache or CI is set. Archives with links, "
    + "devices, duplicate files or paths that lead outside are rejected."

  static let sources =
    "git:DIR@REF reads a commit without touching the work tree. A directory at the top of a work tree is "
    + "read as if everything in it were committed now. dir:DIR, directories without .git and FILE.tar.gz "
    + "are read as they are, unless the source object is known. Source "
    + "objects are looked up in --manifests, then in the files of -f, then in --snapshot. Without -f, "
    + "NAME can be any name and refers to the first source object in --manifests."

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

  /// Reports what was found in addition to the files.
  static func tell(_ listing: ContentListing, in surroundings: Surroundings) {
    for warning in listing.warnings { surroundings.warn(warning) }
    for note in listing.notes { surroundings.note("Note: \(note)") }
  }

  /// A path in an artifact as people write it: from the top of the artifact, with or without a slash.
  static func path(_ word: String) -> TreePath {
    TreePath(Array(word.nativeBytes.drop { $0 == TreePath.slash })).cleaned
  }

  /// Why nothing is at a path.
  static func absence(of path: TreePath, in listing: ContentListing) -> String {
    let kind = path.components.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
    let looksLikeObject = path.components.count == 2 && FluxKind.resolve(kind) != nil
    guard listing.source?.origin == .cluster else {
      return "\(path) is not published: \(listing.reasons(for: path).joined(separator: "; "))"
        + (looksLikeObject
          ? " (arguments are paths, because --source specifies what to read: leave out \(path))"
          : "")
    }
    let hint = looksLikeObject ? "only one object at a time" : "use ls to list its files"
    return "\(path) is not in the artifact (\(hint))"
  }
}

extension ArgumentHelp {
  static let artifact = ArgumentHelp(
    "An object with an artifact, such as ea/frontend or git/monorepo", valueName: "OBJECT")
  static let artifactAndPath = ArgumentHelp(
    "An object with an artifact, such as ea/frontend or git/monorepo, and a path in it",
    valueName: "OBJECT")
}
