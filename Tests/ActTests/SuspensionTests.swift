import Document
import FluxModel
import Objects
import Testing
import Text

@Suite struct SuspensionTests {
  @Test(arguments: FluxKind.allCases) func `the mark of each kind`(_ kind: FluxKind) {
    guard let form = SuspensionForm(kind, generatorHasSuspend: false) else {
      #expect(kind == .externalArtifact)
      return
    }
    let object = ActObjects.object(kind, "x")
    let patch = SuspensionChange.suspend(form, by: "jane", at: "2026-11-21T01:00:00Z", reason: nil)
    let suspended = MergePatch.apply(patch, to: object)
    #expect(Suspension.isSuspended(suspended, kind: kind))
    #expect(suspended.annotations[SuspensionRecord.by] == "jane")
    #expect(suspended.annotations[SuspensionRecord.reason] == nil)

    let resumed = MergePatch.apply(
      SuspensionChange.resume(suspended, kind: kind, requestedAt: "t"), to: suspended)
    #expect(!Suspension.isSuspended(resumed, kind: kind))
    #expect(resumed.annotations == [AttemptTracker.annotation: "t"])
  }

  @Test func `a generator with both marks loses both`() {
    let object = MergePatch.apply(
      ["spec": ["suspend": true]],
      to: ActObjects.generator(annotations: [Suspension.generatorAnnotation: "Disabled"]))
    let resumed = MergePatch.apply(
      SuspensionChange.resume(object, kind: .artifactGenerator, requestedAt: "t"), to: object)
    #expect(!Suspension.isSuspended(resumed, kind: .artifactGenerator))
  }

  @Test func `the reason of an earlier suspension goes`() {
    let object = ActObjects.generator(annotations: [SuspensionRecord.reason: "old"])
    let patch = SuspensionChange.suspend(.spec, by: nil, at: "now", reason: nil)
    #expect(MergePatch.apply(patch, to: object).annotations[SuspensionRecord.reason] == nil)
  }

  @Test func `appliers are those with apply`() {
    func entry(_ manager: String, _ operation: String) -> Value {
      let annotations: Object = ["f:\(Suspension.generatorAnnotation)": [:]]
      return [
        "manager": .string(manager), "operation": .string(operation),
        "fieldsV1": ["f:metadata": ["f:annotations": .object(annotations)]],
      ]
    }
    let fields: Value = [entry("kustomize-controller", "Apply"), entry("artifactgen", "Update")]
    let labels: Object = [
      "kustomize.toolkit.fluxcd.io/name": "tenant",
      "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    ]
    let object = MergePatch.apply(
      ["metadata": ["managedFields": fields, "labels": .object(labels)]], to: ActObjects.generator()
    )
    let owners = SuspensionOwner.appliers(
      of: .annotation(Suspension.generatorAnnotation), in: object)
    let applier = ObjectID(.kustomization, namespace: "flux-system", name: "tenant")
    #expect(owners.map(\.manager) == ["kustomize-controller"])
    #expect(owners.first?.applier == applier)
    #expect(SuspensionOwner.appliers(of: .spec, in: object).isEmpty)
  }
}
