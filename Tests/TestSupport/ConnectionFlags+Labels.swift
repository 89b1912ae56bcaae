package import Kubeconfig

extension ConnectionFlags {
  /// Flags in one expression.
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
    self.init()
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
