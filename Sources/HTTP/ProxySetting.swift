import Text

/// Which proxy requests go through.
package enum ProxySetting: Sendable, Hashable {
  case none
  /// This one, for every host. The `proxy-url` of a kubeconfig wins over the environment,
  /// `NO_PROXY` and loopback.
  case fixed(String)
  /// What `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say.
  case environment(ProxyEnvironment)

  /// The proxy URL for a target; nil to connect directly.
  package func url(for target: Target) -> String? {
    switch self {
    case .none: nil
    case .fixed(let url): url
    case .environment(let environment): environment.proxy(for: target)
    }
  }
}

/// Proxies by environment variables, by the rules of Go's `golang.org/x/net/http/httpproxy`, which
/// kubectl follows.
///
/// libcurl has other rules (it reads `all_proxy`, ignores `HTTP_PROXY`, sends loopback through a
/// proxy), so it is never asked.
package struct ProxyEnvironment: Sendable, Hashable {
  private let httpProxy: String?
  private let httpsProxy: String?
  private let noProxy: String

  package init(_ environment: [String: String]) {
    func first(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    // In a CGI program HTTP_PROXY is what a client's `Proxy:` header says. Go refuses it then.
    let isCGI = environment["REQUEST_METHOD"] != nil
    httpProxy = isCGI ? nil : first("HTTP_PROXY", "http_proxy")
    httpsProxy = first("HTTPS_PROXY", "https_proxy")
    noProxy = first("NO_PROXY", "no_proxy") ?? ""
  }

  /// The proxy URL for a target; nil to connect directly.
  ///
  /// A value without a scheme means `http`.
  package func proxy(for target: Target) -> String? {
    let proxy = target.scheme == "https" ? httpsProxy : target.scheme == "http" ? httpProxy : nil
    guard let proxy, !isExempt(target) else { return nil }
    return proxy.splitOnce("://") == nil ? "http://\(proxy)" : proxy
  }

  private func isExempt(_ target: Target) -> Bool {
    let host = target.host.lowercased()
    let address = IPAddress(host)
    if host == "localhost" || address?.isLoopback == true { return true }
    for entry in noProxy.split(separator: ",") {
      let entry = entry.trimmingWhiteSpace().lowercased()
      if entry == "*" || matches(entry, host: host, address: address, port: target.port) {
        return true
      }
    }
    return false
  }

  private func matches(_ entry: String, host: String, address: IPAddress?, port: Int) -> Bool {
    if let (network, length) = entry.splitOnce("/"), let network = IPAddress(network),
      let length = Int(length)
    {
      return address.map { $0.shares(length, bitsWith: network) } ?? false
    }
    var name = entry[...]
    if let entryPort = Self.removePort(from: &name), entryPort != port { return false }
    if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
    if let entryAddress = IPAddress(name) { return entryAddress == address }
    guard address == nil, !name.isEmpty else { return false }
    if name.hasPrefix("*.") { name = name.dropFirst() }
    // `.example.org` means subdomains only; `example.org` means itself as well.
    if name.hasPrefix(".") { return host.hasSuffix(name) }
    return host == name || host.hasSuffix(".\(name)")
  }

  private static func removePort(from name: inout Substring) -> Int? {
    guard let colon = name.lastIndex(of: ":"), IPAddress(name) == nil,
      let port = Int(name[name.index(after: colon)...])
    else { return nil }
    name = name[..<colon]
    return port
  }
}
