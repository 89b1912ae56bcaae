import Platform
import Text

/// The certificates and keys of an entry, read and checked before anything connects.
///
/// The checks and their texts are those of client-go's tools/clientcmd/validation.go and
/// rest/transport.go.
struct ConnectionMaterial {
  private(set) var trust = ClusterConfiguration.Trust.system
  /// The authority's certificates (PEM), if the entry has any.
  private(set) var authority: [UInt8]?
  private(set) var keyPair: KeyPair?

  init(cluster: ClusterEntry, user: UserEntry, names: Names) throws(KubeconfigError) {
    var findings: [String] = []
    readKeyPair(user, names.user, &findings)
    checkMethods(user, names.user, &findings)
    checkProxy(cluster, names.cluster, &findings)
    readAuthority(cluster, names.cluster, &findings)
    if let error = KubeconfigError.several(findings) { throw error }

    if cluster.insecureSkipTLSVerify {
      guard authority == nil else {
        throw KubeconfigError(
          .invalid, "specifying a root certificates file with the insecure flag is not allowed")
      }
      trust = .anything
    } else if let authority {
      guard PEM.hasCertificate(authority) else {
        throw KubeconfigError(
          .invalid, "unable to load root certificates: unable to parse bytes as PEM block")
      }
      trust = .only(authority)
    }
    if let keyPair, let problem = PEM.problem(of: keyPair) {
      throw KubeconfigError(.invalid, problem)
    }
  }

  private mutating func readAuthority(
    _ cluster: ClusterEntry, _ name: String, _ findings: inout [String]
  ) {
    if !cluster.certificateAuthorityData.isEmpty {
      authority = cluster.certificateAuthorityData
      if !cluster.certificateAuthority.isEmpty {
        findings.append(
          "certificate-authority-data and certificate-authority are both specified for \(name). "
            + "certificate-authority-data will override."
        )
      }
    } else if !cluster.certificateAuthority.isEmpty {
      authority = read(cluster.certificateAuthority, "certificate-authority", name, &findings)
    }
  }

  private mutating func readKeyPair(_ user: UserEntry, _ name: String, _ findings: inout [String]) {
    // A key without a certificate is of no use and no harm.
    guard !user.clientCertificate.isEmpty || !user.clientCertificateData.isEmpty else { return }
    if !user.clientCertificate.isEmpty, !user.clientCertificateData.isEmpty {
      findings.append(
        "client-cert-data and client-cert are both specified for \(name). client-cert-data will override."
      )
    }
    if !user.clientKey.isEmpty, !user.clientKeyData.isEmpty {
      findings.append(
        "client-key-data and client-key are both specified for \(name); client-key-data will override"
      )
    }
    if user.clientKey.isEmpty, user.clientKeyData.isEmpty {
      findings.append(
        "client-key-data or client-key must be specified for \(name) to use the clientCert authentication method."
      )
    }
    var pair = KeyPair(certificate: user.clientCertificateData, key: user.clientKeyData)
    if !user.clientCertificate.isEmpty {
      pair.certificate = read(user.clientCertificate, "client-cert", name, &findings) ?? []
    }
    if !user.clientKey.isEmpty {
      pair.key = read(user.clientKey, "client-key", name, &findings) ?? []
    }
    keyPair = pair
  }

  private func read(_ path: String, _ field: String, _ name: String, _ findings: inout [String])
    -> [UInt8]?
  {
    do throws(FileError) {
      return try LocalFile.read(path)
    } catch {
      findings.append("unable to read \(field) \(path) for \(name) due to \(error.description)")
      return nil
    }
  }

  private func checkMethods(_ user: UserEntry, _ name: String, _ findings: inout [String]) {
    if !user.token.isEmpty, !user.username.isEmpty || !user.password.isEmpty {
      findings.append(
        "more than one authentication method found for \(name); found [token basicAuth], only one is allowed"
      )
    }
    if let exec = user.exec {
      let purpose = "for \(name) to use exec authentication plugin"
      if user.authProvider != nil {
        findings.append(
          "authProvider cannot be provided in combination with an exec plugin for \(name)")
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
      default: findings.append("invalid interactiveMode for \(name): \"\(exec.interactiveMode)\"")
      }
    }
    if user.impersonation.user.isEmpty, !user.impersonation.isEmpty {
      findings.append(
        "requesting uid, groups or user-extra for \(name) without impersonating a user")
    }
  }

  private func checkProxy(_ cluster: ClusterEntry, _ name: String, _ findings: inout [String]) {
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
        "invalid 'proxy-url' \"\(shown)\" for cluster \"\(name)\": it must start with http://, https:// or socks5://"
      )
      return
    }
    if !["http", "https", "socks5"].contains(scheme) {
      findings.append(
        "invalid 'proxy-url' \"\(shown)\" for cluster \"\(name)\": unsupported scheme \"\(scheme)\", "
          + "must be http, https, or socks5"
      )
    } else if rest.isEmpty || rest.hasPrefix("/") {
      findings.append("invalid 'proxy-url' \"\(shown)\" for cluster \"\(name)\": it names no host")
    }
  }
}

extension UserEntry {
  var hasCredentials: Bool {
    !token.isEmpty || !tokenFile.isEmpty || !username.isEmpty || !password.isEmpty || exec != nil
      || !clientCertificate.isEmpty || !clientCertificateData.isEmpty || authProvider != nil
  }
}
