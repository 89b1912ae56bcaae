/// What the suite reads besides its arguments, for the documents.
package struct DocumentedEnvironment: Sendable {
  package struct Entry: Sendable {
    package let name: String
    package let meaning: String
  }

  package let variables: [Entry]
  package let files: [Entry]

  /// - Parameter usesCluster: Whether the command can talk to a cluster.
  package init<T: Tool>(of tool: T.Type, usesCluster: Bool) {
    var variables = [
      Entry(name: "NO_COLOR", meaning: "If set, even to nothing, output is not coloured."),
      Entry(name: "TERM", meaning: "If it is dumb, output is not coloured."),
    ]
    var files: [Entry] = []
    if usesCluster {
      variables += [
        Entry(
          name: "KUBECONFIG",
          meaning: "Kubeconfig files, separated by colons, in place of ~/.kube/config."
        ),
        Entry(
          name: "HTTPS_PROXY, HTTP_PROXY, NO_PROXY",
          meaning: "The proxy to reach the API server through, and the hosts that need none."
        ),
        Entry(
          name: "SSL_CERT_FILE, SSL_CERT_DIR",
          meaning: "The certificate authorities to trust when the kubeconfig names none."
        ),
      ]
      files.append(Entry(name: "~/.kube/config", meaning: "The kubeconfig file."))
      if case .fluxSystem = T.namespacePolicy {
        variables += [
          Entry(
            name: "FLUX_SYSTEM_NAMESPACE",
            meaning: "The namespace without -n; flux-system if it is not set."
          ),
          Entry(
            name: "FLUX_NS_FOLLOWS_KUBE_CONTEXT",
            meaning: "If set, the namespace without -n is that of the kubeconfig context."
          ),
        ]
      }
    }
    self.variables = variables.sorted { $0.name < $1.name }
    self.files = files
  }
}
