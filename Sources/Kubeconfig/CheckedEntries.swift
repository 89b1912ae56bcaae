import HTTP
import Platform
import Text

/// The entries of a cluster and a user, checked before anything connects, with the certificates and
/// keys that they name.
///
/// The checks and their texts are those of client-go's tools/clientcmd/validation.go and
/// rest/transport.go.
struct CheckedEntries {
  let cluster: ClusterEntry
  let user: UserEntry
  /// The authority's certificates (PEM), if the entry has any.
  private(set) var authority: [UInt8]?
  private(set) var identity: ClientIdentity?
  /// For messages.
  private let clusterName: String
  private let userName: String
  private var findings: [String] = []

  init(
    _ cluster: ClusterEntry, named clusterName: String, _ user: UserEntry, named userName: String
  ) throws(KubeconfigError) {
    self.cluster = cluster
    self.user = user
    self.clusterName = clusterName
    self.userName = userName
    readIdentity()
    checkMethods()
    checkProxy()
    readAuthority()
    if let error = KubeconfigError.several(findings) { throw error }

    if let authority {
      guard !cluster.insecureSkipTLSVerify else {
        throw KubeconfigError(
          "specifying a root certificates file with the insecure flag is not allowed")
      }
      guard PEM.hasCertificate(authority) else {
        throw KubeconfigError(
          "unable to load root certificates: unable to parse bytes as PEM block")
      }
    }
    if let identity, let problem = PEM.problem(of: identity) { throw KubeconfigError(problem) }
  }

  /// Whom the entries trust.
  func trust(_ environment: [String: String]) -> Trust {
    if cluster.insecureSkipTLSVerify { return .anything }
    return authority.map { .only($0) } ?? .system(SystemRoots(environment: environment))
  }

  private mutating func readAuthority() {
    if !cluster.certificateAuthorityData.isEmpty {
      authority = cluster.certificateAuthorityData
      if !cluster.certificateAuthority.isEmpty {
        findings.append(
          "certificate-authority-data and certificate-authority are both specified for \(clusterName). "
            + "certificate-authority-data will override."
        )
      }
    } else if !cluster.certificateAuthority.isEmpty {
      authority = read(cluster.certificateAuthority, "certificate-authority", clusterName)
    }
  }

  private mutating func readIdentity() {
    // A key without a certificate is of no use and no harm.
    guard !user.clientCertificate.isEmpty || !user.clientCertificateData.isEmpty else { return }
    if !user.clientCertificate.isEmpty, !user.clientCertificateData.isEmpty {
      findings.append(
        "client-cert-data and client-cert are both specified for \(userName). client-cert-data will override."
      )
    }
    if !user.clientKey.isEmpty, !user.clientKeyData.isEmpty {
      findings.append(
        "client-key-data and client-key are both specified for \(userName); client-key-data will override"
      )
    }
    if user.clientKey.isEmpty, user.clientKeyData.isEmpty {
      findings.append(
        "client-key-data or client-key must be specified for \(userName) to use the clientCert authentication method."
      )
    }
    var identity = ClientIdentity(certificate: user.clientCertificateData, key: user.clientKeyData)
    if !user.clientCertificate.isEmpty {
      identity.certificate = read(user.clientCertificate, "client-cert", userName) ?? []
    }
    if !user.clientKey.isEmpty {
      identity.key = read(user.clientKey, "client-key", userName) ?? []
    }
    self.identity = identity
  }

  private mutating func read(_ path: String, _ field: String, _ name: String) -> [UInt8]? {
    do throws(FileError) {
      return try LocalFile.read(path)
    } catch {
      findings.append("unable to read \(field) \(path) for \(name) due to \(error.description)")
      return nil
    }
  }

  private mutating func checkMethods() {
    if !user.token.isEmpty, !user.username.isEmpty || !user.password.isEmpty {
      findings.append(
        "more than one authentication method found for \(userName); found [token basicAuth], only one is allowed"
      )
    }
    if let exec = user.exec {
      let purpose = "for \(userName) to use exec authentication plugin"
      if user.authProvider != nil {
        findings.append(
          "authProvider cannot be provided in combination with an exec plugin for \(userName)")
      }
      if exec.command.isEmpty { findings.append("command must be specified \(purpose)") }
      if exec.apiVersion.isEmpty { findings.append("apiVersion must be specified \(purpose)") }
      if exec.environment.contains(where: \.name.isEmpty) {
        findings.append("env variable name must be specified \(purpose)")
      }
      switch exec.interactiveMode {
      // An API version that does not exist is reported as such, later.
      case "" where exec.apiVersion == ExecPlugin.stable:
        findings.append("interactiveMode must be specified \(purpose)")
      case "", "Never", "IfAvailable", "Always": break
      default:
        findings.append("invalid interactiveMode for \(userName): \"\(exec.interactiveMode)\"")
      }
    }
    if user.impersonation.user.isEmpty, !user.impersonation.isEmpty {
      findings.append(
        "requesting uid, groups or user-extra for \(userName) without impersonating a user")
    }
  }

  private mutating func checkProxy() {
    let text = cluster.proxyURL
    guard !text.isEmpty else { return }
    let parts = text.splitOnce("://")
    let scheme = parts?.0.lowercased()
    // Never quoted with the password in it.
    let shown =
      text.lastIndex(of: "@").map {
        (scheme.map { "\($0)://" } ?? "") + text[text.index(after: $0)...]
      } ?? text
    guard let scheme, let rest = parts?.1 else {
      findings.append(
        "invalid 'proxy-url' \"\(shown)\" for cluster \"\(clusterName)\": it must start with http://, https:// or socks5://"
      )
      return
    }
    if !["http", "https", "socks5"].contains(scheme) {
      findings.append(
        "invalid 'proxy-url' \"\(shown)\" for cluster \"\(clusterName)\": unsupported scheme \"\(scheme)\", "
          + "must be http, https, or socks5"
      )
    } else if rest.isEmpty || rest.hasPrefix("/") {
      findings.append(
        "invalid 'proxy-url' \"\(shown)\" for cluster \"\(clusterName)\": it has no host")
    }
  }
}

extension UserEntry {
  var hasCredentials: Bool {
    !token.isEmpty || !tokenFile.isEmpty || !username.isEmpty || !password.isEmpty || exec != nil
      || !clientCertificate.isEmpty || !clientCertificateData.isEmpty || authProvider != nil
  }
}
