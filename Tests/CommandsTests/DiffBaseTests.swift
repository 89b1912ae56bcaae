import Commands
import Document
import KubeAPI
import Kubeconfig
import Operations
import TestSupport
import Testing

/// Three applications in a repository, a generator that gives each an artifact, and a Kustomization for
/// each.
private struct Shop {
  let project: GitProject

  init() throws {
    project = try GitProject()
    for name in ["a", "b", "c"] {
      try project.write("apps/\(name)/config.yaml", "kind: ConfigMap\nname: \(name)\n")
      try project.write("flux/\(name).yaml", Shop.kustomization(name))
    }
    try project.write("flux/generator.yaml", Shop.generator(["a", "b", "c"]))
    try project.commit("first")
  }

  static func generator(_ names: [String], sources: String = "") -> String {
    GitProject.generator("shop", of: names, sources: sources)
  }

  static func kustomization(_ name: String, more: String = "") -> String {
    """
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: deploy-\(name), namespace: apps}
    spec:
      prune: true
      path: ./
      sourceRef: {kind: ExternalArtifact, name: \(name)}
    \(more)
    """
  }

  func diff(
    _ options: [String], files: String = "flux", source: String? = nil, cluster: Snapshot? = nil
  ) async -> Outcome {
    await invoke(
      ArtifactGen.self,
      ["diff", "-f", "\(project.path)/\(files)", "--source", "repo=\(source ?? project.path)"]
        + options,
      in: TestSurroundings(environment: project.environment, cluster: cluster))
  }

  /// What becomes of each artifact, and which of its consumers something happens to.
  func changes(_ options: [String], files: String = "flux", source: String? = nil) async throws
    -> [String: String]
  {
    let outcome = await diff(options + ["-o", "json"], files: files, source: source)
    let report = try JSON.parse(Array(outcome.output.utf8))
    var result: [String: String] = [:]
    for item in try #require(report["items"]?.array) {
      let consumers = (item["consumers"]?.array ?? []).compactMap { consumer -> String? in
        let effect = consumer["effect"]?.string ?? ""
        return effect == "none" ? nil : "\(consumer["name"]?.string ?? "") \(effect)"
      }
      result[item["name"]?.string ?? ""] =
        ([item["change"]?.string ?? ""] + consumers).joined(separator: ", ")
    }
    return result
  }
}

