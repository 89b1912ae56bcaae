/// What a command reads besides its arguments, for the documents.
package struct DocumentedEnvironment: Sendable {
  package typealias Entry = (name: String, meaning: String)

  package let variables: [Entry]
  package let files: [Entry]

  /// - Parameter node: The command, whose flags tell what it reads; the tool itself reads all.
  package init<T: Tool>(of tool: T.Type, _ node: CommandNode) {
    let isRoot = node.page.name == T.executable
    func has(_ flag: String) -> Bool {
      isRoot || node.options.contains { $0.longNames.contains(flag) && !$0.isHidden }
    }
    let usesCluster = has("kubeconfig")
    var variables: [Entry] = []
    if has("color") { variables += Self.ofColour }
    if usesCluster { variables += Self.ofClusters }
    if usesCluster, case .fluxSystem = T.namespacePolicy { variables += Self.ofFlux }
    if has("strip-attr") {
      variables.append(
        ("KUBECTL_EXTERNAL_DIFF", "Program that diff -o diff runs on two directories."))
    }
    if has("no-cache") { variables.append(("CI", "If set, artifacts are not cached.")) }
    if has("no-cache") || has("cache-dir") {
      variables.append(("XDG_CACHE_HOME", "Cache directory of the user, instead of ~/.cache."))
    }
    if has("strict-substitution") {
      variables.append(("KUBECTL_PATH", "Path of kubectl, instead of the one in PATH."))
      variables.append(("HELM_PATH", "Path of helm, instead of the one in PATH."))
    }
    if has("no-cache") || has("source") {
      variables.append(("TMPDIR", "Directory for temporary files, instead of /tmp."))
    }
    if has("max-length") {
      variables.append(
        (
          "GITHUB_STEP_SUMMARY",
          "File to which the format github appends the summary of the job; set by GitHub Actions."
        ))
    }
    self.variables = variables.sorted { $0.name < $1.name }
    files = usesCluster ? Self.filesOfClusters : []
  }

  private static let ofColour: [Entry] = [
    ("NO_COLOR", "If set, even to an empty value, output is not coloured."),
    ("TERM", "If set to dumb, output is not coloured."),
  ]

  private static let filesOfClusters: [Entry] = [
    ("~/.kube/config", "The kubeconfig file."),
    ("~/.kube/kuberc", "Preferences of kubectl; only credentialPluginPolicy is honoured."),
  ]

  private static let ofClusters: [Entry] = [
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
