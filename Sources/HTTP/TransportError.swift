/// Why an exchange gave no answer.
///
/// The texts are kubectl's where it has one (kubectl pkg/cmd/util/helpers.go, and Go's net, tls and
/// x509 packages behind it): people search for them.
package struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    /// The connection was refused.
    case refused
    /// Name look-up, routing, or the proxy: no connection.
    case unreachable
    /// The peers do not agree on TLS, or the server's certificate is not acceptable.
    case tls
    /// The client certificate or its key cannot be used. Nothing was sent.
    case identity
    /// The request's own time-out, or a connection that took too long.
    case timeout
    /// An established connection was lost: reset, closed early, or ended by HTTP/2.
    case connectionLost
    /// The answer is longer than allowed.
    case tooLarge
    /// What was sent back is not HTTP.
    case protocolViolation
    /// The request is not one that can be sent.
    case invalidRequest
    /// The task was cancelled.
    case cancelled
    /// libcurl is missing or not usable.
    case library
  }

  package var kind: Kind
  /// The server as `host:port`.
  package var server: String
  /// What happened, without the server.
  package var detail: String

  package init(_ kind: Kind, server: String, detail: String) {
    self.kind = kind
    self.server = server
    self.detail = detail
  }

  /// Whether the same request may succeed when it is sent again, provided that sending it twice
  /// does no harm.
  package var isTransient: Bool {
    kind == .connectionLost
  }

  /// Whether the text stands alone, as kubectl prints it; otherwise it follows `error: `.
  package var isSelfContained: Bool {
    switch kind {
    case .identity, .library, .cancelled: false
    default: true
    }
  }

  package var description: String {
    switch kind {
    case .refused:
      "The connection to the server \(server) was refused - did you specify the right host or port?"
    case .identity, .library, .cancelled:
      detail
    case .unreachable, .tls, .timeout, .connectionLost, .tooLarge, .protocolViolation,
      .invalidRequest:
      "Unable to connect to the server: \(detail)"
    }
  }
}
