import Document
import Text

/// The content of one kubeconfig file, or of several after merging.
///
/// The shape is that of client-go's tools/clientcmd/api/v1/types.go. Entries keep the order of the
/// file; names are compared by their bytes.
struct Kubeconfig: Sendable {
  var clusters: [Named<ClusterEntry>] = []
  var users: [Named<UserEntry>] = []
  var contexts: [Named<ContextEntry>] = []
  var currentContext = ""

  /// Adds what another file defines and this one does not: entries are taken whole or not at all.
  mutating func fill(from other: Kubeconfig) {
    clusters.fill(from: other.clusters)
    users.fill(from: other.users)
    contexts.fill(from: other.contexts)
    if currentContext.isEmpty { currentContext = other.currentContext }
  }
}

struct Named<Entry: Sendable>: Sendable {
  var name: String
  var entry: Entry
}

extension Array {
  func entry<Entry>(_ name: String) -> Entry? where Element == Named<Entry> {
    first { equalUTF8($0.name, name) }?.entry
  }

  fileprivate mutating func fill<Entry>(from other: [Named<Entry>]) where Element == Named<Entry> {
    for named in other where entry(named.name) == nil { append(named) }
  }
}

struct ClusterEntry: Sendable {
  var server = ""
  var tlsServerName = ""
  var insecureSkipTLSVerify = false
  var certificateAuthority = ""
  var certificateAuthorityData: [UInt8] = []
  var proxyURL = ""
  var disableCompression = false
  /// The extension that is meant for credential plugins.
  var execExtension: Value?
}

struct UserEntry: Sendable {
  var clientCertificate = ""
  var clientCertificateData: [UInt8] = []
  var clientKey = ""
  var clientKeyData: [UInt8] = []
  var token = ""
  var tokenFile = ""
  var username = ""
  var password = ""
  var impersonation = Impersonation()
  /// The name of a legacy provider.
  var authProvider: String?
  var exec: ExecEntry?
}

struct ContextEntry: Sendable {
  var cluster = ""
  var user = ""
  var namespace = ""
}

/// How a credential plugin is run.
struct ExecEntry: Sendable, Hashable {
  struct Variable: Sendable, Hashable {
    var name = ""
    var value = ""
  }

  var command = ""
  var arguments: [String] = []
  var environment: [Variable] = []
  var apiVersion = ""
  var installHint = ""
  var provideClusterInfo = false
  var interactiveMode = ""
}
