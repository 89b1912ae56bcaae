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
    ("NO_COLOR", "If set, even to nothing, output is not coloured."),
    ("TERM", "If it is dumb, output is not coloured."),
  ]

  private static let filesOfClusters: [Entry] = [
    ("~/.kube/config", "The kubeconfig file."),
    ("~/.kube/kuberc", "kubectl's preferences, of which credentialPluginPolicy counts."),
  ]

  private static let ofClusters: [Entry] = [
    ("CI", "If it is set to anything, no artifact is kept in the user's cache folder."),
    ("XDG_CACHE_HOME", "The user's cache folder, in place of ~/.cache."),
    ("KUBERC", "The file of kubectl's preferences in place of ~/.kube/kuberc; off for none."),
    ("KUBECTL_KUBERC", "If it is false, kubectl's preferences do not count."),
    ("KUBECONFIG", "Kubeconfig files, separated by colons, in place of ~/.kube/config."),
    (
      "HTTPS_PROXY, HTTP_PROXY, NO_PROXY",
      "The proxy to reach the API server through, and the hosts that need none."
    ),
    (
      "SSL_CERT_FILE, SSL_CERT_DIR",
      "The certificate authorities to trust when the kubeconfig names none."
    ),
  ]

  private static let ofFlux: [Entry] = [
    ("FLUX_SYSTEM_NAMESPACE", "The namespace without -n; flux-system if it is not set."),
    (
      "FLUX_NS_FOLLOWS_KUBE_CONTEXT",
      "If set, the namespace without -n is that of the kubeconfig context."
    ),
  ]
}
