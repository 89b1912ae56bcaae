package import Document
import Objects

/// Whether Flux leaves an object alone until somebody resumes it.
package enum Suspension {
  /// The annotation that disables an ArtifactGenerator (source-watcher, `api/v1beta1`).
  package static let generatorAnnotation = "source.extensions.fluxcd.io/reconcile"
  /// The annotation that disables the Flux Operator's kinds.
  package static let instanceAnnotation = "fluxcd.controlplane.io/reconcile"

  /// Reads the mark that the kind's own controller looks at.
  ///
  /// The two annotated kinds have no `spec.suspend`; their controllers compare the annotation with
  /// `disabled` in lower case, and take every other value for enabled. Source-watcher is going to
  /// learn `spec.suspend` (fluxcd/source-watcher#346): servers drop the field as long as they do
  /// not know it.
  ///
  /// - Parameter kind: Nil for a kind that is not Flux's, which nothing suspends.
  package static func isSuspended(_ object: Value, kind: FluxKind?) -> Bool {
    switch kind {
    case .artifactGenerator:
      isDisabled(object, by: generatorAnnotation) || object["spec", "suspend"]?.bool ?? false
    case .fluxInstance: isDisabled(object, by: instanceAnnotation)
    case .externalArtifact, nil: false
    case .gitRepository, .ociRepository, .bucket, .helmRepository, .helmChart, .kustomization,
      .helmRelease:
      object["spec", "suspend"]?.bool ?? false
    }
  }

  private static func isDisabled(_ object: Value, by annotation: String) -> Bool {
    object["metadata", "annotations", annotation]?.string?.lowercased() == "disabled"
  }
}
