package import FluxModel

/// One of the two executables.
///
/// This is the only place that knows that there are two: everything else asks the tool for a default
/// or for a name. What a command does may not depend on it.
package protocol Tool: Sendable {
  /// The name of the executable file.
  static var executable: String { get }
  /// What people type to run it.
  static var invocation: String { get }
  /// The kind of an object that is given by its name only.
  static var defaultKind: FluxKind { get }
  static var namespacePolicy: NamespacePolicy { get }
  associatedtype NamespaceOptions: NamespaceFlags
  static var messageStyle: MessageStyle { get }
  /// The executable that the host runs when TAB is pressed; nil when it asks the tool itself.
  static var completionExecutable: String? { get }
}

/// `kubectl artifactgen`: generators first, with kubectl's habits.
package enum ArtifactGen: Tool {
  package static let executable = "kubectl-artifactgen"
  package static let invocation = "kubectl artifactgen"
  package static let defaultKind = FluxKind.artifactGenerator
  package static let namespacePolicy = NamespacePolicy.context
  package typealias NamespaceOptions = ContextNamespaceOptions
  package static let messageStyle = MessageStyle.kubectl
  package static let completionExecutable: String? = "kubectl_complete-artifactgen"
}

/// `flux externalartifact`: artifacts first, with Flux's habits.
package enum ExternalArtifactTool: Tool {
  package static let executable = "flux-externalartifact"
  package static let invocation = "flux externalartifact"
  package static let defaultKind = FluxKind.externalArtifact
  package static let namespacePolicy = NamespacePolicy.fluxSystem
  package typealias NamespaceOptions = FluxNamespaceOptions
  package static let messageStyle = MessageStyle.flux
  package static let completionExecutable: String? = nil
}

/// Whose wording messages follow.
package enum MessageStyle: Sendable {
  /// `error: text`.
  case kubectl
  /// `✗ text`.
  case flux
}
