import Document
import FluxModel
import KubeAPI
import Objects
import Synchronization
import TestSupport
import Testing

@testable import Operations

/// What reconcile, resume and suspend do next, one message after the other.
@Suite struct RequestMachineTests {
  // MARK: Objects

  private static let mark = AttemptTracker.annotation
  private static let app = ActObjects.generator().with(version: 10)
  private static let unknown: Value = [
    ActObjects.condition("Ready", "Unknown", "Progressing", "in progress")
  ]

  /// A state of an object in a version, with a request and the one that was answered.
  private static func state(
    _ version: Int, requested: String? = "token-1", handled: String? = nil,
    conditions: Value = ActObjects.ready, of object: Value = app
  ) -> Value {
    var change: Value = ["status": ["conditions": conditions]]
    if let requested {
      let annotations: Object = [mark: .string(requested)]
      change = change.with("metadata", ["annotations": .object(annotations)])
    }
    var state = MergePatch.apply(change, to: object).with(version: version)
    if let handled {
      state = MergePatch.apply(
        ["status": ["lastHandledReconcileAt": .string(handled)]], to: state)
    }
    return state
  }

  private static func node(
    _ object: Value, _ change: ActChange = .request(force: false), after: [Value] = [],
    needsSuccess: Bool = true, stage: Int = 0, farewell: String? = nil
  ) -> ActNode {
    let kind = FluxKind(apiVersion: object.apiVersion ?? "", kind: object.kind ?? "")
    return ActNode(
      target: ActTarget((kind ?? .artifactGenerator).resource, object), change: change,
      after: after.compactMap { ObjectID(of: $0) }, needsSuccess: needsSuccess, stage: stage,
      farewell: farewell)
  }

  private static func run(
    _ nodes: [ActNode], waits: Bool = true, isDryRun: Bool = false
  ) -> Rehearsal<RequestMachine> {
    let count = Mutex(0)
    return Rehearsal(
      RequestMachine(nodes, waits: waits, isDryRun: isDryRun) {
        count.withLock {
          $0 += 1
          return "token-\($0)"
        }
      })
  }

  private static let request =
    #"{"metadata":{"annotations":{"\#(mark)":"token-1"},"resourceVersion":"10"}}"#
  private static let message = "reconciliation succeeded, generated 1 artifact(s)"

  // MARK: The usual way

