import Commands
import Document
import Foundation
import KubeAPI
import TestSupport
import Testing

/// `ls`, `cat` and `pull` as a user runs them; what is published is what the source cases show.
@Suite struct ContentCommandTests {
  private static let object = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata: {name: monorepo, namespace: apps}
    spec:
      ref: {branch: main}
      ignore: |
        /docs

    """

  private func project() throws -> BuildProject {
    let project = try BuildProject()
    try project.directory.write("object.yaml", Self.object)
    try project.directory.write("src/docs/readme.md", "text\n")
    return project
  }

  private func run(_ project: BuildProject, _ arguments: String...) async -> Outcome {
    await invoke(
      ArtifactGen.self,
      arguments.map { $0.replacingOccurrences(of: "DIR", with: project.path) })
  }

  @Test(arguments: [
    ([], "several generators make an ExternalArtifact web: use ea/apps/web or ea/other/web"),
    (["-n", "apps"], "a: 1\n"), (["-n", "other"], "b: 2\n"),
    (["-n", "third"], "no generator of the input makes an ExternalArtifact third/web"),
  ])
  func `one artifact of several with its name is chosen by namespace`(
    flags: [String], text: String
  ) async throws {
    let project = try project()
    try project.directory.write("src/other/a.yaml", "b: 2\n")
    try project.directory.write(
      "other.yaml",
      BuildProject.manifest(("namespace: apps", "namespace: other"), ("repo/web", "repo/other")))
    let outcome = await invoke(
      ArtifactGen.self,
      ["cat", "ea/web", "a.yaml"] + flags
        + [
          "-f", "\(project.path)/gen.yaml", "-f", "\(project.path)/other.yaml",
          "--source", "repo=dir:\(project.path)/src",
        ])
    #expect((outcome.output + outcome.errors).contains(text))
    #expect(outcome.status == (outcome.output.isEmpty ? 1 : 0))
  }

  @Test func `a directory has source objects at any depth, beside files that are no YAML`()
    async throws
  {
    let project = try project()
    try project.directory.write("tree/apps/gen.yaml", BuildProject.one)
    try project.directory.write("tree/sources/git/object.yaml", Self.object)
    try project.directory.write(
      "tree/sources/git/template.yaml", "# source.toolkit.fluxcd.io\n{{ if .x }}: [\n")
    let outcome = await run(
      project, "ls", "docs", "-f", "DIR/tree", "--source", "repo=dir:DIR/src")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("'/docs' of spec.ignore:1"))
  }

  @Test func `names that are not UTF-8 can be told apart in JSON`() async throws {
    let project = try project()
    for byte: UInt8 in [0xFE, 0xFF] {
      let path = Array("\(project.path)/src/web/a".utf8) + [byte, 0]
      let file = path.withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) { fopen($0.baseAddress, "w") }
      }
      fclose(file)
    }
    let outcome = await run(project, "ls", "--source", "repo=dir:DIR/src", "-o", "json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let document = try #require(try YAML.parseDocument(Array(outcome.output.utf8)))
    let items = document["items"]?.array ?? []
    // web/a and one byte more.
    #expect(items.compactMap { $0["pathBase64"]?.string } == ["d2ViL2H+", "d2ViL2H/"])
    #expect(items.count > 2)
  }

  @Test func `the object of a local source is no path in it`() async throws {
    let outcome = await run(
      try project(), "ls", "git/monorepo", "--source", "repo=dir:DIR/src", "--manifests",
      "DIR/object.yaml")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        "(arguments are paths, because --source specifies what to read: leave out git/monorepo)"),
      "\(outcome.errors)")
  }

  @Test func `links of an archive are listed as ignored`() async throws {
    let project = try project()
    try FileManager.default.createSymbolicLink(
      atPath: "\(project.path)/src/web/link", withDestinationPath: "a.yaml")
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "-C", "\(project.path)/src", "-czf", "\(project.path)/src.tar.gz", "."]
    try tar.run()
    tar.waitUntilExit()
    try #require(tar.terminationStatus == 0)
    let outcome = await run(project, "ls", "--ignored", "--source", "repo=DIR/src.tar.gz")
    #expect(
      outcome.output
        == "web/link  a symbolic link (to a.yaml): Flux controllers skip links when they unpack an "
        + "archive\n", "\(outcome.errors)")
  }

  @Test func `no link is replaced by a directory`() async throws {
    let project = try project()
    try FileManager.default.createDirectory(
      atPath: "\(project.path)/real", withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: "\(project.path)/link", withDestinationPath: "real")
    let outcome = await run(
      project, "pull", "--source", "repo=dir:DIR/src", "--output-dir", "DIR/link")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("/link is a symbolic link: use its target real"))
  }

  @Test func `what is published is listed with mode, size, digest and path`() async throws {
    let outcome = await run(
      try project(), "ls", "--source", "repo=dir:DIR/src", "--manifests", "DIR/object.yaml")
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.hasSuffix("web/") == true)
    #expect(lines.last?.hasPrefix("0600  5  sha256:") == true)
  }

  @Test func `what is left out is listed with the rule`() async throws {
    let outcome = await run(
      try project(), "ls", "--ignored", "--source", "repo=dir:DIR/src", "--manifests",
      "DIR/object.yaml")
    #expect(outcome.output.contains("docs/readme.md  '/docs' of spec.ignore:1"))
  }

  @Test func `the data has items, what is left out and the source`() async throws {
    let outcome = await run(
      try project(), "ls", "-o", "json", "--source", "repo=dir:DIR/src", "--manifests",
      "DIR/object.yaml")
    let document = try #require(try YAML.parseDocument(Array(outcome.output.utf8)))
    #expect(document["kind"] == "ContentList")
    #expect(document["items"]?[1]?["path"] == "web/a.yaml")
    #expect(document["ignored"]?.array?.count == 2)
    #expect(document["source"]?["object"]?["name"] == "monorepo")
    #expect(document["source"]?["digest"]?.string?.hasPrefix("sha256:") == true)
  }

  @Test func `a file is printed, and for one that is not there it is said why`() async throws {
    let project = try project()
    let source = ["--source", "repo=dir:DIR/src", "--manifests", "DIR/object.yaml"]
    let found = await run(project, "cat", "web/a.yaml", source[0], source[1], source[2], source[3])
    #expect(found.output == "a: 1\n")
    let hidden = await run(
      project, "cat", "docs/readme.md", source[0], source[1], source[2], source[3])
    #expect(hidden.status == 1)
    #expect(hidden.errors.contains("'/docs' of spec.ignore:1"))
  }

  @Test func `each file of an artifact has its copy operation`() async throws {
    let outcome = await run(
      try project(), "ls", "ea/web", "--explain", "-f", "DIR/gen.yaml", "--source",
      "repo=DIR/src")
    #expect(outcome.status == 0)
    #expect(outcome.output == "a.yaml  copy[0] from @repo/web/a.yaml\n")
  }

  @Test func `an artifact that nobody makes is an error`() async throws {
    let outcome = await run(
      try project(), "ls", "ea/nope", "-f", "DIR/gen.yaml", "--source", "repo=DIR/src")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("no generator of the input makes an ExternalArtifact nope"))
  }

  @Test func `pull writes into an empty folder and no other`() async throws {
    let project = try project()
    let words = ["--source", "repo=dir:DIR/src", "--manifests", "DIR/object.yaml"]
    let first = await run(
      project, "pull", words[0], words[1], words[2], words[3], "--output-dir", "DIR/out/tree")
    #expect(first.status == 0)
    #expect(try project.directory.read("out/tree/web/a.yaml") == "a: 1\n")
    #expect(!project.directory.files.contains("out/tree/docs/readme.md"))
    let second = await run(
      project, "pull", words[0], words[1], words[2], words[3], "--output-dir", "DIR/out/tree")
    #expect(second.status == 1)
    #expect(second.errors.contains("is not empty"))
  }

  @Test func `a snapshot alone holds no content`() async throws {
    let outcome = await run(try project(), "ls", "--snapshot", "DIR/object.yaml")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("a snapshot contains no source files"))
  }

  @Test func `a copy that finds nothing is told which rule hides the path`() async throws {
    let project = try project()
    try project.directory.write(
      "gen.yaml", BuildProject.manifest(("@repo/web/**", "@repo/docs/**")))
    let outcome = await run(
      project, "build", "-f", "DIR/gen.yaml", "--source", "repo=DIR/src", "--manifests",
      "DIR/object.yaml", "-o", "json")
    let document = try #require(try YAML.parseDocument(Array(outcome.output.utf8)))
    let hint = document["errors"]?[0]?["hint"]?.string
    #expect(hint?.contains("'/docs' of spec.ignore:1") == true)
  }

  @Test func `a source that the consumer cannot unpack has its stage`() async throws {
    let project = try project()
    try project.directory.write("src/web/a\\b", "")
    let outcome = await run(
      project, "build", "-f", "DIR/gen.yaml", "--source", "repo=DIR/src", "--manifests",
      "DIR/object.yaml", "-o", "json")
    let document = try #require(try YAML.parseDocument(Array(outcome.output.utf8)))
    #expect(document["errors"]?[0]?["stage"] == "consumer")
  }

  // MARK: - Why a file is not there

  private static let several = BuildProject.manifest(
    (
      "- {from: \"@repo/web/**\", to: \"@artifact/\"}",
      """
      - {from: "@repo/web/", to: "@artifact/", exclude: ["*.md"]}
              - {from: "@repo/docs/**", to: "@artifact/web/"}
              - {from: "@repo/over/a.yaml", to: "@artifact/web/"}
      """
    ))

  @Test(arguments: [
    ("web/x.md", "@repo/web/x.md is excluded by '*.md' of copy[0]"),
    ("x.md", "no copy operation creates it, and no source has such a path"),
    ("other/c.yaml", "no copy operation copies @repo/other/c.yaml"),
    (
      "web/hidden.yaml",
      "copy[0] would copy @repo/web/hidden.yaml, which is not in the source: '/web/hidden.yaml' of "
        + "spec.ignore:1"
    ),
    (
      "web/link.yaml",
      "copy[0] would copy @repo/web/link.yaml, which is not in the source: a symbolic link (to "
        + "a.yaml): source-controller does not publish links"
    ),
    (
      "web/both.md",
      "@repo/web/both.md is excluded by '*.md' of copy[0], and not in the source: '/web/both.md' of "
        + "spec.ignore:2"
    ),
    (
      "web/pic.png",
      "web/pic.png is copied from @repo/web/pic.png, and excluded from every archive by '*.png'"
    ),
    (
      "over/a.yaml", "@repo/over/a.yaml is published as web/a.yaml (copy[2])"
    ),
    (
      "docs/a.yaml",
      "@repo/docs/a.yaml is copied to web/a.yaml by copy[1], and replaced by @repo/over/a.yaml by "
        + "copy[2]"
    ),
  ])
  func `each reason why a file is not there is told`(path: String, reason: String) async throws {
    let project = try BuildProject(Self.several)
    let files = [
      "web/x.md", "web/hidden.yaml", "web/both.md", "web/pic.png", "docs/a.yaml", "over/a.yaml",
      "other/c.yaml",
    ]
    for file in files { try project.directory.write("src/\(file)", "a: 1\n") }
    try FileManager.default.createSymbolicLink(
      atPath: project.path + "/src/web/link.yaml", withDestinationPath: "a.yaml")
    try project.directory.write(
      "object.yaml",
      Self.object.replacingOccurrences(
        of: "    /docs\n", with: "    /web/hidden.yaml\n    /web/both.md\n"))
    for verb in [["ls", "ea/web", "--explain"], ["cat", "ea/web"]] {
      let outcome = await invoke(
        ArtifactGen.self,
        verb + [
          path, "-f", project.path + "/gen.yaml", "--source", "repo=dir:\(project.path)/src",
          "--manifests", project.path + "/object.yaml",
        ])
      #expect(outcome.status == 1)
      #expect(outcome.output == "")
      #expect(outcome.errors.contains("error: \(path) is not published: \(reason)\n"))
    }
  }

  @Test func `what a file replaced is told with it`() async throws {
    let project = try BuildProject(Self.several)
    try project.directory.write("src/docs/a.yaml", "a: 2\n")
    try project.directory.write("src/over/a.yaml", "a: 3\n")
    let outcome = await run(
      project, "ls", "ea/web", "web/a.yaml", "--explain", "-f", "DIR/gen.yaml", "--source",
      "repo=DIR/src")
    #expect(
      outcome.output
        == "web/a.yaml  copy[2] from @repo/over/a.yaml, replaces @repo/web/a.yaml (copy[0]), "
        + "@repo/docs/a.yaml (copy[1])\n")
  }

  // MARK: - Objects that cannot be read

  /// A refusal is as if there were no cluster; anything else would build something else unnoticed.
  @Test(arguments: [403, 404, 500])
  func `only what may not be read or is not there is taken as unknown`(code: Int) async throws {
    let project = try project()
    let reasons = [403: "Forbidden", 404: "NotFound", 500: "InternalError"]
    let answer = APIError(Status(code: code, reason: reasons[code] ?? "", message: "it says no"))
    let cluster = FakeCluster(
      [], refused: ["get gitrepositories.source.toolkit.fluxcd.io apps/monorepo": answer])
    let outcome = await invoke(
      ArtifactGen.self,
      ["diff", "-f", project.path + "/gen.yaml", "--source", "repo=dir:\(project.path)/src"],
      in: TestSurroundings(cluster: cluster))
    #expect(outcome.status == (code == 500 ? 2 : 1))
    #expect(outcome.errors.contains("it says no") == (code == 500))
  }
}
