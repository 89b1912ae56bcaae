package import Document
package import FluxModel
import Objects

/// Objects of Flux as their controllers leave them.
package enum ActObjects {
  package static func condition(
    _ type: String, _ status: String, _ reason: String = "R", _ message: String = "m",
    generation: Int64 = 1,
    since: String = "2026-11-21T01:00:00Z"
  ) -> Value {
    [
      "type": .string(type), "status": .string(status), "reason": .string(reason),
      "message": .string(message),
      "lastTransitionTime": .string(since), "observedGeneration": .integer(generation),
    ]
  }

  package static func object(
    _ kind: FluxKind, _ name: String, namespace: String = "apps", spec: Value = [:],
    status: Value = [:],
    annotations: [String: String] = [:]
  ) -> Value {
    var marks = Object()
    for (key, value) in annotations { marks[key] = .string(value) }
    return [
      "apiVersion": .string(kind.resource.apiVersion), "kind": .string(kind.resource.kind),
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "uid": .string("uid-\(name)"),
        "generation": 1,
        "annotations": .object(marks),
      ],
      "spec": spec, "status": status,
    ]
  }

  package static let revision = "main@sha1:" + String(repeating: "a", count: 40)

  package static func artifact(_ revision: String = revision, digest: String = "sha256:d") -> Value
  {
    [
      "revision": .string(revision), "digest": .string(digest),
      "url": "http://source-controller.flux-system.svc/x",
    ]
  }

  package static func source(
    _ name: String = "repo", revision: String = revision, spec: Value = [:]
  )
    -> Value
  {
    object(
      .gitRepository, name, spec: spec,
      status: [
        "artifact": artifact(revision),
        "conditions": [condition("Ready", "True", "Succeeded", "stored artifact")],
      ])
  }

  package static let ready: Value = [
    condition("Ready", "True", "Succeeded", "reconciliation succeeded, generated 1 artifact(s)")
  ]

  package static func generator(
    _ name: String = "app", conditions: Value = ready, built: String? = nil,
    annotations: [String: String] = [:],
    source: String = "repo"
  ) -> Value {
    let id = ObjectID(.gitRepository, namespace: "apps", name: source)
    let observed = SourceArtifact(of: self.source(source)).map {
      ObservedSource(alias: "repo", node: id, artifact: $0)
    }
    let digest = built ?? ObservedSource.digest(of: observed.map { [$0] } ?? [])
    return object(
      .artifactGenerator, name,
      spec: [
        "sources": [["alias": "repo", "kind": "GitRepository", "name": .string(source)]],
        "artifacts": [["name": .string("\(name)-out")]],
      ],
      status: [
        "conditions": conditions, "observedSourcesDigest": .string(digest),
        "inventory": [
          ["name": .string("\(name)-out"), "namespace": "apps", "digest": "sha256:out"]
        ],
      ],
      annotations: annotations)
  }

  package static func published(
    _ name: String = "app-out", by generator: String = "app", digest: String = "sha256:out"
  ) -> Value {
    object(
      .externalArtifact, name,
      spec: [
        "sourceRef": [
          "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
          "name": .string(generator),
          "namespace": "apps",
        ]
      ],
      status: ["artifact": artifact("latest@\(digest)", digest: digest), "conditions": ready])
  }

  package static func kustomization(
    _ name: String = "web", from artifact: String = "app-out", suspended: Bool = false
  ) -> Value {
    object(
      .kustomization, name,
      spec: [
        "suspend": .bool(suspended),
        "sourceRef": ["kind": "ExternalArtifact", "name": .string(artifact)],
      ],
      status: [
        "lastAppliedRevision": "latest@sha256:out", "lastAttemptedRevision": "latest@sha256:out",
        "conditions": ready,
      ])
  }

  /// The controller answers a request with the given conditions, and with what else is to be in the
  /// status.
  package static func answer(_ object: Value, conditions: Value? = nil, status: Value = [:])
    -> Value
  {
    var change = status
    if let conditions { change = change.with("conditions", conditions) }
    if let token = object.annotations[AttemptTracker.annotation] {
      change = change.with("lastHandledReconcileAt", .string(token))
    }
    return MergePatch.apply(["status": change], to: object)
  }

  /// Every request is answered without a change.
  package static let contentController: @Sendable (Value) -> [Value] = { [answer($0)] }
}
