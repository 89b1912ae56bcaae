import Document
import FluxModel
import Objects
import TestSupport
import Testing
import Text

/// The objects of the test cluster that go wrong quietly, and how each is judged.
@Suite struct GraphFreshnessTests {
  private static let now = Timestamp(seconds: 1_795_226_400)

  private static let graph = Result {
    DeliveryGraph(objects: try YAML.parse(try Fixtures.bytes("cluster/traps/traps.yaml")))
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let kind: FluxKind
    let name: String
    let word: String
    let reason: String?
    let since: String?

    init(
      _ kind: FluxKind, _ name: String, _ word: String, _ reason: String? = nil,
      since: String? = nil
    ) {
      self.kind = kind
      self.name = name
      self.word = word
      self.reason = reason
      self.since = since
    }

    var testDescription: String { "\(kind)/\(name)" }
  }

  private static let cases = [
    Case(
      .externalArtifact, "frozen-a", "Stale",
      "ArtifactGenerator traps/frozen is failing: BuildFailed: frozen-a build failed: "
        + "failed to apply copy operations: source 'missing' does not exist",
      since: "2026-11-21T01:00:00Z"),
    Case(
      .externalArtifact, "frozen-b", "Stale",
      "ArtifactGenerator traps/frozen is failing: BuildFailed: frozen-a build failed: "
        + "failed to apply copy operations: source 'missing' does not exist",
      since: "2026-11-21T01:00:00Z"),
    Case(
      .externalArtifact, "idle", "Stale",
      "ArtifactGenerator traps/idle has not built from main@sha1:9a56f79a33769650bf928657566b4826f7b91824 "
        + "of GitRepository traps/moving",
      since: "2026-11-21T01:00:00Z"),
    Case(
      .externalArtifact, "stuck", "Stale",
      "ArtifactGenerator traps/stuck is stuck: the controller sees no drift and will not "
        + "retry; run reconcile --force",
      since: "2026-11-20T11:00:00Z"),
    Case(
      .externalArtifact, "working", "InProgress",
      "ArtifactGenerator traps/working is being reconciled", since: "2026-11-21T01:59:00Z"),
    Case(
      .externalArtifact, "paused", "Stale",
      "ArtifactGenerator traps/paused is suspended and has not built from "
        + "main@sha1:9a56f79a33769650bf928657566b4826f7b91824 of GitRepository traps/moving"),
    Case(
      .externalArtifact, "bought", "Unknown",
      "ExternalArtifact traps/bought is published by Build traps/nightly of acme.example.com/v1, "
        + "whose state only its own controller reports"),
    Case(
      .artifactGenerator, "no-source", "Failing",
      "ArtifactGenerator traps/no-source is failing: SourceFetchFailed: get sources failed: "
        + "GitRepository.source.toolkit.fluxcd.io \"nowhere\" not found",
      since: "2026-11-20T10:00:00Z"),
    Case(.artifactGenerator, "zero-match", "Fresh"),
    Case(
      .externalArtifact, "leftover", "Stale",
      "ArtifactGenerator traps/dropped no longer publishes it"),
    Case(.externalArtifact, "kept", "Fresh"),
    Case(.externalArtifact, "ring-one", "Fresh"),
    Case(.externalArtifact, "layer", "Fresh"),
    Case(
      .kustomization, "app-gone", "Failing", "ExternalArtifact traps/app-gone does not exist"),
    Case(
      .kustomization, "following", "InProgress",
      "Kustomization traps/following is being reconciled",
      since: "2026-11-21T01:00:00Z"),
    Case(.kustomization, "bought", "Fresh"),
    Case(.kustomization, "frozen-a", "Fresh"),
    Case(.helmRelease, "current", "Fresh"),
  ]

  @Test(arguments: cases)
  func `each object of the traps has its state`(_ item: Case) throws {
    let graph = try Self.graph.get()
    let id = ObjectID(item.kind, namespace: "traps", name: item.name)
    let state = graph.state(of: id, now: Self.now)
    #expect(state.freshness?.rawValue == item.word)
    #expect(item.word == "Fresh" || state.because == item.reason)
    #expect(state.since == item.since.flatMap(Timestamp.init(rfc3339:)))
  }

  @Test(arguments: [
    ("behind", "has not applied latest@sha256:"),
    ("halted", "is suspended, is at latest@sha256:"),
  ])
  func `a kustomization is behind`(name: String, part: String) throws {
    let id = ObjectID(.kustomization, namespace: "traps", name: name)
    let state = try Self.graph.get().state(of: id, now: Self.now)
    #expect(state.freshness == .behind)
    #expect(state.because?.contains(part) == true)
  }

  @Test func `a helm release compares the digest part`() throws {
    let id = ObjectID(.helmRelease, namespace: "traps", name: "outdated")
    #expect(try Self.graph.get().state(of: id, now: Self.now).freshness == .behind)
  }

