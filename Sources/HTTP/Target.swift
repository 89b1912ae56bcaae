import Text

/// The parts of an absolute URL that decide where a connection goes.
package struct Target: Sendable, Hashable {
  package var scheme: String
  /// Name and password as written, still percent-encoded.
  package var userInfo: String?
  /// Without the brackets of an IPv6 address.
  package var host: String
  package var port: Int
  /// Path, query and fragment as written.
  package var rest: String

  /// Reads `scheme://[user[:password]@]host[:port][/…]`; nil when it is not of that form.
  package init?(_ url: String) {
    guard let (scheme, afterScheme) = url.splitOnce("://"), !scheme.isEmpty else { return nil }
    let end =
      afterScheme.utf8.firstIndex { $0 == 47 || $0 == 63 || $0 == 35 } ?? afterScheme.endIndex
    guard let authority = Authority(afterScheme[..<end]) else { return nil }
    self.scheme = scheme.lowercased()
    rest = String(afterScheme[end...])
    userInfo = authority.userInfo
    host = authority.host
    port = authority.port ?? Self.defaultPorts[self.scheme] ?? 0
  }

  /// Stands for a URL that could not be read.
  package static let unknown = Target(scheme: "", host: "", port: 0)

  private init(scheme: String, host: String, port: Int) {
    self.scheme = scheme
    self.host = host
    self.port = port
    rest = ""
  }

  /// `host:port`, as in a `Host` header, with brackets around an IPv6 address.
  package var hostPort: String {
    Authority(host: host, port: port).hostPort
  }

  package var bracketedHost: String {
    Authority(host: host, port: nil).bracketedHost
  }

  package var hasDefaultPort: Bool {
    Self.defaultPorts[scheme] == port
  }

  private static let defaultPorts = ["http": 80, "https": 443, "socks5": 1080, "socks5h": 1080]
}