@Suite struct DiffBaseTests {
  @Test func `a commit is the base, and nothing connects`() async throws {
    let shop = try Shop()
    try shop.project.write("apps/b/config.yaml", "kind: ConfigMap\nname: bee\n")
    #expect(
      try await shop.changes(["--base", "HEAD"]) == [
        "a": "unchanged", "b": "changed, deploy-b reconciles", "c": "unchanged",
      ])
    try shop.project.commit()
    let outcome = await shop.diff(["--base", "HEAD~1"])
    #expect(outcome.status == 1)
    #expect(outcome.connections.isEmpty)
    #expect(
      try await shop.changes(["--base", "HEAD~1"], source: "git:\(shop.project.path)")["b"]
        == "changed, deploy-b reconciles")
    #expect(await shop.diff(["--base", "HEAD"]).status == 0)
    #expect(await shop.diff(["--base", "git:\(shop.project.path)@HEAD"]).status == 0)
    // Neither the repository nor the work tree knows of it.
    #expect(try shop.project.git("status", "--porcelain") == "")
    #expect(try shop.project.git("worktree", "list").split(separator: "\n").count == 1)
  }

  @Test func `generators and consumers are those of each side`() async throws {
    let shop = try Shop()
    try shop.project.write("flux/generator.yaml", Shop.generator(["a", "d"]))
    try shop.project.write("apps/d/x.yaml", "x: 1\n")
    try shop.project.write("flux/d.yaml", Shop.kustomization("d"))
    try shop.project.write("flux/c.yaml", Shop.kustomization("c", more: "  suspend: true"))
    #expect(
      try await shop.changes(["--base", "main"]) == [
        "a": "unchanged", "d": "new, deploy-d reconciles", "b": "deleted, deploy-b breaks",
        "c": "deleted, deploy-c breaks",
      ])
  }

  @Test func `a generator that the base lacks is new, and one that the input lacks is gone`()
    async throws
  {
    let shop = try Shop()
    try shop.project.write(
      "flux/more/generator.yaml",
      Shop.generator(["e"]).replacing("name: shop", with: "name: more"))
    try shop.project.write("apps/e/x.yaml", "x: 1\n")
    #expect(try await shop.changes(["--base", "HEAD"])["e"] == "new")
    #expect(try await shop.changes(["--base", "HEAD"], files: "flux/more") == ["e": "new"])
    try shop.project.commit()
    try shop.project.remove("flux/more")
    #expect(try await shop.changes(["--base", "HEAD"])["e"] == "deleted")
  }

  @Test func `what cannot be the base is said`() async throws {
    let shop = try Shop()
    let missing = await shop.diff(["--base", "nope"])
    #expect(missing.status == 2)
    #expect(missing.errors.contains("commit 'nope' not found"))
    let range = await shop.diff(["--base", "^HEAD"])
    #expect(range.errors.contains("commit '^HEAD' not found"), "\(range.errors)")
    let file = await shop.diff(["--base", shop.project.path])
    #expect(file.status == 2)
    #expect(file.errors.contains("git:.@\(shop.project.path)"))
    #expect(file.errors.contains("dir:\(shop.project.path)"))
    for base in ["git:", "snapshot:", "context:", "dir:", "archive:", ""] {
      #expect(await shop.diff(["--base", base]).status == 2, "\(base)")
    }
    let both = await shop.diff(["--base", "HEAD", "--merge-base", "main"])
    #expect(both.errors.contains("mutually exclusive"))
    #expect(await shop.diff(["--base-source", "repo=dir:x", "--base", "cluster"]).status == 2)
    let outside = try shop.project.folder.write("g.yaml", Shop.generator(["a"]))
    let other = await invoke(
      ArtifactGen.self,
      ["diff", "-f", outside, "--source", "repo=\(shop.project.path)", "--base", "HEAD"],
      in: TestSurroundings(environment: shop.project.environment))
    #expect(other.status == 2)
    #expect(other.errors.contains("use --base git:DIR@REF"))
  }

  @Test func `a repository that is not there or damaged is said to be so`() async throws {
    let shop = try Shop()
    let nowhere = await shop.diff(["--base", "git:/nonexistent@HEAD"])
    #expect(nowhere.status == 2)
    #expect(nowhere.errors.contains("--base git:/nonexistent@HEAD: /nonexistent: "))
    try shop.project.write(".git/HEAD", "garbage\n")
    let damaged = await shop.diff(["--base", "main"])
    #expect(damaged.status == 2)
    #expect(
      damaged.errors.contains(
        "--base main: \(shop.project.path)/flux: git does not take \(shop.project.path)/.git for a "
          + "repository"), "\(damaged.errors)")
  }

  @Test func `a base is what was asked for, whatever its object names`() async throws {
    let shop = try Shop()
    try shop.project.write(
      "flux/repo.yaml",
      """
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: GitRepository
      metadata: {name: repo, namespace: apps}
      spec: {ref: {branch: main}}
      """)
    try shop.project.commit()
    // As a clone of a single branch is.
    try shop.project.git("checkout", "-q", "-b", "feature")
    try shop.project.git("branch", "-q", "-D", "main")
    let changes = try await shop.changes(["--base", "HEAD"])
    #expect(changes == ["a": "unchanged", "b": "unchanged", "c": "unchanged"])
  }

  @Test func `the merge base is the last common commit`() async throws {
    let shop = try Shop()
    try shop.project.git("checkout", "-q", "-b", "feature")
    try shop.project.write("apps/a/config.yaml", "kind: ConfigMap\nname: feature\n")
    try shop.project.commit()
    try shop.project.git("checkout", "-q", "main")
    try shop.project.write("apps/b/config.yaml", "kind: ConfigMap\nname: main\n")
    try shop.project.commit()
    try shop.project.git("checkout", "-q", "feature")
    #expect(
      try await shop.changes(["--merge-base", "main"]) == [
        "a": "changed, deploy-a reconciles", "b": "unchanged", "c": "unchanged",
      ])
    #expect(try await shop.changes(["--base", "main"])["b"] == "changed, deploy-b reconciles")
  }

  @Test func `a shallow clone without the merge base says what to do`() async throws {
    let shop = try Shop()
    try shop.project.git("checkout", "-q", "-b", "feature")
    try shop.project.write("apps/a/config.yaml", "a: 1\n")
    try shop.project.commit()
    try shop.project.git("checkout", "-q", "main")
    try shop.project.write("apps/b/config.yaml", "b: 1\n")
    try shop.project.commit()
    let clone = shop.project.folder.path + "/clone"
    try shop.project.git(
      "clone", "-q", "--depth", "1", "--no-single-branch", "file://" + shop.project.path, clone)
    let outcome = await invoke(
      ArtifactGen.self,
      [
        "diff", "-f", "\(clone)/flux", "--source", "repo=\(clone)", "--merge-base",
        "origin/feature",
      ], in: TestSurroundings(environment: shop.project.environment))
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("fetch --unshallow"))
  }

  @Test func `sources outside of the repository are the same on both sides`() async throws {
    let shop = try Shop()
    try shop.project.write(
      "flux/generator.yaml",
      Shop.generator(["a"], sources: "  - {alias: other, kind: GitRepository, name: other}\n"))
    try shop.project.commit()
    let other = shop.project.folder.path + "/other"
    try shop.project.folder.write("other/x", "1")
    let outcome = await shop.diff(["--base", "HEAD", "--source", "other=dir:\(other)"])
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("source other=dir:\(other) is the same on both sides"))
    #expect(!outcome.errors.contains("source repo="))
  }

  @Test func `a base of another repository is no base`() async throws {
    let shop = try Shop()
    let other = try GitProject()
    try other.write("x", "1")
    try other.commit()
    let outcome = await shop.diff(["--base", "git:\(other.path)@HEAD"])
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.contains("no path of -f, --source or --manifests is in its repository"),
      "\(outcome.errors)")
  }

  @Test func `directories and archives stand for the only source`() async throws {
    let shop = try Shop()
    let old = shop.project.folder.path + "/old"
    try shop.project.git("clone", "-q", shop.project.path, old)
    try shop.project.write("apps/c/config.yaml", "c: 2\n")
    #expect(
      try await shop.changes(["--base", "dir:\(old)"])["c"] == "changed, deploy-c reconciles")
    #expect(
      try await shop.changes(["--base-source", "repo=git:\(old)"])["c"]
        == "changed, deploy-c reconciles")
    let archive = shop.project.folder.path + "/old.tar.gz"
    try shop.project.git("archive", "-o", archive, "HEAD")
    #expect(
      try await shop.changes(["--base", "archive:\(archive)"])["c"]
        == "changed, deploy-c reconciles")
    let missing = await shop.diff(["--base", "archive:\(old)"])
    #expect(missing.status == 2)
    let several = await shop.diff(["--base", "dir:\(old)", "--source", "x=\(old)"])
    #expect(several.status == 2)
    #expect(several.errors.contains("use --base-source NAME=SPEC"))
  }

  @Test func `a directory of the work tree is that of the commit`() async throws {
    let shop = try Shop()
    try shop.project.write("tree/apps/a/x", "1")
    try shop.project.commit()
    try shop.project.write("tree/apps/a/x", "2")
    try shop.project.write("flux/generator.yaml", Shop.generator(["a"]))
    let changes = try await shop.changes(
      ["--base", "HEAD"], source: "dir:\(shop.project.path)/tree")
    #expect(changes["a"] == "changed, deploy-a reconciles")
    try shop.project.write("new/apps/a/x", "2")
    let missing = await shop.diff(["--base", "HEAD"], source: "dir:\(shop.project.path)/new")
    #expect(missing.status == 2)
    #expect(missing.errors.contains("use --base-source repo=SPEC"))
    #expect(!missing.errors.contains("artifactgen-base"))
  }

  @Test func `what fails at the base only is a change`() async throws {
    let shop = try Shop()
    try shop.project.write(
      "flux/generator.yaml",
      Shop.generator(["a"]).replacing("apps/a/**", with: "apps/nothing/**"))
    try shop.project.commit()
    try shop.project.write("flux/generator.yaml", Shop.generator(["a"]))
    let outcome = await shop.diff(["--base", "HEAD"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("a: at the base, it cannot be built"))
    try shop.project.commit()
    try shop.project.write(
      "flux/generator.yaml",
      Shop.generator(["a"]).replacing("apps/a/**", with: "apps/nothing/**"))
    #expect(await shop.diff(["--base", "HEAD"]).status == 2)
  }

  @Test func `a snapshot beside a commit says who uses artifacts and what is suspended`()
    async throws
  {
    let shop = try Shop()
    try shop.project.write("apps/a/config.yaml", "a: 2\n")
    try shop.project.write("apps/b/config.yaml", "b: 2\n")
    let users = [("deploy-a", "a", true), ("other", "b", false)].map { name, artifact, stops in
      """
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: {name: \(name), namespace: apps}
      spec: {suspend: \(stops), sourceRef: {kind: ExternalArtifact, name: \(artifact)}}
      """
    }
    let snapshot = try shop.project.folder.write("live.yaml", users.joined(separator: "\n---\n"))
    let changes = try await shop.changes(["--base", "HEAD", "--snapshot", snapshot])
    #expect(changes["a"] == "changed, deploy-a suspended")
    #expect(changes["b"] == "changed, deploy-b reconciles, other reconciles")
  }

  @Test func `a base that says nothing is no base`() async throws {
    let shop = try Shop()
    for flag in ["--base=", "--merge-base=", "--base-source=repo="] {
      let outcome = await shop.diff([flag])
      #expect(outcome.status == 2, "\(flag)")
      #expect(outcome.errors.contains("variable"), "\(flag)")
    }
    let unknown = await shop.diff(["--base-source", "nope=dir:\(shop.project.path)"])
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("--base-source nope="))
    let other = await shop.diff(
      ["--base", "HEAD"], source: "dir:\(shop.project.folder.path)")
    #expect(other.errors.contains("only generators are compared"))
  }

  @Test func `a generator that fails at the base is an error`() async throws {
    let shop = try Shop()
    let good = Shop.generator(["a"])
    let archive = try shop.project.folder.write("cut.tgz", "no archive")
    let outcome = await shop.diff(["--base", "archive:\(archive)"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("at the base, apps/shop fails"))
    try shop.project.write("flux/generator.yaml", "kind: ArtifactGenerator\na: [")
    try shop.project.commit()
    try shop.project.write("flux/generator.yaml", good)
    let unreadable = await shop.diff(["--base", "HEAD"])
    #expect(unreadable.status == 2)
    #expect(unreadable.errors.contains("error parsing HEAD:flux/generator.yaml"))
  }

  @Test func `links of a commit lead nowhere else`() async throws {
    let shop = try Shop()
    let secret = try shop.project.folder.write("secret.yaml", Shop.generator(["stolen"]))
    try shop.project.link("flux/link.yaml", to: secret)
    try shop.project.commit()
    try shop.project.remove("flux/link.yaml")
    #expect(try await shop.changes(["--base", "HEAD"])["stolen"] == nil)
  }

  @Test func `snapshots can be both sides of consumers and base`() async throws {
    let shop = try Shop()
    let snapshot = try shop.project.folder.write("live.yaml", Shop.kustomization("a"))
    let changes = try await shop.changes(["--base", "snapshot:\(snapshot)"])
    #expect(changes["a"] == "new, deploy-a reconciles")
    let outcome = await shop.diff(["--base", "context:prod"], cluster: Snapshot(objects: []))
    #expect(outcome.connections.first?.flags.context == "prod")
    let refused = await shop.diff(["--base", "context:prod", "--context", "dev"])
    #expect(refused.status == 2)
  }
}
