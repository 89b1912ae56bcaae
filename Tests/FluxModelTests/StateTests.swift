import Document
import FluxModel
import Objects
import Testing
import Text

@Suite struct StateTests {
  private func object(_ yaml: String) throws -> Value {
    try #require(try YAML.parse(Array(yaml.utf8)).first)
  }

  @Test func `conditions are read`() throws {
    let conditions = Conditions(
      of: try object(
        """
        status:
          conditions:
          - {type: Reconciling, status: "True", reason: Progressing}
          - type: Ready
            status: "False"
            reason: BuildFailed
            message: no files match
            lastTransitionTime: "1970-01-01T00:01:00Z"
            observedGeneration: 3
          - {type: Stalled, status: "maybe"}
          - {status: "True"}
        """
      )
    )
    #expect(conditions.all.count == 3)
    #expect(conditions.ready?.status == .no)
    #expect(conditions.ready?.reason == "BuildFailed")
    #expect(conditions.ready?.message == "no files match")
    #expect(conditions.ready?.lastTransition == Timestamp(seconds: 60))
    #expect(conditions.ready?.observedGeneration == 3)
    #expect(conditions.reconciling?.status == .yes)
    #expect(conditions.stalled?.status == .unknown)
    #expect(conditions["Healthy"] == nil)
  }

  @Test(arguments: ["{}", "status: {}", "status: {conditions: []}", "status: {conditions: 1}"])
  func `an object that nobody looked at waits`(yaml: String) throws {
    let readiness = Readiness(of: try object(yaml))
    #expect(readiness.status == .no)
    #expect(readiness.message == "waiting to be reconciled")
  }

  @Test(arguments: [
    ("disabled", true), ("Disabled", true), ("DISABLED", true), ("enabled", false), ("", false),
    ("disabled ", false), ("false", false),
  ])
  func `generators are suspended by annotation`(value: String, isSuspended: Bool) {
    for (kind, key) in [
      (FluxKind.artifactGenerator, "source.extensions.fluxcd.io/reconcile"),
      (.fluxInstance, "fluxcd.controlplane.io/reconcile"),
    ] {
      let object: Value = ["metadata": ["annotations": [key: .string(value)]]]
      #expect(Suspension.isSuspended(object, kind: kind) == isSuspended)
    }
  }

  /// The form that source-watcher is to get; for a FluxInstance the field means nothing.
  @Test func `generators are suspended by field too`() {
    let object: Value = ["spec": ["suspend": true]]
    #expect(Suspension.isSuspended(object, kind: .artifactGenerator))
    #expect(!Suspension.isSuspended(object, kind: .fluxInstance))
  }

  @Test func `other kinds are suspended by specification`() {
    let annotated: Value = [
      "metadata": ["annotations": ["source.extensions.fluxcd.io/reconcile": "disabled"]]
    ]
    for kind in [FluxKind.gitRepository, .kustomization, .helmRelease, .helmChart, .bucket] {
      #expect(Suspension.isSuspended(["spec": ["suspend": true]], kind: kind))
      #expect(!Suspension.isSuspended(["spec": ["suspend": false]], kind: kind))
      #expect(!Suspension.isSuspended(annotated, kind: kind))
    }
    #expect(!Suspension.isSuspended(["spec": ["suspend": true]], kind: .externalArtifact))
  }

  @Test func `an external artifact is read`() throws {
    let object = try object(
      """
      metadata: {name: web, namespace: apps}
      spec:
        sourceRef: {apiVersion: source.extensions.fluxcd.io/v1beta1, kind: ArtifactGenerator, name: gen}
      status:
        artifact:
          revision: latest@sha256:00
          digest: sha256:11
          size: 12
          url: http://host/x.tar.gz
          lastUpdateTime: "1970-01-01T00:00:05Z"
          metadata: {org.opencontainers.image.revision: "main@sha1:22"}
      """
    )
    let artifact = SourceArtifact(of: object)
    #expect(artifact?.revision == "latest@sha256:00")
    #expect(artifact?.digest == "sha256:11")
    #expect(artifact?.size == 12)
    #expect(artifact?.url == "http://host/x.tar.gz")
    #expect(artifact?.updated == Timestamp(seconds: 5))
    #expect(artifact?.originRevision == "main@sha1:22")
    // A reference without a namespace stays in the artifact's own.
    #expect(Ownership.publisher(of: object)?.description == "ArtifactGenerator/apps/gen")
  }

  @Test func `an artifact without source or content is read`() throws {
    let object = try object("{metadata: {name: web}, spec: {}}")
    #expect(SourceArtifact(of: object) == nil)
    #expect(Ownership.publisher(of: object) == nil)
  }

  @Test func `a generator is summarized`() throws {
    let summary = GeneratorSummary(
      try object(
        """
        metadata: {namespace: apps}
        spec:
          sources:
          - {alias: repo, kind: GitRepository, name: monorepo}
          - {alias: chart, kind: OCIRepository, name: c, namespace: flux-system}
          - {alias: same, kind: Bucket, name: b, namespace: apps}
        status: {inventory: [{name: a}, {name: b}]}
        """
      )
    )
    #expect(summary.artifactCount == 2)
    #expect(
      summary.sources == [
        "repo=GitRepository/monorepo", "chart=OCIRepository/flux-system/c", "same=Bucket/b",
      ]
    )
    #expect(GeneratorSummary([:]).artifactCount == 0)
    #expect(GeneratorSummary([:]).sources == [])
  }
}
