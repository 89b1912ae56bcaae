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
    var authority = afterScheme[..<end]
    self.scheme = scheme.lowercased()
    rest = String(afterScheme[end...])
    if let at = authority.lastIndex(of: "@") {
      userInfo = String(authority[..<at])
      authority = authority[authority.index(after: at)...]
    }
    var port = Substring()
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      host = String(authority[authority.index(after: authority.startIndex)..<close])
      let after = authority[authority.index(after: close)...]
      guard after.isEmpty || after.hasPrefix(":") else { return nil }
      port = after.dropFirst()
    } else if let (name, number) = authority.splitOnce(":") {
      guard !number.contains(":") else { return nil }
      host = String(name)
      port = number
    } else {
      host = String(authority)
    }
    guard !host.isEmpty, !host.utf8.contains(where: { $0 <= 32 || $0 == 127 }) else { return nil }
    if port.isEmpty {
      self.port = Self.defaultPorts[self.scheme] ?? 0
    } else {
      guard let number = Int(port), (0...65535).contains(number),
        port.utf8.allSatisfy({ (48...57).contains($0) })
      else {
        return nil
      }
      self.port = number
    }
  }

  /// Stands for a URL that could not be read.
  static let unknown = Target(scheme: "", host: "", port: 0)

  private init(scheme: String, host: String, port: Int) {
    self.scheme = scheme
    self.host = host
    self.port = port
    rest = ""
  }

  /// `host:port`, as in a `Host` header, with brackets around an IPv6 address.
  package var hostPort: String {
    "\(bracketedHost):\(port)"
  }

  package var bracketedHost: String {
    host.utf8.contains(58) ? "[\(host)]" : host
  }

  package var hasDefaultPort: Bool {
    Self.defaultPorts[scheme] == port
  }

  private static let defaultPorts = ["http": 80, "https": 443, "socks5": 1080, "socks5h": 1080]
}

extension StringProtocol {
  /// What is before and after the first separator; nil without one.
  func splitOnce(_ separator: String) -> (SubSequence, SubSequence)? {
    guard let range = firstRange(of: separator) else { return nil }
    return (self[..<range.lowerBound], self[range.upperBound...])
  }

  private func firstRange(of separator: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(separator) {
        return start..<index(start, offsetBy: separator.count)
      }
      start = index(after: start)
    }
    return nil
  }
}
