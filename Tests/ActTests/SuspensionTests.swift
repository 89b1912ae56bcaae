import Document
import FluxModel
import Objects
import Testing

@Suite struct SuspensionTests {
  @Test(arguments: FluxKind.allCases) func theMarkOfEachKind(_ kind: FluxKind) {
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

  @Test func aGeneratorWithBothMarksLosesBoth() {
    let object = MergePatch.apply(
      ["spec": ["suspend": true]],
      to: ActObjects.generator(annotations: [Suspension.generatorAnnotation: "Disabled"]))
    let resumed = MergePatch.apply(
      SuspensionChange.resume(object, kind: .artifactGenerator, requestedAt: "t"), to: object)
    #expect(!Suspension.isSuspended(resumed, kind: .artifactGenerator))
  }

  @Test func theReasonOfAnEarlierSuspensionGoes() {
    let object = ActObjects.generator(annotations: [SuspensionRecord.reason: "old"])
    let patch = SuspensionChange.suspend(.spec, by: nil, at: "now", reason: nil)
    #expect(MergePatch.apply(patch, to: object).annotations[SuspensionRecord.reason] == nil)
  }

  @Test func appliersAreThoseWithApply() {
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

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (1_795_219_199, "2026-11-20T23:59:59Z"),
    (-1, "1969-12-31T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
  ])
  func timestamps(_ seconds: Int64, _ text: String) {
    #expect(Timestamp(seconds: seconds).rfc3339 == text)
    #expect(Timestamp(rfc3339: text)?.seconds == seconds)
  }

  @Test func fractionsHaveNineDigits() {
    #expect(Timestamp(seconds: 0).rfc3339(nanoseconds: 42) == "1970-01-01T00:00:00.000000042Z")
  }
}
