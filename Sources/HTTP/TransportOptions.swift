/// How connections are made: whom to trust, which way.
///
/// Who we are is said by each request.
package struct TransportOptions: Sendable {
  package var trust: Trust
  /// The name that is sent (SNI) and checked instead of the URL's host.
  ///
  /// The `Host` header stays the URL's.
  package var serverName: String?
  package var proxy = ProxySetting.none
  /// Bounds name look-up, TCP and TLS together.
  ///
  /// Go: dial 30 s.
  package var connectTimeout = Duration.seconds(30)
  /// An answer that makes no progress for this long is given up: an API server ends a request
  /// itself after 60 s.
  ///
  /// Nil: never. Not for streams.
  package var stallTimeout: Duration? = .seconds(90)
  /// A stream whose peer acknowledges nothing for this long is given up.
  package var deadPeerTimeout = Duration.seconds(45)

  package init(trust: Trust = .system(SystemRoots())) {
    self.trust = trust
  }
}
