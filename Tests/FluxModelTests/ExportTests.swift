import Document
import FluxModel
import Testing

@Suite struct ExportTests {
  private static let object: Value = [
    "apiVersion": "source.extensions.fluxcd.io/v1beta1",
    "kind": "ArtifactGenerator",
    "metadata": [
      "name": "web", "namespace": "apps", "uid": "u", "resourceVersion": "3", "generation": 2,
      "creationTimestamp": "2026-01-01T00:00:00Z", "managedFields": [], "finalizers": ["f"],
      "ownerReferences": [["kind": "X"]],
      "labels": [
        "kustomize.toolkit.fluxcd.io/name": "root", "team": "web",
        "app.kubernetes.io/managed-by": "Helm",
      ],
      "annotations": [
        "reconcile.fluxcd.io/requestedAt": "x",
        "source.extensions.fluxcd.io/reconcile": "disabled",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
      ],
    ],
    "spec": ["sources": []],
    "status": ["conditions": []],
  ]

  @Test func `keeps what somebody wrote`() {
    #expect(
      ExportedManifest.clean(Self.object, keepsOwnerLabels: false) == [
        "apiVersion": "source.extensions.fluxcd.io/v1beta1",
        "kind": "ArtifactGenerator",
        "metadata": [
          "name": "web", "namespace": "apps",
          "labels": ["team": "web", "app.kubernetes.io/managed-by": "Helm"],
          "annotations": ["source.extensions.fluxcd.io/reconcile": "disabled"],
        ],
        "spec": ["sources": []],
      ])
  }

  @Test func `owner labels stay when wanted`() {
    let kept = ExportedManifest.clean(Self.object, keepsOwnerLabels: true)
    #expect(kept["metadata", "labels"] == Self.object["metadata", "labels"])
  }

  @Test func `artifacts lose the mark of their generator`() {
    let artifact: Value = [
      "metadata": [
        "name": "web",
        "labels": [
          "source.extensions.fluxcd.io/generator": "uid",
          "app.kubernetes.io/managed-by": "source-watcher",
        ],
      ]
    ]
    #expect(
      ExportedManifest.clean(artifact, keepsOwnerLabels: false) == ["metadata": ["name": "web"]])
  }
}
