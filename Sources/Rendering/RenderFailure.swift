/// Why a consumer has no objects, in the words of its controller where the reason is one of its own.
package struct RenderFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where in the controller's work it comes up.
  package enum Stage: String, Sendable {
    /// `spec.path` leads nowhere.
    case path
    /// The `kustomization.yaml` cannot be made.
    case generate
    /// We do not hand it to kubectl: the controller might render it.
    case refused
    case build
    /// An object without a name or a kind.
    case check
    case substitute
    /// An encrypted Secret that nothing decrypts.
    case sops
  }

  package let stage: Stage
  /// The artifact's root is not in it; paths are relative to that.
  package let message: String

  package init(_ stage: Stage, _ message: String) {
    self.stage = stage
    self.message = message
  }

  package var description: String {
    switch stage {
    case .path, .generate, .check, .substitute, .sops: message
    case .refused: "not rendered: \(message)"
    case .build: "kustomize build failed: \(message)"
    }
  }
}
