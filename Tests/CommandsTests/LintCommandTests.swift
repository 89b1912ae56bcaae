import Commands
import Document
import Foundation
import TestSupport
import Testing

/// A generator, its consumer and its source, to run `lint` on.
private struct Checkout {
  let directory: TemporaryDirectory

  init(kustomization: String = "resources: [cm.yaml]\n", consumer: String = "web") throws {
    directory = try TemporaryDirectory()
    try directory.write(
      "flux/all.yaml",
      """
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: GitRepository
      metadata: {name: repo, namespace: apps}
      spec: {ref: {branch: main}}
      ---
      apiVersion: source.extensions.fluxcd.io/v1beta1
      kind: ArtifactGenerator
      metadata: {name: gen, namespace: apps}
      spec:
        sources:
        - {alias: repo, kind: GitRepository, name: repo}
        artifacts:
        - name: web
          copy:
          - {from: "@repo/web/**", to: "@artifact/"}
      ---
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: {name: web, namespace: apps}
      spec:
        sourceRef:
          kind: ExternalArtifact
          name: \(consumer)

      """)
    try directory.write("src/web/kustomization.yaml", kustomization)
    try directory.write(
      "src/web/cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n")
    try directory.write("src/base/kustomization.yaml", "resources: []\n")
  }

  func lint(_ arguments: String...) async -> Outcome {
    await invoke(
      ArtifactGen.self,
      ["lint", "-f", directory.path + "/flux", "--source", "repo=\(directory.path)/src"]
        + arguments)
  }
}

@Suite struct LintCommandTests {
  @Test func `a checkout that deploys has no findings`() async throws {
    let outcome = await (try Checkout()).lint()
    #expect(outcome.output == "")
    #expect(outcome.errors == "No problems found\n")
    #expect(outcome.status == 0)
  }

  @Test func `objects are in the namespace that a kustomization of the tree sets`() async throws {
    let checkout = try Checkout()
    let text = try checkout.directory.read("flux/all.yaml")
    let parts = text.components(separatedBy: "---\n")
    try checkout.directory.write(
      "flux/base/all.yaml",
      parts[0].replacing(", namespace: apps", with: "") + "---\n"
        + parts[1].replacing(", namespace: apps", with: ", namespace: other"))
    try checkout.directory.write(
      "flux/base/kustomization.yaml", "namespace: none\nresources: [all.yaml]\n")
    try checkout.directory.write(
      "flux/prod/kustomization.yaml", "namespace: apps\nresources: [../base, ../all.yaml]\n")
    try checkout.directory.write("flux/all.yaml", parts[2].replacing(", namespace: apps", with: ""))
    let outcome = await checkout.lint()
    #expect(outcome.output == "")
    #expect(outcome.errors == "No problems found\n")
    // So they are in every verb that reads the tree.
    let build = await invoke(
      ArtifactGen.self,
      [
        "build", "-f", checkout.directory.path + "/flux", "--source",
        "GitRepository/apps/repo=dir:\(checkout.directory.path)/src", "-o", "json",
      ])
    let item = try JSON.parse(Array(build.output.utf8))["items"]?.array?.first
    #expect(item?["namespace"]?.string == "apps", "\(build.errors)")
    // Of two kustomizations that differ, neither says where it is.
    try checkout.directory.write(
      "flux/test/kustomization.yaml", "namespace: test\nresources: [../base]\n")
    #expect(await checkout.lint().output.contains("AG101"))
  }

  @Test func `consumers without any generator are checked`() async throws {
    let checkout = try Checkout()
    let parts = try checkout.directory.read("flux/all.yaml").components(separatedBy: "---\n")
    try checkout.directory.write("flux/all.yaml", parts[0] + "---\n" + parts[2])
    let outcome = await invoke(
      ArtifactGen.self, ["lint", "-f", checkout.directory.path + "/flux"])
    #expect(outcome.output.contains("AG101"), "\(outcome.errors)")
    #expect(outcome.status == 1)
    try checkout.directory.write("flux/all.yaml", parts[0])
    let none = await invoke(ArtifactGen.self, ["lint", "-f", checkout.directory.path + "/flux"])
    #expect(none.status == 2)
    #expect(none.errors.contains("no ArtifactGenerator"))
  }

