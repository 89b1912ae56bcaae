package import HTTP
import Platform
import Text

/// Settles which cluster is meant, as whom, from flags, kubeconfig files, environment and the pod
/// that we run in.
///
/// The order is that of client-go's tools/clientcmd/client_config.go: the context by `--context` or
/// `current-context`; its cluster and user, or those of `--cluster` and `--user`; over both, what
/// the flags say.
package struct KubeconfigLoader: Sendable {
  package var environment: [String: String]
  /// Absolute; paths in flags and in `KUBECONFIG` are seen from here.
  package var workingDirectory: String
  /// Whether a credential plugin may ask questions.
  package var standardInputIsTerminal: Bool
  /// Where a pod finds its service account.
  package var serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"
  /// Seconds since 1970.
  package var now: @Sendable () -> Int64 = unixTimeNow

  package init(
    environment: [String: String], workingDirectory: String, standardInputIsTerminal: Bool
  ) {
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.standardInputIsTerminal = standardInputIsTerminal
  }

  /// - Parameter activity: receives which file is being read.
  package func load(
    _ flags: ConnectionFlags, telling activity: Activity
  ) throws(KubeconfigError) -> ClusterConfiguration {
    try LocalFile.$activity.withValue(activity) {
      Result { () throws(KubeconfigError) in try load(flags) }
    }.get()
  }

  package func load(_ flags: ConnectionFlags) throws(KubeconfigError) -> ClusterConfiguration {
    let flags = flags.withoutEmpty
    let files = KubeconfigFiles(environment: environment, workingDirectory: workingDirectory)
    let config = try files.load(explicit: flags.kubeconfig)
    let pod = InCluster(environment: environment, directory: serviceAccountDirectory)

    var context = try context(config, flags.context)
    if let name = flags.cluster { context.cluster = name }
    if let name = flags.user { context.user = name }
    var cluster =
      try entry(config.clusters, context.cluster, flags.cluster, "cluster") ?? ClusterEntry()
    // A context may name a user that does not exist: that is a user without credentials.
    var user = try entry(config.users, context.user, flags.user, "auth info") ?? UserEntry()
    var warnings: [String] = []

    var isInCluster = false
    if cluster.server.isEmpty, flags.server == nil {
      if let master = environment["KUBERNETES_MASTER"], !master.isEmpty {
        cluster.server = master
      } else if pod.isPossible {
        let found = pod.cluster
        cluster = found.entry
        user = pod.user
        isInCluster = true
        if !found.hasAuthority {
          warnings.append(
            "cannot read ca.crt of the service account; using the system's certificate authorities instead"
          )
        }
      }
    }
    apply(flags, to: &cluster)
    apply(flags, to: &user)
    guard !cluster.server.isEmpty else { throw noServer(config, context) }

    let clusterName = isInCluster ? "in-cluster" : context.cluster
    let checked = try CheckedEntries(
      cluster, named: clusterName, user, named: isInCluster ? "in-cluster" : context.user)
    var transport = TransportOptions(trust: checked.trust(environment))
    transport.serverName = cluster.tlsServerName.isEmpty ? nil : cluster.tlsServerName
    transport.proxy =
      cluster.proxyURL.isEmpty
      ? .environment(ProxyEnvironment(environment)) : .fixed(cluster.proxyURL)
    let server = try Target(server: cluster.server, of: clusterName)
    var result = ClusterConfiguration(server: server, transport: transport)
    result.disableCompression = cluster.disableCompression || flags.disableCompression
    result.impersonation = user.impersonation
    result.requestTimeout = try flags.requestTimeout.flatMap(Self.timeout)
    let ofContext = context.namespace.isEmpty ? nil : context.namespace
    result.contextNamespace = ofContext ?? pod.namespace
    result.namespace = flags.namespace ?? result.contextNamespace
    if !isInCluster, !context.user.isEmpty { result.userName = context.user }
    if server.scheme == "https" {
      result.credentials = CredentialSource(
        try authorization(checked), identity(checked), now: now)
    } else if user.hasCredentials {
      warnings.append("the connection to \(server) is not encrypted; no credentials are sent")
    }
    result.warnings = warnings
    return result
  }

  /// The value of `--request-timeout`; nil for none (`0`).
  private static func timeout(_ text: String) throws(KubeconfigError) -> Duration? {
    guard let duration = Duration(secondsOrGoText: text) else {
      throw KubeconfigError(
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit "
          + "(e.g. 1s | 2m | 3h)"
      )
    }
    return duration == .zero ? nil : duration
  }

  // MARK: - Names

  private func context(
    _ config: Kubeconfig, _ flag: String?
  ) throws(KubeconfigError) -> ContextEntry {
    guard flag != nil || !config.currentContext.isEmpty else { return ContextEntry() }
    if let entry = config.contexts.entry(flag ?? config.currentContext) { return entry }
    if let flag { throw KubeconfigError("context \"\(flag)\" does not exist") }
    throw KubeconfigError(
      "context was not found for specified context: \(config.currentContext)",
      kind: .unknownContext)
  }

  /// - Throws: when there is none of the name that a flag gives.
  private func entry<Entry>(
    _ entries: [Named<Entry>], _ name: String, _ flag: String?, _ what: String
  ) throws(KubeconfigError) -> Entry? {
    let entry = entries.entry(name)
    if entry == nil, let flag { throw KubeconfigError("\(what) \"\(flag)\" does not exist") }
    return entry
  }

  private func noServer(_ config: Kubeconfig, _ context: ContextEntry) -> KubeconfigError {
    if !context.cluster.isEmpty {
      return KubeconfigError(
        "invalid configuration: no server found for cluster \"\(context.cluster)\"",
        kind: .noConfiguration)
    }
    var text =
      "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable"
    if !config.contexts.isEmpty { text += ", or choose a context with --context" }
    return KubeconfigError(text, kind: .noConfiguration)
  }

  // MARK: - Flags

  private func apply(_ flags: ConnectionFlags, to cluster: inout ClusterEntry) {
    if let server = flags.server {
      cluster.server = server
      // A name that was right for another address.
      cluster.tlsServerName = ""
    }
    if let name = flags.tlsServerName { cluster.tlsServerName = name }
    if let file = flags.certificateAuthority {
      cluster.certificateAuthority = LocalFile.absolute(file, in: workingDirectory)
      cluster.certificateAuthorityData = []
      cluster.insecureSkipTLSVerify = flags.insecureSkipTLSVerify
    } else if flags.insecureSkipTLSVerify {
      cluster.certificateAuthority = ""
      cluster.certificateAuthorityData = []
      cluster.insecureSkipTLSVerify = true
    }
  }

  private func apply(_ flags: ConnectionFlags, to user: inout UserEntry) {
    if let token = flags.token {
      user.token = token
      user.tokenFile = ""
    }
    // Since client-go 0.35 a flag wins over inline data; before, the two were a conflict.
    if let file = flags.clientCertificate {
      user.clientCertificate = LocalFile.absolute(file, in: workingDirectory)
      user.clientCertificateData = []
    }
    if let file = flags.clientKey {
      user.clientKey = LocalFile.absolute(file, in: workingDirectory)
      user.clientKeyData = []
    }
    if let name = flags.impersonatedUser { user.impersonation.user = name }
    if let uid = flags.impersonatedUID { user.impersonation.uid = uid }
    if !flags.impersonatedGroups.isEmpty { user.impersonation.groups = flags.impersonatedGroups }
    if !flags.impersonatedExtra.isEmpty {
      user.impersonation.extra = Impersonation.extras(flags.impersonatedExtra)
    }
  }

  // MARK: - Credentials

  private func identity(_ entries: CheckedEntries) -> CredentialSource.Identity {
    guard let identity = entries.identity else { return .none }
    let (certificate, key) = (entries.user.clientCertificate, entries.user.clientKey)
    guard !certificate.isEmpty || !key.isEmpty else { return .fixed(identity) }
    return .files(
      ClientIdentityFiles(
        certificatePath: certificate.isEmpty ? nil : certificate,
        keyPath: key.isEmpty ? nil : key, initial: identity, now: now()))
  }

  private func authorization(
    _ entries: CheckedEntries
  ) throws(KubeconfigError) -> CredentialSource.Authorization {
    let user = entries.user
    if let provider = user.authProvider { throw LegacyProvider.error(provider) }
    if let exec = user.exec, exec.apiVersion != ExecPlugin.stable,
      exec.apiVersion != ExecPlugin.beta
    {
      throw KubeconfigError("exec plugin: invalid apiVersion \"\(exec.apiVersion)\"")
    }
    if !user.tokenFile.isEmpty {
      // A pipe gives its token only once.
      var fallback = user.token
      do throws(FileError) {
        let token = try TokenFile.read(user.tokenFile, patience: LocalFile.patience)
        if fallback.isEmpty { fallback = token }
      } catch {
        guard !user.token.isEmpty else { throw KubeconfigError(error.description) }
      }
      return .tokenFile(
        TokenFile(path: user.tokenFile, fallback: fallback.isEmpty ? nil : fallback))
    }
    if !user.token.isEmpty { return .fixed("Bearer \(user.token)") }
    if !user.username.isEmpty || !user.password.isEmpty {
      return .fixed("Basic \(encodeBase64(Array("\(user.username):\(user.password)".utf8)))")
    }
    // Any other credential of the same user means that the plugin is not run.
    guard let exec = user.exec, entries.identity == nil else { return .none }
    try PluginPolicy(environment: environment, workingDirectory: workingDirectory)
      .check(exec.command)
    let plugin = ExecPlugin(
      entry: exec,
      clusterInfo: exec.provideClusterInfo
        ? ExecClusterInfo.json(entries.cluster, authority: entries.authority) : nil,
      environment: environment,
      standardInputIsTerminal: standardInputIsTerminal
    )
    return .exec(plugin)
  }
}
