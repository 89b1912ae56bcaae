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
  package var impersonatedGroups: [String] = []
  /// What `--as-uid` says.
  package var impersonatedUID: String?
  /// What each `--as-user-extra` says: `key=value`.
  package var impersonatedExtra: [String] = []
  package var certificateAuthority: String?
  package var clientCertificate: String?
  package var clientKey: String?
  package var insecureSkipTLSVerify = false
  package var tlsServerName: String?
  /// Seconds as a whole number, or a Go duration; `0` means none.
  package var requestTimeout: String?
  package var disableCompression = false

  package init() {}

  /// The same with empty values as "not given".
  var withoutEmpty: ConnectionFlags {
    var result = self
    for field: WritableKeyPath<ConnectionFlags, String?> in [
      \.kubeconfig, \.context, \.cluster, \.user, \.namespace, \.server, \.token,
      \.impersonatedUser, \.impersonatedUID,
      \.certificateAuthority, \.clientCertificate, \.clientKey, \.tlsServerName, \.requestTimeout,
    ] where result[keyPath: field]?.isEmpty == true {
      result[keyPath: field] = nil
    }
    result.impersonatedGroups.removeAll(where: \.isEmpty)
    result.impersonatedExtra.removeAll(where: \.isEmpty)
    return result
  }
}
