import Commands
import Document
import Foundation
import Objects
import TestSupport
import Testing

/// What files go into, over generators that feed each other.
@Suite struct AffectedTests {
  private static let generators = """
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    metadata: {name: base, namespace: apps}
    spec:
      sources:
        - {alias: repo, kind: GitRepository, name: monorepo}
      artifacts:
        - name: base
          copy:
            - {from: "@repo/base/**", to: "@artifact/base/"}
    ---
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    metadata: {name: web, namespace: apps}
    spec:
      sources:
        - {alias: repo, kind: GitRepository, name: monorepo}
        - {alias: lib, kind: ExternalArtifact, name: base}
      artifacts:
        - name: web
          copy:
            - {from: "@lib/base/**", to: "@artifact/"}
            - {from: "@repo/web/**", to: "@artifact/", exclude: ["tests/**"]}
        - name: tools
          copy:
            - {from: "@repo/tools.tar.gz", to: "@artifact/", strategy: Extract}
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: web, namespace: apps}
    spec: {sourceRef: {kind: ExternalArtifact, name: web}}

    """

  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("gen.yaml", Self.generators)
    for name in ["base/deploy.yaml", "base/shared.yaml", "web/shared.yaml", "web/tests/a.yaml"] {
      try directory.write(
        "src/\(name)", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c\(name.count)}\n")
    }
    try directory.write("src/docs/guide.md", "")
  }

  private func run(
    _ arguments: String..., names: String? = nil
  ) async throws -> (Outcome, [Value]) {
    let given = arguments.map { $0.replacingOccurrences(of: "DIR", with: directory.path) }
    let outcome = await invoke(
      ArtifactGen.self,
      ["affected"] + given + [
        "-f", directory.path + "/gen.yaml", "--source", "repo=dir:\(directory.path)/src",
        "-n", "apps",
      ], in: TestSurroundings(input: names ?? ""))
    guard arguments.contains("json") else { return (outcome, []) }
    let document = try JSON.parse(Array(outcome.output.utf8))
    return (outcome, document["items"]?.array ?? [])
  }

  /// `tools` fails in each run: there is no archive.
  private static let broken: Int32 = 2

  private static func feeds(_ item: Value?) -> [String] {
    (item?["feeds"]?.array ?? []).map { feed in
      let via = (feed["via"]?.array ?? []).map { " via \($0["name"]?.string ?? "")" }.joined()
      return "\(feed["artifact", "name"]?.string ?? "") \(feed["by"]?.string ?? "") "
        + "\(feed["operation"]?.integer.map(String.init) ?? "") \(feed["path"]?.string ?? "")\(via)"
    }
  }

  @Test func `a file goes through one artifact into another`() async throws {
    let (outcome, items) = try await run("DIR/src/base/deploy.yaml", "-o", "json")
    #expect(outcome.status == Self.broken, "\(outcome.errors)")
    #expect(
      Self.feeds(items.first) == [
        "base copy 0 base/deploy.yaml", "web copy 0 deploy.yaml via base",
      ]
    )
    let consumers = items.first?["feeds"]?.array?.last?["consumers"]?.array?.map {
      $0["name"]?.string
    }
    #expect(consumers == ["web"])
    #expect(items.first?["objects"]?.array?.first?["kind"] == "ConfigMap")
  }

  @Test func `what a later copy replaces affects only what keeps it`() async throws {
    let (_, items) = try await run(
      "DIR/src/base/shared.yaml", "DIR/src/web/shared.yaml", "-o", "json")
    #expect(Self.feeds(items[0]) == ["base copy 0 base/shared.yaml"])
    #expect(Self.feeds(items[1]) == ["web copy 1 shared.yaml"])
  }

  @Test func `a directory stands for what is in it, and a file for links to it`() async throws {
    let (_, items) = try await run("DIR/src/base", "-o", "json")
    #expect(
      Self.feeds(items.first) == [
        "base copy 0 base/deploy.yaml", "web copy 0 deploy.yaml via base",
      ])
    let (outcome, nothing) = try await run("DIR/src/docs", "-o", "json", "--why")
    #expect(outcome.status == Self.broken)
    #expect(nothing.first?["feeds"]?.array?.isEmpty != false)
    try directory.write("src/shared/x.yaml", "x: 1\n")
    try FileManager.default.createSymbolicLink(
      atPath: "\(directory.path)/src/base/linked.yaml", withDestinationPath: "../shared/x.yaml")
    try FileManager.default.createSymbolicLink(
      atPath: "\(directory.path)/src/web/folder", withDestinationPath: "../shared")
    let (_, linked) = try await run("DIR/src/shared/x.yaml", "-o", "json")
    #expect(
      Self.feeds(linked.first).sorted() == [
        "base copy 0 base/linked.yaml", "web copy 0 linked.yaml via base",
        "web copy 1 folder/x.yaml",
      ])
  }

  @Test func `a kustomization beside manifests changes what nobody knows`() async throws {
    let project = try GitProject()
    try project.write("flux/g.yaml", GitProject.generator("g", of: ["a"]))
    try project.write("flux/kustomization.yaml", "resources: [g.yaml]\n")
    try project.write("apps/a/x.yaml", "x: 1\n")
    let outcome = await invoke(
      ArtifactGen.self,
      [
        "affected", "\(project.path)/flux/kustomization.yaml", "-f", "\(project.path)/flux",
        "--source", "repo=dir:\(project.path)",
      ], in: TestSurroundings(environment: project.environment))
    #expect(outcome.output.contains("<unknown>   kustomization"), "\(outcome.output)")
    #expect(outcome.status == 0)
  }

  @Test func `a submodule stands for what is in it`() async throws {
    let module = try GitProject()
    try module.write("x.yaml", "x: 1\n")
    try module.commit()
    let project = try GitProject()
    try project.write("flux/g.yaml", GitProject.generator("g", of: ["a"]))
    try project.write(
      "flux/repo.yaml",
      """
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: GitRepository
      metadata: {name: repo, namespace: apps}
      spec: {ref: {branch: main}, recurseSubmodules: true}
      """)
    try project.git(
      "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", module.path, "apps/a/mod")
    try project.commit()
    let outcome = await invoke(
      ArtifactGen.self,
      [
        "affected", "\(project.path)/apps/a/mod", "-f", "\(project.path)/flux", "--source",
        "repo=git:\(project.path)", "-o", "name",
      ], in: TestSurroundings(environment: project.environment))
    #expect(outcome.output == "externalartifact.source.toolkit.fluxcd.io/a\n", "\(outcome.errors)")
    #expect(outcome.status == 0)
  }

  @Test func `what affects nothing has a reason`() async throws {
    let (_, items) = try await run(
      "DIR/src/web/tests/a.yaml", "DIR/src/docs/guide.md", "/elsewhere/x", "-o", "json")
    let reasons = items.map { $0["reasons"]?.array?.compactMap(\.string) ?? [] }
    #expect(
      reasons[0].contains { $0.contains("web/tests/a.yaml is excluded by 'tests/**' of copy[1]") }
        || reasons[0].contains { $0.contains("excluded by 'tests/**' of copy[1]") }, "\(reasons)")
    #expect(
      reasons[1] == [
        "no copy operation copies @repo/docs/guide.md (ArtifactGenerator/apps/base, "
          + "ArtifactGenerator/apps/web)"
      ])
    #expect(
      reasons[2] == ["it is not in any --source, and defines no Flux object in -f or --manifests"])
  }

  @Test func `a file that is gone is where it would be`() async throws {
    let (_, items) = try await run(
      "DIR/src/web/gone.yaml", "DIR/src/web/tests/gone.yaml", "-o", "json")
    #expect(items.map { $0["exists"]?.bool } == [false, false])
    #expect(Self.feeds(items[0]) == ["web copy 1 gone.yaml"])
    #expect(Self.feeds(items[1]) == [])
  }

  @Test func `a manifest affects what it defines`() async throws {
    let (outcome, items) = try await run("DIR/gen.yaml", "-o", "json")
    #expect(outcome.status == Self.broken)
    #expect(
      Self.feeds(items.first) == ["base manifest  ", "web manifest  ", "tools manifest  "])
    #expect(
      items.first?["defines"]?.array?.map {
        "\($0["kind"]?.string ?? "")/\($0["name"]?.string ?? "")"
      }
        == ["ArtifactGenerator/base", "ArtifactGenerator/web", "Kustomization/web"])
  }

  @Test func `a deleted manifest affects what nobody knows`() async throws {
    try directory.write("more/ks.yaml", Self.consumer)
    let (gone, items) = try await run(
      "DIR/more/gone.yaml", "--manifests", "DIR/more", "-o", "json")
    #expect(gone.status == Self.broken)
    #expect(items.first?["exists"] == false)
    #expect(
      items.first?["reasons"]?.array?.compactMap(\.string).contains {
        $0.contains("no longer exists")
      } == true)
    let (table, _) = try await run("DIR/more/gone.yaml", "--manifests", "DIR/more")
    #expect(
      table.output.contains("gone.yaml (missing)   <unknown>   deleted manifest   <unknown>"),
      "\(table.output)")
    // What a source lost is no manifest.
    let (lost, _) = try await run("DIR/src/base/old.yaml", "-f", "DIR/src")
    #expect(!lost.output.contains("deleted manifest"), "\(lost.output)")
  }

  @Test func `a changed consumer is its own consumer`() async throws {
    try directory.write("more/ks.yaml", Self.consumer)
    let (outcome, _) = try await run("DIR/more/ks.yaml", "--manifests", "DIR/more")
    #expect(
      outcome.output.contains("<none>     manifest of Kustomization/api   Kustomization/api"),
      "\(outcome.output)")
  }

  private static let consumer = """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: api, namespace: apps}
    spec: {sourceRef: {kind: ExternalArtifact, name: web}}

    """

  @Test func `what fails to build is an error`() async throws {
    let (outcome, _) = try await run("DIR/src/web/shared.yaml")
    #expect(outcome.status == Self.broken)
    #expect(outcome.errors.contains("apps/web: tools build failed: "), "\(outcome.errors)")
    #expect(outcome.output.contains("copy[1] @repo/web/** -> @artifact/"))
  }

  @Test func `names are read once`() async throws {
    let (outcome, _) = try await run("-", "-f", "-")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("standard input cannot be used for multiple arguments"))
    let (both, _) = try await run("-", "x")
    #expect(both.errors.contains("- cannot be combined with other files"))
  }

  @Test func `names on standard input can be absolute`() async throws {
    let (_, items) = try await run(
      "-", "-o", "json", names: "M\t\(directory.path)/src/web/shared.yaml\n")
    #expect(Self.feeds(items.first) == ["web copy 1 shared.yaml"])
  }
}
