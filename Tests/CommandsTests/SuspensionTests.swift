import Document
import FluxModel
import Objects
import TestSupport
import Testing
import Text

@Suite struct SuspensionTests {
  @Test(arguments: FluxKind.allCases) func `the mark of each kind`(_ kind: FluxKind) {
    guard let form = SuspensionForm(kind, generatorHasSuspend: false) else {
      #expect(kind == .externalArtifact)
      return
    }
    let object = ActObjects.object(kind, "x")
    let patch = SuspensionChange.suspend(
      object, kind: kind, form,
      SuspensionRecord(by: "jane", at: Timestamp(rfc3339: "2026-11-21T01:00:00Z")))
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
    let patch = SuspensionChange.suspend(
      object, kind: .artifactGenerator, .spec, SuspensionRecord(by: nil, at: nil))
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

  private static func suspend(
    _ object: Value, _ record: SuspensionRecord, overwrites: Bool = false
  ) -> Value {
    MergePatch.apply(
      SuspensionChange.suspend(
        object, kind: .kustomization, .spec, record, overwrites: overwrites), to: object)
  }

  private static let jane = SuspensionRecord(
    by: "jane", at: Timestamp(seconds: 1000), reason: "incident 42")
  private static let bob = SuspensionRecord(
    by: "bob", at: Timestamp(seconds: 2000), reason: "drill", until: Timestamp(seconds: 9000))

  @Test func `records of others stay`() {
    let both = Self.suspend(Self.suspend(ActObjects.kustomization(), Self.jane), Self.bob)
    #expect(SuspensionRecord(of: both).each == [Self.jane, Self.bob])
    #expect(
      SuspensionRecord(of: both).phrase
        == "suspended by jane (incident 42), also by bob until 1970-01-01T02:30:00Z (drill)")
    // Of himself, each has one; a reason that he does not give anew stays.
    let again = Self.suspend(both, SuspensionRecord(by: "bob", at: Timestamp(seconds: 3000)))
    #expect(SuspensionRecord(of: again).each.map(\.reason) == ["incident 42", "drill"])
    #expect(SuspensionRecord(of: again).others.first?.at == Timestamp(seconds: 3000))
    let overwritten = Self.suspend(both, Self.bob, overwrites: true)
    #expect(SuspensionRecord(of: overwritten).each == [Self.bob])
    let resumed = MergePatch.apply(
      SuspensionChange.resume(both, kind: .kustomization, requestedAt: "t"), to: both)
    #expect(resumed.annotations == [AttemptTracker.annotation: "t"])
    // What an earlier suspension has left behind is nobody's.
    let flux = MergePatch.apply(["spec": ["suspend": false]], to: both)
    #expect(SuspensionRecord(of: Self.suspend(flux, Self.bob)).each == [Self.bob])
  }

  @Test func `nobody knows who it was`() {
    let unknown = SuspensionRecord(by: nil, at: Timestamp(seconds: 1), reason: "why")
    let twice = Self.suspend(Self.suspend(ActObjects.kustomization(), unknown), unknown)
    #expect(SuspensionRecord(of: twice).each.count == 1)
    let both = Self.suspend(twice, Self.jane)
    #expect(SuspensionRecord(of: both).each.map(\.by) == [nil, "jane"])
  }

  @Test(arguments: ["", "[]", "{", "[1]", "{\"by\":1}"])
  func `what somebody wrote by hand`(_ text: String) {
    let object = MergePatch.apply(
      ["metadata": ["annotations": ["artifactgen/suspended-also": .string(text)]]],
      to: Self.suspend(ActObjects.kustomization(), Self.jane))
    #expect(SuspensionRecord(of: object).by == "jane")
    #expect(SuspensionRecord(of: Self.suspend(object, Self.bob)).each.last == Self.bob)
  }

  @Test func `what a resume leaves`() {
    let record = SuspensionRecord(
      of: Self.suspend(Self.suspend(ActObjects.kustomization(), Self.jane), Self.bob))
    func hold(_ user: String?, _ reason: String? = nil, others: Bool = false) -> String? {
      SuspensionRelease(user: user, includesOthers: others, reason: reason).hold(in: record)?.by
    }
    #expect(hold("jane") == "bob")
    #expect(hold("bob") == "jane")
    #expect(hold(nil) == "jane")
    #expect(hold("jane", nil) == "bob")
    #expect(hold("jane", "drill") == nil)
    #expect(hold("eve", "drill") == "jane")
    #expect(hold("eve", others: true) == nil)
    let silent = SuspensionRecord(by: "jane", at: nil)
    #expect(SuspensionRelease(user: "bob").hold(in: silent) == nil)
  }

  @Test func `the end is that of the last`() {
    #expect(Self.bob.end == Timestamp(seconds: 9000))
    let both = SuspensionRecord(
      by: "bob", at: nil, until: Timestamp(seconds: 1), others: [Self.jane])
    #expect(both.end == nil)
  }
}
