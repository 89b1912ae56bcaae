import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Synchronization
import TestSupport
import Testing

@testable import Commands

/// A cluster to which an object comes once somebody watches it.
private final class Appearing: WatchingCluster {
  private let base: FakeCluster
  private let object: Value
  private let isThere = Mutex(false)

  init(_ base: FakeCluster, _ object: Value) {
    self.base = base
    self.object = object
  }

  func get(_ type: ResourceType, namespace: String?, name: String) async throws -> Value {
    try await base.get(type, namespace: namespace, name: name)
  }

  func list(
    _ type: ResourceType, namespace: String?, options: ListOptions
  ) async throws -> ObjectList {
    guard isThere.withLock({ $0 }) else {
      return try await base.list(type, namespace: namespace, options: options)
    }
    return try await FakeCluster([object]).list(type, namespace: namespace, options: options)
  }

  func watch(
    _ type: ResourceType, namespace: String?, options: WatchOptions,
    onUpdate: (WatchUpdate) async throws -> WatchStep
  ) async throws {
    isThere.withLock { $0 = true }
    _ = try await onUpdate(.added(object))
  }
}

/// What users of kubectl type, without a cluster; beside kubectl itself, `EndToEnd/test_side_by_side`.
@Suite struct KubectlHabitsTests {
  @Test(arguments: [
    ("{{.metadata.name}}", "{.metadata.name}"),
    ("{{ .a }} {{.b.c}}", "{.a} {.b.c}"),
    (
      #"{{range .items}}{{.metadata.name}}{{"\n"}}{{end}}"#,
      #"{range .items[*]}{.metadata.name}{"\n"}{end}"#
    ),
  ])
  func `a simple Go template has a JSONPath that does the same`(template: String, path: String) {
    #expect(GoTemplate.jsonPath(of: template) == path)
  }

  @Test(arguments: [
    "{{if .a}}x{{end}}", "{{.a | len}}", "{{range $k, $v := .a}}{{end}}", "{{.a", "", "{{end}}",
    "{{range .items}}", "{{index .a 1}}",
  ])
  func `any other Go template has none`(template: String) {
    #expect(GoTemplate.jsonPath(of: template) == nil)
  }

  @Test(arguments: [
    (["get", "--sort-by=", "ag"], ["get", "ag"]),
    (["get", "--label-columns=a", "--label-columns=", "ag"], ["get", "ag"]),
    (["get", "--kubeconfig=", "ag"], ["get", "--kubeconfig", "", "ag"]),
    (["build", "-R=false"], ["build", "--no-recursive"]),
    (["get", "--allow-missing-template-keys=false"], ["get", "--no-allow-missing-template-keys"]),
  ])
  func `a flag with an empty value is not given, and one may be switched off`(
    arguments: [String], meant: [String]
  ) throws {
    let tree = try CommandTree(of: ArtifactGen.self)
    #expect(ArgumentSpelling.normalized(arguments, tree: tree) == meant)
  }

  @Test(arguments: [
    ("foo", "unrecognized condition: \"foo\"; use ready"),
    ("condition", "unrecognized condition: \"condition\"; use ready"),
    ("jsonpath=", "jsonpath expression cannot be empty"),
    ("jsonpath={.a}=", "jsonpath wait has to have a value after equal sign"),
    ("jsonpath={.a}=b=c", "jsonpath wait format must be --for=jsonpath="),
    ("commit=abc", "invalid commit \"abc\": need at least 7 hex digits"),
  ])
  func `what wait does not know is refused in kubectl's words`(
    text: String, beginning: String
  ) async {
    let outcome = await invoke(
      ArtifactGen.self, ["wait", "ag/x", "--for=\(text)"], in: TestSurroundings())
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: \(beginning)"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("<GOAL>"))
  }

  private static let conditions: Value = [
    "metadata": ["generation": 2],
    "status": [
      "observedGeneration": 2,
      "conditions": [
        ["type": "Ready", "status": "True"],
        ["type": "Old", "status": "True", "observedGeneration": 1],
      ],
    ],
    "spec": ["n": 3, "list": [1, 2], "text": "a b"],
  ]

