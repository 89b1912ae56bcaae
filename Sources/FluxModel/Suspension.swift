package import Document
import Objects

/// Whether Flux ignores an object until it is resumed.
package enum Suspension {
  /// The annotation that disables an ArtifactGenerator (source-watcher, `api/v1beta1`).
  package static let generatorAnnotation = "source.extensions.fluxcd.io/reconcile"
  /// The annotation that disables the Flux Operator's kinds.
  package static let instanceAnnotation = "fluxcd.controlplane.io/reconcile"

  /// Reads the field or annotation that the kind's controller honours.
  ///
  /// The two annotated kinds have no `spec.suspend`; their controllers compare the annotation with
  /// `disabled` in lower case, and take every other value for enabled. Source-watcher is going to
  /// learn `spec.suspend` (fluxcd/source-watcher#346): servers drop the field as long as they do
  /// not know it.
  ///
  /// - Parameter kind: Nil for a kind that is not in our table: one of Flux's all the same, such as
  ///   a ResourceSet, or one that nothing suspends.
  package static func isSuspended(_ object: Value, kind: FluxKind?) -> Bool {
    let isBySpec = object["spec", "suspend"]?.bool ?? false
    switch SuspensionForm(kind, generatorHasSuspend: false) {
    case .spec: return isBySpec
    case .annotation(let name):
      return object["metadata", "annotations", name]?.string?.lowercased() == "disabled"
        || isBySpec && kind == .artifactGenerator
    case nil: break
    }
    guard kind == nil, let group = object.apiVersion.flatMap(GroupVersion.init(parsing:))?.group
    else { return false }
    if group == FluxKind.fluxInstance.resource.group {
      return object.annotations[Self.instanceAnnotation]?.lowercased() == "disabled"
    }
    return group.hasSuffix(".toolkit.fluxcd.io") && isBySpec
  }
}

/// How a kind is suspended in the cluster at hand.
package enum SuspensionForm: Sendable, Hashable {
  /// `spec.suspend: true`.
  case spec
  /// An annotation with the value `disabled`.
  case annotation(String)

  /// - Parameter generatorHasSuspend: Whether the server's definition of ArtifactGenerator knows
  ///   `spec.suspend`. Today's does not: the server would drop the field and nothing would be
  ///   suspended.
  /// - Returns: nil for a kind that cannot be suspended.
  package init?(_ kind: FluxKind?, generatorHasSuspend: Bool) {
    switch kind {
    case .artifactGenerator:
      self = generatorHasSuspend ? .spec : .annotation(Suspension.generatorAnnotation)
    case .fluxInstance: self = .annotation(Suspension.instanceAnnotation)
    case .externalArtifact, nil: return nil
    case .gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart, .kustomization,
      .helmRelease:
      self = .spec
    }
  }
}
