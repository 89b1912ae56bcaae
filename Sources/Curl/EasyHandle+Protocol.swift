import CCurl
import CurlShim
import HTTP
import Platform
import Text

extension EasyHandle {
  /// Which protocols, versions and waits.
  func setProtocol(_ transfer: Transfer, _ options: TransportOptions) throws(TransportError) {
    try setProtocols()
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    try set(CURLOPT_PATH_AS_IS, 1)
    try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    try set(CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    switch transfer.kind {
    case .upgrade:
      // libcurl connects, through proxies and TLS; what goes over the connection is ours. HTTP/2
      // would be agreed on otherwise, and has no upgrades.
      try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
      try set(CURLOPT_CONNECT_ONLY, 1)
      try set(CURLOPT_HTTPPROXYTUNNEL, 1)
    case .stream:
      try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
      try set(CURLOPT_FORBID_REUSE, 1)
    case .whole:
      try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
      try set(CURLOPT_PIPEWAIT, 1)
      if let stall = options.stallTimeout {
        try set(CURLOPT_LOW_SPEED_LIMIT, 1)
        try set(CURLOPT_LOW_SPEED_TIME, max(1, Int(stall.milliseconds / 1000)))
      }
    }
    try set(CURLOPT_CONNECTTIMEOUT_MS, Int(options.connectTimeout.milliseconds))
    if let timeout = transfer.request.timeout {
      try set(CURLOPT_TIMEOUT_MS, max(1, Int(timeout.milliseconds)))
    }
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_TCP_KEEPIDLE, 30)
    try set(CURLOPT_TCP_KEEPINTVL, 15)
    try set(CURLOPT_BUFFERSIZE, 128 << 10)
    // Context and callback, because a C function cannot capture the time-out.
    let deadPeer = UnsafeMutableRawPointer(
      bitPattern: Int(max(1, options.deadPeerTimeout.milliseconds)))
    try set(CURLOPT_SOCKOPTDATA, pointer: deadPeer)
    try check(
      artifact_curl_set_socket_callback(easy) { context, descriptor, _ in
        prepareConnection(descriptor, deadPeerMilliseconds: Int(bitPattern: context))
        return 0
      },
      CURLOPT_SOCKOPTFUNCTION
    )
  }
}
