package import Document

/// An object as a controller would apply it.
package struct RenderedObject: Sendable, Equatable {
  /// Without owner labels and commonMetadata, as the controller's code has it at that point.
  package let text: [UInt8]
  /// With them.
  package let value: Value
  /// `value` without what came from Secrets; the same where nothing did.
  package let shown: Value
  /// How many of its values came from Secrets.
  package let secretCount: Int
  /// Whether it is encrypted with SOPS: what it will be is not known.
  package let isEncrypted: Bool
  package var role = Role.applied

  /// What a controller does with it.
  package enum Role: Sendable, Equatable {
    /// It keeps it as it is here.
    case applied
    /// A CRD in `crds/` of a chart: helm-controller never deletes it.
    /// - Parameter isUpdated: whether it changes one that exists.
    case definition(isUpdated: Bool)
    /// A hook of helm, which is no part of the release.
    case hook
  }
}

/// What a consumer makes of an artifact.
package struct RenderedConsumer: Sendable {
  /// Namespace and name of the consumer, and its kind.
  package let kind: String
  package let namespace: String
  package let name: String
  /// In the order of the build.
  package var objects: [RenderedObject] = []
  /// Variables that were left as they are, because what they are read from is unknown.
  package var unknownVariables: [String] = []
  /// What they are read from.
  package var unknownSources: [String] = []
  package var warnings: [String] = []
  /// What was read from Secrets for it, as texts.
  package internal(set) var secrets: [String] = []

  package init(kind: String, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// Whether the objects are not all that the controller would apply.
  package var isPartial: Bool { !unknownSources.isEmpty }

  /// What is missing, as a sentence; nil where nothing is.
  package var partialNote: String? {
    guard isPartial else { return nil }
    let variables =
      unknownVariables.isEmpty
      ? "" : "; these variables stay as they are: \(unknownVariables.joined(separator: ", "))"
    return "\(phrase) is rendered in part: \(unknownSources.joined(separator: ", ")) "
      + "\(unknownSources.count == 1 ? "is" : "are") unknown (use --manifests FILE or "
      + "--from-cluster)\(variables)"
  }

  /// As a sentence names it: `Kustomization flux-system/apps`.
  package var phrase: String { "\(kind) \(namespace)/\(name)" }
}
