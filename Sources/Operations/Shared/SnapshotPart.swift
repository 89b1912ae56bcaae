import Objects

/// What a snapshot may hold beside the delivery: all that there is of it, or it does not say so.
package enum SnapshotPart: String, Sendable, Hashable, CaseIterable {
  /// The Deployments of Flux's controllers.
  case controllers
  /// The services that artifacts are fetched from, and who is behind them.
  case services
  /// The definitions of the kinds of `fluxcd.io`.
  case definitions
  /// The admission policies that mention ExternalArtifacts, and their bindings.
  case policies
  case alerts
  case resourceSets

  /// Where `export` notes the parts that it has read, beside ``Snapshot/stamp``, joined by commas.
  package static let annotation = "artifactgen/holds"

  /// - Parameter text: The annotation; parts of a later release are passed over.
  static func parts(in text: String) -> Set<SnapshotPart> {
    Set(text.split(separator: ",").compactMap { SnapshotPart(rawValue: String($0)) })
  }

  /// Whether every object of a type is in the snapshot, not only those that check reads.
  static func isListed(_ type: ResourceType, in parts: Set<SnapshotPart>) -> Bool {
    switch type.groupResource {
    case "alerts.notification.toolkit.fluxcd.io", "providers.notification.toolkit.fluxcd.io":
      parts.contains(.alerts)
    case "resourcesets.fluxcd.controlplane.io", "resourcesetinputproviders.fluxcd.controlplane.io":
      parts.contains(.resourceSets)
    default: false
    }
  }
}
