import Commands
import Document
import KubeAPI
import Operations
import TestSupport
import Testing

@Suite struct DiffImpactTests {
  @Test func `suspended consumers will not roll, with who suspended them`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "flux/g.yaml": Site.generator(["a"]),
      "flux/k.yaml": Site.kustomization("k", of: "a"),
    ])
    try site.write(["apps/a/x.yaml": Site.service("a", "v: \"2\"")])
    let live = try site.project.folder.write(
      "live.yaml",
      Site.kustomization("k", of: "a", "suspend: true").replacing(
        "namespace: apps}",
        with: "namespace: apps, annotations: {artifactgen/suspended-by: jane, "
          + "artifactgen/suspended-at: \"2026-01-01T00:00:00Z\", "
          + "artifactgen/suspended-reason: incident 42}}"))
    let outcome = await site.diff([], base: ["--base", "HEAD", "--snapshot", live])
    #expect(
      outcome.output.contains(
        "\nwill not roll until resumed:\n  Kustomization/k (a): suspended by jane at "
          + "2026-01-01T00:00:00Z: incident 42\n"))
    #expect(!outcome.output.contains("rolls:"))
  }

  @Test func `what depends on what rolls or breaks waits, through circles as well`() async throws {
    func depends(_ name: String) -> String { "prune: true, dependsOn: [{name: \(name)}]" }
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "apps/b/x.yaml": Site.service("b"),
      "apps/c/x.yaml": Site.service("c"), "flux/g.yaml": Site.generator(["a", "b", "c"]),
      "flux/k1.yaml": Site.kustomization("k1", of: "a"),
      "flux/k2.yaml": Site.kustomization("k2", of: "c", depends("k1")),
      "flux/k3.yaml": Site.kustomization("k3", of: "c", depends("k2")),
      "flux/k4.yaml": Site.kustomization("k4", of: "c", depends("k5")),
      "flux/k5.yaml": Site.kustomization("k5", of: "c", depends("k4")),
    ])
    try site.write(["apps/a/x.yaml": Site.service("a", "v: \"2\"")])
    #expect(try await site.impact() == ["rolls k1", "waits k2", "waits k3"])
    try site.write(["apps/c/x.yaml": Site.service("c", "v: \"2\"")])
    let text = await site.diff([]).output
    #expect(text.contains("Kustomization/k2 (c): after Kustomization apps/k1\n"))
    #expect(text.contains("Kustomization/k4 (c): after Kustomization apps/k5\n"))
    // What depends on something that fails does not come to its turn.
    try site.write(["flux/k1.yaml": Site.kustomization("k1", of: "a", "path: ./gone")])
    #expect(
      try await site.impact() == ["breaks k1", "rolls k4", "rolls k5", "waits k2", "waits k3"])
  }

  @Test func `a kustomization that no longer lists a resource deletes it`() async throws {
    let site = try Site([
      "apps/a/kustomization.yaml": "resources: [base, extra.yaml, own.yaml]\n",
      "apps/a/base/kustomization.yaml": "resources: [one.yaml, two.yaml]\n",
      "apps/a/base/one.yaml": Site.service("one"), "apps/a/base/two.yaml": Site.service("two"),
      "apps/a/extra.yaml": Site.service("extra"), "apps/a/own.yaml": Site.service("own"),
      "apps/a/unlisted.yaml": Site.service("unlisted"),
      "flux/g.yaml": Site.generator(["a"]), "flux/k.yaml": Site.kustomization("k", of: "a"),
    ])
    try site.write([
      "apps/a/kustomization.yaml": "resources: [base, own.yaml]\n",
      "apps/a/base/kustomization.yaml": "resources: [one.yaml]\n",
    ])
    try site.project.remove("apps/a/unlisted.yaml")
    #expect(try await site.impact() == ["dangerous k: extra two", "rolls k"])
    #expect(await site.diff(["--fail-on", "dangerous"]).status == 1)
    // Patches and generators may do anything.
    try site.write([
      "apps/a/kustomization.yaml": "namePrefix: x-\nresources: [base, own.yaml]\n"
    ])
    #expect(try await site.impact() == ["dangerous k: extra one own two?", "rolls k"])
    #expect(await site.diff().output.contains("Kustomization/k may delete 4 objects (a)"))
    // One that cannot be read fails before it takes anything away.
    try site.write([
      "apps/a/kustomization.yaml": "resources: [", "apps/a/unlisted.yaml": Site.service("unlisted"),
    ])
    #expect(try await site.impact() == ["breaks k"])
  }

  @Test func `directories without a kustomization are applied as the controller lists them`()
    async throws
  {
    let site = try Site([
      "apps/a/one.yaml": Site.service("one"), "apps/a/two.json": "{}",
      "apps/a/sub/kustomization.yaml": "resources: [three.yaml]\n",
      "apps/a/sub/three.yaml": Site.service("three"), "apps/a/sub/four.yaml": Site.service("four"),
      "flux/g.yaml": Site.generator(["a"]), "flux/k.yaml": Site.kustomization("k", of: "a"),
    ])
    try site.project.remove("apps/a/one.yaml")
    try site.project.remove("apps/a/two.json")
    try site.project.remove("apps/a/sub/four.yaml")
    #expect(try await site.impact() == ["dangerous k: one", "rolls k"])
    try site.write([
      "apps/a/sub/kustomization.yaml": "resources: [five.yaml]\n",
      "apps/a/sub/five.yaml": Site.service("five"),
    ])
    #expect(try await site.impact() == ["dangerous k: one three", "rolls k"])
    try site.write(["apps/a/sub/kustomization.yaml": "resources: []\n"])
    #expect(try await site.impact() == ["dangerous k: one three", "rolls k"])
    // kustomize refuses circles, in which each is looked at once.
    try site.write(["apps/a/sub/kustomization.yaml": "resources: [../sub, three.yaml]\n"])
    #expect(try await site.impact() == ["breaks k"])
  }

  @Test func `without prune objects stay, and so do those that say so`() async throws {
    let keep = "kustomize.toolkit.fluxcd.io/prune: Disabled"
    let site = try Site([
      "apps/a/one.yaml": Site.service("one"), "apps/a/two.yaml": Site.service("two", keep),
      "apps/a/three.yaml": Site.service("three"),
      "flux/g.yaml": Site.generator(["a"]), "flux/on.yaml": Site.kustomization("pruning", of: "a"),
      "flux/off.yaml": Site.kustomization("plain", of: "a", "prune: false"),
    ])
    try site.project.remove("apps/a/one.yaml")
    try site.project.remove("apps/a/two.yaml")
    #expect(
      try await site.impact() == [
        "dangerous pruning: one", "orphans plain: one two", "orphans pruning: two", "rolls plain",
        "rolls pruning",
      ])
    let text = await site.diff().output
    #expect(text.contains("Kustomization/plain leaves 2 objects (a): prune is off"))
  }

  @Test(arguments: [
    ("prune: true", "dangerous child"), ("prune: false", "orphans child"),
    ("prune: true, deletionPolicy: Orphan", "orphans child"),
    ("prune: false, deletionPolicy: Delete", "dangerous child"),
    ("prune: true, suspend: true", "orphans child"),
  ])
  func `a Kustomization that is deleted takes its objects with it by its policy`(
    _ spec: String, _ entry: String
  ) async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("x"),
      "apps/a/child.yaml": Site.kustomization("child", of: "other", spec),
      "flux/g.yaml": Site.generator(["a"]), "flux/k.yaml": Site.kustomization("k", of: "a"),
    ])
    try site.project.remove("apps/a/child.yaml")
    #expect(try await site.impact().sorted() == ["dangerous k: child", entry, "rolls k"].sorted())
  }

  @Test func `a failing artifact freezes those behind it, which then thaw at once`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "apps/b/x.yaml": Site.service("b"),
      "apps/c/x.yaml": Site.service("c"), "flux/g.yaml": Site.generator(["a", "b", "c"]),
      "flux/k.yaml": Site.kustomization("k", of: "b"),
    ])
    try site.project.remove("apps/a")
    try site.write(["apps/b/x.yaml": Site.service("b", "v: \"2\"")])
    let outcome = await site.diff([])
    #expect(outcome.status == 2)
    #expect(
      outcome.output.contains(
        "thaws:\n  ExternalArtifact/b (a): changes as soon as ExternalArtifact apps/a no longer fails\n"
          + "    Kustomization/k\n"))
    #expect(try await site.impact() == ["frozen b", "thaws b: k"])
  }

  @Test func `what a failing generator held back comes with the change`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "flux/g.yaml": Site.generator(["a"]),
    ])
    let live = try site.project.folder.write(
      "live.yaml",
      Site.generator(["a"]).replacing(
        "metadata: {name: site, namespace: apps}",
        with: "metadata: {name: site, namespace: apps, generation: 1}")
        + "\nstatus: {conditions: [{type: Ready, status: \"False\", reason: BuildFailed, "
        + "message: no, observedGeneration: 1, lastTransitionTime: \"2026-01-01T00:00:00Z\"}]}\n")
    #expect(try await site.impact(["--snapshot", live]) == ["thaws a"])
    // A file that has consumers, too, is read for them.
    let text = Site.generator(["a"]) + "\n---\n" + Site.kustomization("k", of: "a")
    try site.write(["flux/g.yaml": text])
    #expect(try await site.impact(["--snapshot", live]) == ["thaws a: k", "rolls k"])
  }

  @Test func `a change that mends a failing artifact thaws those behind it`() async throws {
    let site = try Site([
      "apps/b/x.yaml": Site.service("b"), "apps/c/x.yaml": Site.service("c"),
      "flux/g.yaml": Site.generator(["a", "b", "c"]),
      "flux/k.yaml": Site.kustomization("k", of: "b"),
    ])
    try site.write([
      "apps/a/x.yaml": Site.service("a"), "apps/c/x.yaml": Site.service("c", "v: \"2\""),
    ])
    #expect(try await site.impact() == ["thaws b: k", "thaws c", "rolls k?"])
    let outcome = await site.diff(["--files"])
    #expect(
      outcome.output.hasSuffix(
        """
        thaws:
          ExternalArtifact/b (a): is not built at the base, where ExternalArtifact apps/a fails; this \
        change does not touch it
            Kustomization/k
          ExternalArtifact/c (a): is not built at the base, where ExternalArtifact apps/a fails

        rolls:
          Kustomization/k may be affected (b)

        a
          + x.yaml

        c
          ~ x.yaml

        """), "\(outcome.output)")
  }

  @Test func `an artifact that another generator needs breaks it when it goes`() async throws {
    let chain = Site.generator(
      ["second"], called: "chain", source: "ExternalArtifact, name: b"
    ).replacing("alias: repo", with: "alias: lib").replacing("@repo/apps/second", with: "@lib")
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "apps/b/x.yaml": Site.service("b"),
      "flux/g.yaml": Site.generator(["a", "b"]), "flux/chain.yaml": chain,
      "flux/k.yaml": Site.kustomization("k", of: "b"),
    ])
    try site.write(["flux/g.yaml": Site.generator(["a"])])
    let outcome = await site.diff([])
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.contains(
        "get sources failed: no generator publishes ExternalArtifact apps/b"), "\(outcome.errors)")
    #expect(try await site.impact().contains("breaks k"))
    // The same the other way round: it fails at the base.
    try site.project.commit()
    try site.write(["flux/g.yaml": Site.generator(["a", "b"])])
    let back = await site.diff([])
    #expect(back.output.contains("b          new"), "\(back.output) \(back.errors)")
  }

  @Test func `without its last generator everything is deleted`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "flux/g.yaml": Site.generator(["a"]),
      "flux/k.yaml": Site.kustomization("k", of: "a"),
    ])
    try site.project.remove("flux/g.yaml")
    let outcome = await site.diff(["--fail-on", "breaks"])
    #expect(outcome.status == 1, "\(outcome.errors)")
    #expect(outcome.output.contains("will be deleted"), "\(outcome.output)")
    #expect(try await site.impact() == ["breaks k"])
    try site.project.commit()
    let none = await site.diff([])
    #expect(none.status == 2)
    #expect(none.errors.contains("no ArtifactGenerator"))
  }

  @Test func `a suspended consumer whose path goes would fail, and deletes nothing`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "apps/a/sub/w.yaml": Site.service("w"),
      "flux/g.yaml": Site.generator(["a"]),
      "flux/k.yaml": Site.kustomization(
        "k", of: "a", "prune: true, path: ./sub, suspend: true"),
    ])
    try site.project.remove("apps/a/sub")
    let outcome = await site.diff(["--objects"])
    #expect(
      outcome.output.contains(
        "would fail when resumed: its path ./sub is not in the artifact"), "\(outcome.output)")
    #expect(!outcome.output.contains("would delete"))
  }

  @Test(arguments: [
    ("configMapGenerator: [{name: settings, literals: [a=b]}]\n", "configMapGenerator settings"),
    ("resources:\n- https://example.com/x?ref=v1\n", "the remote https://example.com/x?ref=v1"),
  ])
  func `what made objects and is gone may delete them`(_ fields: String, _ maker: String)
    async throws
  {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "apps/a/kustomization.yaml": fields,
      "flux/g.yaml": Site.generator(["a"]), "flux/k.yaml": Site.kustomization("k", of: "a"),
    ])
    try site.write(["apps/a/kustomization.yaml": "resources: [x.yaml]\n"])
    let outcome = await site.diff(["--fail-on", "dangerous"])
    #expect(outcome.status == 1)
    #expect(
      outcome.output.contains(
        "Kustomization/k may be affected (a): no longer builds what \(maker) made"),
      "\(outcome.output)")
  }

  @Test func `who uses the source itself gets the new commit`() async throws {
    let direct = Site.kustomization("direct", of: "x").replacing(
      "ExternalArtifact, name: x", with: "GitRepository, name: repo")
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "flux/g.yaml": Site.generator(["a"]),
      "flux/direct.yaml": direct,
    ])
    #expect(try await site.impact() == [])
    try site.write(["README.md": "new"])
    #expect(try await site.impact() == ["rolls direct?"])
    let outcome = await site.diff([])
    #expect(
      outcome.output.contains("uses it directly, which is not compared"), "\(outcome.output)")
    // It is no change of an artifact.
    #expect(outcome.status == 0)
  }

  @Test func `nothing rolls behind a suspended generator`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"),
      "flux/g.yaml": Site.generator(["a"]).replacing(
        "namespace: apps}",
        with: "namespace: apps, annotations: {source.extensions.fluxcd.io/reconcile: disabled}}"),
      "flux/k.yaml": Site.kustomization("k", of: "a"),
    ])
    try site.write(["apps/a/x.yaml": Site.service("a", "v: \"2\"")])
    #expect(try await site.impact() == ["suspended k"])
    #expect(await site.diff([]).output.contains("ArtifactGenerator apps/site is suspended"))
  }

  @Test func `manifests that cannot be read are listed for programs`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "flux/g.yaml": Site.generator(["a"]),
    ])
    try site.write(["apps/a/x.yaml": Site.service("a", "v: \"2\"") + "---\nbad: [\n"])
    let outcome = await site.diff(["--objects", "-o", "json"])
    let item = try JSON.parse(Array(outcome.output.utf8))["items"]?.array?.first
    #expect(item?["unreadableFiles"] == ["x.yaml"])
  }

  @Test func `a kustomization that nobody can read breaks its consumer`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "apps/a/kustomization.yaml": "resources: [x.yaml]\n",
      "flux/g.yaml": Site.generator(["a"]), "flux/k.yaml": Site.kustomization("k", of: "a"),
    ])
    try site.write(["apps/a/kustomization.yaml": "resources: [x.yaml\n"])
    #expect(try await site.impact() == ["breaks k"])
  }

  @Test func `a manifest that nobody can read breaks its consumer`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "apps/a/sub/y.yaml": Site.service("b"),
      "flux/g.yaml": Site.generator(["a"]), "flux/k.yaml": Site.kustomization("k", of: "a"),
    ])
    try site.write(["apps/a/sub/y.yaml": "kind: ["])
    #expect(try await site.impact() == ["breaks k"])
    let output = await site.diff([]).output
    #expect(output.contains("breaks:\n  Kustomization/k (a): sub/y.yaml"), "\(output)")
    // It failed before, too.
    try site.project.commit()
    try site.write(["apps/a/x.yaml": "kind: ["])
    #expect(try await site.impact() == ["rolls k"])
    // Nobody applies it.
    try site.write([
      "apps/a/kustomization.yaml": "resources: [x.yaml]\n", "apps/a/x.yaml": Site.service("a"),
    ])
    try site.project.commit()
    try site.write(["apps/a/sub/y.yaml": "kind: [["])
    #expect(try await site.impact() == ["rolls k"])
  }

  @Test func `a chart without Chart.yaml breaks its HelmRelease`() async throws {
    func release(_ interval: String = "1h") -> String {
      """
      apiVersion: helm.toolkit.fluxcd.io/v2
      kind: HelmRelease
      metadata: {name: h, namespace: apps}
      spec: {interval: \(interval), chartRef: {kind: ExternalArtifact, name: a}}
      """
    }
    let generator = Site.generator(["a"]).replacing("@artifact/", with: "@artifact/chart/")
    let site = try Site([
      "apps/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n",
      "apps/a/values.yaml": "x: 1\n", "flux/g.yaml": generator, "flux/h.yaml": release(),
    ])
    try site.write(["apps/a/values.yaml": "x: 2\n"])
    #expect(try await site.impact() == ["rolls h"])
    try site.project.remove("apps/a/Chart.yaml")
    #expect(try await site.impact() == ["breaks h"])
    let output = await site.diff([]).output
    #expect(
      output.contains("breaks:\n  HelmRelease/h (a): artifact a has no chart/Chart.yaml\n"),
      "\(output)")
    // The release itself changes as well.
    try site.write(["flux/h.yaml": release("2h")])
    #expect(try await site.impact() == ["breaks h"])
    // Without a directory of its own, in files that cannot be read, and without a version.
    try site.write([
      "apps/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n",
      "flux/g.yaml": Site.generator(["a"]),
    ])
    #expect(
      await site.diff([]).output.contains("(a): artifact a has Chart.yaml outside of a chart"))
    try site.write(["flux/g.yaml": generator])
    for text in ["apiVersion: [", "apiVersion: v2\nname: a\n", "name: a\nversion: x\n"] {
      try site.write(["apps/a/Chart.yaml": text])
      #expect(try await site.impact() == ["breaks h"], "\(text)")
    }
  }

  /// What kustomize refuses, in an artifact that was built before.
  @Test(arguments: [
    ("kustomization.yaml", "resources: [x.yaml]\npatches: [{path: no.yaml}]\n"),
    ("kustomization.yaml", "configMapGenerator: [{name: m, files: [no.txt]}]\n"),
    ("kustomization.yaml", "components: [../no]\n"),
    ("kustomization.yaml", "resources: [../../other]\n"),
    ("kustomization.yaml", "resources: [x.yaml, sub]\n"),
    ("y.yaml", Site.service("a")), ("y.yaml", "foo: bar\n"),
    ("y.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"),
  ])
  func `what kustomize refuses breaks, and deletes nothing`(_ file: String, _ text: String)
    async throws
  {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "apps/a/sub/z.yaml": Site.service("z"),
      "flux/g.yaml": Site.generator(["a"]), "flux/k.yaml": Site.kustomization("k", of: "a"),
    ])
    try site.write(["apps/a/\(file)": text])
    #expect(try await site.impact() == ["breaks k"], "\(text)")
    #expect(await site.diff(["--fail-on", "breaks"]).status == 1)
  }

  @Test func `who waits says what changes in its own manifest`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "apps/b/x.yaml": Site.service("b"),
      "flux/g.yaml": Site.generator(["a", "b"]), "flux/k.yaml": Site.kustomization("k", of: "a"),
      "flux/l.yaml": Site.kustomization("l", of: "b", "prune: true, dependsOn: [{name: k}]"),
    ])
    try site.write([
      "flux/k.yaml": Site.kustomization("k", of: "a", "prune: true, path: ./gone"),
      "flux/l.yaml": Site.kustomization("l", of: "b", "prune: false, dependsOn: [{name: k}]"),
    ])
    let output = await site.diff([]).output
    #expect(
      output.contains(
        "does not reconcile before Kustomization apps/k, which it depends on, is ready; "
          + "prune is turned off"), "\(output)")
  }

  @Test func `a source that is suspended is named`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "flux/g.yaml": Site.generator(["a"]),
      "flux/s.yaml": """
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: GitRepository
      metadata: {name: repo, namespace: apps}
      spec: {suspend: true, interval: 1h, url: "https://example.com/x", ref: {branch: main}}
      """,
    ])
    try site.write(["apps/a/x.yaml": Site.service("b")])
    let outcome = await site.diff([])
    #expect(
      outcome.errors.contains(
        "GitRepository apps/repo is suspended: what is new in it is not fetched until it is resumed"
      ),
      "\(outcome.output)\(outcome.errors)")
  }

  @Test func `a check that cannot look does not pass`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "flux/g.yaml": Site.generator(["a"]),
    ])
    let live = try site.project.folder.write(
      "live.yaml",
      Site.kustomization("k", of: "a") + "\n---\n"
        + """
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: ExternalArtifact
        metadata: {name: a, namespace: apps}
        spec: {sourceRef: {apiVersion: source.extensions.fluxcd.io/v1beta1, kind: ArtifactGenerator, name: site}}
        status: {artifact: {digest: "sha256:00", revision: "latest@sha256:00", path: x, url: http://x/y.tar.gz}}
        """)
    let outcome = await site.diff(["--fail-on", "dangerous"], base: ["--snapshot", live])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("--fail-on dangerous cannot be checked"), "\(outcome.errors)")
    #expect(await site.diff(["--fail-on", "errors"], base: ["--snapshot", live]).status == 0)
  }

  @Test func `consumers behind another generator may roll`() async throws {
    let site = try Site([
      "apps/a/x.yaml": Site.service("a"), "flux/g.yaml": Site.generator(["a"]),
    ])
    try site.write(["apps/a/x.yaml": Site.service("a", "v: \"2\"")])
    let other = Site.generator(
      ["second"], called: "other", source: "ExternalArtifact, name: a")
    let third = Site.generator(
      ["third"], called: "third", source: "ExternalArtifact, name: second")
    let live = try site.project.folder.write(
      "live.yaml",
      [
        other, third, Site.kustomization("near", of: "second"),
        Site.kustomization("far", of: "third"),
        Site.kustomization("idle", of: "third", "suspend: true"),
      ].joined(separator: "\n---\n"))
    let base = ["--base", "HEAD", "--snapshot", live]
    #expect(
      try await site.impact(base) == [
        "suspended idle?", "rolls other", "rolls third?", "rolls far?", "rolls near?",
      ])
    // Without the artifact, the generator fails, and what it published stays.
    try site.write([
      "flux/g.yaml": Site.generator(["b"]), "apps/b/x.yaml": Site.service("b"),
    ])
    #expect(try await site.impact(base) == ["breaks other", "frozen second"])
  }

  /// fluxcd/source-watcher#330: a second cluster wants a path that no copy operation brings.
  @Test func `a consumer of a path that the artifact will not hold is named`() async throws {
    let site = try Site([
      "infra/policies/base/ns.yaml": Site.service("ns"),
      "infra/policies/qa/kustomization.yaml": "resources: [../base/ns.yaml]\n",
      "infra/policies/demo-qa/kustomization.yaml": "resources: [oidc.yaml]\n",
      "infra/policies/demo-qa/oidc.yaml": Site.service("oidc"),
      "flux/g.yaml": """
      apiVersion: source.extensions.fluxcd.io/v1beta1
      kind: ArtifactGenerator
      metadata: {name: infra, namespace: apps}
      spec:
        sources: [{alias: repo, kind: GitRepository, name: flux-system}]
        artifacts:
        - name: policies
          copy:
          - {from: "@repo/infra/policies/base/**", to: "@artifact/base/"}
          - {from: "@repo/infra/policies/qa/**", to: "@artifact/qa/"}
      """,
      "flux/qa.yaml": Site.kustomization("policies-qa", of: "policies", "path: ./qa"),
      "flux/demo.yaml": Site.kustomization("policies-demo", of: "policies", "path: ./demo-qa"),
    ])
    let live = try site.project.folder.write("live.yaml", Site.kustomization("x", of: "y"))
    let outcome = await site.diff([], base: ["--snapshot", live])
    #expect(
      outcome.output.hasSuffix(
        "breaks:\n  Kustomization/policies-demo (policies): its path ./demo-qa is not in the artifact\n"
          + "\nrolls:\n  Kustomization/policies-qa (policies): new: will apply it\n"))
  }

  @Test func `a terminal cuts long lists, and says how much is left out`() async throws {
    var files = ["apps/a/x.yaml": Site.service("a"), "flux/g.yaml": Site.generator(["a"])]
    for index in 0..<30 { files["flux/k\(index).yaml"] = Site.kustomization("k\(index)", of: "a") }
    for index in 0..<15 { files["apps/a/\(index).yaml"] = Site.service("s\(index)") }
    let site = try Site(files)
    for index in 0..<15 { try site.project.remove("apps/a/\(index).yaml") }
    let cut = await site.diff(["--objects", "--color", "never"], terminal: true).output
    #expect(cut.contains("    … and 5 more; -o wide lists all\n"))
    #expect(cut.contains("  … and 10 more; -o wide lists all\n"))
    for whole in [
      await site.diff().output, await site.diff(["-o", "wide"], terminal: true).output,
    ] {
      #expect(!whole.contains("more;"))
    }
  }
}
