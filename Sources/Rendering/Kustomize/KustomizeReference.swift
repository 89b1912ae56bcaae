import Content

/// What kustomize takes for a place outside of the tree.
package enum KustomizeReference {
  /// `IsLocalRelativePath` of fluxcd/pkg/kustomize.
  static func isLocalRelative(_ text: String) -> Bool {
    let remote = [
      "git::", "gh:", "ssh://", "https://", "http://", "git@", "github.com:", "github.com/",
      "file:///", "/",
    ]
    return !remote.contains { text.utf8.starts(with: $0.utf8) }
  }

  /// Whether kustomize fetches what is written so: the URL of a file, or the address of a repository
  /// (`NewRepoSpecFromURL` in kustomize's `api/internal/git/repospec.go` since 5.0).
  ///
  /// It is asked before a local directory is, so a directory of such a name is remote, too. What looks like an
  /// address and is none, such as `github.com/x` and `x//y`, is a local path for kustomize.
  package static func isRemote(_ text: String) -> Bool {
    // `IsRemoteFile` in its `fileloader.go`.
    if without(text.utf8[...], "http:") != nil || without(text.utf8[...], "https:") != nil {
      return true
    }
    guard text.utf8.first != slash else { return false }
    let written = text.utf8.prefix { $0 != UInt8(ascii: "?") }
    let address = without(written, "git::") ?? written
    if let repository = without(address, "file://") { return !repository.isEmpty }
    return path(of: address).map(isRepository) ?? false
  }

  private static let slash = UInt8(ascii: "/")

  /// What follows the host of an address (`extractHost`); nil where there is no host.
  private static func path(of address: Substring.UTF8View) -> Substring.UTF8View? {
    let afterScheme = ["ssh://", "https://", "http://"].lazy
      .compactMap { without(address, $0) }.first
    var rest = afterScheme ?? address
    let afterUser = withoutUser(rest)
    rest = afterUser ?? rest
    let isGitHub = without(rest, "github.com/") != nil || without(rest, "github.com:") != nil
    let mayHaveColon = afterScheme == nil && (afterUser != nil || isGitHub)
    guard afterScheme != nil || mayHaveColon else { return nil }
    var separator = rest.firstIndex(of: slash)
    if mayHaveColon {
      let colon = rest.firstIndex(of: UInt8(ascii: ":"))
      if separator == nil {
        separator = colon
      } else if let found = separator, let colon, colon > rest.startIndex, colon < found {
        separator = colon
      }
    }
    guard !rest.isEmpty else { return nil }
    return separator.map { rest[rest.index(after: $0)...] } ?? rest[rest.endIndex...]
  }

  /// Whether a path names a repository and what is in it (`parsePathParts`).
  private static func isRepository(_ path: Substring.UTF8View) -> Bool {
    let bytes = Array(path)
    let repository: Int
    var inner: ArraySlice<UInt8>
    if let start = position(of: "_git/", in: bytes) {
      let rest = bytes[(start + 5)...]
      let end = rest.firstIndex(of: slash) ?? rest.endIndex
      (repository, inner) = (end, rest[end...].dropFirst())
    } else if let start = position(of: "//", in: bytes) {
      (repository, inner) = (start, bytes[(start + 2)...])
    } else if let start = position(of: ".git", in: bytes) {
      (repository, inner) = (start + 4, bytes[(start + 4)...])
    } else {
      // An owner and a repository.
      let parts = bytes.split(separator: slash, maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count >= 2 else { return false }
      (repository, inner) = (parts[1].endIndex, parts.count > 2 ? parts[2] : [])
    }
    inner = inner.first == slash ? inner.dropFirst() : inner
    return repository > 0 && !TreePath(inner).cleaned.leavesRoot
  }

  /// `^[a-zA-Z][a-zA-Z0-9-]*@`.
  private static func withoutUser(_ text: Substring.UTF8View) -> Substring.UTF8View? {
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    guard let sign = text.firstIndex(of: UInt8(ascii: "@")), let first = text.first,
      letters.contains(first | 0x20)
    else { return nil }
    let isName = text[..<sign].allSatisfy { byte in
      letters.contains(byte | 0x20) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-")
    }
    return isName ? text[text.index(after: sign)...] : nil
  }

  /// What follows a beginning in any case; nil where it does not begin so.
  private static func without(
    _ text: Substring.UTF8View, _ beginning: String
  ) -> Substring.UTF8View? {
    let count = beginning.utf8.count
    let start = text.prefix(count)
    guard start.count == count,
      String(decoding: start, as: UTF8.self).lowercased() == beginning
    else { return nil }
    return text.dropFirst(count)
  }

  private static func position(of word: String, in bytes: [UInt8]) -> Int? {
    bytes.indices.first { bytes[$0...].starts(with: word.utf8) }
  }

  // MARK: - What is never handed to kustomize

  /// Whether any version of kustomize may fetch what is written so.
  ///
  /// This takes more for remote than ``isRemote(_:)``, never less: before 5.0, kustomize understood other
  /// addresses, and what is fetched cannot be undone.
  static func mayBeRemote(_ text: String) -> Bool {
    let lower = text.lowercased()
    if ["gh:", "github.com", "www.github.com", "git@", "file:", "ssh:", "http:", "https:"]
      .contains(where: { lower.utf8.starts(with: $0.utf8) })
    {
      return true
    }
    // A scheme, a getter, a user, a query, the separator of repository and path, the end of a name.
    let bytes = Array(lower.utf8)
    return ["://", "::", "?", "//", ".git/", "_git/"].contains { hasWord($0, bytes) }
      || lower.hasSuffix(".git") || hasUser(bytes)
  }

  /// `someone@host:` or `someone@host/`.
  private static func hasUser(_ text: [UInt8]) -> Bool {
    guard let sign = text.firstIndex(of: UInt8(ascii: "@")) else { return false }
    return !text[..<sign].contains(UInt8(ascii: "/"))
  }

  private static func hasWord(_ word: StaticString, _ text: [UInt8]) -> Bool {
    let count = word.utf8CodeUnitCount
    guard text.count >= count else { return false }
    return (0...text.count - count).contains { start in
      (0..<count).allSatisfy { text[start + $0] == word.utf8Start[$0] }
    }
  }
}
