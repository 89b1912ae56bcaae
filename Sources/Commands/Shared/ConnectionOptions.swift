import ArgumentParser
import Kubeconfig
import Operations

/// The flags that choose the cluster, the user and the namespace: kubectl's own.
struct ConnectionOptions: ParsableArguments {
  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("namespace")],
    help: ArgumentHelp("Work in this namespace", valueName: "NAMESPACE")
  )
  var namespace: String?

  @Flag(
    name: .customLong("ns-follows-kube-context"),
    help: "Without -n, work in the namespace of the kubeconfig context (kubectl's rule)"
  )
  var followsContext = false

  @Option(
    name: .customLong("snapshot"),
    help: ArgumentHelp(
      "Read this file or directory of manifests instead of a cluster; - reads standard input",
      valueName: "PATH"
    ),
    completion: .file()
  )
  var snapshot: String?

  @Option(
    name: .customLong("kubeconfig"),
    help: ArgumentHelp("Read this kubeconfig file and no other", valueName: "FILE"),
    completion: .file()
  )
  var kubeconfig: String?

  @Option(
    name: .customLong("context"),
    help: ArgumentHelp("Use this kubeconfig context", valueName: "CONTEXT")
  )
  var context: String?

  @Option(
    name: .customLong("cluster"),
    help: ArgumentHelp("Use this cluster of the kubeconfig", valueName: "CLUSTER")
  )
  var cluster: String?

  @Option(
    name: .customLong("user"),
    help: ArgumentHelp("Use this user of the kubeconfig", valueName: "USER")
  )
  var user: String?

  @Option(
    name: [.customShort("s", allowingJoined: true), .customLong("server")],
    help: ArgumentHelp("Address and port of the API server", valueName: "URL")
  )
  var server: String?

  @Option(
    name: .customLong("token"),
    help: ArgumentHelp("Bearer token to authenticate with", valueName: "TOKEN")
  )
  var token: String?

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("Act as this user", valueName: "USER")
  )
  var impersonatedUser: String?

  @Option(
    name: .customLong("as-group"),
    help: ArgumentHelp("Act as a member of this group; can be repeated", valueName: "GROUP")
  )
  var impersonatedGroups: [String] = []

  @Option(
    name: .customLong("as-uid"),
    help: ArgumentHelp("Act under this UID", valueName: "UID")
  )
  var impersonatedUID: String?

  @Option(
    name: .customLong("certificate-authority"),
    help: ArgumentHelp("Trust the certificate authorities of this file", valueName: "FILE"),
    completion: .file()
  )
  var certificateAuthority: String?

  @Option(
    name: .customLong("client-certificate"),
    help: ArgumentHelp("Client certificate for TLS", valueName: "FILE"),
    completion: .file()
  )
  var clientCertificate: String?

  @Option(
    name: .customLong("client-key"),
    help: ArgumentHelp("Key of the client certificate", valueName: "FILE"),
    completion: .file()
  )
  var clientKey: String?

  @Flag(
    name: .customLong("insecure-skip-tls-verify"),
    help: "Do not check the server's certificate; the connection is open to attack"
  )
  var insecureSkipTLSVerify = false

  @Option(
    name: .customLong("tls-server-name"),
    help: ArgumentHelp("Name to check the server's certificate against", valueName: "NAME")
  )
  var tlsServerName: String?

  @Option(
    name: .customLong("request-timeout"),
    help: ArgumentHelp(
      "Give up on a single request after this time (1s, 2m); 0 waits",
      valueName: "DURATION"
    )
  )
  var requestTimeout: String?

  @Flag(
    name: .customLong("disable-compression"),
    help: "Do not ask the server for compressed answers"
  )
  var disableCompression = false

  @Option(
    name: .customLong("cache-dir"),
    help: ArgumentHelp(
      "Folder where the kinds of a server are remembered for ten minutes", valueName: "DIR"),
    completion: .directory
  )
  var cacheDirectory: String?

  @Option(
    name: [.customShort("v", allowingJoined: true), .customLong("v")],
    help: ArgumentHelp(
      "Log the requests to the server: 6 a line each, up to 9 everything but secrets",
      valueName: "LEVEL")
  )
  var verbosity = 0
}

extension ConnectionOptions {
  var flags: ConnectionFlags {
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
    flags.certificateAuthority = certificateAuthority
    flags.clientCertificate = clientCertificate
    flags.clientKey = clientKey
    flags.insecureSkipTLSVerify = insecureSkipTLSVerify
    flags.tlsServerName = tlsServerName
    flags.requestTimeout = requestTimeout
    flags.disableCompression = disableCompression
    return flags
  }

  /// Connects, and settles the namespace by the tool's rule.
  func session(
    _ tool: (some Tool).Type,
    in surroundings: Surroundings
  ) async throws -> ClusterSession {
    if let snapshot { return try offline(snapshot, tool, in: surroundings) }
    let request = ConnectionRequest(
      flags: flags, verbosity: verbosity,
      cacheDirectory: cacheDirectory.flatMap { $0.isEmpty ? nil : $0 })
    var session = try await surroundings.connect(request)
    if let namespace, !namespace.isEmpty {
      session.namespace = namespace
    } else {
      session.namespace = tool.namespacePolicy.online(
        context: session.namespace, followsContext: followsContext,
        environment: surroundings.environment)
    }
    return session
  }

  /// A session on written-down objects: nothing of the kubeconfig is looked at.
  private func offline(
    _ path: String,
    _ tool: (some Tool).Type,
    in surroundings: Surroundings
  ) throws -> ClusterSession {
    let snapshot = try Snapshot.load(path, readInput: surroundings.readInput)
    let given = namespace.flatMap { $0.isEmpty ? nil : $0 }
    return ClusterSession(
      snapshot,
      namespace: given ?? tool.namespacePolicy.offline(environment: surroundings.environment))
  }
}