  @Test func `a ResourceSet may make what no generator here does`() async throws {
    let checkout = try Checkout(consumer: "tenant")
    #expect(await checkout.lint().output.contains("AG101"))
    try checkout.directory.write(
      "flux/set.yaml",
      """
      apiVersion: fluxcd.controlplane.io/v1
      kind: ResourceSet
      metadata: {name: tenants, namespace: apps}
      spec: {resources: []}
      """)
    #expect(await !checkout.lint().output.contains("AG101"))
  }

  @Test func `the examples have no findings`() async throws {
    let examples = ProjectFiles.root + "/examples"
    let work = try TemporaryDirectory()
    let fleet = work.path + "/fleet"
    let make = try Process.run(
      URL(fileURLWithPath: examples + "/fleet/make"), arguments: [fleet])
    make.waitUntilExit()
    #expect(make.terminationStatus == 0)
    let monorepo = ["-f", examples + "/monorepo", "--source", "repo=dir:\(examples)/monorepo/repo"]
    // Of workflows and permissions nothing is checked.
    let known: [String: [String]] = [
      "monorepo": monorepo, "fleet": ["-f", fleet + "/flux", "--source", "repo=" + fleet],
      "ci": [],
    ]
    for name in try FileManager.default.contentsOfDirectory(atPath: examples) {
      guard name != "README.md" else { continue }
      let arguments = try #require(known[name], "examples/\(name) is not linted")
      if arguments.isEmpty { continue }
      let outcome = await invoke(
        ArtifactGen.self, ["lint", "--strict"] + arguments,
        in: TestSurroundings(environment: [
          "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        ]))
      #expect(outcome.output == "", "\(name)")
      #expect(outcome.errors.hasSuffix("No problems found\n"), "\(name): \(outcome.errors)")
      #expect(outcome.status == 0)
    }
    let file = [
      "lint", "-f", examples + "/monorepo/generator.yaml", "--source",
      "repo=dir:\(examples)/monorepo/repo", "--manifests", examples + "/monorepo/cluster.yaml",
    ]
    #expect(await invoke(ArtifactGen.self, file).errors == "No problems found\n")
  }

  @Test func `the state of a cluster beside manifests is none of them`() async throws {
    let checkout = try Checkout()
    let text = try checkout.directory.read("flux/all.yaml")
    let generator = text.components(separatedBy: "---\n")[1]
    let item = generator.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    let list = "kind: List\napiVersion: v1\nitems:\n- " + item.dropFirst(2) + "\n"
    try checkout.directory.write("flux/cluster.yaml", list)
    #expect(await checkout.lint().output.contains("[AG103]"))
    let stamps = [
      list + "metadata:\n  annotations:\n    artifactgen/capturedAt: '2026-11-21T09:00:00Z'\n",
      list.replacing("{name: gen,", with: "{creationTimestamp: '2026-10-01T12:00:00Z', name: gen,"),
    ]
    for text in stamps {
      try checkout.directory.write("flux/cluster.yaml", text)
      let outcome = await checkout.lint()
      #expect(outcome.output == "")
      #expect(
        outcome.errors.contains(
          "flux/cluster.yaml contains the state of a cluster and is not applied, so it is ignored"))
      // Whoever names the file means it.
      let named = await checkout.lint("-f", checkout.directory.path + "/flux/cluster.yaml")
      #expect(named.output.contains("[AG103]"), "\(named.errors)")
    }
  }

  @Test func `what kustomizations list above the tree is read in the work tree only`() async throws
  {
    let checkout = try Checkout()
    let directory = checkout.directory
    let parts = try directory.read("flux/all.yaml").components(separatedBy: "---\n")
    try directory.write("flux/all.yaml", parts[2])
    try directory.write(
      "base/all.yaml", (parts[0] + "---\n" + parts[1]).replacing(", namespace: apps", with: ""))
    try directory.write("base/kustomization.yaml", "resources: [all.yaml, ../more/file.yaml]\n")
    try directory.write("base/other.yaml", parts[1].replacing("name: gen", with: "name: unlisted"))
    try directory.write(
      "more/file.yaml",
      parts[1].replacing("name: gen", with: "name: more").replacing("name: web", with: "name: far"))
    try directory.write(
      "flux/kustomization.yaml", "namespace: apps\nresources: [all.yaml, ../base]\n")
    // Nothing says how far a directory without git reaches.
    let outside = await checkout.lint()
    #expect(
      outside.errors.contains(
        "flux/kustomization.yaml lists ../base, which is not read: it is outside of the git work tree; "
          + "add -f \(directory.path)/base"), "\(outside.errors)")
    #expect(outside.output == "")
    for file in ["HEAD", "objects/x", "refs/x"] { try directory.write(".git/\(file)", "") }
    let source = "repo=dir:\(directory.path)/src"
    func lint(_ more: String...) async -> Outcome {
      await invoke(
        ArtifactGen.self, ["lint", "-f", directory.path + "/flux", "--source", source] + more)
    }
    let outcome = await lint()
    #expect(outcome.errors == "1 warning\n")
    #expect(
      outcome.output.contains("more/file.yaml:8:11: warning: no Kustomization, HelmRelease or"),
      "\(outcome.output)")
    // A file is read once.
    #expect(!(await lint("-f", directory.path + "/more").output.contains("AG103")))
    // What a link leads to is not in the work tree.
    let stranger = try TemporaryDirectory()
    try stranger.write("kustomization.yaml", "resources: [all.yaml]\n")
    try stranger.write("all.yaml", parts[1].replacing("name: gen", with: "name: strange"))
    try FileManager.default.createSymbolicLink(
      atPath: directory.path + "/link", withDestinationPath: stranger.path)
    try directory.write(
      "flux/kustomization.yaml",
      "namespace: apps\nresources: [all.yaml, ../base, ../link, ../.git/x, ../../../../etc]\n")
    let hostile = await lint()
    #expect(hostile.errors.contains("lists ../link, which is not read"), "\(hostile.errors)")
    #expect(!hostile.output.contains("strange"))
  }

