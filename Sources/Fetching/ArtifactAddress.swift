import HTTP
import Text

/// Where a publisher serves an artifact (`status.artifact.url`), and whose Service that is.
package struct ArtifactAddress: Sendable, Hashable {
  package let url: String
  /// `http` or `https`.
  package let scheme: String
  /// As written, a dot at the end included.
  package let host: String
  package let port: Int
  /// With the query; begins with a slash.
  package let path: String
  /// Nil where the host is no Service's.
  package let service: ServiceAddress?

  /// - Throws: `FetchError` for what no publisher writes. Path segments that lead up are refused by
  ///   name: behind the API server's proxy they would lead to other parts of the API, with the
  ///   user's credentials.
  package init(_ url: String) throws(FetchError) {
    func malformed(_ reason: String) -> FetchError {
      let shown = withoutUserInfo(String(url.prefix(200)))
      return FetchError(.unusable, "status.artifact.url \(shown.goQuoted): \(reason)")
    }
    guard url.utf8.count <= 8192 else { throw malformed("it is too long") }
    guard url.utf8.allSatisfy({ $0 < 0x80 && Printable.isGraphic($0) }) else {
      throw malformed("it contains a blank, a control character or a character beyond ASCII")
    }
    guard let target = Target(url), ["http", "https"].contains(target.scheme) else {
      throw malformed("it is not a URL such as http://HOST/PATH")
    }
    guard target.authority.userInfo == nil else { throw malformed("it contains a user name") }
    let whole = target.rest.prefix { $0 != "#" }
    guard whole.hasPrefix("/") else { throw malformed("it has no path") }
    let path = whole.prefix { $0 != "?" }.lowercased().replacing("%2f", with: "/")
      .replacing("%2e", with: ".").replacing("%5c", with: "\\")
    guard !path.contains("\\"), !path.contains("%25"),
      !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
    else { throw malformed("its path contains ..") }
    self.url = url
    scheme = target.scheme
    host = target.host
    port = target.port
    self.path = String(whole)
    service = ServiceAddress(host: target.host)
  }

  /// As in a `Host` header.
  package var authority: String { Authority(host: host, port: port).hostPort }
}
