import Document
import FluxModel
import KubeAPI
import Objects
import TestSupport
import Testing
import Text

@testable import Operations

/// What wait does next, one message after the other.
@Suite struct WaitMachineTests {
  private static let now: Int64 = 1_795_226_400
  private static let scope = WatchScope(
    resource: FluxKind.artifactGenerator.resource, namespace: "apps", name: "app")
  private static let app = ObjectID(.artifactGenerator, namespace: "apps", name: "app")

  private static func run(
    _ objects: [Value] = [ActObjects.generator()], for goal: WaitGoal = .ready,
    in scopes: [WatchScope] = [scope], once: Bool = false
  ) -> Rehearsal<WaitMachine> {
    Rehearsal(
      WaitMachine(
        objects.map { ActTarget(FluxKind.artifactGenerator.resource, $0) },
        for: WaitJudge(goal: goal), in: scopes, looksOnce: once,
        now: { Timestamp(seconds: now) }))
  }

  /// A generator at Ready=Unknown for some seconds.
  private static func unknown(for seconds: Int64, version: Int) -> Value {
    ActObjects.generator(
      conditions: [
        ActObjects.condition(
          "Ready", "Unknown", "Progressing", "in progress",
          since: Timestamp(seconds: now - seconds).rfc3339)
      ]
    ).with(version: version)
  }

  private static let unready = ActObjects.generator(conditions: [])
  private static let sources: [ObjectID: Value] = [
    ObjectID(.gitRepository, namespace: "apps", name: "repo"): ActObjects.source()
  ]

