import Document
import Text

/// What a credential plugin learns about the cluster (client-go
/// pkg/apis/clientauthentication/v1/types.go, `Cluster`).
enum ExecClusterInfo {
  /// JSON in the order of fields that client-go writes; plugins have been seen to compare it.
  static func json(_ cluster: ClusterEntry, authority: [UInt8]?) -> String {
    func string(_ text: String) -> String { JSON.string(.string(text), style: .compact) }
    var fields = ["\"server\":\(string(cluster.server))"]
    if !cluster.tlsServerName.isEmpty {
      fields.append("\"tls-server-name\":\(string(cluster.tlsServerName))")
    }
    if cluster.insecureSkipTLSVerify { fields.append("\"insecure-skip-tls-verify\":true") }
    if let authority {
      fields.append("\"certificate-authority-data\":\"\(encodeBase64(authority))\"")
    }
    if !cluster.proxyURL.isEmpty { fields.append("\"proxy-url\":\(string(cluster.proxyURL))") }
    if cluster.disableCompression { fields.append("\"disable-compression\":true") }
    fields.append(
      "\"config\":\(cluster.execExtension.map { JSON.string($0, style: .compact) } ?? "null")")
    return "{\(fields.joined(separator: ","))}"
  }
}
