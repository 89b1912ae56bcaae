package import HTTP

/// One cluster and one identity, settled: everything that is needed to connect.
package struct ClusterConfiguration: Sendable {
  /// Where the API server is; `rest` stands before every API path.
  package var server: Target
  /// Whom to trust and which way to go.
  package var transport: TransportOptions
  package var credentials = CredentialSource.anonymous
  package var impersonation = Impersonation()
  package var disableCompression = false
  /// `--request-timeout`; nil for none.
  package var requestTimeout: Duration?
  /// The namespace of `-n`, else of the context, else of the pod that we run in; nil when none of
  /// them says.
  package var namespace: String?
  /// The same without `-n`.
  package var contextNamespace: String?
  /// What the kubeconfig calls the user; nil in a cluster or where it has no name.
  package var userName: String?
  /// What the user should know, one line each.
  package var warnings: [String] = []
}