  @Test func `a file that its kustomization does not list is applied by nothing`() async throws {
    let checkout = try Checkout()
    let text = try checkout.directory.read("flux/all.yaml")
    let parts = text.components(separatedBy: "---\n")
    try checkout.directory.write("flux/all.yaml", parts[0] + "---\n" + parts[1])
    try checkout.directory.write("flux/web.yaml", parts[2])
    // Without a kustomization, everything is applied.
    #expect(await checkout.lint().output == "")
    try checkout.directory.write("flux/kustomization.yaml", "resources:\n- all.yaml\n")
    let outcome = await checkout.lint()
    #expect(
      outcome.output.contains(
        "/flux/web.yaml:3:18: warning: Kustomization apps/web is in a file that "),
      "\(outcome.output)")
    #expect(outcome.output.contains("[AG111]"))
    #expect(outcome.errors == "1 warning\n")
    // A directory below may be the path of another Kustomization.
    try checkout.directory.write("flux/below/web.yaml", parts[2])
    try FileManager.default.removeItem(atPath: checkout.directory.path + "/flux/web.yaml")
    #expect(await checkout.lint().output == "")
    try checkout.directory.write("flux/below/kustomization.yaml", "resources: []\n")
    #expect(await checkout.lint().output.contains("[AG111]"))
    // Another kustomization may list a file of that directory, or use it for something else.
    for field in [
      "resources: [all.yaml, below/web.yaml]",
      "configMapGenerator: [{files: [a=below/web.yaml]}]\nresources: [all.yaml]",
    ] {
      try checkout.directory.write("flux/kustomization.yaml", field + "\n")
      #expect(!(await checkout.lint().output.contains("[AG111]")), "\(field)")
    }
  }

  @Test func `a base outside of the artifact is an error with its place and its copy operation`()
    async throws
  {
    let checkout = try Checkout(kustomization: "resources:\n- cm.yaml\n- ../base\n")
    let outcome = await checkout.lint()
    let place = "\(checkout.directory.path)/src/web/kustomization.yaml:3:3: error: "
    #expect(outcome.output.hasPrefix(place), "\(outcome.output)")
    #expect(outcome.output.contains("{from: \"@repo/base/**\", to: \"@artifact/base/\"}"))
    #expect(outcome.output.contains("[AG001]"))
    #expect(outcome.errors == "1 error\n")
    #expect(outcome.status == 1)
  }

  /// The fixes of the findings of a case in `Tests/lint-cases`.
  private func fixes(_ name: String) async throws -> [String] {
    let path = ProjectFiles.root + "/Tests/lint-cases/cases/" + name
    let outcome = await invoke(
      ArtifactGen.self,
      ["lint", "-f", path + "/flux", "--source", "repo=dir:\(path)/repo", "-o", "json"])
    let items = try JSON.parse(Array(outcome.output.utf8))["items"]?.array ?? []
    return items.compactMap { $0["fix"]?.string }
  }

  @Test func `a fix brings all that hangs on what is missing, and keeps excludes`() async throws {
    let rest =
      #"{from: "@repo/base/**", to: "@artifact/base/"}, {from: "@repo/common/**", to: "#
      + #""@artifact/common/"}, {from: "@repo/parts/labels/**", to: "@artifact/parts/labels/"}, "#
      + #"{from: "@repo/parts/x.txt", to: "@artifact/parts/x.txt"} and {from: "@repo/single.yaml", "#
      + #"to: "@artifact/single.yaml"}"#
    #expect(
      try await fixes("bases-of-bases") == [
        "add \(rest)",
        #"keep the layout of the source: {from: "@repo/apps/web/**", to: "@artifact/apps/web/", "#
          + #"exclude: ["*.md", "notes/**"]}, \#(rest), and set the path of its consumers to ./apps/web"#,
      ])
  }

  @Test func `a fix has the captures of the path pattern`() async throws {
    #expect(
      try await fixes("path-pattern-templates") == [
        #"keep the layout of the source: {from: "@repo/apps/{app}/prod/**", to: "#
          + #""@artifact/apps/{app}/prod/"} and {from: "@repo/apps/{app}/base/**", to: "#
          + #""@artifact/apps/{app}/base/"}, and set the path of its consumers to ./apps/web/prod"#,
        #"add {from: "@repo/apps/{app}/base/**", to: "@artifact/{app}/base/"}"#,
      ])
  }

  @Test func `a generator whose source fails has not passed`() async throws {
    let path = ProjectFiles.root + "/Tests/lint-cases/cases/sparse-checkout-fails"
    let outcome = await invoke(
      ArtifactGen.self,
      ["lint", "-f", path + "/flux", "--source", "repo=dir:\(path)/repo", "-o", "junit"])
    #expect(outcome.output.contains("GitRepository/flux-system/repo"), "\(outcome.output)")
    #expect(!outcome.output.contains("ArtifactGenerator/"))
    #expect(outcome.status == 1)
  }

  @Test func `a comment ignores a finding`() async throws {
    let checkout = try Checkout(
      kustomization: "resources:\n- cm.yaml\n- ../base # artifactgen:ignore AG001 known\n")
    let outcome = await checkout.lint()
    #expect(outcome.output == "")
    #expect(outcome.errors == "No problems found, 1 ignored\n")
    #expect(outcome.status == 0)
  }

  @Test func `warnings fail only with strict`() async throws {
    let checkout = try Checkout()
    try checkout.directory.write(
      "flux/idle.yaml",
      """
      apiVersion: source.extensions.fluxcd.io/v1beta1
      kind: ArtifactGenerator
      metadata: {name: idle, namespace: apps}
      spec:
        sources:
        - {alias: repo, kind: GitRepository, name: repo}
        artifacts:
        - name: idle
          copy:
          - {from: "@repo/web/cm.yaml", to: "@artifact/"}

      """)
    let outcome = await checkout.lint()
    #expect(outcome.output.contains("flux/idle.yaml:8:11: warning: "), "\(outcome.output)")
    #expect(outcome.status == 0)
    #expect(await checkout.lint("--strict").status == 1)
  }

  @Test func `what is no YAML is an error, and what cannot be read ends with 2`() async throws {
    let checkout = try Checkout()
    try checkout.directory.write("flux/broken.yaml", "kind: ArtifactGenerator\nspec: [\n")
    let outcome = await checkout.lint()
    #expect(outcome.output.contains("flux/broken.yaml:3:1: error: not valid YAML: "))
    #expect(outcome.output.contains("[AG304]"))
    #expect(outcome.status == 1)
    // It may be the one that makes what is missing.
    let other = try Checkout(consumer: "api")
    #expect(await other.lint().output.contains("[AG101]"))
    try other.directory.write("flux/broken.yaml", "kind: ArtifactGenerator\nspec: [\n")
    #expect(!(await other.lint().output.contains("[AG101]")))
    #expect(await invoke(ArtifactGen.self, ["lint"]).status == 2)
    #expect(await invoke(ArtifactGen.self, ["lint", "-f", "/nowhere"]).status == 2)
  }

  @Test func `without a source the references between objects are still checked`() async throws {
    let checkout = try Checkout(consumer: "wep")
    let outcome = await invoke(
      ArtifactGen.self, ["lint", "-f", checkout.directory.path + "/flux"])
    #expect(outcome.output.contains("no generator here creates (did you mean web?)"))
    #expect(
      outcome.output.contains(
        "is not set with --source, so this is not checked: the content of artifact"))
    #expect(!outcome.errors.contains("Note:"))
    #expect(outcome.status == 1)
  }

  @Test(arguments: [
    ("rpo", "repo"), ("GitRepository/rep", "GitRepository/apps/repo"),
    ("GitRepository/flux-system/repo", "GitRepository/apps/repo"),
  ])
  func `a misspelled source ends with 2 and the name that was meant`(
    _ name: String, _ meant: String
  ) async throws {
    let checkout = try Checkout()
    let outcome = await invoke(
      ArtifactGen.self,
      [
        "lint", "-f", checkout.directory.path + "/flux", "--source",
        "\(name)=\(checkout.directory.path)/src",
      ])
    #expect(outcome.errors.contains("(did you mean \(meant)?)"))
    #expect(outcome.status == 2)
  }

  @Test func `other tools get the same findings`() async throws {
    let checkout = try Checkout(kustomization: "resources:\n- ../base\n")
    let path = checkout.directory.path
    let outcome = await checkout.lint("-o", "github", "--save", "sarif=\(path)/log.sarif")
    #expect(
      outcome.output.hasPrefix("::error file=\(path)/src/web/kustomization.yaml,line=2,col=3,"),
      "\(outcome.output)")
    let log = try JSON.parse(Array(try checkout.directory.read("log.sarif").utf8))
    #expect(log["runs"]?[0]?["results"]?[0]?["ruleId"]?.string == "AG001")
  }

  @Test func `a test report names what is all right`() async throws {
    let clean = await (try Checkout()).lint("-o", "junit")
    #expect(clean.output.contains(#"<testsuites name="lint" tests="3" failures="0" errors="0">"#))
    for name in ["ArtifactGenerator", "ExternalArtifact", "Kustomization"] {
      let object = name == "ArtifactGenerator" ? "gen" : "web"
      #expect(
        clean.output.contains(
          #"<testcase classname="lint" name="\#(name)/apps/\#(object)" time="0"/>"#))
    }
    let broken = await (try Checkout(consumer: "api")).lint("-o", "junit")
    #expect(!broken.output.contains(#"name="Kustomization/apps/web" time="0"/>"#))
    #expect(broken.output.contains(#"name="ArtifactGenerator/apps/gen" time="0"/>"#))
  }

  @Test func `a chain of kustomizations is followed only so far`() async throws {
    let checkout = try Checkout(kustomization: "resources: [d0]\n")
    for index in 0..<150 {
      let folder = (0...index).map { "d\($0)" }.joined(separator: "/")
      try checkout.directory.write(
        "src/web/\(folder)/kustomization.yaml", "resources: [d\(index + 1)]\n")
    }
    let outcome = await checkout.lint()
    #expect(outcome.output.contains("is more than 100 references away"), "\(outcome.output)")
    #expect(outcome.status == 1)
  }

  @Test func `a comment before the first field of an object ignores a rule in all of it`()
    async throws
  {
    let checkout = try Checkout(consumer: "nobody")
    let path = "flux/all.yaml"
    let text = try checkout.directory.read(path)
    #expect(await checkout.lint().output.contains("[AG101]"))
    let consumer = "---\napiVersion: kustomize"
    try checkout.directory.write(
      path,
      text.replacingOccurrences(
        of: consumer, with: "---\n# artifactgen:ignore AG102, AG101\napiVersion: kustomize"))
    let outcome = await checkout.lint()
    #expect(!outcome.output.contains("[AG101]"), "\(outcome.output)")
    // That of the generator stays.
    #expect(outcome.output.contains("[AG102]"))
  }

  @Test func `standard input has places, too`() async throws {
    let checkout = try Checkout(consumer: "nobody")
    var test = TestSurroundings()
    test.input = try checkout.directory.read("flux/all.yaml")
    let outcome = await invoke(ArtifactGen.self, ["lint", "-f", "-"], in: test)
    #expect(outcome.output.contains("standard input:23:11: error: "), "\(outcome.output)")
    #expect(outcome.status == 1)
  }

  @Test(arguments: ["-f", "--source", "--manifests", "--save"])
  func `the list of rules reads and writes nothing else`(_ flag: String) async throws {
    let outcome = await invoke(ArtifactGen.self, ["lint", "--rules", flag, "json=x"])
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("--rules cannot be used with \(flag)"), "\(outcome.errors)")
    #expect(outcome.status == 2)
  }

  /// Values of Secrets are in the same files.
  @Test(arguments: ["table", "json", "github", "gitlab", "sarif", "junit"])
  func `no format quotes a text that is no YAML`(_ format: String) async throws {
    let checkout = try Checkout(kustomization: "resources:\n- cm.yaml\n- secret.yaml\n")
    try checkout.directory.write(
      "src/web/secret.yaml",
      "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  p: *HUNTER2\n")
    for (name, text) in [("generator", "ArtifactGenerator"), ("note", "source.toolkit.fluxcd.io")] {
      try checkout.directory.write("flux/\(name).yaml", "a: \(text)\n--- {p: HUNTER2}\n")
    }
    let outcome = await checkout.lint("-o", format)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("unknown anchor referenced"), "\(outcome.output)")
    #expect(outcome.output.contains("only a comment may follow"), "\(outcome.output)")
    #expect(!(outcome.output + outcome.errors).contains("HUNTER2"), "\(outcome.errors)")
  }

  @Test func `a large file of objects is checked`() async throws {
    let checkout = try Checkout(kustomization: "resources:\n- cm.yaml\n- large.yaml\n")
    let line = "# \(String(repeating: "x", count: 1 << 10))\n"
    try checkout.directory.write(
      "src/web/large.yaml", String(repeating: line, count: 5 << 10) + "spec: {}\n")
    let outcome = await checkout.lint()
    #expect(outcome.output.contains("contains no Kubernetes object [AG005]"), "\(outcome.output)")
  }

  @Test func `a file that is too large to be checked is said`() async throws {
    let checkout = try Checkout(kustomization: "resources:\n- cm.yaml\n- large.yaml\n")
    try checkout.directory.write("src/web/large.yaml", [UInt8](repeating: 0x23, count: 65 << 20))
    let outcome = await checkout.lint()
    #expect(outcome.output.contains("is not checked: "), "\(outcome.output)")
    #expect(outcome.output.contains("[AG013]"), "\(outcome.output)")
    #expect(outcome.status == 0)
  }

  @Test func `every rule is listed`() async throws {
    let outcome = await invoke(ArtifactGen.self, ["lint", "--rules"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("AG001   error"))
  }
}
