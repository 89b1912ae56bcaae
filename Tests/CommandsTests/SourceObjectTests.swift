import Commands
import Document
import Foundation
import TestSupport
import Testing

/// Which documents are the objects that sources are of, and what is said of them.
@Suite struct SourceObjectTests {
  private static let object = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata: {name: monorepo, namespace: apps}
    spec: {url: "https://example.com", ref: {branch: main}, ignore: "/docs"}

    """

  /// `DIR` stands for the project's folder, in arguments and in errors.
  private func run(
    _ project: BuildProject, _ arguments: String...
  ) async -> (status: Int32, output: String, errors: String) {
    let outcome = await invoke(
      ArtifactGen.self,
      arguments.map { $0.replacingOccurrences(of: "DIR", with: project.path) })
    return (
      outcome.status, outcome.output,
      outcome.errors.replacingOccurrences(of: project.path, with: "DIR")
    )
  }

  private func project() throws -> BuildProject {
    let project = try BuildProject()
    try project.directory.write("tree/gen.yaml", BuildProject.one)
    try project.directory.write("tree/a.yaml", Self.object)
    return project
  }

  @Test(arguments: [["--manifests", "DIR/tree", "-f", "DIR/gen.yaml"], ["-f", "DIR/tree"]])
  func `an object that two files define differently is an error`(flags: [String]) async throws {
    let project = try project()
    try project.directory.write("tree/b/a.yaml", Self.object)
    let arguments =
      ["build", "--source", "repo=dir:DIR/src"] + flags
    let given = arguments.map { $0.replacingOccurrences(of: "DIR", with: project.path) }
    let same = await invoke(ArtifactGen.self, given)
    #expect(same.status == 0, "\(same.errors)")
    try project.directory.write("tree/b/a.yaml", Self.object.replacing("/docs", with: "/web"))
    let outcome = await invoke(ArtifactGen.self, given)
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.replacingOccurrences(of: project.path, with: "DIR").contains(
        "GitRepository apps/monorepo is defined twice, differently: in DIR/tree/a.yaml and in "
          + "DIR/tree/b/a.yaml"))
  }

  @Test func `what a kustomization names as a patch is no object`() async throws {
    let project = try project()
    try project.directory.write(
      "tree/overlay/kustomization.yaml",
      """
      resources: [../a.yaml]
      patches: [{path: git.yaml}]
      patchesStrategicMerge: [../patches/gen.yaml]

      """)
    try project.directory.write(
      "tree/overlay/git.yaml",
      """
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: GitRepository
      metadata: {name: monorepo, namespace: apps}
      spec: {ignore: "/web"}

