/// What the suite reads besides its arguments, for the documents.
package struct DocumentedEnvironment: Sendable {
  package typealias Entry = (name: String, meaning: String)

  package let variables: [Entry]
  package let files: [Entry]

  /// - Parameter usesCluster: Whether the command can talk to a cluster.
  package init<T: Tool>(of tool: T.Type, usesCluster: Bool) {
    var variables = Self.ofOutput
    if usesCluster { variables += Self.ofClusters }
    if usesCluster, case .fluxSystem = T.namespacePolicy { variables += Self.ofFlux }
    self.variables = variables.sorted { $0.name < $1.name }
    files = usesCluster ? Self.filesOfClusters : []
  }

  private static let ofOutput: [Entry] = [
    ("NO_COLOR", "If set, even to an empty value, output is not coloured."),
    ("TERM", "If set to dumb, output is not coloured."),
  ]

  private static let filesOfClusters: [Entry] = [
    ("~/.kube/config", "The kubeconfig file."),
    ("~/.kube/kuberc", "Preferences of kubectl; only credentialPluginPolicy is honoured."),
  ]

  private static let ofClusters: [Entry] = [
    ("CI", "If set, artifacts are not cached."),
    ("XDG_CACHE_HOME", "Cache directory of the user, instead of ~/.cache."),
    ("KUBERC", "Path to the kubectl preferences, instead of ~/.kube/kuberc; off disables them."),
    ("KUBECTL_KUBERC", "If set to false, the kubectl preferences are ignored."),
    ("KUBECONFIG", "Colon-separated kubeconfig files, instead of ~/.kube/config."),
    (
      "HTTPS_PROXY, HTTP_PROXY, NO_PROXY",
      "Proxies for the API server, and hosts to reach without a proxy."
    ),
    (
      "SSL_CERT_FILE, SSL_CERT_DIR",
      "Certificate authorities to trust if the kubeconfig specifies none."
    ),
  ]

  private static let ofFlux: [Entry] = [
    ("FLUX_SYSTEM_NAMESPACE", "Default namespace; flux-system if not set."),
    (
      "FLUX_NS_FOLLOWS_KUBE_CONTEXT",
      "If set, the default namespace is that of the kubeconfig context."
    ),
  ]
}
