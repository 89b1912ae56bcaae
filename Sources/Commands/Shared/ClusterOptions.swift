package import ArgumentParser
import HTTP
import Kubeconfig
import Operations

/// What says which cluster a command works on, as whom and where.
///
/// Flat groups of flags, of which a command has those that work in it: the parser takes much longer
/// for groups in groups.
protocol ClusterOptions {
  associatedtype Place: NamespaceFlags
  var place: Place { get }
  var connection: ServerOptions { get }
  /// What to read in place of a cluster.
  var snapshotPath: String? { get }
  var cacheDirectory: String? { get }
}

/// The flags of a command that takes a snapshot for a cluster.
protocol SnapshotReader: ClusterOptions {
  var snapshot: SnapshotOptions { get }
}

/// The flags of a command that asks the server which kinds it has.
protocol KindFinder: ClusterOptions {
  var discovery: DiscoveryOptions { get }
}

extension ClusterOptions {
  var snapshotPath: String? { nil }
  var cacheDirectory: String? { nil }

  /// Connects, and settles the namespace by the tool's rule.
  ///
  /// - Parameter context: Of the kubeconfig, in place of the one that the flags name.
  func session(
    _ tool: (some Tool).Type,
    context: String? = nil,
    in surroundings: Surroundings
  ) async throws -> ClusterSession {
    try EmptyPath.refuse(snapshotPath, flag: "--snapshot")
    if let snapshotPath {
      // Nothing of the kubeconfig is looked at.
      return ClusterSession(
        try Snapshot.load(snapshotPath, readInput: surroundings.readInput),
        namespace: place.offlineNamespace(of: tool, in: surroundings))
    }
    var flags = connection.flags(namespace: place.namespace)
    if let context { flags.context = context }
    var request = ConnectionRequest(
      flags: flags, verbosity: connection.logLevel,
      cacheDirectory: cacheDirectory.flatMap { $0.isEmpty ? nil : $0 })
    request.rate = try connection.rate()
    var session = try await surroundings.connect(request)
    session.namespace =
      place.given
      ?? tool.namespacePolicy.online(
        context: session.namespace, followsContext: place.followsContext,
        environment: surroundings.environment)
    return session
  }
}

extension SnapshotReader {
  var snapshotPath: String? { snapshot.path }
}

extension KindFinder {
  var cacheDirectory: String? { discovery.cacheDirectory }
}

/// Where a command works.
package protocol NamespaceFlags: ParsableArguments, Sendable {
  var namespace: String? { get }
  /// Whether the namespace of the kubeconfig context comes before the tool's own.
  var followsContext: Bool { get }
}

extension NamespaceFlags {
  package var followsContext: Bool { false }

  /// The namespace that is named; an empty one counts as none.
  var given: String? { namespace.flatMap { $0.isEmpty ? nil : $0 } }

  /// The namespace where no kubeconfig is looked at.
  func offlineNamespace(of tool: (some Tool).Type, in surroundings: Surroundings) -> String {
    given ?? tool.namespacePolicy.offline(environment: surroundings.environment)
  }
}

package struct ContextNamespaceOptions: NamespaceFlags {
  @Option(
    name: .both("n", "namespace"),
    help: ArgumentHelp("Namespace for this request", valueName: "NAMESPACE"))
  package var namespace: String?

  package init() {}
}

/// The same for a tool with a namespace of its own.
package struct FluxNamespaceOptions: NamespaceFlags {
  @Option(
    name: .both("n", "namespace"),
    help: ArgumentHelp("Namespace for this request", valueName: "NAMESPACE"))
  package var namespace: String?

  @Flag(
    name: .customLong("ns-follows-kube-context"),
    help: "Without -n, use the kubeconfig context's namespace")
  package var followsContext = false

  package init() {}
}

/// The file that is read in place of a cluster.
struct SnapshotOptions: ParsableArguments {
  @Option(
    name: .customLong("snapshot"),
    help: ArgumentHelp(
      "Read manifests (- for stdin) instead of a cluster",
      valueName: "PATH"), completion: .file())
  var path: String?
}

/// How the kinds of a server are found.
struct DiscoveryOptions: ParsableArguments {
  @Option(
    name: .customLong("cache-dir"),
    help: ArgumentHelp(
      "Discovery cache directory (10-minute TTL)", valueName: "DIR"),
    completion: .directory)
  var cacheDirectory: String?
}

