/// What the command line says about the connection: kubectl's global flags, as typed.
///
/// Nil and empty mean "not given".
package struct ConnectionFlags: Sendable, Hashable {
  /// `--kubeconfig`: only this file.
  package var kubeconfig: String?
  package var context: String?
  package var cluster: String?
  package var user: String?
  /// What `-n` says.
  package var namespace: String?
  /// What `--server` says.
  package var server: String?
  package var token: String?
  /// What `--as` says.
  package var impersonatedUser: String?
  /// What each `--as-group` says.
  package var impersonatedGroups: [String]
  /// What `--as-uid` says.
  package var impersonatedUID: String?
  package var certificateAuthority: String?
  package var clientCertificate: String?
  package var clientKey: String?
  package var insecureSkipTLSVerify: Bool
  package var tlsServerName: String?
  /// Seconds as a whole number, or a Go duration; `0` means none.
  package var requestTimeout: String?
  package var disableCompression: Bool

  package init(
    kubeconfig: String? = nil,
    context: String? = nil,
    cluster: String? = nil,
    user: String? = nil,
    namespace: String? = nil,
    server: String? = nil,
    token: String? = nil,
    as impersonatedUser: String? = nil,
    asGroups impersonatedGroups: [String] = [],
    asUID impersonatedUID: String? = nil,
    certificateAuthority: String? = nil,
    clientCertificate: String? = nil,
    clientKey: String? = nil,
    insecureSkipTLSVerify: Bool = false,
    tlsServerName: String? = nil,
    requestTimeout: String? = nil,
    disableCompression: Bool = false
  ) {
    self.kubeconfig = kubeconfig
    self.context = context
    self.cluster = cluster
    self.user = user
    self.namespace = namespace
    self.server = server
    self.token = token
    self.impersonatedUser = impersonatedUser
    self.impersonatedGroups = impersonatedGroups
    self.impersonatedUID = impersonatedUID
    self.certificateAuthority = certificateAuthority
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.insecureSkipTLSVerify = insecureSkipTLSVerify
    self.tlsServerName = tlsServerName
    self.requestTimeout = requestTimeout
    self.disableCompression = disableCompression
  }
}
