import Commands
import Content
import Document
import KubeAPI
import TestSupport
import Testing

/// `ls`, `cat` and `pull` of what a cluster publishes; the ways to it are FetchingTests'.
@Suite struct ClusterContentTests {
  /// What `build` makes of a project, served in a cluster.
  private struct Served {
    let project: BuildProject
    let archive: [UInt8]
    let digest: String

    init() async throws {
      project = try BuildProject()
      let built = await invoke(
        ArtifactGen.self,
        [
          "build", "-f", "\(project.path)/gen.yaml", "--source", "repo=\(project.path)/src",
          "--output-dir", "\(project.path)/built",
        ])
      #expect(built.status == 0, "\(built.errors)")
      let file = try #require(project.directory.files.first { $0.hasSuffix(".tar.gz") })
      archive = try readFile("\(project.path)/\(file)")
      digest = "\(Digester.digest(archive))"
    }

    func object(
      _ kind: String = "ExternalArtifact", _ name: String = "web", digest: String? = nil
    ) -> Value {
      [
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": .string(kind),
        "metadata": ["name": .string(name), "namespace": "apps"],
        "status": [
          "artifact": [
            "url": "http://server.flux-system.svc/web.tar.gz",
            "revision": .string("v1@\(digest ?? self.digest)"),
            "digest": .string(digest ?? self.digest), "size": .integer(Int64(archive.count)),
          ]
        ],
      ]
    }

    func cluster(_ objects: [Value]? = nil) -> FakeContentCluster {
      FakeContentCluster(
        FakeCluster(objects ?? [object(), object("GitRepository", "mono")]),
        files: ["/web.tar.gz": archive])
    }
  }

  private func run(
    _ cluster: FakeContentCluster, tool: any Tool.Type = ArtifactGen.self,
    terminal: Bool = false, _ arguments: String...
  ) async -> Outcome {
    var test = TestSurroundings(
      terminal: Terminal(outputIsTerminal: terminal, errorsAreTerminal: false, columns: 80))
    test.environment = ["CI": "yes"]
    test.cluster = cluster
    test.contextNamespace = "apps"
    return await invoke(tool, arguments, in: test)
  }

  @Test(arguments: [["ea/web"], ["ea", "web"], ["externalartifact/apps/web"], ["git/mono"]])
  func `an object is named in every way`(_ words: [String]) async throws {
    let cluster = try await Served().cluster()
    var test = TestSurroundings(environment: ["CI": "yes"], contextNamespace: "apps")
    test.cluster = cluster
    let listing = await invoke(ArtifactGen.self, ["ls"] + words, in: test)
    #expect(listing.status == 0, "\(listing.errors)")
    #expect(listing.output.hasSuffix("  a.yaml\n"))
    #expect(cluster.asked == ["proxy flux-system/http:server:80 /web.tar.gz"])
    let file = await invoke(ArtifactGen.self, ["cat"] + words + ["a.yaml"], in: test)
    #expect(file.output == "a: 1\n")
  }

  @Test func `for flux a name alone is an ExternalArtifact's`() async throws {
    let served = try await Served()
    let listing = await run(
      served.cluster(), tool: ExternalArtifactTool.self, "ls", "web", "-n", "apps")
    #expect(listing.output.hasSuffix("  a.yaml\n"))
    let refused = await run(served.cluster(), "ls", "web")
    #expect(refused.status == 1)
    #expect(refused.errors.hasPrefix("error: resource type required for \"web\": use KIND/NAME"))
  }

  private static let refusals: [([String], String)] = [
    (["ls", "ag/web"], "resource type \"ag\" has no artifacts"),
    (["ls", "ag", "web"], "ArtifactGenerator has no artifacts"),
    (["ls"], "no object or source specified: use ea/NAME or --source NAME=SPEC"),
    (["ls", "ea/web", "--ignored"], "--ignored requires --source"),
    (["ls", "ea/web", "--explain"], "--explain requires an artifact of a generator"),
    (
      ["ls", "ea/web", "--via", "post"], "invalid --via post: use one of auto, service-proxy"
    ),
    (["ls", "ea/web", "--max-size", "0"], "invalid --max-size 0"),
    (["ls", "ea/web", "--max-size", "10"], "more than 10 bytes: raise the limit with --max-size"),
    (["ls", "ea/none"], "\"none\" not found"),
    (["ls", "ea/web", "nope"], "nope is not in the artifact"),
    (["cat", "ea/web"], "cat requires the path of one file"),
    (["pull", "ea/web"], "no output specified: set --output-dir DIR or --archive FILE"),
    (["pull", "ea/web", "--archive", "x", "--output-dir", "y"], "are mutually exclusive"),
    (["pull", "ea/web", "git/mono", "--archive", "x"], "--archive accepts only one object"),
    (["pull", "ea/web", "git/web", "--output-dir", "x"], "would both be written to x/web"),
    (
      ["pull", "--source", "a=.", "--archive", "x"], "--archive requires an artifact in the cluster"
    ),
    (["ls", "ea/web", "--snapshot", "."], "a snapshot contains no"),
  ]

  @Test(arguments: refusals)
  func `what cannot be meant is said`(_ arguments: [String], _ message: String) async throws {
    var test = TestSurroundings(environment: ["CI": "yes"], contextNamespace: "apps")
    test.cluster = try await Served().cluster()
    let outcome = await invoke(ArtifactGen.self, arguments, in: test)
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func `nothing that is not verified is shown, and no second object read`() async throws {
    let served = try await Served()
    let wrong = "sha256:" + String(repeating: "0", count: 64)
    let cluster = served.cluster([served.object(digest: wrong)])
    let outcome = await run(cluster, "cat", "ea/web", "a.yaml")
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("the server sent \(served.digest)"))
    #expect(cluster.asked.count == 1)
  }

  @Test func `bytes that are no text go to a terminal only by force`() async throws {
    let served = try await Served()
    let project = served.project
    for (name, bytes) in [
      ("escape", [0x1b, 0x5b]), ("bytes", [0xff, 0xfe]), ("zero", [0x61, 0]),
    ]
      as [(String, [UInt8])]
    {
      try project.directory.write("binary/\(name)", bytes)
    }
    try project.directory.write("binary/text", "Grüße\n\t✓\r\n")
    func cat(_ name: String, _ more: String...) async -> Outcome {
      var test = TestSurroundings()
      test.terminal.outputIsTerminal = true
      return await invoke(
        ArtifactGen.self, ["cat", name, "--source", "b=\(project.path)/binary"] + more, in: test)
    }
    for name in ["escape", "bytes", "zero"] {
      let outcome = await cat(name)
      #expect(outcome.output == "")
      #expect(outcome.errors.contains("is a binary file"))
      #expect(await cat(name, "--force").status == 0)
    }
    #expect(await cat("text").output == "Grüße\n\t✓\r\n")
  }

  @Test func `several go to folders of their own`() async throws {
    let served = try await Served()
    let folder = try TemporaryDirectory()
    let outcome = await run(
      served.cluster(), "pull", "ea/web", "git/mono", "ea/none", "--output-dir",
      "\(folder.path)/all")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("\"none\" not found"))
    #expect(folder.files == ["all/mono/a.yaml", "all/web/a.yaml"])
    let archive = await run(
      served.cluster(), "pull", "ea/web", "--archive", "\(folder.path)/web.tar.gz")
    #expect(archive.status == 0, "\(archive.errors)")
    #expect(try readFile("\(folder.path)/web.tar.gz") == served.archive)
  }
}
