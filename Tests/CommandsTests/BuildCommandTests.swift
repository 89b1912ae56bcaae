import Commands
import Document
import Foundation
import TestSupport
import Testing

/// `build` as a user runs it; that its bytes are the controller's is what the golden cases show.
@Suite struct BuildCommandTests {
  private static let one = BuildProject.one

  /// The project with more to leave out.
  private func project(_ generator: String = one) throws -> TemporaryDirectory {
    let directory = try BuildProject(generator).directory
    try directory.write("src/web/sub/b.yaml", "b: 2\n")
    try directory.write("src/other/c.yaml", "c: 3\n")
    return directory
  }

  private func build(
    _ directory: TemporaryDirectory,
    _ arguments: String...,
    input: String? = nil,
    files: Bool = true
  ) async -> Outcome {
    let given = arguments.map { $0.replacingOccurrences(of: "DIR", with: directory.path) }
    let first = files ? ["build", "-f", directory.path + "/gen.yaml"] : ["build"]
    let outcome = await invoke(
      ArtifactGen.self, first + given, in: TestSurroundings(input: input))
    #expect(outcome.connections.isEmpty, "build -f must never look for a cluster")
    return outcome
  }

  private func document(_ outcome: Outcome) throws -> Value {
    try JSON.parse(Array(outcome.output.utf8))
  }

  // MARK: - The example

  @Test(arguments: ["table", "wide", "json", "yaml", "name"])
  func `the example is built as it was looked at`(format: String) async {
    let outcome = await invoke(
      ArtifactGen.self,
      [
        "build", "-f", ProjectFiles.root + "/examples/monorepo/generator.yaml",
        "--source", "repo=dir:" + ProjectFiles.root + "/examples/monorepo/repo",
        "--revision", "repo=main@sha1:0123456789012345678901234567890123456789", "-o", format,
      ])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    Golden.expect(outcome.output, "build/example-\(format)")
  }

  @Test func `the example is explained as it was looked at`() async {
    let outcome = await invoke(
      ExternalArtifactTool.self,
      [
        "build", "-f", ProjectFiles.root + "/examples/monorepo/generator.yaml",
        "--source", "repo=dir:" + ProjectFiles.root + "/examples/monorepo/repo", "--explain",
      ])
    #expect(outcome.status == 0)
    Golden.expect(outcome.output, "build/example-explain")
  }

  // MARK: - Output files

