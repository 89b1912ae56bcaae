import Document
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

  package func load(_ flags: ConnectionFlags) throws(KubeconfigError) -> ClusterConfiguration {
    let flags = flags.withoutEmpty
    let files = KubeconfigFiles(environment: environment, workingDirectory: workingDirectory)
    let config = try files.load(explicit: flags.kubeconfig)
    let pod = InCluster(environment: environment, directory: serviceAccountDirectory)

    let contextName = try contextName(config, flags)
    var context = contextName.flatMap { config.contexts.entry($0) } ?? ContextEntry()
    if let name = flags.cluster { context.cluster = name }
    if let name = flags.user { context.user = name }
    var cluster = try cluster(config, context, flags)
    var user = try user(config, context, flags)
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
            "the service account has no readable ca.crt; the machine's certificate authorities are trusted instead"
          )
        }
      }
    }
    apply(flags, to: &cluster)
    apply(flags, to: &user)
    guard !cluster.server.isEmpty else { throw noServer(config, context) }

    let names = Names(
      cluster: isInCluster ? "in-cluster" : context.cluster,
      user: isInCluster ? "in-cluster" : context.user)
    let material = try ConnectionMaterial(cluster: cluster, user: user, names: names)
    let server = try ServerURL(cluster.server, cluster: names.cluster)
    var result = ClusterConfiguration(server: server)
    result.trust = material.trust
    result.tlsServerName = cluster.tlsServerName.isEmpty ? nil : cluster.tlsServerName
    result.proxy = cluster.proxyURL.isEmpty ? .environment : .fixed(cluster.proxyURL)
    result.disableCompression = cluster.disableCompression || flags.disableCompression
    result.impersonation = user.impersonation
    result.requestTimeout = try flags.requestTimeout.flatMap(Self.timeout)
    let ofContext = context.namespace.isEmpty ? nil : context.namespace
    result.contextNamespace = ofContext ?? pod.namespace
    result.namespace = flags.namespace ?? result.contextNamespace
    if !isInCluster {
      result.contextName = contextName
      result.clusterName = context.cluster.isEmpty ? nil : context.cluster
      result.userName = context.user.isEmpty ? nil : context.user
    }
    if server.isTLS {
      result.credentials = try credentials(user, names, material, cluster)
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
        .invalid,
        subject: text,
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit "
          + "(e.g. 1s | 2m | 3h)"
      )
    }
    return duration == .zero ? nil : duration
  }

  // MARK: - Names

  private func contextName(_ config: Kubeconfig, _ flags: ConnectionFlags) throws(KubeconfigError)
    -> String?
  {
    if let name = flags.context {
      guard config.contexts.entry(name) != nil else {
        throw KubeconfigError(.unknownName, subject: name, "context \"\(name)\" does not exist")
      }
      return name
    }
    guard !config.currentContext.isEmpty else { return nil }
    guard config.contexts.entry(config.currentContext) != nil else {
      throw KubeconfigError(
        .unknownContext,
        subject: config.currentContext,
        "context was not found for specified context: \(config.currentContext)"
      )
    }
    return config.currentContext
  }

  private func cluster(
    _ config: Kubeconfig,
    _ context: ContextEntry,
    _ flags: ConnectionFlags
  ) throws(KubeconfigError) -> ClusterEntry {
    let entry = config.clusters.entry(context.cluster)
    if entry == nil, let name = flags.cluster {
      throw KubeconfigError(.unknownName, subject: name, "cluster \"\(name)\" does not exist")
    }
    return entry ?? ClusterEntry()
  }

  /// A context may name a user that does not exist: that is somebody without credentials.
  private func user(
    _ config: Kubeconfig,
    _ context: ContextEntry,
    _ flags: ConnectionFlags
  ) throws(KubeconfigError) -> UserEntry {
    let entry = config.users.entry(context.user)
    if entry == nil, let name = flags.user {
      throw KubeconfigError(.unknownName, subject: name, "auth info \"\(name)\" does not exist")
    }
    return entry ?? UserEntry()
  }

  private func noServer(_ config: Kubeconfig, _ context: ContextEntry) -> KubeconfigError {
    if !context.cluster.isEmpty {
      return KubeconfigError(
        .noConfiguration,
        subject: context.cluster,
        "invalid configuration: no server found for cluster \"\(context.cluster)\""
      )
    }
    var text =
      "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable"
    if !config.contexts.isEmpty { text += ", or choose a context with --context" }
    return KubeconfigError(.noConfiguration, text)
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
  }

  // MARK: - Credentials

  private func credentials(
    _ user: UserEntry,
    _ names: Names,
    _ material: ConnectionMaterial,
    _ cluster: ClusterEntry
  ) throws(KubeconfigError) -> CredentialSource {
    var certificate = CredentialSource.Certificate.none
    if let pair = material.keyPair {
      let isInFiles = !user.clientCertificate.isEmpty || !user.clientKey.isEmpty
      certificate =
        isInFiles
        ? .files(
          KeyPairFiles(
            certificatePath: user.clientCertificate.isEmpty ? nil : user.clientCertificate,
            keyPath: user.clientKey.isEmpty ? nil : user.clientKey,
            initial: pair,
            now: now()
          ))
        : .fixed(pair)
    }
    return CredentialSource(try authorization(user, material, cluster), certificate, now: now)
  }

  private func authorization(
    _ user: UserEntry,
    _ material: ConnectionMaterial,
    _ cluster: ClusterEntry
  ) throws(KubeconfigError) -> CredentialSource.Authorization {
    if let provider = user.authProvider { throw LegacyProvider.error(provider) }
    if let exec = user.exec, exec.apiVersion != ExecPlugin.stable,
      exec.apiVersion != ExecPlugin.beta
    {
      throw KubeconfigError(
        .invalid, subject: exec.apiVersion, "exec plugin: invalid apiVersion \"\(exec.apiVersion)\""
      )
    }
    if !user.tokenFile.isEmpty {
      do throws(FileError) {
        _ = try LocalFile.read(user.tokenFile)
      } catch {
        guard !user.token.isEmpty else {
          throw KubeconfigError(.file, subject: user.tokenFile, error.description)
        }
      }
      return .tokenFile(
        TokenFile(path: user.tokenFile, fallback: user.token.isEmpty ? nil : user.token))
    }
    if !user.token.isEmpty { return .fixed("Bearer \(user.token)") }
    if !user.username.isEmpty || !user.password.isEmpty {
      return .fixed("Basic \(encodeBase64(Array("\(user.username):\(user.password)".utf8)))")
    }
    // Any other credential of the same user means that the plugin is not run.
    guard let exec = user.exec, material.keyPair == nil else { return .none }
    let plugin = ExecPlugin(
      entry: exec,
      clusterInfo: exec.provideClusterInfo
        ? ExecClusterInfo.json(cluster, authority: material.authority) : nil,
      environment: environment,
      standardInputIsTerminal: standardInputIsTerminal
    )
    return .exec(plugin)
  }
}

/// The names of the entries in use, for messages.
struct Names {
  var cluster: String
  var user: String
}

extension ConnectionFlags {
  /// The same with empty values as "not given".
  fileprivate var withoutEmpty: ConnectionFlags {
    var result = self
    for field: WritableKeyPath<ConnectionFlags, String?> in [
      \.kubeconfig, \.context, \.cluster, \.user, \.namespace, \.server, \.token,
      \.impersonatedUser, \.impersonatedUID,
      \.certificateAuthority, \.clientCertificate, \.clientKey, \.tlsServerName, \.requestTimeout,
    ] where result[keyPath: field]?.isEmpty == true {
      result[keyPath: field] = nil
    }
    result.impersonatedGroups.removeAll(where: \.isEmpty)
    return result
  }
}
