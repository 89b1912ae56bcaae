import Platform
import Text

/// The pod that we run in, if we do (client-go rest/config.go InClusterConfig,
/// tools/clientcmd/client_config.go).
struct InCluster {
  let environment: [String: String]
  /// Where the service account is mounted.
  let directory: String

  /// Two variables that Kubernetes sets in every pod, and the mounted token.
  var isPossible: Bool {
    !host.isEmpty && !port.isEmpty && Disk.isFile("\(directory)/token")
  }

  /// `POD_NAMESPACE`, else the namespace of the service account.
  var namespace: String? {
    guard isPossible else { return nil }
    if let name = environment["POD_NAMESPACE"], !name.isEmpty { return name }
    guard let bytes = try? LocalFile.read("\(directory)/namespace", limit: 4096) else { return nil }
    let name = String(decoding: bytes.trimmingWhiteSpace(), as: UTF8.self)
    return name.isEmpty ? nil : name
  }

  /// The API server of the cluster.
  ///
  /// Without a readable CA, the machine's authorities are trusted, and `hasAuthority` is false.
  var cluster: (entry: ClusterEntry, hasAuthority: Bool) {
    var entry = ClusterEntry()
    let bracketed = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    entry.server = "https://\(bracketed):\(port)"
    let authority = "\(directory)/ca.crt"
    guard let bytes = try? LocalFile.read(authority), PEM.hasCertificate(bytes) else {
      return (entry, false)
    }
    entry.certificateAuthority = authority
    return (entry, true)
  }

  var user: UserEntry {
    var entry = UserEntry()
    entry.tokenFile = "\(directory)/token"
    return entry
  }

  private var host: String { environment["KUBERNETES_SERVICE_HOST"] ?? "" }
  private var port: String { environment["KUBERNETES_SERVICE_PORT"] ?? "" }
}
