package import Text

/// An absolute URL, read as far as connections need it.
package struct Target: Sendable, Hashable, CustomStringConvertible {
  /// In lower case.
  package var scheme: String
  package var authority: Authority
  /// Path, query and fragment as written.
  package var rest: String

  /// Stands for a URL that could not be read.
  package static let unknown = Target(
    scheme: "", authority: Authority(host: "", port: 0), rest: "")

  package var host: String { authority.host }

  /// As written, else the scheme's own.
  package var port: Int { authority.port ?? Self.defaultPorts[scheme] ?? 0 }

  /// `host:port`, as in a `Host` header, with brackets around an IPv6 address.
  package var hostPort: String { Authority(host: host, port: port).hostPort }

  package var hasDefaultPort: Bool { Self.defaultPorts[scheme] == port }

  /// Scheme, host and port as written, without name and password.
  package var origin: String { "\(scheme)://\(authority.hostPort)" }

  /// The URL without name and password.
  package var description: String { origin + rest }

  private static let defaultPorts = ["http": 80, "https": 443, "socks5": 1080, "socks5h": 1080]
}

extension Target {
  /// Reads `scheme://[user[:password]@]host[:port][/…]`; nil when it is not of that form.
  package init?(_ url: String) {
    guard let (scheme, afterScheme) = url.splitOnce("://"), !scheme.isEmpty else { return nil }
    let end =
      afterScheme.utf8.firstIndex { $0 == 47 || $0 == 63 || $0 == 35 } ?? afterScheme.endIndex
    guard let authority = Authority(afterScheme[..<end]) else { return nil }
    self.init(
      scheme: scheme.lowercased(), authority: authority, rest: String(afterScheme[end...]))
  }
}