  @Test(arguments: [
    ("condition=Ready", true), ("condition=ready=true", true), ("condition=Ready=False", false),
    ("condition=Old", false), ("condition=None", false), ("jsonpath={.spec.n}=3", true),
    ("jsonpath=.spec.n=3", true), ("jsonpath={.spec.n}", true), ("jsonpath={.spec.m}", false),
    ("jsonpath={.spec.text}='a b'", true), ("jsonpath={.spec.n}=4", false),
    (#"jsonpath={.status.conditions[?(@.type=="Ready")].status}=True"#, true),
  ])
  func `conditions and fields count as kubectl counts them`(text: String, isMet: Bool) throws {
    guard case .object(.state(let test)) = try WaitTarget(argument: text) else {
      Issue.record("\(text) is no state")
      return
    }
    #expect(try test(Self.conditions) == isMet)
  }

  private func run(
    _ line: String, _ cluster: (any Cluster)? = nil, columns: Int? = nil
  ) async throws -> Outcome {
    let isTerminal = columns != nil
    return await invoke(
      ArtifactGen.self, line.split(separator: " ").map(String.init),
      in: TestSurroundings(
        terminal: Terminal(
          outputIsTerminal: isTerminal, errorsAreTerminal: isTerminal, columns: columns ?? 80),
        now: TranscriptCase.now, cluster: try cluster ?? SeeFixture.cluster()))
  }

  private static let podinfo = "artifactgenerator.source.extensions.fluxcd.io/podinfo"

  /// Looks once: these clusters cannot be watched.
  @Test(arguments: [
    ("condition=Nope --for=create", 1, 1), ("condition=Ready --for=create", 0, 2),
    ("condition=Ready --for=jsonpath={.metadata.name}=x", 1, 1),
    ("condition=Nope --for=condition=Ready", 1, 0),
    ("commit=0123456 --for=ready", 1, 0), ("ready --for=stored", 0, 2),
    ("ready --for=condition=Nope", 1, 1), ("condition=Nope --for=ready", 1, 0),
  ])
  func `wait requires every goal`(goals: String, status: Int32, met: Int) async throws {
    let outcome = try await run("wait ag/podinfo -n apps --timeout=0 --for=\(goals)")
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(
      outcome.output == String(repeating: "\(Self.podinfo) condition met\n", count: met))
  }

  @Test func `creation comes first, and an object that fails is not asked further`() async throws {
    let outcome = try await run(
      "wait ag/podinfo ag/build-failed -n apps --timeout=0 --for=condition=Ready "
        + "--for=jsonpath={.metadata.name} --for=create")
    let failed = Self.podinfo.replacing("podinfo", with: "build-failed")
    #expect(
      outcome.output
        == [Self.podinfo, failed, Self.podinfo, Self.podinfo].map {
          "\($0) condition met\n"
        }.joined())
    #expect(outcome.errors == "error: condition not met for artifactgenerators/build-failed\n")
  }

