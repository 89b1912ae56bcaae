import Document
import FluxModel
import KubeAPI
import Objects
import TestSupport
import Testing
import Text

@testable import Commands

/// What status, get and events show of states, and where.
@Suite struct StateWordsTests {
  private static func surroundings(
    _ cluster: any Cluster, columns: Int? = nil
  ) -> TestSurroundings {
    TestSurroundings(
      terminal: Terminal(
        outputIsTerminal: columns != nil, errorsAreTerminal: false, columns: columns ?? 80),
      now: Timestamp(rfc3339: "2026-11-21T02:00:00Z"), cluster: cluster, contextNamespace: "apps")
  }

  private static func run(_ line: String, on cluster: any Cluster, columns: Int? = nil) async
    -> Outcome
  {
    await invoke(
      ArtifactGen.self, line.split(separator: " ").map(String.init),
      in: surroundings(cluster, columns: columns))
  }

  @Test(arguments: ["status -A", "status -n apps", "get all -A --stale", "get ag -n apps --stale"])
  func `a terminal of 80 columns is enough`(line: String) async throws {
    let output = await Self.run(
      "\(line) --color never", on: try SeeFixture.cluster(), columns: 80
    ).output
    let lines = output.split(separator: "\n").map(String.init)
    #expect(lines.count > 5)
    #expect(lines.filter { displayWidth($0) > 80 && $0.contains(" ") }.isEmpty)
  }

  @Test func `the reason of a stale object is whole on a terminal`() async throws {
    let cluster = try SeeFixture.cluster()
    let output = await Self.run("get all -A --stale", on: cluster, columns: 80).output
    #expect(!output.contains("…"))
    #expect(!output.contains("REVISION"))
    let piped = await Self.run("get all -A --stale", on: cluster).output
    #expect(piped.contains("REVISION"))
    #expect(piped.contains("BECAUSE"))
  }

