import Commands
import Document
import Foundation
import KubeAPI
import Operations
import TestSupport
import Testing
import Text

/// A repository with some applications and a generator that gives each an artifact.
private struct Market {
  let project: GitProject

  init(_ names: [String] = ["a", "b"]) throws {
    project = try GitProject()
    for name in names { try project.write("apps/\(name)/x.yaml", "x: \(name)\n") }
    try project.write("flux/generator.yaml", Market.generator(names))
    try project.commit("first")
  }

  static func generator(_ names: [String], more: String = "") -> String {
    GitProject.generator("market", of: names, sources: more)
  }

  func history(
    _ options: [String] = [], words: [String] = [], files: String? = "flux",
    source: String? = nil, cluster: Snapshot? = nil
  ) async -> Outcome {
    await invoke(
      ArtifactGen.self,
      ["history"] + words + (files.map { ["-f", "\(project.path)/\($0)"] } ?? [])
        + ["--source", "repo=\(source ?? "git:\(project.path)")"] + options,
      in: TestSurroundings(
        environment: project.environment, now: Timestamp(rfc3339: "2026-11-02T00:00:00Z"),
        cluster: cluster))
  }

  func report(_ options: [String] = [], source: String? = nil) async throws -> Value {
    let outcome = await history(options + ["-o", "json"], source: source)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try JSON.parse(Array(outcome.output.utf8))
  }

  /// `subject: artifact change`, with the files that change.
  func rows(_ options: [String] = []) async throws -> [String] {
    (try await report(options)["items"]?.array ?? []).map { item in
      let files = ["added", "removed", "modified", "renamed"].map {
        item["files", $0]?.integer ?? 0
      }
      return "\(item["subject"]?.string ?? ""): \(item["name"]?.string ?? "all") "
        + (item["change"]?.string ?? "")
        + (item["files"] == nil ? "" : " \(files.map { "\($0)" }.joined(separator: ","))")
    }
  }
}

@Suite struct HistoryTests {
  @Test func `real output has the shape of the schema`() async throws {
    let market = try Market()
    try market.project.git("mv", "apps/a/x.yaml", "apps/a/y.yaml")
    try market.project.commit("moved")
    try market.project.write("flux/generator.yaml", "kind: ArtifactGenerator\nspec: [\n")
    try market.project.commit("broken")
    try market.project.write("flux/generator.yaml", Market.generator(["a"]))
    try market.project.commit("fixed")
    try market.project.write(
      "flux/generator.yaml", Market.generator(["a"]).replacing("apps/a/", with: "apps/none/"))
    try market.project.commit("failing")
    let schema = SchemaCheck(file: "history.json")
    for options in [[], ["--max-count", "2"], ["--since", "2100-01-01T00:00:00Z"]] {
      let outcome = await market.history(options + ["-o", "json"])
      let output = try JSON.parse(Array(outcome.output.utf8))
      #expect(schema.problems(output) == [], "\(options)")
    }
    #expect(schema.problems(["kind": "HistoryList"]).contains(".items is missing"))
  }

