package import Content
package import Document

/// The `kustomization.yaml` that kustomize-controller builds from.
package struct PreparedKustomization: Sendable {
  /// Where it is, below the artifact's root.
  package let directory: TreePath
  /// Its name there.
  package let file: String
  package let content: Value
}