      """)
    try project.directory.write(
      "tree/patches/gen.yaml",
      "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: {name: gen}\n"
    )
    let outcome = await run(project, "build", "-f", "DIR/tree", "--source", "repo=dir:DIR/src")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains(
        "DIR/tree/overlay/git.yaml is a patch of DIR/tree/overlay/kustomization.yaml and is not applied"
      ))
    let listed = await run(
      project, "ls", "--source", "repo=dir:DIR/src", "--manifests", "DIR/tree")
    #expect(listed.output.contains("web/a.yaml"))
  }

  @Test func `a field that no source object has is treated as that of a generator`() async throws {
    let project = try project()
    try project.directory.write("tree/a.yaml", Self.object.replacing("ignore:", with: "ignoer:"))
    let unknown = #"unknown field "spec.ignoer" (did you mean "ignore"?)"#
    let source = "repo=dir:DIR/src"
    let strict = await run(project, "build", "-f", "DIR/tree", "--source", source)
    #expect(strict.status == 1)
    #expect(
      strict.errors.contains(
        "DIR/tree/a.yaml: GitRepository apps/monorepo: strict decoding error: \(unknown)"))
    let warned = await run(
      project, "build", "-f", "DIR/tree", "--source", source, "--validate", "warn")
    #expect(warned.status == 0)
    #expect(warned.errors.contains("Warning: DIR/tree/a.yaml: \(unknown)\n"))
    let ignored = await run(
      project, "build", "-f", "DIR/tree", "--source", source, "--validate", "ignore")
    #expect(ignored.errors == "")
    let listed = await run(
      project, "ls", "--source", source, "--manifests", "DIR/tree/a.yaml")
    #expect(listed.status == 0)
    #expect(listed.errors.contains("Warning: DIR/tree/a.yaml: \(unknown)\n"))
  }

  @Test func `a Bucket of another group is no source object`() async throws {
    let project = try project()
    try project.directory.write(
      "other.yaml",
      "apiVersion: s3.example.com/v1\nkind: Bucket\nmetadata: {name: x}\nspec: {a: 1}\n")
    let outcome = await run(
      project, "ls", "--source", "repo=dir:DIR/src", "--manifests", "DIR/other.yaml",
      "--manifests", "DIR/tree")
    #expect(outcome.errors == "")
    #expect(outcome.output.contains("web/a.yaml"))
  }

  @Test(arguments: [
    ("tree/broken.yaml", "# source.toolkit.fluxcd.io\na: [\n", true),
    ("tree/below/broken.yaml", "# source.toolkit.fluxcd.io\na: [\n", true),
    ("tree/broken.yaml", "a: [\n", true),
    ("tree/below/template.yaml", "a: {{ .x }}: [\n", false),
  ])
  func `a file of a directory that is no YAML is passed over`(
    name: String, text: String, isTold: Bool
  ) async throws {
    let project = try project()
    try project.directory.write(name, text)
    let outcome = await run(project, "build", "-f", "DIR/tree", "--source", "repo=dir:DIR/src")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.errors.contains("Note: DIR/\(name) is ignored, because it is not valid YAML")
        == isTold)
    let named = await run(
      project, "build", "-f", "DIR/gen.yaml", "-f", "DIR/\(name)", "--source", "repo=dir:DIR/src")
    #expect(named.status == 1)
    #expect(named.errors.contains("error parsing DIR/\(name)"))
  }

  @Test(arguments: ["git:", "push:", "dir:", "git:@main", "push:@main", ""])
  func `an empty path is not the working directory`(spec: String) async throws {
    let outcome = await run(
      try project(), "build", "-f", "DIR/gen.yaml", "--source", "repo=\(spec)")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("--source repo=\(spec) has an empty path: is a variable unset?"))
  }

  @Test(arguments: [("1000", 1), ("1Mi", 0)])
  func `an archive is unpacked up to a limit`(limit: String, status: Int32) async throws {
    let project = try project()
    try project.directory.write("src/web/big.yaml", String(repeating: "a", count: 5000))
    let archive = project.path + "/src.tar.gz"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["tar", "-czf", archive, "-C", project.path + "/src", "web"]
    try process.run()
    process.waitUntilExit()
    for verb in [["build", "-f", "DIR/gen.yaml"], ["ls"]] {
      let arguments = verb + ["--source", "repo=DIR/src.tar.gz", "--max-size", limit]
      let outcome = await invoke(
        ArtifactGen.self,
        arguments.map { $0.replacingOccurrences(of: "DIR", with: project.path) })
      #expect(outcome.status == status, "\(outcome.errors)")
      #expect(outcome.errors.contains(": raise the limit with --max-size") == (status == 1))
    }
  }

  @Test func `a damaged archive fails at the consumer, in text as in data`() async throws {
    let project = try project()
    try project.directory.write("broken.tar.gz", "no archive")
    let arguments = ["build", "-f", "DIR/gen.yaml", "--source", "repo=DIR/broken.tar.gz"].map {
      $0.replacingOccurrences(of: "DIR", with: project.path)
    }
    let text = await invoke(ArtifactGen.self, arguments)
    #expect(text.errors.contains("(stage consumer)"))
    let data = await invoke(ArtifactGen.self, arguments + ["-o", "json"])
    let document = try JSON.parse(Array(data.output.utf8))
    #expect(document["errors"]?[0]?["stage"]?.string == "consumer")
  }

  @Test func `files are not written into their own source`() async throws {
    let project = try project()
    let outcome = await run(
      project, "pull", "--source", "repo=dir:DIR/src", "--output-dir", "DIR/src/out")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("--output-dir DIR/src/out is inside a source"))
    #expect(!project.directory.files.contains { $0.hasPrefix("src/out") })
  }

  @Test func `a revision that is set is that of the source`() async throws {
    let project = try project()
    let outcome = await run(
      project, "build", "-f", "DIR/gen.yaml", "--source", "repo=dir:DIR/src", "--revision",
      "repo=1.0", "-o", "json")
    let document = try JSON.parse(Array(outcome.output.utf8))
    #expect(document["sources"]?[0]?["revision"]?.string == "1.0")
  }

  @Test func `an object without its own prefix is explained`() async throws {
    let project = try project()
    try project.directory.write(
      "bucket.yaml",
      """
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: Bucket
      metadata: {name: b, namespace: apps}
      spec: {prefix: web/}

      """)
    try project.directory.write("src/docs/a.md", "x")
    let outcome = await run(
      project, "ls", "--ignored", "--source", "b=DIR/src", "--manifests", "DIR/bucket.yaml")
    #expect(
      outcome.output.contains("docs/a.md  its key does not begin with 'web/', which is spec.prefix")
    )
    let unknown = await run(project, "ls", "--source", "Bucket/apps/x=DIR/src")
    #expect(!unknown.errors.contains("default excludes"))
  }
}
