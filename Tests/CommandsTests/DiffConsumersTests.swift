import Commands
import Document
import Foundation
import KubeAPI
import TestSupport
import Testing

/// What changes in the manifests of consumers, and what comes of it.
@Suite struct DiffConsumersTests {
  /// Two artifacts; `k` applies the first, with prune.
  private func site(_ spec: String = "prune: true") throws -> Site {
    try Site([
      "apps/a/one.yaml": Site.service("one"), "apps/a/sub/two.yaml": Site.service("two"),
      "apps/b/one.yaml": Site.service("one"), "flux/g.yaml": Site.generator(["a", "b"]),
      "flux/k.yaml": Site.kustomization("k", of: "a", spec),
    ])
  }

  private func impact(_ spec: String, of artifact: String = "a", from old: String = "prune: true")
    async throws -> (entries: [String], text: String)
  {
    let site = try site(old)
    try site.write(["flux/k.yaml": Site.kustomization("k", of: artifact, spec)])
    let outcome = await site.diff()
    #expect(outcome.status == 1)
    return (try await site.impact(), outcome.output)
  }

  @Test func `the same manifests are no change`() async throws {
    let site = try site()
    #expect(await site.diff().status == 0)
    // Another way to write the same.
    try site.write([
      "flux/k.yaml": "# comment\n" + Site.kustomization("k", of: "a", "path: ./, prune: true")
    ])
    #expect(try await site.impact() == [])
    #expect(await site.diff().status == 0)
  }

