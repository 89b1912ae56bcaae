import Document
import FluxModel
import Objects
import TestSupport
import Testing
import Text

/// What an object says of its own failure is what every verb says, and since when.
@Suite struct FailureStateTests {
  private static let now = RandomDelivery.now
  private static let failedAt = Timestamp(seconds: now.seconds - 3600)

  private static func failed(_ object: Value, _ reason: String, _ message: String) -> Value {
    MergePatch.apply(
      [
        "status": [
          "conditions": [
            ActObjects.condition("Ready", "False", reason, message, since: failedAt.rfc3339)
          ]
        ]
      ], to: object)
  }

  private static func state(of object: Value, among others: [Value] = []) throws -> ObjectState {
    let id = try #require(ObjectID(of: object))
    return DeliveryGraph(objects: others + [object]).state(of: id, now: now)
  }

  private static let thirdParty = MergePatch.apply(
    ["spec": ["sourceRef": ["apiVersion": "acme.com/v1", "kind": "Publisher", "name": "p"]]],
    to: ActObjects.published("third"))

  @Test func `an artifact of a third party that fails says why`() throws {
    let state = try Self.state(of: Self.failed(Self.thirdParty, "FetchFailed", "upstream 503"))
    #expect(
      state.sentence == "ExternalArtifact apps/third is failing: FetchFailed: upstream 503")
    #expect(state.word == .notReady)
    #expect(state.latest == Self.failedAt)
    #expect(state.remedy != nil)
    #expect(try Self.state(of: Self.thirdParty).remedy == nil)
  }

  @Test func `a source has been failing since its condition says so`() throws {
    let source = MergePatch.apply(
      ["status": ["artifact": ["lastUpdateTime": "2026-10-01T00:00:00Z"]]], to: ActObjects.source())
    let state = try Self.state(of: Self.failed(source, "GitOperationFailed", "timeout"))
    #expect(state.latest == Self.failedAt)
    #expect(try Self.state(of: source).latest == Timestamp(rfc3339: "2026-10-01T00:00:00Z"))
  }

  @Test func `nothing says since when an artifact is missing`() throws {
    let state = try Self.state(
      of: Self.failed(ActObjects.kustomization(), "ArtifactFailed", "gone"))
    #expect(state.sentence == "ExternalArtifact apps/app-out does not exist")
    #expect(state.since == nil)
    #expect(state.latest == nil)
  }

  /// Also before it has tried the current revision: Ready=False has one word in every verb.
  @Test func `to have failed is not to be behind`() throws {
    let delivery = [ActObjects.source(), ActObjects.generator(), ActObjects.published()]
    let tried = Self.failed(ActObjects.kustomization(), "BuildFailed", "no files")
    #expect(try Self.state(of: tried, among: delivery).freshness == .failing)
    let before = MergePatch.apply(
      ["status": ["lastAttemptedRevision": "latest@sha256:older"]], to: tried)
    #expect(try Self.state(of: before, among: delivery).freshness == .failing)
  }

  @Test func `resuming does not help where the artifact is missing`() throws {
    let state = try Self.state(of: ActObjects.kustomization(suspended: true))
    #expect(
      state.remedy == .provide(ObjectID(.externalArtifact, namespace: "apps", name: "app-out")))
  }

  @Test func `resuming does not help a generator whose source is missing`() throws {
    let paused = ActObjects.generator(
      annotations: ["source.extensions.fluxcd.io/reconcile": "disabled"])
    let state = try Self.state(of: paused)
    let source = ObjectID(.gitRepository, namespace: "apps", name: "repo")
    #expect(state.remedy == .provide(source))
    #expect(
      state.sentence == "ArtifactGenerator apps/app is suspended; its source GitRepository "
        + "apps/repo does not exist")
    let whole = try Self.state(of: paused, among: [ActObjects.source(), ActObjects.published()])
    #expect(whole.remedy?.text == "resume ag/app -n apps")
  }

  /// kstatus has Ready=False in progress unless Stalled says otherwise.
  @Test func `a ResourceSet that is not ready is failing`() throws {
    let set: Value = [
      "apiVersion": "fluxcd.controlplane.io/v1", "kind": "ResourceSet",
      "metadata": ["name": "apps", "namespace": "apps"],
    ]
    let state = try Self.state(of: Self.failed(set, "BuildFailed", "bad template"))
    #expect(state.word == .notReady)
    #expect(state.reason == "BuildFailed: bad template")
    #expect(state.latest == Self.failedAt)
    #expect(state.remedy?.text == "correct the error in the message")
    let disabled = MergePatch.apply(
      ["metadata": ["annotations": [Suspension.instanceAnnotation: "disabled"]]],
      to: Self.failed(set, "BuildFailed", "bad template"))
    #expect(try Self.state(of: disabled).word == .suspended)
  }
}
