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
      var malformed: GitError {
        GitError(
          .tool,
          "git ls-tree returned a malformed line: \(String(decoding: line, as: UTF8.self))")
      }
      guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { throw malformed }
      let fields = line[..<tab].split(separator: UInt8(ascii: " "))
      let path = TreePath(line[(tab + 1)...])
      guard fields.count == 3, isObjectName(fields[2]), isPlain(path) else { throw malformed }
      if fields[1].elementsEqual("tree".utf8) { continue }
      guard let kind = kind(mode: fields[0], isBlob: fields[1].elementsEqual("blob".utf8)) else {
        throw malformed
      }
      result.append(
        GitTreeEntry(
          kind: kind, object: String(decoding: fields[2], as: UTF8.self), path: path))
    }
    return result
  }

  /// Nil for what no tree has; a submodule is a commit, everything else a blob.
  private static func kind(mode: ArraySlice<UInt8>, isBlob: Bool) -> Kind? {
    let bits = mode.reduce(UInt32?(0)) { bits, digit in
      guard let bits, bits < 1 << 24, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit)
      else { return nil }
      return bits << 3 | UInt32(digit - UInt8(ascii: "0"))
    }
    switch (bits, isBlob) {
    case (0o160000?, false): return .submodule
    case (0o120000?, true): return .link
    // Old tools wrote 100664; git knows no bit but the owner's `x`.
    case (let bits?, true): return .file(isExecutable: bits & 0o100 != 0)
    default: return nil
    }
  }

  private static func isObjectName(_ name: ArraySlice<UInt8>) -> Bool {
    (name.count == 40 || name.count == 64) && isHexadecimal(name)
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
