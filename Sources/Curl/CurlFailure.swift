import HTTP

/// What libcurl says about a transfer that failed, and its meaning in kubectl's words.
///
/// Numbers are libcurl's and OpenSSL's public codes (curl.h, x509_vfy.h); they are written here so
/// that this stays testable without either.
struct CurlFailure {
  /// The CURLcode.
  var code: Int
  /// The text of CURLOPT_ERRORBUFFER, or of the code.
  var text: String
  var target: Target
  /// The name that the certificate was checked against.
  var verifiedName: String
  var proxy: Target?
  /// X509_V_ERR_…; 0 when the chain of certificates was fine or never seen.
  var verifyResult = 0
  /// errno of the last connect.
  var osError = 0
  /// The description of the server's certificate, if the handshake got that far.
  var certificate = ""
  /// The proxy's status for CONNECT; 0 without one.
  var connectStatus = 0
  var isConnected = false
  var isSecured = false
  var hasHead = false
  /// Whether the request carried a time-out of its own that has passed.
  var hasRequestTimedOut = false

  var error: TransportError {
    let (kind, detail) = meaning
    return TransportError(kind, server: target.hostPort, detail: detail)
  }

  private var meaning: (TransportError.Kind, String) {
    if connectStatus >= 300 {
      return (
        .unreachable,
        "the proxy \(proxy?.hostPort ?? "") refused the connection with status \(connectStatus)"
      )
    }
    switch code {
    case 5:
      return (.unreachable, "proxyconnect tcp: dial tcp: lookup \(proxy?.host ?? ""): no such host")
    case 6: return (.unreachable, "dial tcp: lookup \(target.host): no such host")
    case 7: return connectFailure
    case 97: return (.unreachable, "socks connect: \(text)")
    // libcurl keeps a line of a header in a buffer of 100 kB, and says this beyond.
    case 27 where !hasHead:
      return (.tooLarge, "a response header is too long, or out of memory")
    case 28: return timeout
    case 58: return (.identity, "tls: failed to use the client certificate: \(text)")
    case 35 where verifyResult > 1, 60, 83, 90, 91:
      return (.tls, "\(throughProxy)tls: failed to verify certificate: \(certificateProblem)")
    case 35 where isBroken: return (.connectionLost, throughProxy + brokenHandshake)
    case 35, 59, 66, 77: return (.tls, throughProxy + handshakeProblem)
    case 1, 8: return (.protocolViolation, malformed)
    case 16, 18, 52, 55, 56, 65, 92: return lost
    case 61: return (.protocolViolation, "the response cannot be decompressed: \(text)")
    default: return (.protocolViolation, text)
    }
  }

  private var throughProxy: String {
    proxy?.scheme == "https" && !isConnectedThroughProxy ? "proxyconnect tcp: " : ""
  }

  /// CONNECT was answered, so what failed then is the handshake with the server itself.
  private var isConnectedThroughProxy: Bool {
    connectStatus == 200
  }

  private var connectFailure: (TransportError.Kind, String) {
    let reason = Self.osErrorTexts[osError] ?? text
    if let proxy {
      return (.unreachable, "proxyconnect tcp: dial tcp \(proxy.hostPort): connect: \(reason)")
    }
    if osError == 111 {
      return (.refused, "dial tcp \(target.hostPort): connect: \(reason)")
    }
    return (.unreachable, "dial tcp \(target.hostPort): connect: \(reason)")
  }

  private var timeout: (TransportError.Kind, String) {
    if hasRequestTimedOut {
      return (
        .timeout,
        hasHead
          ? "context deadline exceeded (Client.Timeout or context cancellation while reading body)"
          : "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
      )
    }
    let way =
      proxy.map { "proxyconnect tcp: dial tcp \($0.hostPort)" } ?? "dial tcp \(target.hostPort)"
    if isSecured || isConnected && target.scheme == "http" {
      return (.timeout, "the server sent nothing for too long")
    }
    return (
      .timeout, text.contains("SSL") ? "net/http: TLS handshake timeout" : "\(way): i/o timeout"
    )
  }

  /// OpenSSL's verify results in the words of Go's crypto/x509.
  private var certificateProblem: String {
    switch verifyResult {
    case 0: CertificateNames(description: certificate).mismatch(with: verifiedName)
    case 9, 10: "x509: certificate has expired or is not yet valid"
    case 50: "x509: certificate relies on legacy Common Name field, use SANs instead"
    case 2, 18, 19, 20, 21, 24, 25, 26, 27: "x509: certificate signed by unknown authority"
    default: "x509: \(text)"
    }
  }

  private var handshakeProblem: String {
    if text.contains("wrong version number") || text.contains("packet length too long")
      || text.contains("http request") || text.contains("unknown protocol")
    {
      return "tls: first record does not look like a TLS handshake"
    }
    if code == 77 { return "x509: the certificate authorities cannot be read: \(text)" }
    for (alert, words) in Self.alerts where text.contains(alert) {
      return "remote error: tls: \(words)"
    }
    return "tls: \(text)"
  }

  /// Whether the connection broke during the handshake, which says nothing about trust: a server
  /// that is just starting or ending resets what it has accepted.
  private var isBroken: Bool {
    [
      "SSL_ERROR_SYSCALL", "unexpected eof", "Recv failure", "Send failure", "reset by peer",
      "roken pipe",
    ].contains(where: text.contains)
  }

  private var brokenHandshake: String {
    if text.contains("reset") || osError == 104 { return "read tcp: connection reset by peer" }
    return text.contains("failure") ? text : "EOF"
  }

  private var lost: (TransportError.Kind, String) {
    if text.contains("Too large response headers") {
      return (.tooLarge, "the response header is too large")
    }
    for (alert, words) in Self.alerts where text.contains(alert) {
      return (.tls, "remote error: tls: \(words)")
    }
    switch code {
    case 16: return (.connectionLost, "http2: client connection lost: \(text)")
    case 92: return (.connectionLost, "http2: stream error: \(text)")
    case 18, 52: return (.connectionLost, hasHead ? "unexpected EOF" : "EOF")
    default:
      if text.contains("reset") || osError == 104 {
        return (.connectionLost, "read tcp: connection reset by peer")
      }
      return (.connectionLost, text)
    }
  }

  private var malformed: String {
    target.scheme == "https" && !isSecured
      ? "http: server gave HTTP response to HTTPS client" : "malformed HTTP response: \(text)"
  }

  private static let osErrorTexts = [
    101: "network is unreachable", 104: "connection reset by peer", 110: "connection timed out",
    111: "connection refused", 113: "no route to host",
  ]

  private static let alerts = [
    ("alert certificate required", "certificate required"),
    ("alert bad certificate", "bad certificate"),
    ("alert unknown ca", "unknown certificate authority"),
    ("alert certificate unknown", "unknown certificate"),
    ("alert certificate expired", "expired certificate"),
    ("alert certificate revoked", "revoked certificate"),
    ("alert unsupported certificate", "unsupported certificate"),
    ("alert handshake failure", "handshake failure"),
    ("alert protocol version", "protocol version not supported"),
    ("alert internal error", "internal error"),
    ("alert unrecognized name", "unrecognized name"),
    ("alert access denied", "access denied"),
    ("alert decrypt error", "error decrypting message"),
  ]
}