  /// Nothing then says whether it has installed what its source contains now.
  @Test func `a ready helm release without history is unknown`() throws {
    let id = ObjectID(.helmRelease, namespace: "traps", name: "outdated")
    let status: Value = [
      "history": .null, "lastAttemptedRevision": .null, "lastAttemptedRevisionDigest": .null,
    ]
    for isSuspended in [false, true] {
      let graph = try Self.graph(
        editing: id, with: ["spec": ["suspend": .bool(isSuspended)], "status": status])
      let state = graph.state(of: id, now: Self.now)
      #expect(state.freshness == .unknown)
      #expect(
        state.because?.contains("does not report which revision is installed") == true,
        "\(state.because ?? "")")
    }
    // What was attempted last is enough to know.
    let attempted = try Self.graph(editing: id, with: ["status": ["history": .null]])
    #expect(attempted.state(of: id, now: Self.now).freshness == .behind)
    // And a release that has never been ready has installed nothing.
    let unready = try Self.graph(
      editing: id,
      with: [
        "spec": ["suspend": true],
        "status": MergePatch.apply(["history": [], "conditions": []], to: status),
      ])
    #expect(unready.state(of: id, now: Self.now).freshness == .behind)
  }

  @Test func `a change by hand is found`() throws {
    let id = ObjectID(.externalArtifact, namespace: "traps", name: "edited")
    let state = try Self.graph.get().state(of: id, now: Self.now)
    #expect(state.freshness == .stale)
    #expect(state.because?.hasSuffix("it was changed manually") == true)
  }

  /// The generator notices only with its next reconciliation.
  @Test func `a generator answers for what it has published`() throws {
    let id = ObjectID(.artifactGenerator, namespace: "traps", name: "edited")
    let changed = try Self.graph.get().state(of: id, now: Self.now)
    #expect(changed.freshness == .behind)
    #expect(changed.because?.hasSuffix("it was changed manually") == true)
    let artifact = ObjectID(.externalArtifact, namespace: "traps", name: "edited")
    let objects = try Self.graph.get().nodes.compactMap { $0.id == artifact ? nil : $0.object }
    let gone = DeliveryGraph(objects: objects).state(of: id, now: Self.now)
    #expect(gone.freshness == .behind)
    #expect(
      gone.because
        == "ExternalArtifact traps/edited, published by ArtifactGenerator traps/edited, "
        + "no longer exists")
    var store = DeliveryStore()
    store.take(objects)
    #expect(store.graph.state(of: id, now: Self.now).freshness == .fresh)
  }

  private static func graph(
    editing edited: ObjectID, with patch: Value
  ) throws -> DeliveryGraph {
    DeliveryGraph(
      objects: try graph.get().nodes.compactMap { node in
        node.object.map { node.id == edited ? MergePatch.apply(patch, to: $0) : $0 }
      })
  }

  @Test(arguments: [
    (FluxKind.externalArtifact, "kept", "Stale"), (.kustomization, "bought", "Behind"),
    (.helmRelease, "current", "Behind"),
  ])
  func `what is being deleted is not fresh`(kind: FluxKind, name: String, word: String) throws {
    let id = ObjectID(kind, namespace: "traps", name: name)
    let graph = try Self.graph(
      editing: id, with: ["metadata": ["deletionTimestamp": "2026-11-21T01:30:00Z"]])
    let state = graph.state(of: id, now: Self.now)
    #expect(state.freshness?.rawValue == word)
    #expect(state.because == "\(id.phrase) is being deleted")
    #expect(state.since == Timestamp(rfc3339: "2026-11-21T01:30:00Z"))
    #expect(state.word == .deleting)
    #expect(state.reason == "\(id.phrase) is being deleted")
  }

  @Test func `a source that is being deleted says so`() throws {
    let id = ObjectID(.gitRepository, namespace: "traps", name: "steady")
    let graph = try Self.graph(
      editing: id, with: ["metadata": ["deletionTimestamp": "2026-11-21T01:30:00Z"]])
    #expect(
      graph.state(of: id, now: Self.now).reason == "GitRepository traps/steady is being deleted")
  }

  /// After a rollback the source is at what was applied before another attempt.
  @Test func `a rollback names what was attempted`() throws {
    let id = ObjectID(.kustomization, namespace: "traps", name: "bought")
    let revision = try #require(
      try Self.graph.get().object(id)?["status", "lastAppliedRevision"]?.string)
    let graph = try Self.graph(
      editing: id, with: ["status": ["lastAttemptedRevision": "main@sha1:22222222"]])
    #expect(
      graph.state(of: id, now: Self.now).because
        == "Kustomization traps/bought last attempted main@sha1:22222222 and has not rolled back to "
        + "\(revision) of ExternalArtifact traps/bought")
  }

  /// Its controller goes by the attempt; that it is not where it should be would not be true.
  @Test func `one that is where it should be and tells no attempt is not behind in words`() throws {
    let id = ObjectID(.kustomization, namespace: "traps", name: "bought")
    let revision = try #require(
      try Self.graph.get().object(id)?["status", "lastAppliedRevision"]?.string)
    let text =
      "at \(revision) of ExternalArtifact traps/bought, but does not report its last attempted revision"
    let graph = try Self.graph(editing: id, with: ["status": ["lastAttemptedRevision": .null]])
    #expect(
      graph.state(of: id, now: Self.now).because == "Kustomization traps/bought is \(text)")
    let suspended = try Self.graph(
      editing: id,
      with: ["status": ["lastAttemptedRevision": .null], "spec": ["suspend": true]])
    #expect(
      suspended.state(of: id, now: Self.now).because?.hasSuffix("is suspended and is \(text)")
        == true)
  }

  @Test func `an artifact of which nothing is known is unknown`() throws {
    let id = ObjectID(.externalArtifact, namespace: "traps", name: "kept")
    let graph = try Self.graph(
      editing: id, with: ["spec": ["sourceRef": .null], "status": ["conditions": .null]])
    #expect(graph.state(of: id, now: Self.now).freshness == .unknown)
    let state = graph.state(of: id, now: Self.now)
    #expect(state.word == .unknown)
    #expect(state.reason == "ExternalArtifact traps/kept does not name its publisher")
  }

  /// What is at work now is stuck when it is still at work in an hour.
  @Test func `work has a limit`() throws {
    let id = ObjectID(.externalArtifact, namespace: "traps", name: "working")
    let later = Timestamp(seconds: Self.now.seconds + 3600)
    #expect(try Self.graph.get().state(of: id, now: later).freshness == .stale)
  }

  /// Whether it is late or stuck depends on its sources: who may not read them must not be told either.
  @Test func `work that takes too long is unknown where the sources were not read`() throws {
    let id = ObjectID(.artifactGenerator, namespace: "traps", name: "stuck")
    #expect(try Self.graph.get().state(of: id, now: Self.now).word == .stuck)
    let objects = try Self.graph.get().nodes.compactMap {
      $0.id.kind == "GitRepository" ? nil : $0.object
    }
    var store = DeliveryStore()
    store.take(objects)
    store.refuse(.gitRepository, because: "forbidden")
    let state = store.graph.state(of: id, now: Self.now)
    #expect(state.freshness == .unknown)
    #expect(state.word == .unknown)
  }

  /// One word for each state, whichever verb shows it.
  @Test func `freshness has the word of the state`() throws {
    var seen: Set<Freshness> = []
    for seed in UInt64(1)...50 {
      let graph = DeliveryGraph(objects: RandomDelivery(seed: seed).objects)
      for id in graph.nodes.map(\.id) {
        let state = graph.state(of: id, now: RandomDelivery.now)
        guard let freshness = state.freshness, let word = state.word, freshness.isOutdated else {
          continue
        }
        seen.insert(freshness)
        #expect(freshness != .stale || id.fluxKind == .externalArtifact, "\(id)")
        // What is suspended or being deleted can be behind as well.
        if word != .suspended, word != .deleting {
          #expect(word.text == freshness.rawValue, "\(id)")
        }
      }
    }
    #expect(seen == Set(Freshness.allCases.filter(\.isOutdated)))
  }

  /// A source that could not be read is no source that is gone.
  @Test func `what was not read is not judged`() throws {
    let objects = try YAML.parse(try Fixtures.bytes("cluster/traps/traps.yaml"))
      .filter { $0["kind"]?.string != "GitRepository" }
    var store = DeliveryStore()
    store.take(objects)
    store.refuse(.gitRepository, because: "forbidden")
    let id = ObjectID(.externalArtifact, namespace: "traps", name: "kept")
    let state = store.graph.state(of: id, now: Self.now)
    #expect(state.freshness == .unknown)
    #expect(
      state.because
        == "ArtifactGenerator traps/dropped has a source that could not be read: GitRepository "
        + "traps/steady")
  }

  /// The digests of these fixtures were computed by another program.
  @Test(arguments: ["podinfo", "monorepo", "chained"])
  func `sources digest is the controller's`(name: String) throws {
    var objects: [Value] = []
    for file in ["10-sources", "20-artifactgenerators", "21-externalartifacts"] {
      objects += try YAML.parse(try Fixtures.bytes("cluster/objects/\(file).yaml"))
    }
    let graph = DeliveryGraph(objects: objects)
    let id = ObjectID(.artifactGenerator, namespace: "apps", name: name)
    #expect(graph.state(of: id, now: Self.now).freshness == .fresh)
  }

  @Test func `an empty path pattern is named`() throws {
    let id = ObjectID(.artifactGenerator, namespace: "traps", name: "zero-match")
    let state = try Self.graph.get().state(of: id, now: Self.now)
    #expect(state.word == .ready)
    #expect(
      state.reason
        == "no directory matches the path pattern @repo/apps/{app}: it publishes nothing")
  }
}
