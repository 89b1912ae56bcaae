/// Which namespace a command works in when `-n` does not say.
package enum NamespacePolicy: Sendable {
  /// The kubeconfig context's, as for kubectl.
  case context
  /// Flux's own, as for `flux` (`cmd/flux/main.go`), unless the user asks for the context's.
  case fluxSystem

  private static let followVariable = "FLUX_NS_FOLLOWS_KUBE_CONTEXT"
  private static let namespaceVariable = "FLUX_SYSTEM_NAMESPACE"

  /// The namespace for a command that never reads a kubeconfig.
  package func offline(environment: [String: String]) -> String {
    switch self {
    case .context: "default"
    case .fluxSystem: Self.fluxNamespace(environment)
    }
  }

  /// The namespace for a command that works on a cluster.
  ///
  /// - Parameters:
  ///   - context: The namespace that the kubeconfig context resolves to.
  ///   - followsContext: Whether `--ns-follows-kube-context` was given.
  package func online(
    context: String,
    followsContext: Bool,
    environment: [String: String]
  ) -> String {
    switch self {
    case .context: return context
    case .fluxSystem:
      let follows = followsContext || environment[Self.followVariable]?.isEmpty == false
      return follows ? context : Self.fluxNamespace(environment)
    }
  }

  /// What the help says about the default, behind "the namespace is".
  package var description: String {
    switch self {
    case .context: "the namespace of the kubeconfig context"
    case .fluxSystem: "the namespace $\(Self.namespaceVariable), or flux-system"
    }
  }

  private static func fluxNamespace(_ environment: [String: String]) -> String {
    guard let named = environment[namespaceVariable], !named.isEmpty else { return "flux-system" }
    return named
  }
}