  @Test func `each commit that changes an artifact, and no other`() async throws {
    let market = try Market()
    try market.project.write("README.md", "hello")
    try market.project.commit("docs")
    try market.project.write("apps/a/x.yaml", "x: 2\n")
    try market.project.write("apps/a/y.yaml", "y: 1\n")
    try market.project.commit("a grows")
    try market.project.write("flux/generator.yaml", Market.generator(["a", "c"]))
    try market.project.write("apps/c/x.yaml", "x: b\n")
    try market.project.commit("c for b")
    #expect(
      try await market.rows() == [
        "c for b: c new 1,0,0,0", "c for b: b removed", "a grows: a changed 1,0,1,0",
        "first: a new 1,0,0,0", "first: b new 1,0,0,0",
      ])
    let text = await market.history()
    #expect(text.output.contains("a grows"))
    #expect(text.output.contains("+1 ~1"))
    #expect(text.errors.contains("read 4 commits, back to the first one"))
    #expect(text.connections.isEmpty)
  }

  @Test func `of two hundred commits, those that touch something are built`() async throws {
    let market = try Market(["a"])
    for number in 1..<200 {
      if number % 10 == 0 {
        try market.project.write("apps/a/x.yaml", "x: \(number)\n")
      } else {
        try market.project.write("docs/\(number % 7).md", "\(number)\n")
      }
      try market.project.commit("commit \(number)")
    }
    let report = try await market.report(["--max-count", "200"])
    #expect(report["commits"]?.integer == 200)
    #expect(report["items"]?.array?.count == 20)
    #expect(report["builds"]?.integer == 20)
  }

  @Test func `a state is built once, whenever it comes back`() async throws {
    let market = try Market(["a"])
    for number in 1...6 {
      try market.project.write("apps/a/x.yaml", "x: \(number % 2)\n")
      try market.project.commit("commit \(number)")
    }
    let report = try await market.report()
    #expect(report["items"]?.array?.count == 7)
    #expect(report["builds"]?.integer == 3)
  }

  @Test func `a generator that cannot be built is a row, and not the end`() async throws {
    let market = try Market()
    try market.project.write("flux/generator.yaml", "kind: ArtifactGenerator\nspec: [\n")
    try market.project.commit("broken")
    try market.project.write("apps/b/x.yaml", "x: 2\n")
    try market.project.commit("b meanwhile")
    try market.project.write("flux/generator.yaml", Market.generator(["a", "b", "nothing"]))
    try market.project.commit("mended")
    let rows = try await market.rows()
    #expect(
      rows == [
        "mended: all fixed", "mended: b changed 0,0,1,0", "mended: nothing failed",
        "broken: all failed", "first: a new 1,0,0,0", "first: b new 1,0,0,0",
      ])
    let text = await market.history()
    #expect(text.status == 0)
    #expect(text.output.contains("error parsing flux/generator.yaml"))
    #expect(text.output.contains("no files match pattern 'apps/nothing/**'"))
    // What was published before the first commit that is shown is not known: nothing in it is new.
    #expect(
      try await market.rows(["--max-count", "1"]) == [
        "mended: all fixed", "mended: nothing failed",
      ])
  }

  @Test func `what was published before a failure may be out of sight`() async throws {
    let market = try Market(["a", "b"])
    try market.project.remove("apps/b/x.yaml")
    try market.project.commit("lost")
    try market.project.write("apps/b/x.yaml", "x: b2\n")
    try market.project.commit("mended")
    #expect(
      try await market.rows().prefix(2) == ["mended: b fixed 0,0,1,0", "lost: b failed"])
    #expect(try await market.rows(["--max-count", "1"]) == ["mended: b fixed"])
  }

  @Test func `a generator that is not there publishes nothing`() async throws {
    let market = try Market(["a"])
    try market.project.remove("flux/generator.yaml")
    try market.project.write("flux/other.yaml", "kind: ConfigMap\n")
    try market.project.commit("gone")
    #expect(try await market.rows() == ["gone: a removed", "first: a new 1,0,0,0"])
    try market.project.remove("flux")
    try market.project.commit("all gone")
    #expect(try await market.rows() == ["gone: a removed", "first: a new 1,0,0,0"])
    let named = await market.history(words: ["ag/markt"])
    #expect(named.status == 1)
    #expect(named.errors.contains("none of the last 3 commits contains such a generator"))
  }

  @Test func `ignore files above count, and so do the objects of each commit`() async throws {
    let market = try Market(["a"])
    try market.project.write("apps/a/z.txt", "z\n")
    try market.project.commit("z")
    try market.project.write("apps/.sourceignore", "*.txt\n")
    try market.project.commit("ignored")
    try market.project.write(
      "flux/repo.yaml",
      """
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: GitRepository
      metadata: {name: repo, namespace: apps}
      spec:
        ref: {branch: main}
        ignore: "/apps/a/x.yaml"
      """)
    try market.project.commit("ignored by the object")
    #expect(
      try await market.rows() == [
        "ignored by the object: a failed", "ignored: a changed 0,1,0,0", "z: a changed 1,0,0,0",
        "first: a new 1,0,0,0",
      ])
  }

  @Test func `older commits are read only where the generators look`() async throws {
    let market = try Market()
    try market.project.write("docs/lost.md", "nobody copies this\n")
    try market.project.write("apps/.sourceignore", "y.*\n")
    try market.project.write("apps/a/y.yaml", "y: 1\n")
    try market.project.write("apps/a/deep/.sourceignore", "z.yaml\n")
    try market.project.write("apps/a/deep/z.yaml", "z: 1\n")
    try market.project.write("apps/a/deep/w.yaml", "w: 1\n")
    try market.project.commit("second")
    let lost = try market.project.git("rev-parse", "HEAD:docs/lost.md")
    try market.project.remove("docs/lost.md")
    try market.project.write("apps/a/x.yaml", "x: 3\n")
    try market.project.commit("third")
    // Each digest is that of a build of the commit.
    let items = try await market.report(["--artifact", "a"])["items"]?.array ?? []
    #expect(items.map { $0["subject"]?.string } == ["third", "second", "first"])
    for item in items {
      let commit = try #require(item["commit"]?.string)
      let build = await invoke(
        ArtifactGen.self,
        [
          "build", "-f", "\(market.project.path)/flux", "-o", "json", "--source",
          "repo=git:\(market.project.path)@\(commit)",
        ], in: TestSurroundings(environment: market.project.environment))
      let digests = try JSON.parse(Array(build.output.utf8))["items"]?.array?.compactMap {
        $0["name"]?.string == "a" ? $0["digest"]?.string : nil
      }
      #expect(digests == [try #require(item["digest"]?.string)], "\(build.errors)")
    }
    // What nobody copies is not read: it need not even be there.
    try market.project.remove(".git/objects/\(lost.prefix(2))/\(lost.dropFirst(2))")
    #expect(try await market.report(["--artifact", "a"])["items"]?.array == items)
  }

  @Test func `a merge is one commit`() async throws {
    let market = try Market()
    try market.project.git("checkout", "-q", "-b", "topic")
    for number in 1...3 {
      try market.project.write("apps/a/x.yaml", "x: \(number)\n")
      try market.project.commit("topic \(number)")
    }
    try market.project.git("checkout", "-q", "main")
    try market.project.git("merge", "-q", "--no-ff", "-m", "merged", "topic")
    #expect(
      try await market.rows() == [
        "merged: a changed 0,0,1,0", "first: a new 1,0,0,0", "first: b new 1,0,0,0",
      ])
  }

  @Test func `the end of the history is said`() async throws {
    let market = try Market(["a"])
    for number in 1...4 {
      try market.project.write("apps/a/x.yaml", "x: \(number)\n")
      try market.project.commit("commit \(number)")
    }
    let most = try await market.report(["--max-count", "2"])
    #expect(most["end"]?.string == "maxCount")
    #expect(most["items"]?.array?.count == 2)
    #expect(try await market.report()["end"]?.string == "root")
    #expect(try await market.report(["--since", "2000-01-01"])["items"]?.array?.count == 5)
    let none = try await market.report(["--since", "2030-01-01"])
    #expect(none["items"]?.array?.isEmpty == true)
    #expect(none["end"]?.string == "since")

    let clone = market.project.folder.path + "/clone"
    try market.project.git(
      "clone", "-q", "--depth", "2", "file://\(market.project.path)", clone)
    let shallow = await market.history(["-f", clone + "/flux"], files: nil, source: "git:\(clone)")
    #expect(shallow.status == 0)
    // What the last one changed cannot be known.
    #expect(shallow.output.split(separator: "\n").count == 2)
    #expect(shallow.errors.contains("git -C \(clone) fetch --unshallow"))
    #expect(shallow.errors.contains("fetch-depth: 0"))
  }

  @Test func `the generators of a cluster are built at all commits`() async throws {
    let market = try Market(["a", "b"])
    try market.project.write("apps/b/x.yaml", "x: 2\n")
    try market.project.commit("b")
    let bare = market.project.folder.path + "/bare.git"
    try market.project.git("clone", "-q", "--bare", market.project.path, bare)
    let snapshot = Snapshot(
      objects: try YAML.parse(Array(Market.generator(["b"]).utf8)))
    let outcome = await market.history(
      words: ["ag/market", "-n", "apps"], files: nil, source: "git:\(bare)", cluster: snapshot)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").dropFirst()
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.contains("   b   ") })
  }

  @Test func `one artifact, and commits for scripts`() async throws {
    let market = try Market()
    try market.project.write("apps/b/x.yaml", "x: 2\n")
    try market.project.commit("b")
    #expect(
      try await market.rows(["--artifact", "b"]) == [
        "b: b changed 0,0,1,0", "first: b new 1,0,0,0",
      ])
    let named = await market.history(["-o", "name"], words: ["ea/b"])
    #expect(
      named.output.split(separator: "\n").map(String.init)
        == (try market.project.git("log", "--format=%H").split(separator: "\n").map(String.init)))
    let unknown = await market.history(["--artifact", "bb"])
    #expect(unknown.status == 1)
    #expect(unknown.errors.contains("publishes an artifact bb (did you mean b?)"))
  }

  @Test func `a subject cannot control a terminal`() async throws {
    let market = try Market(["a"])
    try market.project.write("apps/a/x.yaml", "x: 2\n")
    try market.project.commit("\u{1B}[2J\u{202E}evil\rerror: x")
    let outcome = await market.history()
    #expect(outcome.output.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
    #expect(!outcome.output.contains("\u{202E}"))
    #expect(outcome.output.contains("^[[2J"))
  }

  @Test(arguments: [
    (["--max-count", "0"], "invalid --max-count 0"),
    (["--since", ""], "invalid --since"),
    (["--since", "rubbish"], "invalid --since 'rubbish': use a date that git log takes"),
    (["-o", "kyaml"], "allowed formats are: json,name,table,wide,yaml"),
  ])
  func `what cannot be asked is said`(_ options: [String], _ text: String) async throws {
    let outcome = await (try Market()).history(options)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(text), "\(outcome.errors)")
  }

  @Test func `a source without a history is an error, and one beside a repository a note`()
    async throws
  {
    let market = try Market(["a"])
    try market.project.folder.write("plain/x", "x")
    let plain = market.project.folder.path + "/plain"
    let outcome = await market.history(source: "dir:\(plain)")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("no --source is in a git repository"))
    let unmapped = await market.history(source: "git:\(market.project.path)@nope")
    #expect(unmapped.errors.contains("commit 'nope' not found in \(market.project.path)"))
    try market.project.write(
      "flux/generator.yaml",
      Market.generator(
        ["a"], more: "  - {alias: more, kind: GitRepository, name: more}\n"))
    try market.project.commit("more")
    let missing = await market.history()
    #expect(missing.status == 1)
    #expect(missing.errors.contains("source alias 'more' (GitRepository apps/more) is not mapped"))
    let both = await market.history(["--source", "more=dir:\(plain)"])
    #expect(both.status == 0)
    #expect(both.errors.contains("source more=dir:\(plain) is the same at every commit"))
    #expect(both.output.contains("not mapped") == false)
  }
}