  @Test(arguments: [
    "--for=ready -o name", "--for=condition=Ready -o name", "--for=ready -o name --timeout=-1s",
  ])
  func `wait prints names, and takes kubectl's week`(flags: String) async throws {
    let outcome = try await run("wait ag/podinfo -n apps \(flags)")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == "\(Self.podinfo)\n")
  }

  @Test(arguments: [
    ("deploy/frontend", "for deploy, use --for=condition=Available"),
    ("deploy --all", "for deploy, use --for=condition=Available"),
    ("job/x", "for job, use --for=condition=Complete"),
    ("widgets.toys.example.com/x", "for widgets.toys.example.com, use --for=condition=TYPE"),
  ])
  func `wait says which goal other kinds have`(objects: String, advice: String) async throws {
    let outcome = try await run("wait \(objects) -n apps")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.hasPrefix("error: --for=ready supports only Flux kinds: \(advice)\n"),
      "\(outcome.errors)")
  }

  /// Something is created while it is waited for.
  @Test func `wait for the first object of a kind`() async throws {
    let generator = ActObjects.generator()
    let cluster = Appearing(FakeCluster([]), generator)
    var found: [String] = []
    try await WaitForObjects(
      for: [.creation], in: "apps", options: ListOptions(), on: cluster, watching: cluster,
      until: nil, looksOnce: false
    ).run([ObjectQuery(FluxKind.artifactGenerator.resource)]) { update in
      if case .met(_, let object) = update { found.append(object.name ?? "") }
    }
    #expect(found == ["app"])
  }

  @Test(arguments: [
    "wait ag/x --for=delete", "wait ag --all --for=create", "events ag/x", "wait ag/x --for=ready",
  ])
  func `a kind that is not installed is said to be missing`(line: String) async throws {
    let outcome = try await run(
      "\(line) -n apps", FakeCluster.acting([], unserved: ["artifactgenerators"]))
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        "error: the cluster does not have artifactgenerators.source.extensions.fluxcd.io: "),
      "\(outcome.errors)")
  }

  @Test(arguments: [
    (
      "get ag.v9.source.extensions.fluxcd.io", "artifactgenerators",
      "no matches for kind \"ArtifactGenerator\" in version \"source.extensions.fluxcd.io/v9\""
    ),
    (
      "trace x --kind deployment --api-version apps/v2", "deployments",
      "no matches for kind \"Deployment\" in version \"apps/v2\""
    ),
  ])
  func `a version that is not served is named`(
    line: String, plural: String, text: String
  ) async throws {
    let outcome = try await run("\(line) -n apps", FakeCluster.acting([], unserved: [plural]))
    #expect(outcome.status == 1)
    #expect(outcome.errors == "error: \(text)\n")
  }

  @Test(arguments: ["deploy/frontend svc frontend", "ag/podinfo ea", "podinfo deploy/x sources"])
  func `a kind among names with their kinds is refused`(words: String) async throws {
    let outcome = try await run("get \(words) -n apps")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.hasPrefix(
        "error: there is no need to specify a resource type as a separate argument when passing "
          + "arguments in resource/name form: leave out \""), "\(outcome.errors)")
  }

  /// The commands of kubectl 1.36 and Flux 2.7.
  private static let ofHosts = [
    "create", "expose", "run", "set", "explain", "get", "edit", "delete", "rollout", "scale",
    "autoscale", "certificate", "cluster-info", "top", "cordon", "uncordon", "drain", "taint",
    "describe", "logs", "attach", "exec", "port-forward", "proxy", "cp", "auth", "debug", "events",
    "diff", "apply", "patch", "replace", "wait", "kustomize", "label", "annotate", "completion",
    "api-resources", "api-versions", "config", "kuberc", "plugin", "version", "bootstrap", "build",
    "check", "envsubst", "export", "install", "list", "migrate", "pull", "push", "reconcile",
    "resume", "stats", "suspend", "tag", "trace", "tree", "uninstall",
  ]

  @Test(arguments: ofHosts) func `every command of a host is ours or points to it`(name: String) {
    let isOurs = RootCommand<ArtifactGen>.commands.contains { $0.page.name == name }
    #expect(isOurs || HostHabits.verb(name) != nil)
  }

  @Test func `get takes the size of kubectl's pages`() async throws {
    let outcome = try await run("get ag/podinfo -n apps --chunk-size=500 -o name")
    #expect(outcome.output == "\(Self.podinfo)\n")
    let help = try await run("get --help")
    #expect(!help.output.contains("--chunk-size"))
    let completed = try await run("__completeNoDesc get --ch")
    #expect(completed.output == ":4\n")
  }

  @Test(arguments: [
    ("--template={{.a}}", "Use -o jsonpath=TEMPLATE, or -o json | jq"),
    ("--server-print=false", "To print only names and ages, use -o custom-columns"),
  ])
  func `flags of kubectl get point to ours`(flag: String, help: String) async throws {
    let outcome = try await run("get ag \(flag)")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("\n\(help)\n"), "\(outcome.errors)")
  }

  @Test(arguments: ["-n apps", "-A", "-v 6", "--context=foo", "-n apps -A"])
  func `flags without a command print the help`(line: String) async throws {
    let outcome = try await run(line)
    #expect(outcome.status == 0)
    #expect(try await outcome.output == run("--help").output)
    #expect(outcome.errors.isEmpty)
  }

  private static let event: Value = [
    "apiVersion": "v1", "kind": "Event", "metadata": ["name": "e", "namespace": "apps"],
    "involvedObject": [
      "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
      "namespace": "apps", "name": "x",
    ],
    "type": "Warning", "reason": "BuildFailed", "message": "first\nsecond\r\n\tthird\n",
    "lastTimestamp": "2026-11-21T01:59:00Z",
  ]

  @Test(arguments: ["events -n apps", "events -n apps -o wide", "events -n apps --no-truncate"])
  func `events show all lines of a message`(line: String) async throws {
    for columns in [nil, line == "events -n apps" ? nil : 200] as [Int?] {
      let outcome = try await run(line, Snapshot(objects: [Self.event]), columns: columns)
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.count == 4)
      #expect(
        lines.dropFirst().map { $0.split(separator: " ").last } == ["first", "second", "third"])
    }
    let cut = try await run("events -n apps", Snapshot(objects: [Self.event]), columns: 200)
    #expect(cut.output.hasSuffix("first...\n"))
  }

  @Test func `status shows all lines of an event in a pipe`() async throws {
    var generator = ActObjects.generator(
      conditions: [ActObjects.condition("Ready", "False", "BuildFailed", "first\nsecond")])
    generator = MergePatch.apply(["metadata": ["name": "x"]], to: generator)
    let objects = [generator, Self.event]
    let outcome = try await run("status -n apps", Snapshot(objects: objects))
    #expect(outcome.output.split(separator: "\n").count { $0.contains("second") } == 1)
    #expect(!outcome.output.contains("..."))
    let cut = try await run("status -n apps", Snapshot(objects: objects), columns: 200)
    #expect(!cut.output.contains("second"))
  }

  @Test func `status says what is refused in the namespace that was asked for`() async throws {
    let listed = try SeeFixture.guarded(allowed: [])
    let outcome = try await run("status -n apps", listed)
    #expect(outcome.status == 1)
    #expect(listed.requests.last?.contains("artifactgenerators") == true)
    #expect(listed.requests.last?.hasSuffix(" apps") == true, "\(listed.requests)")
  }

  @Test func `a JSONPath that finds several values cannot be waited for`() throws {
    guard
      case .object(.state(let test)) = try WaitTarget(argument: "jsonpath={.spec.list[*]}=1")
    else { return }
    #expect(throws: Problem.self) { try test(Self.conditions) }
  }

  @Test(arguments: [
    ("go-template={{.metadata.name}}", "use -o jsonpath='{.metadata.name}'"),
    ("go-template={{if .a}}b{{end}}", "use -o jsonpath=TEMPLATE, or -o json | jq"),
    ("templatefile=/x", "use -o jsonpath=TEMPLATE, or -o json | jq"),
  ])
  func `a Go template is refused with what does the same`(format: String, help: String) async {
    let outcome = await invoke(ArtifactGen.self, ["get", "-o", format], in: TestSurroundings())
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("is not supported; \(help)\n"), "\(outcome.errors)")
  }
}
