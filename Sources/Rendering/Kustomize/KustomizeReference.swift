/// What kustomize takes for a place outside of the tree.
package enum KustomizeReference {
  /// `IsLocalRelativePath` of fluxcd/pkg/kustomize.
  static func isLocalRelative(_ text: String) -> Bool {
    let remote = [
      "git::", "gh:", "ssh://", "https://", "http://", "git@", "github.com:", "github.com/",
      "file:///", "/",
    ]
    return !remote.contains(where: text.hasPrefix)
  }

  /// Whether kustomize may fetch what is written so: a URL, or anything that its reader of git addresses
  /// understands in any spelling (kustomize api/internal/git/repospec.go).
  ///
  /// It is asked before a local directory is, so a directory of such a name is remote, too. This takes
  /// more for remote than kustomize does, never less.
  package static func isRemote(_ text: String) -> Bool {
    let lower = text.lowercased()
    if ["gh:", "github.com", "www.github.com", "git@", "file:", "ssh:", "http:", "https:"]
      .contains(where: lower.hasPrefix)
    {
      return true
    }
    // A scheme, a getter, a user, a query, the separator of repository and path, the end of a name.
    let bytes = Array(lower.utf8)
    return ["://", "::", "?", "//", ".git/", "_git/"].contains { has($0, bytes) }
      || lower.hasSuffix(".git") || hasUser(bytes)
  }

  /// `someone@host:` or `someone@host/`.
  private static func hasUser(_ text: [UInt8]) -> Bool {
    guard let sign = text.firstIndex(of: UInt8(ascii: "@")) else { return false }
    return !text[..<sign].contains(UInt8(ascii: "/"))
  }

  private static func has(_ word: StaticString, _ text: [UInt8]) -> Bool {
    let count = word.utf8CodeUnitCount
    guard text.count >= count else { return false }
    return (0...text.count - count).contains { start in
      (0..<count).allSatisfy { text[start + $0] == word.utf8Start[$0] }
    }
  }
}
