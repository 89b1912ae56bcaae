/// How connections are made: whom to trust, who we are, which way.
package struct TransportOptions: Sendable {
  package var trust: Trust
  /// The client certificate; nil for none.
  package var identity: ClientIdentity?
  /// The name that is sent (SNI) and checked instead of the URL's host.
  ///
  /// The `Host` header stays the URL's.
  package var serverName: String?
  package var proxy: ProxySetting
  /// Bounds name look-up, TCP and TLS together.
  ///
  /// Go: dial 30 s.
  package var connectTimeout: Duration
  /// An answer that makes no progress for this long is given up: an API server ends a request
  /// itself after 60 s.
  ///
  /// Nil: never. Not for streams.
  package var stallTimeout: Duration?
  /// A stream whose peer acknowledges nothing for this long is given up.
  package var deadPeerTimeout: Duration

  package init(
    trust: Trust = .system(SystemRoots()),
    identity: ClientIdentity? = nil,
    serverName: String? = nil,
    proxy: ProxySetting = .none,
    connectTimeout: Duration = .seconds(30),
    stallTimeout: Duration? = .seconds(90),
    deadPeerTimeout: Duration = .seconds(45)
  ) {
    self.trust = trust
    self.identity = identity
    self.serverName = serverName
    self.proxy = proxy
    self.connectTimeout = connectTimeout
    self.stallTimeout = stallTimeout
    self.deadPeerTimeout = deadPeerTimeout
  }
}

/// Which authorities may vouch for a server.
///
/// It holds for an `https` proxy too, as in Go.
package enum Trust: Sendable, Hashable {
  /// Those of the machine.
  case system(SystemRoots)
  /// Only these certificates (PEM), whatever the machine trusts.
  case only([UInt8])
  /// No check at all.
  case anything
}

/// A client certificate with its key, both PEM.
///
/// Either may be a bundle that holds the other as well.
package struct ClientIdentity: Sendable, Hashable {
  package var certificate: [UInt8]
  package var key: [UInt8]

  package init(certificate: [UInt8], key: [UInt8]) {
    self.certificate = certificate
    self.key = key
  }
}

/// Which proxy requests go through.
package enum ProxySetting: Sendable, Hashable {
  case none
  /// This one, for every host. The `proxy-url` of a kubeconfig wins over the environment,
  /// `NO_PROXY` and loopback.
  case fixed(String)
  /// What `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say.
  case environment(ProxyEnvironment)
}

extension ProxySetting {
  /// The proxy URL for a target; nil to connect directly.
  package func url(for target: Target) -> String? {
    switch self {
    case .none: nil
    case .fixed(let url): url
    case .environment(let environment): environment.proxy(for: target)
    }
  }
}
