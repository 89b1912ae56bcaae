/// The credential providers that were once part of client-go, and what to use instead.
enum LegacyProvider {
  static func error(_ name: String) -> KubeconfigError {
    switch name {
    case "gcp":
      removed(
        name,
        replacement: "\"gke-gcloud-auth-plugin\"",
        page:
          "https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke"
      )
    case "azure":
      removed(
        name,
        replacement: "https://github.com/Azure/kubelogin",
        page:
          "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins"
      )
    case "oidc":
      KubeconfigError(
        "the oidc auth provider is not supported; use the kubelogin credential plugin instead (https://github.com/int128/kubelogin)"
      )
    default:
      KubeconfigError("no Auth Provider found for name \"\(name)\"")
    }
  }

  private static func removed(_ name: String, replacement: String, page: String) -> KubeconfigError
  {
    KubeconfigError(
      """
      The \(name) auth plugin has been removed.
      Please use the \(replacement) kubectl/client-go credential plugin instead.
      See \(page) for further details
      """
    )
  }
}
