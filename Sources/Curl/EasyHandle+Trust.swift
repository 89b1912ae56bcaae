import CCurl
import CurlShim
import HTTP

extension EasyHandle {
  /// Refuses a name with an empty label, other than the one behind a dot at the end.
  ///
  /// For libcurl and OpenSSL `.example.test` fits a certificate for `*.example.test`; for Go it is no
  /// name of a host and fits none.
  ///
  /// - Parameter name: nil where no certificate is looked at.
  func requireName(_ name: String?, _ trust: Trust) throws(TransportError) {
    guard let name, IPAddress(name) == nil else { return }
    if case .anything = trust { return }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    let counted = labels.count > 1 && labels.last?.isEmpty == true ? labels.dropLast() : labels[...]
    guard counted.contains(where: \.isEmpty) else { return }
    throw TransportError(
      .tls, server: server,
      detail: "tls: failed to verify certificate: x509: certificate is not valid for \(name): "
        + "this name has an empty label")
  }

  /// Whom to trust.
  ///
  /// The same authorities apply to an https proxy, as in Go.
  func setTrust(_ trust: Trust) throws(TransportError) {
    // Where verification fails on a name, the error says which names would have been right.
    try set(CURLOPT_CERTINFO, 1)
    switch trust {
    case .anything:
      for option in [
        CURLOPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYPEER,
        CURLOPT_PROXY_SSL_VERIFYHOST,
      ] {
        try set(option, 0)
      }
      return
    case .only(let bundle):
      try set(CURLOPT_CAINFO_BLOB, bundle)
      try set(CURLOPT_PROXY_CAINFO_BLOB, bundle)
      // The blob replaces the bundle file, but the built-in directory would stay trusted beside it.
      try set(CURLOPT_CAPATH, nil)
      try set(CURLOPT_PROXY_CAPATH, nil)
    case .system(let roots):
      for option in [CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO] { try set(option, roots.file) }
      for option in [CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH] {
        try set(option, roots.directories)
      }
    }
    for option in [CURLOPT_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYPEER] {
      try set(option, 1)
    }
    for option in [CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYHOST] {
      try set(option, 2)
    }
    try check(artifact_tls_require_subject_names(easy), CURLOPT_SSL_CTX_FUNCTION)
  }
}
