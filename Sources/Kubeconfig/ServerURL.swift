import Text

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
    guard let (scheme, rest) = text.splitOnce("://") else {
      throw KubeconfigError(
        .invalid,
        subject: text,
        "the server \"\(text)\" of cluster \"\(cluster)\" has no scheme; write https://\(text)"
      )
    }
    let lowered = scheme.lowercased()
    guard lowered == "https" || lowered == "http" else {
      throw KubeconfigError(
        .invalid,
        subject: text,
        "the server \"\(text)\" of cluster \"\(cluster)\" has the scheme \(lowered); it must be https or http"
      )
    }
    isTLS = lowered == "https"
    let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    let authority = rest[..<end]
    guard !authority.contains("@") else {
      throw KubeconfigError(
        .invalid,
        "the server of cluster \"\(cluster)\" holds a name or password; put credentials into the user's entry"
      )
    }
    guard let authority = Authority(authority) else { throw malformed }
    host = authority.host
    port = authority.port
    let path = rest[end...].prefix { $0 != "?" && $0 != "#" }
    guard path.utf8.allSatisfy(Printable.isGraphic) else { throw malformed }
    self.path = String(path.trimmingSuffix("/"))
  }

  /// `host[:port]` as it stands in the URL.
  package var authority: String {
    Authority(host: host, port: port).hostPort
  }

  /// Scheme and authority, without the path.
  package var origin: String {
    "\(isTLS ? "https" : "http")://\(authority)"
  }

  package var description: String {
    origin + path
  }
}
