package import KubeAPI

/// Who acts, as records name him.
package struct ActingUser: Sendable {
  private let impersonated: String?
  private let who: (any WhoAmI)?

  /// - Parameter impersonated: The user of `--as`.
  package init(as impersonated: String? = nil, _ who: (any WhoAmI)?) {
    self.impersonated = impersonated
    self.who = who
  }

  /// The name that the server knows him by, else that of the kubeconfig; nil if neither says.
  func name() async throws -> String? {
    if let impersonated { return impersonated }
    return try await who?.userName() ?? who?.configuredUser
  }
}
