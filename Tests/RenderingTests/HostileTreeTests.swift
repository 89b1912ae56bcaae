import Content
import Document
import Testing

@testable import Rendering

/// What an artifact must not make us read, fetch or start: it is refused before kubectl runs.
@Suite struct HostileTreeTests {
  /// A tree with these files; a target after `->` makes a link.
  private static func tree(_ files: [String: String]) throws -> FileTree {
    let tree = FileTree()
    for (path, text) in files {
      let node =
        text.hasPrefix("->")
        ? FileTree.newLink(to: TreePath(String(text.dropFirst(2))))
        : FileTree.newFile(.bytes(Array(text.utf8)), mode: nil)
      try tree.place(node, at: TreePath(path))
    }
    return tree
  }

  private static func input(
    _ files: [String: String], spec: Object = [:], refusesRemoteBases: Bool = false
  ) throws -> KustomizeInput {
    let object: Value = [
      "kind": "Kustomization", "metadata": ["name": "x", "namespace": "n"], "spec": .object(spec),
    ]
    return try KustomizationRendering(object, namespace: "n")
      .input(in: try tree(files), refusesRemoteBases: refusesRemoteBases)
  }

  private static let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

  /// Every spelling of a place elsewhere that kustomize's reader of addresses knows.
  @Test(arguments: [
    "https://example.com/x.yaml", "http://127.0.0.1:1/x.yaml", "HTTPS://example.com/x",
    "github.com/org/repo", "github.com/org/repo//dir?ref=main", "GitHub.com/org/repo",
    "www.github.com/org/repo", "gh:org/repo", "git::https://example.com/repo", "git@host:org/repo",
    "git@github.com:org/repo.git", "ssh://git@host/org/repo", "org-123@github.com:org/repo",
    "file:///etc", "file://localhost/etc", "host.example/org/repo.git", "./x.git",
    "git.example/a/_git/b", "git::./local", "x?ref=main", "s3::https://bucket/x", "a//b",
  ])
  func `remote bases and paths outside are refused`(_ reference: String) throws {
    for field in ["resources", "bases", "components", "crds", "configurations", "generators"] {
      let files = ["kustomization.yaml": "\(field): ['\(reference)']\n"]
      let failure = try #require(throws: RenderFailure.self) { try Self.input(files) }
      #expect(failure.stage == .refused, "\(field): \(failure)")
      #expect(failure.description.contains("(remote)"), "\(field): \(failure)")
    }
    let failure = try #require(throws: RenderFailure.self) {
      try Self.input(
        ["kustomization.yaml": "resources: ['\(reference)']\n"], refusesRemoteBases: true)
    }
    #expect(failure.stage == .build)
  }

  /// The same in every field that names a file, in a base, and in any case of the name.
  @Test(arguments: [
    "patches: [{path: REF}]", "patchesStrategicMerge: [REF]", "patchesJson6902: [{path: REF}]",
    "replacements: [{path: REF}]", "openapi: {path: REF}",
    "configMapGenerator: [{name: x, files: [REF]}]",
    "configMapGenerator: [{name: x, files: [k=REF]}]",
    "configMapGenerator: [{name: x, envs: [REF]}]", "configMapGenerator: [{name: x, env: REF}]",
    "secretGenerator: [{name: x, files: [REF]}]", "secretGenerator: [{name: x, envs: [REF]}]",
    "transformers: [REF]", "validators: [REF]", "Resources: [REF]", "re\u{17F}ources: [REF]",
    "transformers: ['{apiVersion: builtin, kind: PatchTransformer, metadata: {name: x}, path: REF}']",
    "generators: ['{apiVersion: builtin, kind: SecretGenerator, metadata: {name: x}, files: [REF]}']",
  ])
  func `every field with a path is checked`(_ line: String) throws {
    for reference in ["https://example.com/x", "/etc/hostname", "../../../etc/hostname", "link"] {
      let text = line.split(separator: "REF", omittingEmptySubsequences: false)
        .joined(separator: reference)
      let trees = [
        ["kustomization.yaml": text, "link": "->/etc/hostname"],
        [
          "kustomization.yaml": "resources: [base]", "base/kustomization.yaml": text,
          "base/link": "->../../outside",
        ],
      ]
      for files in trees {
        #expect(throws: RenderFailure.self, "\(text)") { try Self.input(files) }
      }
    }
  }

  /// kustomize loads an entry that is YAML, but no complete resource, as a file; an absolute path stays
  /// one when a combining character follows its slash.
  @Test(arguments: [
    "patchesStrategicMerge: ['http://127.0.0.1:1/x#a: 1']",
    "patchesStrategicMerge: ['a: /../../../../../../tmp/outside.yaml']",
    "patchesStrategicMerge: [\"a: 1\\nb: ../../../../../tmp/outside\"]",
    "patchesStrategicMerge: ['{kind: A, metadata: {name: a}, x: /../../../../../../tmp/x, y: 1}']",
    "patches: ['http://127.0.0.1:1/x#a: 1']",
    "resources: [\"/\u{301}/../../etc/hostname\"]", "components: [\"/\u{301}/../../etc\"]",
    "generators: ['http://127.0.0.1:1/x#a: 1']", "validators: ['a: 1']",
    "transformers: [\"x\\ny: 1\"]",
    "generators: [\"apiVersion: builtin\\nkind: ConfigMapGenerator\\nx: a/../../../../../../tmp/out\"]",
    "transformers: [paths.yaml]", "generators: [folded.yaml]", "generators: [folded2.yaml]",
    "transformers: [folded3.yaml]", "generators: [binary.yaml]",
    "generators: ['{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: g}, FILE\u{17F}: [/etc/x]}']",
  ])
  func `what kustomize may take for a path is checked as one`(_ line: String) throws {
    func plugin(_ kind: String, _ rest: String) -> String {
      "apiVersion: builtin\nkind: \(kind)\nmetadata: {name: g}\n\(rest)\n"
    }
    let plugins = [
      "paths.yaml": plugin(
        "PatchStrategicMergeTransformer", "paths: ['http://127.0.0.1:1/x#a: 1']"),
      "folded.yaml": plugin("ConfigMapGenerator", "file\u{17F}: ['k=http://127.0.0.1:1/x']"),
      "folded2.yaml": plugin("SecretGenerator", "ENV\u{17F}: ['/etc/hostname']"),
      "folded3.yaml": plugin(
        "ReplacementTransformer", "replacement\u{17F}: [{PATH: /etc/hostname}]"),
      "binary.yaml": plugin("ConfigMapGenerator", "!!binary ZmlsZXM=: ['/etc/hostname']"),
    ]
    let files = plugins.merging(["kustomization.yaml": line, "a.yaml": Self.object]) { $1 }
    #expect(throws: RenderFailure.self) { try Self.input(files) }
    let below = Dictionary(uniqueKeysWithValues: files.map { ("k/\($0)", $1) })
    #expect(throws: RenderFailure.self) { try Self.input(below, spec: ["path": "k"]) }
  }

  /// What stands in the kustomization itself stays there, whatever it says.
  @Test func `complete resources are no paths`() throws {
    let patch = "kind: ConfigMap\nmetadata: {name: a}\ndata: {u: 'https://x/y?a=b', c: 'a::b//c'}"
    let plugin =
      "{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: g}, literals: ['u=https://x//y']}"
    let kustomization: Value = [
      "resources": ["a.yaml"], "patchesStrategicMerge": [.string(patch)],
      "generators": [.string(plugin)],
    ]
    let input = try Self.input([
      "kustomization.yaml": JSON.string(kustomization, style: .compact), "a.yaml": Self.object,
    ])
    #expect(input.files.keys.sorted() == ["a.yaml", "kustomization.yaml"])
    let written = try JSON.parse(input.files["kustomization.yaml"] ?? [])
    #expect(written["patchesStrategicMerge"] == [.string(patch)])
    #expect(
      try JSON.parse(Array((written["generators"]?.array?.first?.string ?? "").utf8))["literals"]
        == ["u=https://x//y"])
  }

  /// kubectl reads the configuration of a plugin as it was understood here.
  @Test func `plugins are written anew`() throws {
    let plugin =
      "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nfiles: [x.txt]\n"
    var files = [
      "kustomization.yaml": "generators: [g.yaml]", "g.yaml": plugin, "x.txt": "x",
    ]
    let input = try Self.input(files)
    let written = try JSON.parse(input.files["g.yaml"] ?? [])
    #expect(written["files"] == ["x.txt"])
    #expect(input.files["x.txt"] == Array("x".utf8))
    files["kustomization.yaml"] =
      "generators: [g.yaml]\nconfigMapGenerator: [{name: x, files: [g.yaml]}]"
    #expect(throws: RenderFailure.self) { try Self.input(files) }
  }

  /// As the controller, which writes one where there is none.
  @Test func `a directory is no kustomization file`() throws {
    let failure = try #require(throws: RenderFailure.self) {
      try Self.input(["kustomization.yaml/a.yaml": Self.object])
    }
    #expect(failure == RenderFailure(.generate, "open /kustomization.yaml: is a directory"))
    let input = try Self.input([
      "kustomization.yaml": "resources: [b, b/.empty/a.yaml]", "b/.empty/a.yaml": Self.object,
    ])
    #expect(input.files["b/.emptyx"] == [])
  }

  @Test(arguments: [
    "helmCharts: [{name: c, repo: 'https://x'}]",
    "helmChartInflationGenerator: [{chartName: c}]",
    "generators: ['{apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: {name: x}}']",
    "generators: [plugin.yaml]", "transformers: [plugin.yaml]", "validators: [plugin.yaml]",
    "generators: [exec.yaml]", "transformers: [container.yaml]",
    "transformers: [folder]",
  ])
  func `plugins and charts are refused`(_ line: String) throws {
    let function =
      "apiVersion: v1\nkind: F\nmetadata: {name: f, annotations: {config.kubernetes.io/function: "
    let files = [
      "kustomization.yaml": line,
      "plugin.yaml": "apiVersion: example.com/v1\nkind: Gen\nmetadata: {name: g}\n",
      "exec.yaml": function + "'exec: {path: ./run.sh}'}}\n",
      "container.yaml": function + "'container: {image: x}'}}\n",
      "folder/kustomization.yaml": "resources: [a.yaml]", "folder/a.yaml": Self.object,
    ]
    #expect(throws: RenderFailure.self) { try Self.input(files) }
  }

  /// A directory that is scanned for manifests.
  @Test func `links in a scanned tree are refused`() throws {
    for target in ["/etc/hostname", "../outside.yaml", "a.yaml"] {
      let failure = try #require(throws: RenderFailure.self) {
        try Self.input(["a.yaml": Self.object, "b.yaml": "->\(target)"])
      }
      #expect(failure.description.contains("b.yaml is a symbolic link"))
    }
  }

  @Test func `aliases that multiply are refused`() throws {
    var bomb = Self.object + "x0: &x0 [a,a,a,a,a,a,a,a,a]\n"
    for level in 1...5 {
      let alias = Array(repeating: "*x\(level - 1)", count: 9).joined(separator: ",")
      bomb += "x\(level): &x\(level) [\(alias)]\n"
    }
    #expect(throws: RenderFailure.self) { try Self.input(["a.yaml": bomb]) }
    #expect(throws: RenderFailure.self) {
      try Self.input(["kustomization.yaml": "resources: [a.yaml]", "a.yaml": bomb])
    }
    #expect(throws: RenderFailure.self) { try Self.input(["kustomization.yaml": bomb]) }
    for line in [
      "patches: [{path: b.yaml}]", "patchesStrategicMerge: [b.yaml]", "crds: [b.yaml]",
      "configurations: [b.yaml]", "replacements: [{path: b.yaml}]", "openapi: {path: b.yaml}",
      "patchesJson6902: [{path: b.yaml}]",
      "transformers: ['{apiVersion: builtin, kind: PatchTransformer, metadata: {name: p}, path: b.yaml}']",
    ] {
      #expect(throws: RenderFailure.self, "\(line)") {
        try Self.input([
          "kustomization.yaml": "resources: [a.yaml]\n\(line)", "a.yaml": Self.object,
          "b.yaml": bomb,
        ])
      }
    }
    for field in ["patches: [{patch: ", "patchesStrategicMerge: [", "patchesJson6902: [{patch: "] {
      let text = JSON.string(.string(bomb), style: .compact)
      #expect(throws: RenderFailure.self, "\(field)") {
        try Self.input([
          "kustomization.yaml":
            "resources: [a.yaml]\n\(field)\(text)\(field.utf8.contains(UInt8(ascii: "{")) ? "}" : "")]",
          "a.yaml": Self.object,
        ])
      }
    }
    // Data is not read as YAML.
    let input = try Self.input([
      "kustomization.yaml": "configMapGenerator: [{name: x, files: [b.yaml]}]", "b.yaml": bomb,
    ])
    #expect(input.files["b.yaml"] == Array(bomb.utf8))
  }

  @Test func `the path of the spec stays inside the artifact`() throws {
    // As securejoin has it: the root is the top.
    let input = try Self.input(["a.yaml": Self.object], spec: ["path": "../../.."])
    #expect(input.directory.isRoot)
    #expect(throws: RenderFailure.self) { try Self.input(["a": "->/etc"], spec: ["path": "a/x"]) }
  }

  /// kubectl gets what the kustomization names, and nothing else of the artifact.
  @Test func `kubectl gets only the files that are used`() throws {
    let input = try Self.input(
      [
        "apps/kustomization.yaml": "resources: [a.yaml, ../base]\n", "apps/a.yaml": Self.object,
        "base/kustomization.yaml": "resources: [b.yaml]\n", "base/b.yaml": Self.object,
        "secret.txt": "x", "apps/other.yaml": Self.object,
      ], spec: ["path": "apps"])
    #expect(
      input.files.keys.sorted()
        == ["apps/a.yaml", "apps/kustomization.yaml", "base/b.yaml", "base/kustomization.yaml"])
    #expect(!input.crossesDirectories)
    let crossing = try Self.input(
      [
        "apps/kustomization.yaml": "resources: [../shared.yaml]\n", "shared.yaml": Self.object,
      ], spec: ["path": "apps"])
    #expect(crossing.crossesDirectories)
    #expect(crossing.digest != input.digest)
  }

  /// kustomize quotes literals, lines of variables and patches.
  @Test func `what kustomize quotes of secrets is hidden`() throws {
    let input = try Self.input([
      "kustomization.yaml":
        "resources: [s.yaml]\nsecretGenerator: [{name: s, literals: [litplanted], envs: [e.env]}]\n"
        + "configMapGenerator: [{name: c, literals: [openliteral]}]\n"
        + "patches: [{target: {kind: Secret}, patch: 'data: [patchplanted'}]\n",
      "e.env": "DB_PASS=latin\u{FFFD}planted\n",
      "s.yaml":
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: resourceplanted}\n",
    ])
    func shown(_ message: String) -> String { input.shown(RenderFailure(.build, message)).message }
    let rest = "*** (the rest may quote secrets: set --show-secrets)"
    #expect(
      shown("invalid literal source litplanted, expected key=value")
        == "invalid literal source \(rest)")
    #expect(shown("line \"DB_PASS=latin?planted\"") == "line \"\(rest)")
    #expect(
      shown("line has invalid utf8 bytes : [68 66 95 80]")
        == "line has invalid utf8 bytes : \(rest)")
    #expect(shown("unable to parse [data: [patchplanted]") == "unable to parse [data: [\(rest)")
    #expect(shown("bad resourceplanted") == "bad \(rest)")
    for open in [
      "invalid literal openliteral", "kind: Secret, metadata.name s", "at [3] in s.yaml",
    ] {
      #expect(shown(open) == open)
    }
  }
}