  @Test func `nothing is judged before all is listed`() {
    let other = WatchScope(
      resource: FluxKind.gitRepository.resource, namespace: "apps", name: "repo")
    var run = Self.run(in: [Self.scope, other])
    #expect(
      run.lines == [
        "follow artifactgenerators apps/app from a list",
        "follow gitrepositories apps/repo from a list",
      ])
    run.see(ActObjects.generator())
    run.tell(.complete(Self.scope))
    run.tell(.quiet)
    #expect(run.lines == [])
    run.tell(.complete(other))
    run.tell(.quiet)
    #expect(run.lines == ["ended app met", "end"])
  }

  @Test func `one look reads nothing twice`() {
    var known = DeliveryStore()
    known.take(ActObjects.generator())
    var run = Rehearsal(
      WaitMachine(
        [ActTarget(FluxKind.artifactGenerator.resource, ActObjects.generator())],
        for: WaitJudge(goal: .ready), in: [Self.scope], knowing: known, looksOnce: true,
        now: { Timestamp(seconds: Self.now) }))
    #expect(run.lines == [])
    run.tell(.quiet)
    #expect(run.lines == ["ended app met", "end"])
  }

  @Test func `what is awaited is said once`() {
    var run = Self.run()
    run.see(Self.unready)
    run.tell(.complete(Self.scope))
    run.tell(.quiet)
    #expect(
      run.lines == [
        "waiting app: ArtifactGenerator apps/app has not been reconciled yet"
      ])
    run.see(Self.unready)
    run.tell(.quiet)
    #expect(run.lines == [])
    run.see(ActObjects.generator())
    #expect(run.lines == [], "it is judged when nothing more is known")
    run.tell(.quiet)
    #expect(run.outcomes == ["app met: "])
  }

  @Test func `the deadline says what is awaited`() {
    var run = Self.run()
    run.see(Self.unready)
    run.tell(.complete(Self.scope))
    run.tell(.deadline)
    #expect(
      run.outcomes
        == [
          "app timedOut Timeout: ArtifactGenerator apps/app has not been reconciled yet"
        ])
    #expect(run.lines == ["ended app timedOut", "end"])
  }

  /// Nothing is said of what nobody has seen, such as that it were gone.
  @Test func `the deadline before all is listed`() {
    var run = Self.run()
    run.tell(.deadline)
    #expect(
      run.outcomes == [
        "app timedOut Timeout: the server has not listed artifactgenerators.source.extensions.fluxcd.io yet"
      ])
  }

  @Test func `one look is the answer`() {
    var run = Self.run(once: true)
    #expect(run.lines == ["look artifactgenerators apps/app from a list"])
    run.see(Self.unready)
    run.tell(.complete(Self.scope))
    run.tell(.quiet)
    #expect(
      run.outcomes
        == [
          "app timedOut NotMet: ArtifactGenerator apps/app has not been reconciled yet"
        ])
  }

  @Test func `gone is final`() {
    var run = Self.run()
    run.see(Self.unready)
    run.tell(.complete(Self.scope))
    run.tell(.quiet)
    run.tell(.gone(Self.app))
    run.tell(.quiet)
    #expect(run.outcomes == ["app failed: ArtifactGenerator/apps/app no longer exists"])
  }

  @Test func `not there at the first look`() {
    var run = Self.run()
    run.tell(.complete(Self.scope))
    run.tell(.quiet)
    #expect(run.outcomes == ["app failed: ArtifactGenerator/apps/app no longer exists"])
  }

  @Test func `a watch that fails ends it`() {
    var run = Self.run()
    run.tell(.watchFailed(Self.scope, OperationError(.forbidden, "no")))
    #expect(run.lines == ["fail no"])
  }

  private static func refusal(_ text: String) -> APIError {
    APIError(Status(code: 403, reason: "Forbidden", message: text))
  }

  /// Whoever may follow some objects only is told of the others, each by itself.
  @Test func `what may not be watched fails alone`() {
    let second = ActObjects.generator("second", conditions: [])
    let other = WatchScope(
      resource: FluxKind.artifactGenerator.resource, namespace: "apps", name: "second")
    var run = Self.run([ActObjects.generator(), second], in: [Self.scope, other])
    run.tell(.watchFailed(other, Self.refusal("you may not")))
    run.see(ActObjects.generator())
    run.tell(.complete(Self.scope))
    run.tell(.quiet)
    #expect(run.machine.outcomes.map(\.result) == [.met, .failed])
    #expect(run.machine.outcomes.last?.reason == .watchFailed)
    #expect(run.machine.outcomes.last?.message.contains("you may not") == true)
  }

  // MARK: Sources of consumers

  private static let web = WatchScope(
    resource: FluxKind.kustomization.resource, namespace: "apps", name: "web")
  private static let artifact = WatchScope(
    resource: FluxKind.externalArtifact.resource, namespace: "apps", name: "app-out")
  private static let lost = MergePatch.apply(
    [
      "status": [
        "conditions": [ActObjects.condition("Ready", "False", "ArtifactFailed", "not found")]
      ]
    ], to: ActObjects.kustomization())

  private static func runOfConsumer() -> Rehearsal<WaitMachine> {
    Rehearsal(
      WaitMachine(
        [ActTarget(FluxKind.kustomization.resource, lost)], for: WaitJudge(goal: .ready),
        in: [web, artifact], beside: [artifact], looksOnce: false,
        now: { Timestamp(seconds: now) }))
  }

  /// kustomize-controller begins when the source is there (`kustomization_indexers.go`).
  @Test func `a source that is missing is waited for`() {
    var run = Self.runOfConsumer()
    run.see(Self.lost)
    run.tell(.complete(Self.web))
    run.tell(.complete(Self.artifact))
    run.tell(.quiet)
    #expect(run.lines.last == "waiting web: ExternalArtifact apps/app-out does not exist")
    // The failure is of before.
    run.see(ActObjects.published(digest: "sha256:new"))
    run.tell(.quiet)
    #expect(run.outcomes == [])
    run.see(ActObjects.published())
    run.tell(.quiet)
    #expect(run.machine.outcomes.map(\.result) == [.failed], "it has failed with what is there")
  }

  @Test func `a source that may not be watched does not matter`() {
    var run = Self.runOfConsumer()
    run.see(Self.lost)
    run.tell(.complete(Self.web))
    run.tell(.watchFailed(Self.artifact, Self.refusal("you may not")))
    run.tell(.quiet)
    #expect(
      run.outcomes == ["web failed: Kustomization apps/web is failing: ArtifactFailed: not found"])
  }

  @Test func `a lost connection is said`() {
    var run = Self.run()
    run.tell(.interrupted(OperationError(.notFound, "gone")))
    #expect(run.lines == ["note connection lost, reconnecting: gone"])
  }

  // MARK: Stuck generators

  @Test func `left at unknown for too long is examined`() {
    var run = Self.run()
    run.see(Self.unknown(for: 601, version: 1))
    #expect(run.lines == ["examine app: GitRepository/apps/repo ExternalArtifact/apps/app-out"])
    run.tell(.examined(Self.app, sources: Self.sources))
    #expect(run.machine.outcomes.map(\.reason) == [.stuck])
    #expect(run.lines == ["ended app stuck", "end"])
  }

  @Test func `a source that moved is something to do`() {
    var run = Self.run()
    run.see(Self.unknown(for: 601, version: 1))
    run.tell(.examined(Self.app, sources: [:]))
    run.tell(.complete(Self.scope))
    run.tell(.quiet)
    #expect(
      run.lines == [
        "waiting app: ArtifactGenerator apps/app has not finished reconciling: is "
          + "source-watcher running?"
      ])
  }

  /// Not even for a moment: "is source-watcher running?" and then "stuck" are two answers.
  @Test func `nothing is said while it is examined`() {
    var run = Self.run()
    run.see(Self.unknown(for: 601, version: 1))
    run.tell(.complete(Self.scope))
    run.tell(.quiet)
    #expect(run.count("waiting") == 0)
    run.tell(.examined(Self.app, sources: [:]))
    run.tell(.quiet)
    #expect(run.lines.first?.hasSuffix("is source-watcher running?") == true)
  }

  @Test func `what moves on during an examination is examined again`() {
    var run = Self.run()
    run.see(Self.unknown(for: 700, version: 1))
    run.see(Self.unknown(for: 700, version: 2))
    #expect(run.lines == [])
    run.tell(.examined(Self.app, sources: Self.sources))
    #expect(run.lines == ["examine app: GitRepository/apps/repo ExternalArtifact/apps/app-out"])
    run.see(ActObjects.generator().with(version: 3))
    run.tell(.examined(Self.app, sources: Self.sources))
    run.tell(.complete(Self.scope))
    run.tell(.quiet)
    #expect(run.outcomes == ["app met: "])
  }

  /// Nothing else happens to a generator that is stuck: time alone tells.
  @Test func `what will have taken too long is looked at then`() {
    var run = Self.run()
    run.see(Self.unknown(for: 590, version: 1))
    #expect(run.lines == ["remind app after 11.0 seconds"])
    run.see(Self.unknown(for: 590, version: 2))
    #expect(run.lines == [])
  }

  @Test func `a reminder looks at the newest state`() {
    var run = Self.run()
    run.see(Self.unknown(for: 601, version: 1))
    run.tell(.examined(Self.app, sources: [:]))
    run.tell(.reminded(Self.app))
    #expect(run.lines == ["examine app: GitRepository/apps/repo ExternalArtifact/apps/app-out"])
  }

  @Test func `the only look waits for an examination`() {
    var run = Self.run(once: true)
    run.see(Self.unknown(for: 601, version: 1))
    run.tell(.complete(Self.scope))
    run.tell(.quiet)
    #expect(run.outcomes == [])
    run.tell(.examined(Self.app, sources: Self.sources))
    #expect(run.machine.outcomes.map(\.result) == [.stuck])
  }

  @Test func `a suspended generator is not examined`() {
    var run = Self.run(for: .suspended)
    run.see(Self.unknown(for: 601, version: 1))
    #expect(run.lines == [])
  }

  // MARK: Numbers

  /// Each event costs a look at its own object only.
  @Test(.timeLimit(.minutes(1))) func `thousands of objects take little time`() {
    let objects = (0..<8000).map { ActObjects.generator("app-\($0)", conditions: []) }
    let scope = WatchScope(resource: FluxKind.artifactGenerator.resource, namespace: "apps")
    var run = Self.run(objects, in: [scope])
    for object in objects { run.see(object) }
    run.tell(.complete(scope))
    run.tell(.quiet)
    #expect(run.count("waiting") == 8000)
    for index in objects.indices {
      run.see(ActObjects.generator("app-\(index)"))
      run.tell(.quiet)
      #expect(run.lines.first == "ended app-\(index) met")
    }
    #expect(run.lines.last == "end")
  }
}
