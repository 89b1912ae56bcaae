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
  func session(
    _ tool: (some Tool).Type,
    in surroundings: Surroundings
  ) async throws -> ClusterSession {
    try EmptyPath.refuse(snapshotPath, flag: "--snapshot")
    if let snapshotPath {
      // Nothing of the kubeconfig is looked at.
      return ClusterSession(
        try Snapshot.load(snapshotPath, readInput: surroundings.readInput),
        namespace: place.given
          ?? tool.namespacePolicy.offline(environment: surroundings.environment))
    }
    var request = ConnectionRequest(
      flags: connection.flags(namespace: place.namespace), verbosity: connection.logLevel,
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
}

package struct ContextNamespaceOptions: NamespaceFlags {
  @Option(
    name: .both("n", "namespace"),
    help: ArgumentHelp("Work in this namespace", valueName: "NAMESPACE"))
  package var namespace: String?

  package init() {}
}

/// The same for a tool with a namespace of its own.
package struct FluxNamespaceOptions: NamespaceFlags {
  @Option(
    name: .both("n", "namespace"),
    help: ArgumentHelp("Work in this namespace", valueName: "NAMESPACE"))
  package var namespace: String?

  @Flag(
    name: .customLong("ns-follows-kube-context"),
    help: "Without -n, work in the namespace of the kubeconfig context (kubectl's rule)")
  package var followsContext = false

  package init() {}
}

/// The file that is read in place of a cluster.
struct SnapshotOptions: ParsableArguments {
  @Option(
    name: .customLong("snapshot"),
    help: ArgumentHelp(
      "Read this file or directory of manifests instead of a cluster; - reads standard input",
      valueName: "PATH"), completion: .file())
  var path: String?
}

/// How the kinds of a server are found.
struct DiscoveryOptions: ParsableArguments {
  @Option(
    name: .customLong("cache-dir"),
    help: ArgumentHelp(
      "Folder where the kinds of a server are remembered for ten minutes", valueName: "DIR"),
    completion: .directory)
  var cacheDirectory: String?
}

/// The flags that choose the server and the user: kubectl's own.
struct ServerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Read this kubeconfig file and no other", valueName: "FILE"),
    completion: .file())
  var kubeconfig: String?

  @Option(help: ArgumentHelp("Use this kubeconfig context", valueName: "CONTEXT"))
  var context: String?

  @Option(help: ArgumentHelp("Use this cluster of the kubeconfig", valueName: "CLUSTER"))
  var cluster: String?

  @Option(help: ArgumentHelp("Use this user of the kubeconfig", valueName: "USER"))
  var user: String?

  @Option(
    name: .both("s", "server"),
    help: ArgumentHelp("Address and port of the API server", valueName: "URL"))
  var server: String?

  @Option(help: ArgumentHelp("Bearer token to authenticate with", valueName: "TOKEN"))
  var token: String?

  @Option(name: .customLong("as"), help: ArgumentHelp("Act as this user", valueName: "USER"))
  var impersonatedUser: String?

  @Option(
    name: .customLong("as-group"),
    help: ArgumentHelp("Act as a member of this group; can be repeated", valueName: "GROUP"))
  var impersonatedGroups: [String] = []

  @Option(name: .customLong("as-uid"), help: ArgumentHelp("Act under this UID", valueName: "UID"))
  var impersonatedUID: String?

  @Option(
    name: .customLong("as-user-extra"),
    help: ArgumentHelp(
      "Act with this extra attribute of the user; can be repeated", valueName: "KEY=VALUE"))
  var impersonatedExtra: [String] = []

  @Option(
    help: ArgumentHelp("Trust the certificate authorities of this file", valueName: "FILE"),
    completion: .file())
  var certificateAuthority: String?

  @Option(help: ArgumentHelp("Client certificate for TLS", valueName: "FILE"), completion: .file())
  var clientCertificate: String?

  @Option(
    help: ArgumentHelp("Key of the client certificate", valueName: "FILE"), completion: .file())
  var clientKey: String?

  @Flag(help: "Do not check the server's certificate; the connection is open to attack")
  var insecureSkipTLSVerify = false

  @Option(help: ArgumentHelp("Name to check the server's certificate against", valueName: "NAME"))
  var tlsServerName: String?

  @Option(
    help: ArgumentHelp(
      "Give up on a single request after this time (1s, 2m); 0 waits", valueName: "DURATION"))
  var requestTimeout: String?

  @Flag(help: "Do not ask the server for compressed answers")
  var disableCompression = false

  @Option(
    name: .customLong("kube-api-qps"),
    help: ArgumentHelp("Requests per second to the server", valueName: "NUMBER"))
  var requestsPerSecond: Double = 50

  @Option(
    name: .customLong("kube-api-burst"),
    help: ArgumentHelp("Requests to the server that may go at once", valueName: "NUMBER"))
  var requestBurst: Int = 300

  @Flag(help: "Log the requests to the server, as -v 6 does")
  var verbose = false

  @Option(
    name: .both("v", "v"),
    help: ArgumentHelp(
      "Log the requests to the server: 6 a line each, up to 9 everything but secrets",
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
