import CCurl
import CurlShim
import HTTP
import Text

extension EasyHandle {
  /// The way to the server: proxy, and the name to verify when it is not the URL's.
  func setRoute(
    _ transfer: Transfer, _ target: Target, _ options: TransportOptions
  ) throws(TransportError) {
    if let name = options.serverName, target.scheme == "https" {
      try set(CURLOPT_URL, "https://\(name):\(target.port)\(target.rest)")
      transfer.connectToList = artifact_curl_list_append(nil, "::\(target.hostPort)")
      try set(CURLOPT_CONNECT_TO, pointer: transfer.connectToList)
    } else {
      try set(CURLOPT_URL, transfer.request.url)
    }
    // Set in any case: libcurl would otherwise read the environment, by other rules than Go's.
    try set(CURLOPT_NOPROXY, "")
    guard let url = options.proxy.url(for: target) else {
      try set(CURLOPT_PROXY, "")
      return
    }
    guard let proxy = Target(url), let scheme = Self.proxySchemes[proxy.scheme] else {
      throw TransportError(
        .invalidRequest, server: target.hostPort,
        detail: "invalid proxy URL \(withoutUserInfo(url))")
    }
    transfer.proxy = proxy
    try set(CURLOPT_PROXY, "\(scheme)://\(proxy.hostPort)")
    if let userInfo = proxy.authority.userInfo {
      let (name, password) = userInfo.splitOnce(":") ?? (userInfo[...], "")
      try set(CURLOPT_PROXYUSERNAME, percentDecoded(name))
      try set(CURLOPT_PROXYPASSWORD, percentDecoded(password))
    }
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  /// Names are resolved by a SOCKS proxy, as in Go.
  private static let proxySchemes = [
    "http": "http", "https": "https", "socks5": "socks5h", "socks5h": "socks5h",
  ]
}
