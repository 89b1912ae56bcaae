/// What the command line says about the connection: kubectl's global flags, as typed.
///
/// Nil and empty mean "not given".
package struct ConnectionFlags: Sendable, Hashable {
  /// `--kubeconfig`: only this file.
  package var kubeconfig: String?
  package var context: String?
  package var cluster: String?
  package var user: String?
  /// `-n`
  package var namespace: String?
  /// `-s`, `--server`
  package var server: String?
  package var token: String?
  /// `--as`
  package var impersonatedUser: String?
  /// `--as-group`, repeated
  package var impersonatedGroups: [String] = []
  /// `--as-uid`
  package var impersonatedUID: String?
  package var certificateAuthority: String?
  package var clientCertificate: String?
  package var clientKey: String?
  package var insecureSkipTLSVerify = false
  package var tlsServerName: String?
  /// Seconds as a whole number, or a Go duration; `0` means none.
  package var requestTimeout: String?
  package var disableCompression = false

  package init() {}
}