  @Test(arguments: ["get all -A", "get ea,ks -A", "get all -A --suspended"])
  func `names are whole on a narrow terminal`(line: String) async throws {
    let cluster = try SeeFixture.cluster()
    let names = await Self.run("\(line) --no-headers", on: cluster).output
      .split(separator: "\n").flatMap { $0.split(separator: " ") }
      .filter { $0.contains("/") && !$0.contains(":") && $0.first?.isLowercase == true }
      .compactMap { $0.split(separator: "/").last }
    #expect(names.count > 3)
    let output = await Self.run(line, on: cluster, columns: 60).output
    for name in names { #expect(output.contains(name), "\(name)") }
    #expect(!output.contains("externalartifact/"))
  }

  @Test func `what is suspended is shown with what answers`() async throws {
    let cluster = try SeeFixture.cluster()
    func headings(_ line: String) async -> [Substring] {
      await Self.run(line, on: cluster).output.prefix { $0 != "\n" }.split(separator: " ")
    }
    #expect(
      await headings("get ea -n apps --suspended")
        == ["NAME", "SOURCE", "READY", "FRESH", "BY", "SINCE", "WHY"])
    #expect(
      await headings("get ag -n apps --suspended") == ["NAME", "READY", "BY", "SINCE", "WHY"])
    #expect(await headings("get ag -n apps --suspended -o wide").contains("STATUS"))
  }

  @Test func `where only other kinds match, that is said instead of nothing`() async {
    let suspended = MergePatch.apply(["spec": ["suspend": true]], to: ActObjects.kustomization())
    let outcome = await Self.run("get --suspended -n apps", on: FakeCluster([suspended]))
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == "No ArtifactGenerators found in apps namespace, but 1 Kustomization "
        + "matches: use get all with the same flags\n")
    let none = await Self.run("get --suspended -n apps", on: FakeCluster([]))
    #expect(none.errors == "No resources found in apps namespace.\n")
  }

  @Test func `a digest that does not fit a line is shortened`() async throws {
    let cluster = try SeeFixture.cluster()
    let line = "trace ea/podinfo -n apps --color never"
    let narrow = await Self.run(line, on: cluster, columns: 80).output
    #expect(narrow.split(separator: "\n").allSatisfy { displayWidth(String($0)) <= 80 })
    #expect(narrow.contains("Digest:            sha256:"))
    let piped = await Self.run(line, on: cluster).output
    #expect(piped.split(separator: "\n").contains { displayWidth(String($0)) > 80 })
    let whole = await Self.run("\(line) --no-truncate", on: cluster, columns: 80).output
    #expect(whole == piped)
  }

  @Test func `status cuts nothing on request`() async throws {
    let cluster = try SeeFixture.cluster()
    #expect(await Self.run("status -A", on: cluster, columns: 80).output.contains("…"))
    let whole = await Self.run("status -A --no-truncate", on: cluster, columns: 80)
    #expect(whole.status == 0)
    #expect(!whole.output.contains("…"))
  }

  /// The lists have the words of the columns, and who suspended what is in one of them.
  @Test func `status says everything once`() async {
    let suspended = [
      Suspension.generatorAnnotation: "disabled", SuspensionRecord.by: "jane",
      SuspensionRecord.reason: "incident",
    ]
    let cluster = FakeCluster([
      ActObjects.source(), ActObjects.generator(annotations: suspended), ActObjects.published(),
      MergePatch.apply(
        [
          "status": [
            "conditions": [
              ActObjects.condition("Ready", "False", "BuildFailed", "no files"),
              ActObjects.condition("Stalled", "True", "BuildFailed", "no files"),
            ]
          ]
        ], to: ActObjects.kustomization()),
    ])
    let output = await Self.run("status -n apps", on: cluster).output
    #expect(output.split(separator: "incident").count == 2)
    #expect(
      output.contains(
        "\nStale:\n  ExternalArtifact/apps/app-out: ArtifactGenerator apps/app is suspended\n"))
    #expect(output.contains("\nStalled:\n  Kustomization/apps/web: BuildFailed: no files"))
    #expect(!output.contains("\nFailing:"))
  }

  @Test(arguments: ["events -n apps", "events -n apps -o wide", "events -n apps --no-truncate"])
  func `all lines of a message where nothing is cut`(line: String) async {
    let cluster = FakeCluster([Self.event(message: "first\nsecond\n")])
    #expect(await Self.run(line, on: cluster).output.hasSuffix("first\nsecond\n"))
    if !line.contains("-o wide"), !line.contains("--no-truncate") {
      #expect(await Self.run(line, on: cluster, columns: 200).output.hasSuffix("first...\n"))
    }
  }

  private static func event(message: String) -> Value {
    [
      "apiVersion": "v1", "kind": "Event", "metadata": ["name": "e", "namespace": "apps"],
      "type": "Warning", "reason": "BuildFailed", "message": .string(message),
      "lastTimestamp": "2026-11-21T01:59:00Z",
      "involvedObject": [
        "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
        "namespace": "apps", "name": "x",
      ],
    ]
  }

  @Test(arguments: [
    "events ag/x -n apps", "events ag/x -n apps --no-related", "wait ag/x --for=delete -n apps",
    "wait ag --all --for=create -n apps", "wait ag/x --for=create -n apps",
  ])
  func `a kind that the cluster does not have is named`(line: String) async {
    var traits = FakeCluster.Traits()
    traits.unserved = ["artifactgenerators"]
    let outcome = await Self.run(line, on: FakeCluster([], can: .watching, traits))
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        "the cluster does not have artifactgenerators.source.extensions.fluxcd.io: "
          + "source-watcher is not installed: flux install --components-extra=source-watcher"))
    #expect(!outcome.errors.contains("Resource="))
  }

  @Test(arguments: [
    ("--no-suspended", "Show only objects that are not suspended"),
    ("--suspended", "Show only suspended objects, by whom and why"),
    ("--no-allow-missing-template-keys", "Do not ignore missing template fields"),
  ])
  func `a negated flag has a text of its own`(flag: String, text: String) async {
    let output = await Self.run("__complete get \(flag)", on: FakeCluster([])).output
    #expect(output.contains("\(flag)\t\(text)\n"))
  }
}
