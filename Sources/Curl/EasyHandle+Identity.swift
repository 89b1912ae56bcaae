import CCurl
import CurlShim
package import HTTP

extension EasyHandle {
  /// - Parameter lastChecked: The last identity that was found to be good, so that the check is made
  ///   once.
  func setIdentity(
    _ identity: ClientIdentity?, lastChecked: inout ClientIdentity?
  ) throws(TransportError) {
    // Without a password libcurl 7.88 crashes on an encrypted key, and OpenSSL would ask at the
    // terminal.
    try set(CURLOPT_KEYPASSWD, "")
    try set(CURLOPT_PROXY_KEYPASSWD, "")
    guard let identity else { return }
    if lastChecked != identity {
      if let problem = identity.problem {
        throw TransportError(.identity, server: server, detail: problem)
      }
      lastChecked = identity
    }
    for option in [CURLOPT_SSLCERT_BLOB, CURLOPT_PROXY_SSLCERT_BLOB] {
      try set(option, identity.certificate)
    }
    for option in [CURLOPT_SSLKEY_BLOB, CURLOPT_PROXY_SSLKEY_BLOB] {
      try set(option, identity.key)
    }
  }
}

extension ClientIdentity {
  /// Why a certificate and a key cannot be used together, in the words of Go's crypto/tls; nil when
  /// they can.
  ///
  /// An encrypted key is refused: there is no prompt for its password.
  package var problem: String? {
    guard artifact_curl_load() == nil, artifact_tls_is_usable() != 0 else { return nil }
    let result = certificate.withUnsafeBytes { certificate in
      key.withUnsafeBytes { key -> artifact_tls_pair in
        guard let certificateBytes = certificate.baseAddress else {
          return artifact_tls_pair_bad_certificate
        }
        guard let keyBytes = key.baseAddress else { return artifact_tls_pair_bad_key }
        return artifact_tls_check_pair(certificateBytes, certificate.count, keyBytes, key.count)
      }
    }
    switch result {
    case artifact_tls_pair_fits: return nil
    case artifact_tls_pair_bad_certificate:
      return "tls: failed to find any usable certificate in the certificate input"
    case artifact_tls_pair_bad_key: return "tls: failed to parse private key"
    default: return "tls: private key does not match public key"
    }
  }
}