  @Test func `another path deletes what is outside of it`() async throws {
    let (entries, text) = try await impact("prune: true, path: ./sub")
    #expect(entries == ["dangerous k: one", "rolls k"])
    #expect(text.contains("Kustomization/k (a): spec.path changes from ./ to ./sub\n"))
    #expect(text.contains("Kustomization/k deletes 1 object (a)\n    Service/prod/one\n"))
    #expect(
      try await impact("prune: false, path: ./sub").entries == ["orphans k: one", "rolls k"])
  }

  @Test func `a path or an artifact that is not there breaks`() async throws {
    let path = try await impact("prune: true, path: ./gone")
    #expect(path.entries == ["breaks k"])
    #expect(path.text.contains("Kustomization/k (a): its path ./gone is not in the artifact"))
    let source = try await impact("prune: true", of: "none")
    #expect(source.entries.contains("breaks k?"))
    #expect(
      source.text.contains("no generator here publishes ExternalArtifact apps/none"))
    let site = try site()
    try site.write(["flux/new.yaml": Site.kustomization("new", of: "b", "path: ./gone")])
    #expect(try await site.impact() == ["breaks new"])
    #expect(await site.diff(["--fail-on", "breaks"]).status == 1)
    // A finding leads to the field.
    let line = await site.diff(["-o", "github"]).output
    #expect(line.contains("/new.yaml,line=4,col=14,title=consumer-breaks"))
  }

  @Test func `another source deletes what only the old one has`() async throws {
    let (entries, text) = try await impact("prune: true", of: "b")
    #expect(entries == ["dangerous k: two", "rolls k"])
    #expect(
      text.contains(
        "spec.sourceRef changes from ExternalArtifact apps/a to ExternalArtifact apps/b"))
  }

  @Test func `a renamed artifact does not hide what its consumer deletes`() async throws {
    let site = try site()
    try site.project.git("mv", "apps/a", "apps/z")
    try site.project.remove("apps/z/sub/two.yaml")
    try site.write([
      "flux/g.yaml": Site.generator(["z", "b"]), "flux/k.yaml": Site.kustomization("k", of: "z"),
    ])
    #expect(try await site.impact() == ["dangerous k: two", "rolls k"])
    #expect(await site.diff(["--fail-on", "dangerous"]).status == 1)
  }

  @Test func `another target namespace moves all objects`() async throws {
    let (entries, text) = try await impact("prune: true, targetNamespace: new")
    #expect(entries == ["dangerous k: one two", "rolls k"])
    #expect(text.contains("spec.targetNamespace changes from none to new"))
    // In the old namespace, which is not that of the files.
    let moved = try await impact(
      "prune: true, targetNamespace: new", from: "prune: true, targetNamespace: old")
    #expect(moved.text.contains("    Service/old/one\n    Service/old/two\n"))
    // Whether objects are shown or not.
    let site = try site()
    try site.write([
      "flux/k.yaml": Site.kustomization("k", of: "a", "prune: true, targetNamespace: new")
    ])
    #expect(await site.diff([]).output.contains("dangerous:\n  Kustomization/k"))
  }

  @Test(arguments: [
    ("namespace: qa", "resources: [one.yaml]"), ("namePrefix: x-", "resources: [one.yaml]"),
    ("nameSuffix: -x", "resources: [one.yaml]"),
    (
      "patches: [{patch: \"{$patch: delete, apiVersion: v1, kind: Service, metadata: {name: one}}\"}]",
      "resources: [one.yaml]"
    ),
  ])
  func `what a kustomization renames or patches away may be deleted`(
    _ more: String, _ lists: String
  ) async throws {
    let site = try site()
    let file = "apps/a/kustomization.yaml"
    try site.write([file: lists + "\n"])
    try site.project.commit()
    try site.write([file: "\(lists)\n\(more)\n"])
    #expect(try await site.impact().contains("dangerous k: one?"), "\(more)")
    #expect(await site.diff(["--fail-on", "dangerous"]).status == 1)
    // What was so before takes nothing away.
    try site.project.commit()
    try site.write([file: "\(lists)\n\(more)\nlabels: [{pairs: {a: b}}]\n"])
    #expect(try await site.impact() == ["rolls k"], "\(more)")
  }

  @Test func `a resource that is listed and not there breaks`() async throws {
    let site = try site()
    try site.write([
      "apps/a/kustomization.yaml": "resources: [one.yaml, sub/two.yaml, https://example.com/x]\n"
    ])
    try site.project.commit()
    try site.project.remove("apps/a/one.yaml")
    #expect(try await site.impact() == ["breaks k"])
    let text = await site.diff(["--fail-on", "breaks"])
    #expect(text.status == 1)
    #expect(
      text.output.contains("refers to one.yaml, which is not in the artifact"),
      "\(text.output)")
    // It fails as before.
    try site.project.commit()
    try site.write(["apps/a/kustomization.yaml": "resources: [three.yaml, sub/two.yaml]\n"])
    #expect(try await site.impact() == ["rolls k"])
  }

  @Test func `a target namespace that stays is where objects are deleted`() async throws {
    let site = try site("prune: true, targetNamespace: team")
    try site.project.remove("apps/a/one.yaml")
    // It goes to another namespace in the file only.
    try site.write([
      "apps/a/sub/two.yaml": Site.service("two").replacing("prod", with: "elsewhere")
    ])
    let text = await site.diff().output
    #expect(try await site.impact() == ["dangerous k: one", "rolls k"])
    #expect(text.contains("    Service/team/one\n"))
  }

  @Test func `prune and suspend are named`() async throws {
    let off = try await impact("prune: false")
    #expect(off.entries == ["rolls k"])
    #expect(off.text.contains("prune is turned off: what it no longer applies stays"))
    #expect(try await impact("prune: true", from: "prune: false").text.contains("turned on"))
    let stops = try await impact("prune: true, suspend: true")
    #expect(stops.entries == ["suspended k"])
    #expect(stops.text.contains("Kustomization/k (a): it is suspended"))
    let resumes = try await impact("prune: true", from: "prune: true, suspend: true")
    #expect(resumes.text.contains("rolls:\n  Kustomization/k (a): it is resumed"))
  }

  @Test func `other fields are named without their values`() async throws {
    let (entries, text) = try await impact(
      "prune: true, postBuild: {substitute: {password: hunter2}}")
    #expect(entries == ["rolls k"])
    #expect(text.contains("Kustomization/k (a): spec.postBuild changes"))
    #expect(!text.contains("hunter2"))
  }

  @Test func `a new consumer applies for the first time`() async throws {
    let site = try site()
    try site.write(["flux/new.yaml": Site.kustomization("new", of: "b")])
    let outcome = await site.diff()
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("rolls:\n  Kustomization/new (b): new: will apply it\n"))
    #expect(outcome.errors.contains("2 unchanged; consumers: 1 new; base: HEAD"))
  }

  @Test(arguments: [
    ("prune: true", "dangerous k: one two", "is deleted, and everything that it applied"),
    ("prune: false", "orphans k: one two", "leaves everything that it applied"),
    ("prune: true, deletionPolicy: Orphan", "orphans k: one two", "leaves everything"),
    ("prune: true, suspend: true", "orphans k: one two", "leaves everything"),
  ])
  func `a deleted Kustomization takes what it applied with it, by its policy`(
    _ spec: String, _ entry: String, _ text: String
  ) async throws {
    let site = try site(spec)
    try site.project.remove("flux/k.yaml")
    #expect(try await site.impact() == [entry])
    #expect(await site.diff().output.contains(text))
    // Without objects it is known as well.
    #expect(await site.diff([]).output.contains(text))
  }

  @Test func `a HelmRelease is uninstalled when it goes, or when its release has another name`()
    async throws
  {
    func release(_ spec: String) -> String {
      """
      apiVersion: helm.toolkit.fluxcd.io/v2
      kind: HelmRelease
      metadata: {name: h, namespace: apps}
      spec: {chartRef: {kind: ExternalArtifact, name: a}\(spec)}
      """
    }
    let site = try Site([
      "apps/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n",
      "flux/g.yaml": Site.generator(["a"]).replacing("@artifact/", with: "@artifact/chart/"),
      "flux/h.yaml": release(""),
    ])
    try site.write(["flux/h.yaml": release(", releaseName: other")])
    #expect(try await site.impact() == ["dangerous h", "rolls h"])
    // The default, spelled out.
    try site.write(["flux/h.yaml": release(", releaseName: h")])
    #expect(try await site.impact() == [])
    // It depends on another field.
    try site.write(["flux/h.yaml": release(", targetNamespace: t")])
    #expect(await site.diff().output.contains("spec.releaseName changes from h to t-h"))
    try site.write(["flux/h.yaml": release(", values: {a: 1}")])
    #expect(await site.diff().output.contains("HelmRelease/h (a): spec.values changes"))
    try site.project.remove("flux/h.yaml")
    #expect(try await site.impact() == ["dangerous h"])
    #expect(await site.diff().output.contains("its release is uninstalled"))
  }

  @Test func `what depends on a Kustomization that goes away breaks`() async throws {
    let site = try site()
    try site.write([
      "flux/next.yaml": Site.kustomization("next", of: "b", "dependsOn: [{name: k}]")
    ])
    try site.project.commit()
    try site.project.remove("flux/k.yaml")
    #expect(try await site.impact() == ["breaks next", "dangerous k: one two"])
  }

  @Test func `a cluster says what its consumers were`() async throws {
    let site = try site()
    let live = try site.project.folder.write(
      "live.yaml",
      Site.kustomization("k", of: "a", "prune: true, path: ./sub, interval: 1h0m0s, suspend: true")
        + "\n---\n" + Site.kustomization("other", of: "a"))
    let base = ["--base", "snapshot:\(live)"]
    // Suspended by hand, and defaults of the API: neither is a change; nor is what files lack gone.
    let entries = try await site.impact(base)
    #expect(entries == ["suspended k", "rolls other"])
    #expect(
      await site.diff([], base: base).output.contains(
        "Kustomization/k (a): spec.path changes from ./sub to ./\n"))
    try site.write(["flux/new.yaml": Site.kustomization("new", of: "b")])
    #expect(try await site.impact(base).contains("rolls new"))
    // With nothing known of consumers, none is new.
    let none = try site.project.folder.write("none.yaml", Site.generator(["a"]))
    let text = await site.diff([], base: ["--base", "snapshot:\(none)"]).output
    #expect(!text.contains("new: will apply it"))
  }

  @Test func `two snapshots differ in consumers as well`() async throws {
    let site = try site()
    let artifact = """

      ---
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: ExternalArtifact
      metadata: {name: a, namespace: apps}
      status: {artifact: {digest: "sha256:00", revision: "latest@sha256:00"}}
      """
    let old = try site.project.folder.write(
      "old.yaml",
      Site.kustomization("k", of: "a") + "\n---\n" + Site.kustomization("x", of: "b") + artifact)
    let new = try site.project.folder.write(
      "new.yaml", Site.kustomization("k", of: "a", "prune: true, path: ./sub") + artifact)
    let outcome = await invoke(
      ArtifactGen.self, ["diff", "--snapshot", new, "--base", "snapshot:\(old)"],
      in: TestSurroundings())
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("consumers: 1 changed, 1 deleted"), "\(outcome.errors)")
    #expect(outcome.output.contains("Kustomization/x"), "\(outcome.output)")
  }

  @Test func `a suspended consumer would delete when it is resumed`() async throws {
    let site = try site("prune: true, suspend: true")
    try site.project.remove("apps/a/one.yaml")
    let text = await site.diff().output
    #expect(
      text.contains(
        "Kustomization/k (a): would delete 1 object when resumed\n    Service/prod/one"))
    #expect(!text.contains("dangerous:"))
  }

  @Test(arguments: [
    ("patches: [{patch: x}]", "dangerous k: one?"), ("namePrefix: x-", "dangerous k: one?"),
    ("images: [{name: a, newTag: b}]", "dangerous k: one"),
    (
      "commonMetadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}",
      "orphans k: one"
    ),
    ("components: [./none]", "dangerous k: one?"),
    ("ignoreMissingComponents: true, components: [./none]", "dangerous k: one"),
  ])
  func `what a Kustomization does with objects makes a removal uncertain`(
    _ spec: String, _ entry: String
  ) async throws {
    let site = try site("prune: true, \(spec)")
    try site.project.remove("apps/a/one.yaml")
    #expect(try await site.impact().first == entry)
  }

  @Test func `a component brings objects, too`() async throws {
    let site = try site("prune: true, path: ./sub, components: [../part]")
    try site.write([
      "apps/a/part/kustomization.yaml": "kind: Component\nresources: [x.yaml]\n",
      "apps/a/part/x.yaml": Site.service("x"),
    ])
    try site.project.commit()
    try site.write(["apps/a/part/kustomization.yaml": "kind: Component\nresources: []\n"])
    #expect(try await site.impact() == ["dangerous k: x", "rolls k"])
  }

  @Test func `an empty kustomization applies nothing`() async throws {
    for text in ["", "# nothing\n"] {
      let site = try site()
      try site.write(["apps/a/kustomization.yaml": text])
      #expect(try await site.impact() == ["dangerous k: one two", "rolls k"], "\(text)")
    }
  }

  // MARK: - Artifacts that move

  @Test func `an artifact of another generator is one row, and breaks nothing`() async throws {
    let site = try site()
    try site.write([
      "flux/g.yaml": Site.generator(["b"]), "flux/new.yaml": Site.generator(["a"], called: "new"),
    ])
    let outcome = await site.diff()
    #expect(outcome.output.split(separator: "\n").count { $0.hasPrefix("a ") } == 1)
    #expect(try await site.impact() == [])
    #expect(outcome.errors.contains("a: moves from ArtifactGenerator apps/site, which deletes it"))
    #expect(outcome.errors.contains("until ArtifactGenerator apps/new reconciles"))
    // Its old generator deletes it, even if the new one cannot publish it.
    try site.write([
      "flux/new.yaml": Site.generator(["a"], called: "new").replacing("apps/a", with: "apps/none")
    ])
    #expect(try await site.impact() == ["breaks k"])
    #expect(await site.diff().status == 2)
  }

  // MARK: - What cannot be read

  @Test func `a manifest that cannot be read is a finding, and the rest is compared`() async throws
  {
    let site = try site()
    try site.write(["flux/broken.yaml": "kind: ArtifactGenerator\na: ["])
    try site.write(["apps/b/one.yaml": Site.service("one", "v: \"2\"")])
    let folder = site.project.folder.path
    let outcome = await site.diff(
      ["-o", "github", "--save", "junit=\(folder)/j", "--save", "json=\(folder)/d"])
    #expect(outcome.status == 2)
    #expect(
      outcome.output.hasPrefix(
        "::error file=\(site.project.path)/flux/broken.yaml,line="))
    #expect(outcome.output.contains("title=input-fails"))
    #expect(try site.project.folder.read("j").contains("input-fails"))
    #expect(try site.project.folder.read("d").contains("\"change\": \"changed\""))
    #expect(await site.diff().errors.contains("error parsing"))
  }

  @Test func `a file of source objects that cannot be read is a finding as well`() async throws {
    let site = try site()
    try site.write(["sources.yaml": "a: ["])
    try site.project.commit()
    let options = ["-o", "github", "--manifests", "\(site.project.path)/sources.yaml"]
    let both = await site.diff(options)
    #expect(both.status == 2)
    #expect(both.output.contains("title=input-fails"))
    #expect(both.output.contains("title=base-fails"))
    try site.write(["sources.yaml": Site.kustomization("k2", of: "a")])
    let base = await site.diff(options)
    #expect(base.status == 2)
    #expect(!base.output.contains("title=input-fails"))
  }

  @Test func `what may be in a broken manifest is not gone`() async throws {
    let site = try site()
    try site.write(["flux/g.yaml": "kind: ArtifactGenerator\na: ["])
    let outcome = await site.diff()
    #expect(outcome.status == 2)
    #expect(try await site.impact().allSatisfy { !$0.hasPrefix("breaks") })
    #expect(outcome.errors.contains("its generator may be in a manifest that cannot be read"))
  }

  @Test func `a file that had consumers and is no YAML now is an error`() async throws {
    let site = try site()
    try site.write(["flux/k.yaml": "a: ["])
    let outcome = await site.diff()
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("error parsing \(site.project.path)/flux/k.yaml"))
    #expect(try await site.impact() == [])
    // One that is YAML without them has them no longer.
    try site.write(["flux/k.yaml": "a: []"])
    #expect(try await site.impact() == ["dangerous k: one two"])
  }

  @Test func `consumers that wait for each other break`() async throws {
    let site = try site()
    let waits = Site.kustomization("l", of: "b", "prune: true, dependsOn: [{name: k}]")
    try site.write(["flux/l.yaml": waits])
    try site.project.commit()
    try site.write([
      "flux/k.yaml": Site.kustomization("k", of: "a", "prune: true, dependsOn: [{name: l}]")
    ])
    #expect(try await site.impact() == ["breaks k", "breaks l"])
    // As before.
    try site.project.commit()
    try site.write(["apps/a/one.yaml": Site.service("one", "v: \"2\"")])
    #expect(try await site.impact().allSatisfy { !$0.hasPrefix("breaks") })
  }

  @Test func `a base that cannot be read is an error of the base`() async throws {
    let site = try site()
    try site.write(["flux/broken.yaml": "kind: ArtifactGenerator\na: ["])
    try site.project.commit()
    try site.project.remove("flux/broken.yaml")
    let outcome = await site.diff(["-o", "markdown"])
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("**Error:**"))
    #expect(outcome.output.contains("HEAD:flux/broken.yaml"))
    #expect(outcome.output.contains("no artifact changes"))
  }

  @Test func `an artifact that fails at the base only is named`() async throws {
    let site = try site()
    try site.write([
      "flux/g.yaml": Site.generator(["a", "b"]).replacing("apps/a/", with: "apps/none/")
    ])
    try site.project.commit()
    try site.write(["flux/g.yaml": Site.generator(["a", "b"])])
    let outcome = await site.diff(["-o", "github"])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("title=base-fails%3A ExternalArtifact/apps/a::at the base: a"))
    #expect(outcome.output.contains("::notice file="))
  }

  // MARK: - What is left out

  @Test func `what waits comes last, and is left out first`() async throws {
    var files = ["apps/a/x.yaml": Site.service("a"), "flux/g.yaml": Site.generator(["a"])]
    files["flux/k.yaml"] = Site.kustomization("first", of: "a")
    for index in 0..<60 {
      files["flux/k\(index).yaml"] = Site.kustomization(
        "waiting\(index)", of: "other", "dependsOn: [{name: first}]")
    }
    let site = try Site(files)
    try site.write(["apps/a/x.yaml": Site.service("a", "v: \"2\"")])
    let text = await site.diff(["-o", "markdown", "--max-length", "2000"]).output
    #expect(text.utf16.count <= 2000)
    #expect(text.contains("| `apps/a` | changed |"))
    #expect(text.contains("what waits ("))
    let whole = await site.diff().output
    let rolls = try #require(whole.range(of: "\nrolls:"))
    let waits = try #require(whole.range(of: "\nwaits:"))
    #expect(rolls.lowerBound < waits.lowerBound)
  }

  @Test func `a cut patch says how many lines are left out, and none is empty`() async throws {
    let lines = (0..<400).map { "line \($0) of a file with some text\n" }.joined()
    let site = try Site(["apps/a/x.txt": "", "flux/g.yaml": Site.generator(["a"])])
    try site.write(["apps/a/x.txt": lines])
    for limit in [1000, 1500, 3000, 6000] {
      let text = await site.diff(["-o", "markdown", "--max-length", "\(limit)"]).output
      #expect(text.utf16.count <= limit)
      #expect(!text.contains("```diff\n…"))
      guard text.contains("```diff") else { continue }
      let shown = text.split(separator: "\n").count { $0.hasPrefix("+line") }
      let left = try #require(text.firstMatch(of: /… (\d+) more lines/)?.1)
      #expect(shown + (Int(left) ?? 0) == 400, "\(limit)")
    }
  }
}