  @Test func `an object is followed then written then awaited`() {
    var run = Self.run([Self.node(Self.app)])
    #expect(
      run.lines == [
        "follow artifactgenerators apps/app from 10", "acting app",
        "patch app \(Self.request)",
      ])
    run.answer(Self.state(11))
    #expect(
      run.lines == ["requested app", "waiting app: the controller has not responded yet"])
    run.see(Self.state(11))
    #expect(run.lines == [])
    run.see(Self.state(12, conditions: Self.unknown))
    #expect(run.lines == [])
    run.see(Self.state(13, handled: "token-1"))
    #expect(run.lines == ["ended app reconciled", "end"])
    #expect(run.outcomes == ["app reconciled: \(Self.message)"])
    #expect(run.machine.outcomes.first?.requestedAt == "token-1")
  }

  @Test func `nothing to do is unchanged`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    run.see(Self.state(12, handled: "token-1"))
    #expect(run.outcomes == ["app unchanged: \(Self.message)"])
  }

  @Test func `what fails has the reason of the controller`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    let failed: Value = [ActObjects.condition("Ready", "False", "BuildFailed", "no files")]
    run.see(Self.state(12, handled: "token-1", conditions: failed))
    #expect(run.outcomes == ["app failed BuildFailed: no files"])
    #expect(run.machine.outcomes.first?.reason == .reported("BuildFailed"))
  }

  @Test func `without waiting the write is the end`() {
    var run = Self.run([Self.node(Self.app)], waits: false)
    #expect(run.lines == ["acting app", "patch app \(Self.request)"])
    run.answer(Self.state(11))
    #expect(run.lines == ["requested app", "ended app requested", "end"])
  }

  @Test func `nobody follows a third party`() {
    var run = Self.run([Self.node(Self.app, farewell: "who knows")])
    #expect(run.count("follow") == 0)
    run.answer(Self.state(11))
    #expect(run.outcomes == ["app requested: who knows"])
  }

  @Test func `nothing to do ends at once`() {
    #expect(Self.run([]).lines == ["end"])
  }

  // MARK: Races

  @Test func `the echo comes before the answer`() {
    var run = Self.run([Self.node(Self.app)])
    run.see(Self.state(11))
    run.see(Self.state(12, handled: "token-1"))
    #expect(run.lines == [])
    run.answer(Self.state(11))
    #expect(run.outcomes == ["app unchanged: \(Self.message)"])
  }

  /// The request of the version before ours must not count as newer than ours.
  @Test func `an older state is no answer`() {
    var run = Self.run([Self.node(Self.state(10, requested: "old", handled: "older"))])
    run.answer(Self.state(11))
    run.see(Self.state(9, requested: "older", handled: "older"))
    #expect(run.lines == [])
    run.see(Self.state(12, handled: "token-1"))
    #expect(run.outcomes == ["app unchanged: \(Self.message)"])
  }

  @Test func `somebody else asks after us`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    run.see(Self.state(11))
    run.see(Self.state(12, requested: "theirs"))
    run.see(Self.state(13, requested: "theirs", handled: "theirs"))
    #expect(run.outcomes == ["app unchanged: \(Self.message)"])
  }

  /// The list of a watch that began anew shows what came after our request, not the request.
  @Test func `a relist skips our request`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    run.see(Self.state(15, requested: "theirs", handled: "theirs"))
    #expect(run.outcomes == ["app unchanged: \(Self.message)"])
  }

  /// The list was made before our write, and told after its answer.
  @Test func `a relist from before the write is passed over`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    run.see(Self.state(10, requested: nil))
    run.tell(
      .complete(WatchScope(resource: FluxKind.artifactGenerator.resource, namespace: "apps")))
    #expect(run.lines == [])
    run.see(Self.state(12, handled: "token-1"))
    #expect(run.outcomes == ["app unchanged: \(Self.message)"])
  }

  /// A server that numbers its versions otherwise: our token tells.
  @Test func `versions that are no numbers`() {
    func named(_ version: String, _ object: Value) -> Value {
      MergePatch.apply(["metadata": ["resourceVersion": .string(version)]], to: object)
    }
    var run = Self.run([Self.node(named("a", Self.app))])
    run.answer(named("b", Self.state(0)))
    run.see(named("a", Self.state(0, requested: "old", handled: "old")))
    #expect(run.lines == [])
    run.see(named("c", Self.state(0, handled: "token-1")))
    #expect(run.outcomes == ["app unchanged: \(Self.message)"])
  }

  @Test func `deleted while it is awaited`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    run.tell(.gone(ObjectID(.artifactGenerator, namespace: "apps", name: "app")))
    #expect(run.outcomes == ["app failed Deleted: was deleted while waiting"])
    #expect(run.lines == ["ended app failed", "end"])
  }

  @Test func `deleted while it is written`() {
    var run = Self.run([Self.node(Self.app)])
    run.tell(.gone(ObjectID(.artifactGenerator, namespace: "apps", name: "app")))
    // The write is not left behind.
    #expect(run.lines == ["ended app failed"])
    run.refuse(Self.app, "NotFound", code: 404)
    #expect(run.lines == ["end"])
  }

  @Test func `made anew while it is awaited`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    run.see(MergePatch.apply(["metadata": ["uid": "other"]], to: Self.state(14, requested: nil)))
    #expect(
      run.outcomes == ["app failed Replaced: was deleted and recreated while waiting"])
  }

  @Test func `made anew before the write`() {
    let source = ActObjects.source().with(version: 1)
    var run = Self.run([Self.node(source), Self.node(Self.app, after: [source])])
    run.see(MergePatch.apply(["metadata": ["uid": "other"]], to: Self.state(14, requested: nil)))
    run.answer(Self.state(2, of: source))
    run.see(Self.state(3, handled: "token-1", of: source))
    #expect(run.count("patch") == 0)
    #expect(
      run.outcomes.last
        == "app failed NotRequested: ArtifactGenerator/apps/app was deleted and recreated in the meantime"
    )
  }

  @Test func `suspended while it is awaited`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    let mark: Object = [Suspension.generatorAnnotation: "disabled"]
    run.see(
      MergePatch.apply(["metadata": ["annotations": .object(mark)]], to: Self.state(12)))
    #expect(run.outcomes == ["app failed Suspended: was suspended while waiting"])
  }

  @Test func `suspended before the write`() {
    var run = Self.run([Self.node(Self.app)])
    run.refuse(Self.app, "Conflict")
    #expect(run.lines == ["get app after 0.01 seconds"])
    let mark: Object = [Suspension.generatorAnnotation: "disabled"]
    run.answer(
      MergePatch.apply(
        ["metadata": ["annotations": .object(mark)]], to: Self.state(12, requested: nil)))
    #expect(
      run.outcomes
        == ["app failed NotRequested: ArtifactGenerator/apps/app was suspended in the meantime"])
  }

  @Test func `the deadline comes during a write`() {
    let objects = [Self.app, ActObjects.generator("next").with(version: 10)]
    var run = Self.run([Self.node(objects[0]), Self.node(objects[1], after: [objects[0]])])
    run.tell(.deadline)
    #expect(run.lines == ["ended app timedOut", "ended next timedOut", "end"])
    #expect(
      run.outcomes == [
        "app timedOut Timeout: still waiting: being requested",
        "next timedOut Timeout: was waiting for its sources",
      ])
  }

  /// A controller that does not answer leaves open whether the generator is stuck.
  @Test func `the last words name the way out of Ready=Unknown`() {
    let stuck = ActObjects.generator(conditions: Self.unknown).with(version: 10)
    var run = Self.run([Self.node(stuck)])
    run.answer(Self.state(11, conditions: Self.unknown, of: stuck))
    run.tell(.deadline)
    #expect(
      run.outcomes == [
        "app timedOut Timeout: still waiting: the controller has not responded yet; Ready was "
          + "Unknown before: if the generator is stuck, run reconcile --force"
      ])
  }

  @Test func `the last words say what is going on`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    let working: Value = [
      ActObjects.condition("Ready", "Unknown"),
      ActObjects.condition("Reconciling", "True", "R", "building"),
    ]
    run.see(Self.state(12, conditions: working))
    #expect(run.lines == ["waiting app: building"])
    run.tell(.deadline)
    #expect(run.outcomes == ["app timedOut Timeout: still waiting: building"])
    #expect(run.machine.outcomes.first?.requestedAt == "token-1")
  }

  @Test func `a watch that ends takes its objects along`() throws {
    let other = ActObjects.source().with(version: 5)
    var run = Self.run([Self.node(Self.app), Self.node(other)])
    run.answer(Self.state(11))
    let scope = WatchScope(
      resource: FluxKind.artifactGenerator.resource, namespace: "apps", name: "app")
    run.tell(
      .watchFailed(scope, APIError(Status(code: 403, reason: "Forbidden", message: "no"))))
    #expect(
      run.outcomes == ["app failed WatchFailed: Error from server (Forbidden): no"])
    #expect(run.count("end") == 1, "the other one goes on")
    run.answer(Self.state(6, of: other))
    run.see(Self.state(7, handled: "token-2", of: other))
    #expect(run.lines.last == "end")
  }

  @Test func `a lost connection is said`() {
    var run = Self.run([Self.node(Self.app)])
    run.tell(.interrupted(OperationError(.notFound, "gone")))
    #expect(run.lines == ["note connection lost, reconnecting: gone"])
  }

  // MARK: Conflicts

  @Test func `a conflict is decided anew`() {
    var run = Self.run([Self.node(Self.app)])
    run.refuse(Self.app, "Conflict")
    run.answer(Self.state(12, requested: "theirs"))
    let expected =
      #"{"metadata":{"annotations":{"\#(Self.mark)":"token-1"},"resourceVersion":"12"}}"#
    #expect(run.lines == ["patch app \(expected)"])
    run.answer(Self.state(13))
    // Theirs was there before: it is no newer request.
    run.see(Self.state(14, handled: "theirs"))
    #expect(run.outcomes == [])
    run.see(Self.state(15, handled: "token-1"))
    #expect(run.outcomes == ["app unchanged: \(Self.message)"])
  }

  @Test func `conflicts without end`() {
    var run = Self.run([Self.node(Self.app)])
    var (writes, pauses) = (1, [String]())
    while run.outcomes.isEmpty {
      run.refuse(Self.app, "Conflict")
      guard let line = run.lines.first, line.hasPrefix("get") else { break }
      pauses.append(line)
      run.answer(Self.state(11 + writes, requested: nil))
      writes += run.count("patch")
    }
    #expect(writes == 8)
    #expect(pauses.first == "get app after 0.01 seconds")
    #expect(pauses.last == "get app after 0.64 seconds")
    #expect(run.outcomes == ["app failed NotRequested: Error from server (Conflict): no"])
  }

  @Test func `other refusals are final`() {
    var run = Self.run([Self.node(Self.app)])
    run.refuse(Self.app, "Forbidden", code: 403)
    #expect(run.outcomes == ["app failed NotRequested: Error from server (Forbidden): no"])
  }

  // MARK: Force

  private static let cleared =
    #"patch app/status {"metadata":{"resourceVersion":"10"},"status":{"observedSourcesDigest":null}}"#

  private static func free(_ version: Int, _ object: Value? = nil) -> Value {
    MergePatch.apply(
      ["status": ["observedSourcesDigest": .null]],
      to: object ?? state(version, requested: nil)
    ).with(version: version)
  }

  @Test func `force takes the fingerprint away first`() {
    var run = Self.run([Self.node(Self.app, .request(force: true))])
    #expect(run.lines.last == Self.cleared)
    run.answer(Self.free(11))
    let request =
      #"{"metadata":{"annotations":{"\#(Self.mark)":"token-1"},"resourceVersion":"11"}}"#
    #expect(run.lines == ["patch app \(request)"])
  }

  @Test func `the controller puts the fingerprint back before the request`() {
    var run = Self.run([Self.node(Self.app, .request(force: true))])
    run.answer(Self.free(11))
    run.refuse(Self.app, "Conflict")
    run.answer(Self.state(12, requested: nil))
    #expect(run.count("patch app/status") == 1)
    run.answer(Self.free(13))
    #expect(run.count("patch app {") == 1)
  }

  @Test func `a controller that always puts the fingerprint back`() {
    var run = Self.run([Self.node(Self.app, .request(force: true))])
    for round in 1...5 {
      run.answer(Self.free(10 + 3 * round))
      run.refuse(Self.app, "Conflict")
      run.answer(Self.state(11 + 3 * round, requested: nil))
    }
    #expect(
      run.outcomes
        == ["app failed NotRequested: the controller keeps updating its status; try again"])
  }

  @Test func `other kinds have no fingerprint`() {
    let release = ActObjects.object(.helmRelease, "web").with(version: 10)
    let run = Self.run([Self.node(release, .request(force: true))])
    let request =
      #"{"metadata":{"annotations":{"reconcile.fluxcd.io/forceAt":"token-1","\#(Self.mark)":"token-1"},"resourceVersion":"10"}}"#
    #expect(run.lines.last == "patch web \(request)")
  }

  // MARK: Stuck

  private static let sources: [ObjectID: Value] = [
    ObjectID(.gitRepository, namespace: "apps", name: "repo"): ActObjects.source()
  ]
  private static let appID = ObjectID(.artifactGenerator, namespace: "apps", name: "app")

  private static func leftUnknown(_ version: Int, token: String = "token-1") -> Value {
    state(version, requested: token, handled: token, conditions: unknown)
  }

  @Test func `left at unknown with nothing to do is stuck`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    run.see(Self.leftUnknown(12))
    #expect(
      run.lines == [
        "waiting app: in progress",
        "examine app: GitRepository/apps/repo ExternalArtifact/apps/app-out",
      ])
    run.tell(.examined(Self.appID, sources: Self.sources))
    #expect(run.machine.outcomes.first?.result == .stuck)
    #expect(run.machine.outcomes.first?.reason == .stuck)
  }

  @Test func `unknown is not stuck while the sources move`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    run.see(Self.leftUnknown(12))
    run.tell(.examined(Self.appID, sources: [:]))
    #expect(run.outcomes == [])
    run.see(Self.state(13, handled: "token-1"))
    #expect(run.outcomes == ["app reconciled: \(Self.message)"])
  }

  /// It is not examined twice at once, but again when it was not the newest state.
  @Test func `what moves on during an examination is examined again`() {
    var run = Self.run([Self.node(Self.app)])
    run.answer(Self.state(11))
    run.see(Self.leftUnknown(12))
    run.see(Self.leftUnknown(13))
    #expect(run.lines == [])
    run.tell(.examined(Self.appID, sources: Self.sources))
    #expect(run.lines == ["examine app: GitRepository/apps/repo ExternalArtifact/apps/app-out"])
    run.see(Self.state(14, handled: "token-1"))
    #expect(run.outcomes == ["app reconciled: \(Self.message)"])
    run.tell(.examined(Self.appID, sources: Self.sources))
    #expect(run.outcomes == ["app reconciled: \(Self.message)"])
  }

  @Test func `what is stuck again is forced again three times`() {
    var run = Self.run([Self.node(Self.app, .request(force: true))])
    for round in 1...4 {
      let (version, token) = (20 * round, "token-\(round)")
      #expect(run.count("patch app/status") == 1, "round \(round): \(run.lines)")
      #expect(run.count("acting") == (round == 1 ? 1 : 0))
      run.answer(Self.free(version))
      run.answer(Self.state(version + 1, requested: token))
      run.see(Self.leftUnknown(version + 2, token: token))
      run.tell(.examined(Self.appID, sources: Self.sources))
    }
    #expect(run.machine.outcomes.map(\.result) == [.stuck])
  }

  /// The state from before is no answer to the request that came after it.
  @Test func `the state before a second forcing is no answer to it`() {
    var run = Self.run([Self.node(Self.app, .request(force: true))])
    run.answer(Self.free(11))
    run.answer(Self.state(12))
    run.see(Self.leftUnknown(13))
    run.tell(.examined(Self.appID, sources: Self.sources))
    run.see(Self.leftUnknown(13))
    run.answer(Self.free(14))
    run.answer(Self.state(15, requested: "token-2"))
    #expect(run.count("examine") == 0)
    run.see(Self.state(16, requested: "token-2", handled: "token-2"))
    #expect(run.machine.outcomes.map(\.requestedAt) == ["token-2"])
  }

  // MARK: Order

  @Test func `sources come first`() {
    let source = ActObjects.source().with(version: 1)
    var run = Self.run([Self.node(source), Self.node(Self.app, after: [source])])
    #expect(run.count("patch repo") == 1)
    #expect(run.count("patch app") == 0)
    run.answer(Self.state(2, of: source))
    // The generator follows its source meanwhile: the newest state is written to.
    run.see(Self.state(17, requested: nil))
    run.see(Self.state(3, handled: "token-1", of: source))
    #expect(run.lines.first == "ended repo reconciled")
    #expect(run.lines.last?.contains(#""resourceVersion":"17""#) == true)
  }

  @Test func `what needs a failure is skipped all the way`() {
    let objects = ["a", "b", "c", "d"].map { ActObjects.generator($0).with(version: 1) }
    var run = Self.run([
      Self.node(objects[0]), Self.node(objects[1], after: [objects[0]]),
      Self.node(objects[2], after: [objects[1]]),
      Self.node(objects[3], after: [objects[0]], needsSuccess: false),
    ])
    run.refuse(objects[0], "Forbidden", code: 403)
    #expect(
      run.outcomes == [
        "a failed NotRequested: Error from server (Forbidden): no",
        "b skipped: not reconciled because ArtifactGenerator/apps/a was not reconciled",
        "c skipped: not reconciled because ArtifactGenerator/apps/b was not reconciled",
      ])
    #expect(run.count("patch d") == 1)
  }

  @Test func `a stage begins when the one before has ended`() {
    let objects = ["a", "b", "c"].map { ActObjects.generator($0).with(version: 1) }
    var run = Self.run(
      [
        Self.node(objects[2], stage: 2), Self.node(objects[0], stage: -1),
        Self.node(objects[1], stage: -1),
      ], waits: false)
    #expect(run.count("patch") == 2)
    run.refuse(objects[0], "Forbidden", code: 403)
    #expect(run.count("patch") == 0)
    run.answer(objects[1])
    #expect(run.count("patch c") == 1)
  }

  @Test func `many are listed before anything is written`() {
    let objects = (1...17).map { ActObjects.generator("app-\($0)").with(version: $0) }
    var run = Self.run(objects.map { Self.node($0) })
    #expect(run.lines == ["follow artifactgenerators apps/* from a list"])
    run.tell(
      .complete(WatchScope(resource: FluxKind.artifactGenerator.resource, namespace: "apps")))
    #expect(run.count("patch") == ActContext.concurrency)
    run.answer(objects[0])
    #expect(run.count("patch") == 1, "one has ended its turn, one more begins")
  }

  @Test func `what had no turn says so`() {
    let objects = (1...9).map { ActObjects.generator("app-\($0)").with(version: $0) }
    var run = Self.run(objects.map { Self.node($0) })
    run.tell(.deadline)
    #expect(run.outcomes.last == "app-9 timedOut Timeout: was queued")
  }

  /// What grows with the square of their number takes minutes.
  @Test(.timeLimit(.minutes(1)), arguments: ["a chain", "a crowd in two stages"])
  func `thousands of objects take little time`(_ shape: String) {
    let objects = (0..<8000).map { ActObjects.generator("app-\($0)").with(version: 1) }
    var nodes = objects.map { Self.node($0) }
    for index in nodes.indices.dropFirst() {
      nodes[index].after = [nodes[shape == "a chain" ? index - 1 : 0].id]
      nodes[index].stage = shape == "a chain" ? 0 : index % 2
    }
    var run = Self.run(nodes)
    run.tell(
      .complete(WatchScope(resource: FluxKind.artifactGenerator.resource, namespace: "apps")))
    var writes = run.lines
    while let line = writes.popLast() {
      guard line.hasPrefix("patch app-") else { continue }
      let index = Int(line.dropFirst("patch app-".count).prefix { $0 != " " }) ?? 0
      run.answer(Self.state(2, of: objects[index]))
      writes += run.lines
      run.see(Self.state(3, requested: "x", handled: "x", of: objects[index]))
      writes += run.lines
    }
    #expect(run.machine.outcomes.count { $0.result == .unchanged } == 8000)
    #expect(run.lines.last == "end")
  }

  /// Nor does a chain end the process when its first object fails.
  @Test(.timeLimit(.minutes(1))) func `thousands are skipped`() {
    let objects = (0..<8000).map { ActObjects.generator("app-\($0)").with(version: 1) }
    var nodes = objects.map { Self.node($0) }
    for index in nodes.indices.dropFirst() { nodes[index].after = [nodes[index - 1].id] }
    var run = Self.run(nodes, waits: false)
    run.refuse(objects[0], "Forbidden", code: 403)
    #expect(run.machine.outcomes.count { $0.result == .skipped } == 7999)
  }

  // MARK: Suspensions

  private static let suspension = ActChange.suspend(
    .annotation(Suspension.generatorAnnotation), SuspensionRecord(by: "jane", at: nil))

  @Test func `suspending ends with the write`() {
    var run = Self.run([Self.node(Self.app, Self.suspension)], waits: false)
    let mark: Object = [Suspension.generatorAnnotation: "disabled"]
    run.answer(MergePatch.apply(["metadata": ["annotations": .object(mark)]], to: Self.app))
    #expect(run.lines == ["ended app suspended", "end"])
    #expect(run.machine.outcomes.first?.requestedAt == nil)
  }

  @Test func `a server that drops the mark`() {
    var run = Self.run([Self.node(Self.app, Self.suspension)], waits: false)
    run.answer(Self.app)
    #expect(
      run.outcomes
        == ["app failed NotKept: the server dropped the change: the object is not suspended"])
  }

  @Test func `suspending that is refused`() {
    var run = Self.run([Self.node(Self.app, Self.suspension)], waits: false)
    run.refuse(Self.app, "Forbidden", code: 403)
    #expect(run.outcomes == ["app failed NotWritten: Error from server (Forbidden): no"])
  }

  @Test func `a dry run asks the server and follows nothing`() {
    let suspended = ActObjects.kustomization(suspended: true).with(version: 10)
    var run = Self.run([Self.node(suspended, .resume(.everybody))], isDryRun: true)
    #expect(run.count("follow") == 0)
    #expect(run.lines.last?.hasPrefix("patch web dry-run") == true)
    run.answer(suspended)
    #expect(run.lines == ["ended web resumed", "end"])
    #expect(run.machine.outcomes.first?.requestedAt == nil)
  }
}
