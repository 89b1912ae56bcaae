/// Where the API server is.
package struct ServerURL: Sendable, Hashable, CustomStringConvertible {
  package var isTLS: Bool
  /// Without the brackets of an IPv6 address.
  package var host: String
  /// As written; nil for the scheme's own.
  package var port: Int?
  /// What stands before every API path: empty, or `/…` without a slash at the end.
  package var path: String

  /// Reads `http[s]://host[:port][/path]`.
  ///
  /// Query and fragment are dropped, as by client-go.
  ///
  /// - Throws: with client-go's text when it is no URL; with our own when the scheme is missing
  ///   (client-go would silently use plain HTTP without credentials) or is another one, and when it
  ///   holds a password.
  init(_ text: String, cluster: String) throws(KubeconfigError) {
    let malformed = KubeconfigError(
      .invalid, subject: text, "host must be a URL or a host:port pair: \"\(text)\"")
    guard let colon = text.range(ofSeparator: "://") else {
      throw KubeconfigError(
        .invalid,
        subject: text,
        "the server \"\(text)\" of cluster \"\(cluster)\" has no scheme; write https://\(text)"
      )
    }
    let scheme = text[..<colon.lowerBound].lowercased()
    guard scheme == "https" || scheme == "http" else {
      throw KubeconfigError(
        .invalid,
        subject: text,
        "the server \"\(text)\" of cluster \"\(cluster)\" has the scheme \(scheme); it must be https or http"
      )
    }
    isTLS = scheme == "https"
    let rest = text[colon.upperBound...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    let authority = rest[..<end]
    guard !authority.contains("@") else {
      throw KubeconfigError(
        .invalid,
        "the server of cluster \"\(cluster)\" holds a name or password; put credentials into the user's entry"
      )
    }
    guard let (host, port) = Self.hostAndPort(authority) else { throw malformed }
    self.host = host
    self.port = port
    let path = rest[end...].prefix { $0 != "?" && $0 != "#" }
    guard !path.utf8.contains(where: { $0 <= 32 || $0 == 127 }) else { throw malformed }
    self.path = String(path.trimmingSuffix("/"))
  }

  private static func hostAndPort(_ authority: Substring) -> (String, Int?)? {
    var host = authority
    var port: Substring?
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      host = authority[authority.index(after: authority.startIndex)..<close]
      let after = authority[authority.index(after: close)...]
      if after.hasPrefix(":") { port = after.dropFirst() } else if !after.isEmpty { return nil }
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      port = authority[authority.index(after: colon)...]
    }
    let isPlain = host.utf8.allSatisfy {
      $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]")
    }
    guard !host.isEmpty, isPlain else { return nil }
    guard let port, !port.isEmpty else { return (String(host), nil) }
    guard port.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(port), number <= 65535
    else { return nil }
    return (String(host), number)
  }

  /// `host[:port]` as it stands in the URL.
  package var authority: String {
    let host = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    return port.map { "\(host):\($0)" } ?? host
  }

  /// Scheme and authority, without the path.
  package var origin: String {
    "\(isTLS ? "https" : "http")://\(authority)"
  }

  package var description: String {
    origin + path
  }
}

extension StringProtocol {
  func range(ofSeparator separator: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(separator) {
        return start..<index(start, offsetBy: separator.count)
      }
      start = index(after: start)
    }
    return nil
  }

  func trimmingSuffix(_ character: Character) -> SubSequence {
    var rest = self[...]
    while rest.last == character { rest = rest.dropLast() }
    return rest
  }
}
