/// One cluster and one identity, settled: everything that is needed to connect.
package struct ClusterConfiguration: Sendable {
  package enum Trust: Sendable, Hashable {
    /// The machine's authorities.
    case system
    /// Only these (PEM).
    case only([UInt8])
    case anything
  }

  package enum Proxy: Sendable, Hashable {
    /// What the environment says.
    case environment
    case fixed(String)
  }

  package var server: ServerURL
  package var trust: Trust = .system
  /// The name to verify instead of the server's host.
  package var tlsServerName: String?
  package var credentials: CredentialSource
  package var impersonation = Impersonation()
  package var proxy: Proxy = .environment
  package var disableCompression = false
  /// `--request-timeout`; nil for none.
  package var requestTimeout: Duration?
  /// The namespace of `-n`, else of the context, else of the pod that we run in; nil when none of
  /// them says.
  package var namespace: String?
  /// The same without `-n`.
  package var contextNamespace: String?
  /// The names in the kubeconfig; nil in a cluster or without one.
  package var contextName: String?
  package var clusterName: String?
  package var userName: String?
  /// What the user should know, one line each.
  package var warnings: [String] = []

  /// A configuration without a kubeconfig, for tests and special purposes.
  package init(server: ServerURL, credentials: CredentialSource = .anonymous) {
    self.server = server
    self.credentials = credentials
  }
}
