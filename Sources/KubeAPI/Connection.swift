package import HTTP
package import Kubeconfig
import Text

extension TransportOptions {
  /// How to connect to the server of a configuration.
  ///
  /// Client certificates come with each request.
  package init(_ configuration: ClusterConfiguration, environment: [String: String]) {
    let trust: Trust =
      switch configuration.trust {
      case .system: .system(SystemRoots(environment: environment))
      case .only(let bundle): .only(bundle)
      case .anything: .anything
      }
    let proxy: ProxySetting =
      switch configuration.proxy {
      case .environment: .environment(ProxyEnvironment(environment))
      case .fixed(let url): .fixed(url)
      }
    self.init(trust: trust, serverName: configuration.tlsServerName, proxy: proxy)
  }
}

extension Impersonation {
  /// The header fields that ask for another identity (client-go transport/round_trippers.go).
  var headers: [(String, String)] {
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
