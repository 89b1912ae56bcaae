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
    /// `valuesFrom` of a HelmRelease.
    case values
    /// The artifact is not a chart.
    case chart
    /// What helm says of the chart.
    case template
    /// The post-renderers of a HelmRelease.
    case postRender
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
    case .path, .generate, .check, .substitute, .sops, .values: message
    case .chart: "could not load chart: \(message)"
    case .template: "helm template failed: \(message)"
    case .postRender: "error while running post render: \(message)"
    case .refused: "not rendered: \(message)"
    case .build: "kustomize build failed: \(message)"
    }
  }
}
