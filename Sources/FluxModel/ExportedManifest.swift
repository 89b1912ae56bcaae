package import Document
import Objects
import Text

/// An object of the cluster, reduced to what its author wrote.
package enum ExportedManifest {
  /// What the server and the controllers keep in `metadata`.
  private static let runtimeMetadata = [
    "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers",
    "generateName", "generation", "managedFields", "ownerReferences", "resourceVersion",
    "selfLink", "uid",
  ]

  /// What commands leave behind in annotations: requests that were carried out long ago.
  private static let runtimeAnnotations = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubectl.kubernetes.io/restartedAt",
    "reconcile.fluxcd.io/requestedAt",
    "reconcile.fluxcd.io/forceAt",
    "reconcile.fluxcd.io/resetAt",
  ]

  /// By these kustomize-controller, helm-controller, the Flux Operator and source-watcher mark what
  /// is theirs; an object that carries a foreign mark can be taken for theirs and pruned.
  private static let ownerPrefixes = [
    "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/", "fluxcd.controlplane.io/",
    "resourceset.fluxcd.controlplane.io/",
  ]

  private static let generatorLabel = Ownership.generatorLabel
  private static let managerLabel = "app.kubernetes.io/managed-by"

  /// A manifest that can be applied elsewhere: without status and what only lives in the cluster.
  ///
  /// - Parameter keepsOwnerLabels: Whether the labels stay by which Flux knows what it applied.
  package static func clean(_ object: Value, keepsOwnerLabels: Bool) -> Value {
    guard var fields = object.object else { return object }
    fields.removeValue(forKey: "status")
    guard var metadata = fields["metadata"]?.object else { return .object(fields) }
    for name in runtimeMetadata { metadata.removeValue(forKey: name) }
    metadata["annotations"] = remaining(metadata["annotations"]) { key, _ in
      !runtimeAnnotations.contains { equalUTF8($0, key) }
    }
    if !keepsOwnerLabels {
      metadata["labels"] = remaining(metadata["labels"]) { key, value in
        !isOwnerLabel(key, value, of: metadata["labels"])
      }
    }
    fields["metadata"] = .object(metadata)
    return .object(fields)
  }

  /// An annotation of the operator (`fluxcd.controlplane.io/reconcile`) is set by a user: only
  /// labels name owners.
  private static func isOwnerLabel(_ key: String, _ value: Value, of labels: Value?) -> Bool {
    if ownerPrefixes.contains(where: { key.hasPrefix($0) }) { return true }
    if equalUTF8(key, generatorLabel) { return true }
    return equalUTF8(key, managerLabel) && labels?[generatorLabel] != nil
      || equalUTF8(key, managerLabel) && value.string == "flux-operator"
  }

  /// Nil when nothing is left.
  private static func remaining(
    _ value: Value?,
    where keep: (String, Value) -> Bool
  ) -> Value? {
    guard let entries = value?.object else { return nil }
    let kept = entries.filter { keep($0.key, $0.value) }
    return kept.isEmpty ? nil : .object(Object(kept.map { ($0.key, $0.value) }))
  }
}