  @Test func `writes archives and trees`() async throws {
    let project = try project()
    let outcome = await build(
      project, "--source", "repo=DIR/src", "--output-dir", "DIR/out/below", "--extract", "-o",
      "json")
    #expect(outcome.status == 0)
    let item = try #require(try document(outcome)["items"]?[0])
    let filename = try #require(item["filename"]?.string)
    #expect(item["path"]?.string == "\(project.path)/out/below/apps/web/\(filename)")
    #expect(
      project.files.filter { $0.hasPrefix("out/") } == [
        "out/below/apps/web/.artifactgen-content", "out/below/apps/web/\(filename)",
        "out/below/apps/web/content/a.yaml",
        "out/below/apps/web/content/sub/b.yaml",
      ])
    #expect(try project.read("out/below/apps/web/content/sub/b.yaml") == "b: 2\n")
    // Building again replaces what is there.
    try project.write("src/web/a.yaml", "a: 2\n")
    let again = await build(
      project, "--source", "repo=DIR/src", "--output-dir", "DIR/out/below", "--extract")
    #expect(again.status == 0)
    #expect(try project.read("out/below/apps/web/content/a.yaml") == "a: 2\n")
    #expect(
      project.files.filter { $0.contains("/.") } == ["out/below/apps/web/.artifactgen-content"])
  }

  @Test func `leaves nothing half written`() async throws {
    let project = try project(
      BuildCommandTests.one.replacingOccurrences(of: "@repo/web/**", with: "@repo/none/**"))
    let outcome = await build(project, "--source", "repo=DIR/src", "--output-dir", "DIR/out")
    #expect(outcome.status == 1)
    #expect(project.files.filter { $0.hasPrefix("out") } == [])
  }

  @Test func `does not touch the source`() async throws {
    // An artifact with the name of an alias works in that source's directory in the controller.
    let project = try project(
      BuildCommandTests.one.replacingOccurrences(of: "name: web", with: "name: repo"))
    let before = project.files
    let outcome = await build(project, "--source", "repo=DIR/src")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("the artifact has the same name as a source alias"))
    #expect(project.files == before)
  }

  // MARK: - Sources

  /// Makes `src.tar.gz` of `src`.
  private func pack(_ project: TemporaryDirectory) throws {
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "czf", project.path + "/src.tar.gz", "-C", project.path + "/src", "."]
    try tar.run()
    tar.waitUntilExit()
    #expect(tar.terminationStatus == 0)
  }

  @Test func `an archive builds like its directory`() async throws {
    let project = try project()
    try pack(project)
    let fromDirectory = await build(project, "--source", "repo=DIR/src", "-o", "json")
    let fromArchive = await build(project, "--source", "repo=DIR/src.tar.gz", "-o", "json")
    #expect(fromArchive.status == 0)
    #expect(try document(fromArchive)["items"] == document(fromDirectory)["items"])
    #expect(try document(fromArchive)["sources"]?[0]?["from"] == "archive")
  }

  @Test func `the mapping of an object wins`() async throws {
    let project = try project()
    try project.write("better/web/a.yaml", "better\n")
    for key in ["GitRepository/monorepo", "git/apps/monorepo"] {
      let outcome = await build(
        project, "--source", "repo=DIR/src", "--source", "\(key)=DIR/better", "-o", "json")
      let files = try document(outcome)["items"]?[0]?["files"]?.array
      #expect(files?.compactMap { $0["path"]?.string } == ["a.yaml"])
    }
  }

  @Test func `a mapping that nobody uses is noted`() async throws {
    let outcome = await build(
      try project(), "--source", "repo=DIR/src", "--source", "rebo=DIR/src")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("--source rebo="))
    #expect(outcome.errors.contains("matches no source"))
  }

  @Test(arguments: [".git", ".sourceignore"])
  func `a checkout is noted`(name: String) async throws {
    let project = try project()
    try project.write("src/\(name)", "")
    let outcome = await build(project, "--source", "repo=DIR/src")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("contains \(name): source-controller would publish"))
  }

  // MARK: - Generators that feed each other

  private static let chain = """
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    metadata: {name: second, namespace: apps}
    spec:
      sources: [{alias: first, kind: ExternalArtifact, name: web}]
      artifacts:
        - name: end
          revision: "@first"
          originRevision: "@first"
          copy: [{from: "@first/sub/", to: "@artifact/"}]
    ---

    """ + one

  @Test func `one generator feeds another`() async throws {
    let project = try project(BuildCommandTests.chain)
    let outcome = await build(project, "--source", "repo=DIR/src", "-o", "json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let items = try #require(try document(outcome)["items"]?.array)
    #expect(items.map { $0["name"]?.string } == ["end", "web"])
    #expect(items[0]["revision"]?.string == items[1]["revision"]?.string)
    #expect(items[0]["originRevision"]?.string == items[1]["revision"]?.string)
    #expect(items[0]["revision"]?.string?.hasPrefix("latest@sha256:") == true)
    #expect(items[0]["files"]?.array?.compactMap { $0["path"]?.string } == ["sub/b.yaml"])
  }

  @Test func `what fails below fails above`() async throws {
    let project = try project(
      BuildCommandTests.chain.replacingOccurrences(of: "@repo/web/**", with: "@repo/none/**"))
    let outcome = await build(project, "--source", "repo=DIR/src", "-o", "json")
    #expect(outcome.status == 1)
    let errors = try #require(try document(outcome)["errors"]?.array)
    #expect(errors.map { $0["artifact"] } == [nil, "web"])
    #expect(errors[0]["reason"]?.string == "SourceFetchFailed")
    #expect(errors[0]["terminal"]?.bool == false)
    #expect(errors[0]["stage"]?.string == "sources")
    #expect(errors[0]["artifact"] == nil)
    #expect(
      errors[0]["message"]?.string?.contains("ExternalArtifact apps/web is not built") == true)
  }

  @Test func `a cycle is named`() async throws {
    let project = try project(
      BuildCommandTests.chain
        .replacingOccurrences(
          of: "kind: GitRepository, name: monorepo", with: "kind: ExternalArtifact, name: end"))
    let outcome = await build(project)
    #expect(outcome.status == 1)
    #expect(
      outcome.errors == """
        error: the generators depend on each other: apps/second needs ExternalArtifact apps/web, \
        apps/gen needs ExternalArtifact apps/end: map one of them with \
        --source ExternalArtifact/apps/end=PATH

        """)
  }

  // MARK: - What the controller would report

  @Test func `later artifacts are blocked`() async throws {
    let project = try project(
      BuildCommandTests.one + """
            - name: broken
              copy: [{from: "@repo/none", to: "@artifact/"}]
            - name: later
              copy: [{from: "@repo/other/**", to: "@artifact/"}]

        """)
    let outcome = await build(project, "--source", "repo=DIR/src", "-o", "json")
    #expect(outcome.status == 1)
    #expect(outcome.errors == "")
    let items = try #require(try document(outcome)["items"]?.array)
    #expect(items.map { $0["blockedBy"]?.string } == [nil, nil, "broken"])
    #expect(items[1]["reason"]?.string == "BuildFailed")
    #expect(
      items[1]["message"]?.string == "broken build failed: \(items[1]["error"]?.string ?? "")")
    #expect(items[2]["digest"]?.string != nil)
    #expect(items.map { $0["status"]?.string } == ["built", "failed", "blocked"])
    let errors = try #require(try document(outcome)["errors"]?.array)
    #expect(errors.count == 1, "what is blocked fails by no fault of its own")
    #expect(
      errors.first == [
        "generator": ["name": "gen", "namespace": "apps"], "artifact": "broken",
        "stage": "build", "reason": "BuildFailed", "terminal": false,
        "message": items[1]["message"] ?? .null,
      ])
    let table = await build(project, "--source", "repo=DIR/src")
    #expect(
      table.errors == """
        error: apps/gen: broken build failed: failed to apply copy operations: failed to apply \
        copy operation from '@repo/none' to '@artifact/': source 'none' does not exist

        """)
  }

  @Test func `what is blocked and fails too`() async throws {
    let project = try project(
      BuildCommandTests.one.replacingOccurrences(of: "@repo/web/**", with: "@repo/gone/**") + """
            - name: later
              copy: [{from: "@repo/none", to: "@artifact/"}]

        """)
    let outcome = await build(project, "--source", "repo=DIR/src", "-o", "json")
    #expect(outcome.status == 1)
    let items = try #require(try document(outcome)["items"]?.array)
    #expect(items.map { $0["status"]?.string } == ["failed", "blocked"])
    #expect(items[1]["error"]?.string != nil)
    #expect(try document(outcome)["errors"]?.array?.map { $0["artifact"] } == ["web"])
    let table = await build(project, "--source", "repo=DIR/src")
    #expect(table.output.contains("later      Blocked"))
  }

  @Test func `warnings are in the document`() async throws {
    let project = try project()
    let outcome = await build(
      project, "--source", "repo=DIR/src", "--source", "rebo=DIR/src", "-o", "json")
    #expect(outcome.status == 0)
    #expect(
      try document(outcome)["warnings"]
        == [.string("--source rebo=\(project.path)/src matches no source (did you mean repo?)")])
    #expect(try document(outcome)["errors"] == [])
  }

  /// Archives of some build systems hold every file as 0444; the controller copies the mode.
  @Test(arguments: ["Merge", "Overwrite"])
  func `a copy of a read-only file cannot be written`(strategy: String) async throws {
    let project = try project(
      BuildCommandTests.one + """
                - {from: "@repo/other/c.yaml", to: "@artifact/a.yaml", strategy: \(strategy)}

        """)
    #expect(chmod("\(project.path)/src/web/a.yaml", 0o444) == 0)
    try pack(project)
    let outcome = await build(project, "--source", "repo=DIR/src.tar.gz", "-o", "json")
    #expect(outcome.status == 1)
    let error = try #require(try document(outcome)["errors"]?[0])
    #expect(error["message"]?.string?.hasSuffix("openat a.yaml: permission denied") == true)
    let hint = try #require(error["hint"]?.string)
    #expect(hint.hasPrefix("web/a.yaml is read-only (0444) in the archive of source 'repo'"))
    let table = await build(project, "--source", "repo=DIR/src.tar.gz")
    #expect(table.errors.hasSuffix("openat a.yaml: permission denied: \(hint)\n"))
  }

  @Test func `refuses to leave the artifact`() async throws {
    let project = try project(
      BuildCommandTests.one.replacingOccurrences(
        of: #"{from: "@repo/web/**", to: "@artifact/"}"#,
        with: #"{from: "@repo/x.tgz", to: "@artifact/../y/", strategy: Extract}"#))
    try project.write("src/x.tgz", "")
    let outcome = await build(project, "--source", "repo=DIR/src")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("is outside the artifact"))
  }

  // MARK: - The command line

  @Test(arguments: [
    (
      ["--source", "repo=DIR/none"], "source repo: cannot read DIR/none: no such file or directory"
    ),
    ([], "is not mapped: add --source repo=PATH"),
    (["--source", "repo"], "write ALIAS=SPEC or KIND/[NAMESPACE/]NAME=SPEC"),
    (["--source", "ks/x=DIR/src"], "'ks' is not a source kind"),
    (["--source", "repo=git:DIR"], "git is not installed"),
    (["--source", "repo=DIR/gen.yaml"], "is neither a directory nor a .tar.gz or .tgz file"),
    (["--source", "repo=DIR/src", "--extract"], "--extract requires --output-dir"),
    (["--source", "repo=DIR/src", "--digest-algo", "blake3"], "--digest-algo blake3"),
    (["--source", "repo=DIR/src", "--digest-algo", "md5"], "use sha256, sha384, sha512"),
    (["--source", "repo=DIR/src", "--compressor", "zstd"], "use go1.26 or go1.27"),
    (["--source", "repo=DIR/src", "--compressor", "go1.22"], "use go1.26 or go1.27"),
    (["--source", "repo=DIR/src", "--validate", "loose"], "use strict (or true), warn"),
    (["--source", "repo=DIR/src", "--output-dir", ""], "--output-dir has an empty path"),
    (["--source", "repo=DIR/src", "-f", ""], "-f has an empty path"),
    (["--source", "repo="], "--source repo= has an empty path"),
    (
      ["--source", "repo=DIR/src", "--controller-version", "cluster", "--snapshot="],
      "--snapshot has an empty path"
    ),
    (
      ["--source", "repo=DIR/src", "--controller-version", "v9.0.0"],
      "unknown source-watcher version"
    ),
    (["--source", "repo=DIR/src", "--controller-version", "new"], "use a version such as v2.2.1"),
    (["--source", "repo=DIR/src", "--revision", "x"], "write ALIAS=REVISION"),
    (["--source", "repo=DIR/src", "-f", "DIR/none.yaml"], "the path \"DIR/none.yaml\" does not"),
    (["--source", "repo=DIR/src", "--output-dir", "DIR/gen.yaml"], "cannot write"),
  ])
  func `what cannot be built is refused with its reason`(arguments: [String], text: String)
    async throws
  {
    let project = try project()
    let given = arguments.map { $0.replacingOccurrences(of: "DIR", with: project.path) }
    let outcome = await invoke(
      ArtifactGen.self, ["build", "-f", project.path + "/gen.yaml"] + given)
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    let expected = text.replacingOccurrences(of: "DIR", with: project.path)
    #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("error: "))
  }

  @Test(arguments: [
    ("a: [1\n", "error parsing DIR/gen.yaml: line 2, column 1:"),
    ("kind: ConfigMap\nmetadata: {name: x}\n", "found only ConfigMap x, but no ArtifactGenerator"),
    ("", "yaml: no ArtifactGenerator"),
    (
      one.replacingOccurrences(of: "name: gen", with: "labels: {}"),
      "DIR/gen.yaml: metadata.name"
    ),
    (one.replacingOccurrences(of: "alias: repo", with: "alias: 5"), "spec.sources[0].alias"),
    (
      one.replacingOccurrences(
        of: "- name: web", with: #"- name: web"# + "\n      revision: \"@repo\""),
      "add --revision repo=REVISION"
    ),
  ])
  func `a bad manifest is refused with its reason`(manifest: String, text: String) async throws {
    let project = try project(manifest)
    let outcome = await build(project, "--source", "repo=DIR/src")
    #expect(outcome.status == 1)
    let expected = text.replacingOccurrences(of: "DIR", with: project.path)
    #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test func `reads standard input and directories`() async throws {
    let project = try project()
    let expected = await build(project, "--source", "repo=DIR/src")
    let piped = await build(
      project, "-f", "-", "--source", "repo=DIR/src", input: BuildCommandTests.one, files: false)
    #expect(piped.output == expected.output)
    try project.write("all/b.yaml", BuildCommandTests.one)
    try project.write("all/a.yaml", "kind: ConfigMap\nmetadata: {name: ignored}\n")
    try project.write("all/notes.txt", "{{{")
    let folder = await build(project, "-f", "DIR/all", "--source", "repo=DIR/src", files: false)
    #expect(folder.output == expected.output)
  }

  @Test func `directories below a directory are read, but for -R=false`() async throws {
    let project = try project()
    let expected = await build(project, "--source", "repo=DIR/src")
    try project.write("all/clusters/apps/b.yaml", BuildCommandTests.one)
    // No YAML, and no generator either.
    try project.write("all/charts/x/templates/a.yaml", "{{- if .Values.on }}\n")
    try project.write("all/z.yaml", "kind: ConfigMap\nmetadata: {name: ignored}\n")
    for flag in ["--recursive", "-R", "-R=true"] {
      let outcome = await build(
        project, "-f", "DIR/all", "--source", "repo=DIR/src", flag, files: false)
      #expect(outcome.output == expected.output)
    }
    for flag in ["-R=false", "--recursive=false"] {
      let outcome = await build(
        project, "-f", "DIR/all", "--source", "repo=DIR/src", flag, files: false)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("found only ConfigMap ignored, but no ArtifactGenerator"))
    }
  }

  /// The default namespace is the tool's; no kubeconfig is asked.
  @Test func `namespace of a manifest without one`() async throws {
    let project = try project(
      BuildCommandTests.one.replacingOccurrences(of: "  namespace: apps\n", with: ""))
    let arguments = [
      "build", "-f", project.path + "/gen.yaml", "--source", "repo=\(project.path)/src", "-o",
      "json",
    ]
    func namespace(_ outcome: Outcome) throws -> String? {
      try document(outcome)["items"]?[0]?["namespace"]?.string
    }
    #expect(try namespace(await invoke(ArtifactGen.self, arguments)) == "default")
    #expect(try namespace(await invoke(ExternalArtifactTool.self, arguments)) == "flux-system")
    #expect(
      try namespace(await invoke(ArtifactGen.self, arguments + ["-n", "team-a"])) == "team-a")
  }

  @Test func `the compressor is the controller's`() async throws {
    let project = try project()
    let newest = await build(project, "--source", "repo=DIR/src", "-o", "json")
    #expect(try document(newest)["compressor"]?.string == "go1.26")
    let known = await build(
      project, "--source", "repo=DIR/src", "-o", "json", "--controller-version", "2.0.2")
    #expect(known.output == newest.output)
    for name in ["go1.23", "go1.24", "go1.25", "go1.26"] {
      let same = await build(
        project, "--source", "repo=DIR/src", "-o", "json", "--compressor", name)
      #expect(same.output == newest.output)
    }
    let other = await build(
      project, "--source", "repo=DIR/src", "-o", "json", "--compressor", "go1.27")
    #expect(try document(other)["compressor"]?.string == "go1.27")
    let name = try document(newest)["items"]?[0]?["filename"]
    #expect(try document(other)["items"]?[0]?["filename"] == name)
    #expect(
      try document(other)["items"]?[0]?["digest"] != document(newest)["items"]?[0]?["digest"])
  }

  @Test(arguments: [("v2.2.3@sha256:0123", 0), ("latest", 1), ("v3.0.0", 1)])
  func `the cluster can name its controller`(tag: String, status: Int32) async throws {
    let project = try project()
    let deployment = try #require(
      try YAML.parse(
        Array(
          """
          apiVersion: apps/v1
          kind: Deployment
          metadata:
            name: source-watcher
            namespace: flux-system
            labels: {app.kubernetes.io/part-of: flux}
          spec:
            template:
              spec:
                containers:
                  - {name: manager, image: "localhost:5000/fluxcd/source-watcher:\(tag)"}
          """.utf8)
      ).first)
    let outcome = await invoke(
      ArtifactGen.self,
      [
        "build", "-f", project.path + "/gen.yaml", "--source", "repo=\(project.path)/src",
        "--controller-version", "cluster",
      ],
      in: TestSurroundings(cluster: FakeCluster([deployment])))
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.connections.count == 1)
  }

  /// What the controller refuses is no prediction.
  @Test(arguments: [
    (["--no-cross-namespace-refs"], true), (["--no-cross-namespace-refs=true", "--x"], true),
    (["--no-cross-namespace-refs", "--no-cross-namespace-refs=false"], false), ([], false),
  ])
  func `the cluster's controller can forbid other namespaces`(flags: [String], refuses: Bool)
    async throws
  {
    let project = try project(
      BuildCommandTests.one.replacingOccurrences(
        of: "name: monorepo", with: "name: monorepo, namespace: shared"))
    let deployment: Value = [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": [
        "name": "source-watcher", "namespace": "flux-system",
        "labels": ["app.kubernetes.io/part-of": "flux"],
      ],
      "spec": [
        "template": [
          "spec": [
            "containers": [
              [
                "name": "manager", "image": "fluxcd/source-watcher:v2.2.1",
                "args": .array(flags.map(Value.string)),
              ]
            ]
          ]
        ]
      ],
    ]
    let arguments = ["-f", project.path + "/gen.yaml", "--source", "repo=\(project.path)/src"]
    let built = await invoke(
      ArtifactGen.self,
      ["build"] + arguments + ["--controller-version", "cluster", "-o", "json"],
      in: TestSurroundings(cluster: FakeCluster([deployment])))
    #expect(built.status == (refuses ? 1 : 0), "\(built.errors)")
    let reasons = try document(built)["errors"]?.array?.map { $0["reason"] }
    #expect(reasons == (refuses ? ["AccessDenied"] : []))
    let compared = await invoke(
      ArtifactGen.self, ["diff"] + arguments,
      in: TestSurroundings(cluster: FakeCluster([deployment])))
    #expect(compared.status == (refuses ? 2 : 1), "\(compared.errors)")
    let unknown = await invoke(
      ArtifactGen.self, ["diff"] + arguments, in: TestSurroundings(cluster: FakeCluster([])))
    #expect(unknown.status == 1)
    #expect(unknown.errors.contains("cross-namespace sources: no source-watcher deployment found"))
  }

  @Test func `other digest algorithms can be chosen`() async throws {
    let outcome = await build(
      try project(), "--source", "repo=DIR/src", "-o", "json", "--digest-algo", "sha512")
    let item = try #require(try document(outcome)["items"]?[0])
    #expect(item["digest"]?.string?.hasPrefix("sha512:") == true)
    #expect(item["revision"]?.string == "latest@\(item["digest"]?.string ?? "")")
  }
}
