/// The part of a URL between `//` and the path: `[user[:password]@]host[:port]`.
package struct Authority: Sendable, Hashable {
  /// Name and password as written, still percent-encoded.
  package var userInfo: String?
  /// Without the brackets of an IPv6 address; never empty.
  package var host: String
  /// As written; nil for the scheme's own.
  package var port: Int?

  package init(userInfo: String? = nil, host: String, port: Int?) {
    self.userInfo = userInfo
    self.host = host
    self.port = port
  }

  /// Nil for what is none: no host, a port that is no number, a stray bracket or control character.
  package init?(_ text: some StringProtocol) {
    var rest = Substring(text)
    if let at = rest.lastIndex(of: "@") {
      userInfo = String(rest[..<at])
      rest = rest[rest.index(after: at)...]
    }
    let name: Substring
    if rest.first == "[" {
      guard let close = rest.firstIndex(of: "]") else { return nil }
      name = rest[..<close].dropFirst()
      rest = rest[close...].dropFirst()
      guard rest.isEmpty || rest.first == ":" else { return nil }
    } else {
      name = rest.prefix { $0 != ":" }
      rest = rest[name.endIndex...]
    }
    let isPlain = name.utf8.allSatisfy {
      Printable.isGraphic($0) && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]")
    }
    guard !name.isEmpty, isPlain else { return nil }
    host = String(name)
    let digits = rest.dropFirst()
    if !digits.isEmpty {
      guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits),
        number <= 65535
      else { return nil }
      port = number
    }
  }

  /// The host with brackets around an IPv6 address.
  package var bracketedHost: String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
  }

  /// `host[:port]`, without the name and password.
  package var hostPort: String {
    port.map { "\(bracketedHost):\($0)" } ?? bracketedHost
  }
}

/// A URL without name and password, for messages.
package func withoutUserInfo(_ url: String) -> String {
  guard let (scheme, rest) = url.splitOnce("://") else { return url }
  let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
  guard let at = rest[..<end].lastIndex(of: "@") else { return url }
  return "\(scheme)://\(rest[rest.index(after: at)...])"
}