/// The flags that choose the server and the user: kubectl's own.
struct ServerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Path to the kubeconfig file", valueName: "FILE"),
    completion: .file())
  var kubeconfig: String?

  @Option(help: ArgumentHelp("Name of the kubeconfig context to use", valueName: "CONTEXT"))
  var context: String?

  @Option(help: ArgumentHelp("Name of the kubeconfig cluster to use", valueName: "CLUSTER"))
  var cluster: String?

  @Option(help: ArgumentHelp("Name of the kubeconfig user to use", valueName: "USER"))
  var user: String?

  @Option(
    name: .both("s", "server"),
    help: ArgumentHelp("Address and port of the Kubernetes API server", valueName: "URL"))
  var server: String?

  @Option(
    help: ArgumentHelp("Bearer token for authentication to the API server", valueName: "TOKEN"))
  var token: String?

  @Option(
    name: .customLong("as"), help: ArgumentHelp("User name to impersonate", valueName: "USER"))
  var impersonatedUser: String?

  @Option(
    name: .customLong("as-group"),
    help: ArgumentHelp("Group to impersonate; can be repeated", valueName: "GROUP"))
  var impersonatedGroups: [String] = []

  @Option(name: .customLong("as-uid"), help: ArgumentHelp("UID to impersonate", valueName: "UID"))
  var impersonatedUID: String?

  @Option(
    name: .customLong("as-user-extra"),
    help: ArgumentHelp(
      "Extra user attribute to impersonate; can be repeated", valueName: "KEY=VALUE"))
  var impersonatedExtra: [String] = []

  @Option(
    help: ArgumentHelp("Path to a file of trusted certificate authorities", valueName: "FILE"),
    completion: .file())
  var certificateAuthority: String?

  @Option(
    help: ArgumentHelp("Path to a client certificate file for TLS", valueName: "FILE"),
    completion: .file())
  var clientCertificate: String?

  @Option(
    help: ArgumentHelp("Path to a client key file for TLS", valueName: "FILE"), completion: .file())
  var clientKey: String?

  @Flag(help: "Skip server certificate checks; this makes HTTPS connections insecure")
  var insecureSkipTLSVerify = false

  @Option(help: ArgumentHelp("Server name for certificate validation", valueName: "NAME"))
  var tlsServerName: String?

  @Option(
    help: ArgumentHelp(
      "Timeout of a single request (1s, 2m); 0 = none", valueName: "DURATION"))
  var requestTimeout: String?

  @Flag(help: "Do not request compressed responses")
  var disableCompression = false

  @Option(
    name: .customLong("kube-api-qps"),
    help: ArgumentHelp("Maximum requests per second to the API server", valueName: "NUMBER"))
  var requestsPerSecond: Double = 50

  @Option(
    name: .customLong("kube-api-burst"),
    help: ArgumentHelp("Maximum burst of requests to the API server", valueName: "NUMBER"))
  var requestBurst: Int = 300

  @Flag(help: "Log requests, like -v 6")
  var verbose = false

  @Option(
    name: .both("v", "v"),
    help: ArgumentHelp(
      "Log level; 6: one line per request; 9: full requests, secrets redacted",
      valueName: "LEVEL"))
  var verbosity = 0
}

extension ServerOptions {
  /// The level of `-v`, or that of `--verbose`.
  var logLevel: Int { verbose ? max(6, verbosity) : verbosity }

  /// - Throws: ``UsageError`` for a rate at which nothing would ever be sent.
  func rate() throws -> RequestRate {
    guard requestsPerSecond > 0 else { throw UsageError("--kube-api-qps must be more than 0") }
    guard requestBurst > 0 else { throw UsageError("--kube-api-burst must be more than 0") }
    return RequestRate(perSecond: requestsPerSecond, burst: requestBurst)
  }

  func flags(namespace: String?) -> ConnectionFlags {
    var flags = ConnectionFlags()
    flags.kubeconfig = kubeconfig
    flags.context = context
    flags.cluster = cluster
    flags.user = user
    flags.namespace = namespace
    flags.server = server
    flags.token = token
    flags.impersonatedUser = impersonatedUser
    flags.impersonatedGroups = impersonatedGroups
    flags.impersonatedUID = impersonatedUID
    flags.impersonatedExtra = impersonatedExtra
    flags.certificateAuthority = certificateAuthority
    flags.clientCertificate = clientCertificate
    flags.clientKey = clientKey
    flags.insecureSkipTLSVerify = insecureSkipTLSVerify
    flags.tlsServerName = tlsServerName
    flags.requestTimeout = requestTimeout
    flags.disableCompression = disableCompression
    return flags
  }
}
