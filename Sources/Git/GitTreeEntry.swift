package import Content

/// A line of `git ls-tree -r -z`: a file, a link or a submodule of a commit.
package struct GitTreeEntry: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case file(isExecutable: Bool)
    case link
    /// A commit of another repository.
    case submodule
  }

  package let kind: Kind
  /// The object's name in hexadecimal.
  package let object: String
  package let path: TreePath

  package init(kind: Kind, object: String, path: TreePath) {
    self.kind = kind
    self.object = object
    self.path = path
  }

  /// Reads `MODE TYPE OBJECT\tPATH\0` again and again; lines of trees are passed over.
  ///
  /// - Throws: `GitError` for what is no such line.
  package static func parse(_ listing: [UInt8]) throws(GitError) -> [GitTreeEntry] {
    var result: [GitTreeEntry] = []
    for line in listing.split(separator: 0) {
      let malformed = GitError(
        .tool,
        "git ls-tree returned a malformed line: \(String(decoding: line, as: UTF8.self))")
      guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { throw malformed }
      let fields = line[..<tab].split(separator: UInt8(ascii: " ")).map {
        String(decoding: $0, as: UTF8.self)
      }
      let path = TreePath(line[(tab + 1)...])
      guard fields.count == 3, isObjectName(fields[2]), isPlain(path) else { throw malformed }
      switch (fields[0], fields[1]) {
      case (_, "tree"): continue
      case ("160000", "commit"):
        result.append(GitTreeEntry(kind: .submodule, object: fields[2], path: path))
      case ("120000", "blob"):
        result.append(GitTreeEntry(kind: .link, object: fields[2], path: path))
      case (let mode, "blob"):
        guard let bits = UInt32(mode, radix: 8) else { throw malformed }
        // Old tools wrote 100664; git knows no bit but the owner's `x`.
        result.append(
          GitTreeEntry(
            kind: .file(isExecutable: bits & 0o100 != 0), object: fields[2], path: path))
      default:
        throw malformed
      }
    }
    return result
  }

  private static func isObjectName(_ text: String) -> Bool {
    (text.utf8.count == 40 || text.utf8.count == 64) && isHexadecimal(text.utf8)
  }

  static func isHexadecimal(_ text: some Sequence<UInt8>) -> Bool {
    text.allSatisfy { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
  }

  /// No part is empty, `.` or `..`: a tree object may hold whatever somebody wrote there.
  private static func isPlain(_ path: TreePath) -> Bool {
    path.components.allSatisfy { part in
      !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
    }
  }
}
