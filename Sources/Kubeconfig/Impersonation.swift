import Text

/// As whom a request is made, when not as oneself.
package struct Impersonation: Sendable, Hashable {
  struct Extra: Sendable, Hashable {
    var key: String
    var values: [String]
  }

  var user = ""
  var uid = ""
  var groups: [String] = []
  var extra: [Extra] = []

  /// What `--as-user-extra` says, with the values of a key together; a key alone has none.
  static func extras(_ pairs: [String]) -> [Extra] {
    var extras: [Extra] = []
    for pair in pairs {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map(String.init)
      let value = parts.count == 2 ? parts[1] : ""
      if let known = extras.firstIndex(where: { $0.key == parts[0] }) {
        extras[known].values.append(value)
      } else {
        extras.append(Extra(key: parts[0], values: [value]))
      }
    }
    return extras
  }

  var isEmpty: Bool { user.isEmpty && uid.isEmpty && groups.isEmpty && extra.isEmpty }

  /// The header fields that ask for another identity (client-go transport/round_trippers.go).
  package var headers: [(name: String, value: String)] {
    guard !user.isEmpty else { return [] }
    var result = [("Impersonate-User", user)]
    if !uid.isEmpty { result.append(("Impersonate-Uid", uid)) }
    result += groups.map { ("Impersonate-Group", $0) }
    for extra in extra {
      let name = "Impersonate-Extra-\(headerName(extra.key))"
      result += extra.values.map { (name, $0) }
    }
    return result
  }

  /// A key as part of a header name: what may not stand there is escaped, and case is Go's
  /// canonical one, since names have none.
  private func headerName(_ key: String) -> String {
    let escaped = percentEncoded(key, keeping: "!#$&'*+-.^_`|~").lowercased()
    return escaped.split(separator: "-", omittingEmptySubsequences: false)
      .map { $0.prefix(1).uppercased() + $0.dropFirst() }
      .joined(separator: "-")
  }
}
