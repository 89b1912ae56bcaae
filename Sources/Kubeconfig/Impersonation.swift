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
