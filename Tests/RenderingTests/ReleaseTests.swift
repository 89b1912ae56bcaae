import Content
import Document
import Objects
import Testing
import Text

@testable import Rendering

/// What the cases of helm-controller do not show.
@Suite struct ReleaseTests {
  private func values(
    _ path: String, _ value: String, literal: Bool = false, in start: Value = [:]
  ) -> (Value, String?) {
    let map = ValuesMap(start.object ?? Object(), isSecret: false)
    let refusal = ValuePath.set(path, to: value, isLiteral: literal, isSecret: false, in: map)
    return (.object(map.object { value, _ in value }), refusal)
  }

  @Test(
    arguments: [
      ("a", "1", ["a": 1]), ("a", "01", ["a": "01"]), ("a", "TRUE", ["a": true]),
      ("a", "null", ["a": .null]), ("a", "x", ["a": "x"]), ("a", "", ["a": ""]),
      ("a", "1,b=2", ["a": 1, "b": 2]), ("a", #"1\,2"#, ["a": "1,2"]), ("a", "'1'", ["a": "1"]),
      ("a[1]", "x", ["a": [.null, "x"]]), ("a[0].b", "x", ["a": [["b": "x"]]]),
      ("a[0][1]", "x", ["a": [[.null, "x"]]]), ("a", "{}", ["a": [""]]),
      ("a", "{1,b}", ["a": [1, "b"]]), (#"a\.b"#, "x", ["a.b": "x"]), ("a[1", "x", [:]),
    ] as [(String, String, Value)])
  func `sets values at paths like helm`(_ path: String, _ value: String, _ expected: Value) {
    let (result, refusal) = values(path, value)
    #expect(refusal == nil)
    #expect(result == expected)
  }

  @Test(arguments: [
    ("a", "1,b", #"key "b" has no value"#),
    ("a", "{1", "list must terminate with '}'"),
    ("a[x]", "1", #"error parsing index: strconv.Atoi: parsing "x": invalid syntax"#),
    ("a[70000]", "1", "index of 70000 is greater than maximum supported index of 65536"),
    ("a[-1]", "1", "negative -1 index not allowed"),
    (
      "t.x", "1",
      "unable to parse key: interface conversion: interface {} is string, not map[string]interface {}"
    ),
    (
      "t[0]", "1",
      "unable to parse key: interface conversion: interface {} is string, not []interface {}"
    ),
  ])
  func `refuses paths of values like helm`(_ path: String, _ value: String, _ expected: String) {
    #expect(values(path, value, in: ["t": "text"]).1 == expected)
  }

  /// A value may be a whole command line of its own.
  @Test func `hostile paths of values are bounded`() {
    let deep = String(repeating: "[0]", count: 300_000)
    #expect(values("a" + deep, "1").1 == "there are more than 200 indices")
    let wide = (0..<40).map { "k\($0)[65536]=1" }.joined(separator: ",")
    #expect(values("a", "1," + wide).1 == "lists grow to more than 1048576 elements")
    #expect(
      values(String(repeating: "a.", count: 40) + "b", "1").1
        == "value name nested level is greater than maximum supported nested level of 30")
  }

  @Test func `literal values stay texts`() {
    #expect(values("a", #"{1,[2]}\,b=3"#, literal: true).0 == ["a": #"{1,[2]}\,b=3"#])
  }

  private func release(_ spec: Value) -> ReleaseRendering {
    ReleaseRendering(
      ["kind": "HelmRelease", "metadata": ["name": "r", "namespace": "n"], "spec": spec],
      namespace: "default")
  }

  private func secret(_ text: String) -> PostBuild.Source {
    .found(["kind": "Secret", "apiVersion": "v1", "stringData": ["values.yaml": .string(text)]])
  }

  /// A list is shared like a map as long as it does not grow.
  @Test func `a target path into a list of the spec stays`() throws {
    let rendering = release([
      "values": ["l": [1, 2]],
      "valuesFrom": [["kind": "ConfigMap", "name": "c", "valuesKey": "k", "targetPath": "l[0]"]],
    ])
    let source = PostBuild.Source.found(["data": ["k": "9"]])
    #expect(try rendering.values(from: [source]).values == ["l": [9, 2]])
  }

  @Test func `values of Secrets are masked and altered`() throws {
    let rendering = release([
      "values": ["open": "x"], "valuesFrom": [["kind": "Secret", "name": "s"]],
    ])
    let values = try rendering.values(
      from: [secret("{password: aZ9-, port: 8080, on: true, none: null}")])
    #expect(
      values.masked
        == ["open": "x", "password": "***", "port": "***", "true": true, "none": .null])
    #expect(
      values.altered { _ in true }
        == ["open": "x", "password": "bA1-", "port": 9191, "true": true, "none": .null])
    #expect(values.secretCount == 2)
    #expect(values.secrets == ["aZ9-", "8080"])
    #expect(
      values.altered { $0 == 1 }
        == ["open": "x", "password": "aZ9-", "port": 9191, "true": true, "none": .null])
  }

  /// No part of a value may be the same, whatever a chart cuts out of it.
  @Test(
    arguments: [
      ("парольСекрет", "жжжжжжЖжжжжж"), ("!@#$%^&*()_+", "^@^^^;^^^^_^"), ("::--", "xxxx"),
      ("a:b/ж", "b:c/я"), ("日本", "ａａ"), (83_726_154, 94_837_265), (0, 1), (9, 1),
      (-18, -29), (123_456_789_012_345_678, 234_567_891_123_456_789),
      (Value.integer(.max), 1_334_483_147_965_886_918),
      (8_333_333_333_333_333_333, 1_444_444_444_444_444_444),
      (0.25, 1.36), (1e300, 2e300),
    ] as [(Value, Value)])
  func `every part of a secret is altered`(_ value: Value, _ expected: Value) {
    #expect(Alteration.altered(value) == expected)
  }

  /// As variables of Kustomizations are.
  @Test func `values that are named like credentials are secret`() throws {
    let rendering = ReleaseRendering(
      [
        "kind": "HelmRelease", "metadata": ["name": "r"],
        "spec": ["values": ["password": "p", "db": ["password": ["q"], "user": "u"]]],
      ], namespace: "n", hides: { $0 == "password" })
    let values = try rendering.values(from: [])
    #expect(values.masked == ["password": "***", "db": ["password": ["***"], "user": "u"]])
    #expect(values.secretCount == 2)
  }

  @Test func `unknown objects are named and errors show no secret`() throws {
    let rendering = release(["valuesFrom": [["kind": "Secret", "name": "s"]]])
    #expect(try rendering.values(from: [.unknown]).unknownSources == ["Secret/s"])
    let failure = #expect(throws: RenderFailure.self) {
      try rendering.values(from: [secret("{hunter2: [")])
    }
    #expect(failure.map { !$0.message.contains("hunter2") } == true)
  }

  @Test(arguments: [
    ("sha256:" + String(repeating: "a", count: 64), "1.2.3+aaaaaaaaaaaa"),
    ("1.2.3@sha256:bbbbbbbbbbbbbb", "1.2.3+bbbbbbbbbbbb"),
    ("1.2.3_x@sha256:bbbbbbbbbbbbbb", "1.2.3+bbbbbbbbbbbb"),
  ])
  func `versions of charts have the digest`(_ revision: String, _ expected: String) throws {
    #expect(try ReleaseChart.version("1.2.3", revision: revision) == expected)
  }

  @Test(arguments: [
    (
      "1.2.3", "1.2.4@sha256:bbbbbbbbbbbbbb",
      "artifact revision 1.2.4 does not match chart version 1.2.3"
    ),
    ("x", "sha256:bbbbbbbbbbbbbb", "invalid chart version x"),
    ("1.2.3", "sha256:b", "invalid artifact revision sha256:b"),
  ])
  func `versions that do not fit are refused`(
    _ version: String, _ revision: String, _ reason: String
  ) {
    let failure = #expect(throws: RenderFailure.self) {
      try ReleaseChart.version(version, revision: revision)
    }
    #expect(failure?.message == reason)
  }

  private func chart(_ files: [String: String]) throws -> ReleaseChart {
    let tree = FileTree()
    for (path, text) in files {
      try tree.place(FileTree.newFile(.bytes(Array(text.utf8)), mode: 0o600), at: TreePath(path))
    }
    return try ReleaseChart(tree, revision: nil)
  }

  @Test func `what only a cluster knows is named`() throws {
    let templates = [
      "a/Chart.yaml": "name: a", "a/README.md": "{{ lookup }}",
      "a/templates/x.yaml": "lookup {{ .Values.lookups }} {{ .Capabilities.KubeVersion.Version }}",
    ]
    #expect(try chart(templates).gaps == [.kubeVersion])
    var others = templates
    others["a/templates/y.yaml"] = #"{{- if (lookup "v1" "Secret" "a" "b") }}{{ end }}"#
    #expect(try chart(others).gaps == [.lookup, .kubeVersion])
  }

  /// What helm 4.2 and 3.17 load is in `test_render_hostile.py`.
  @Test(arguments: [
    ("values.schema.json", ##"{"$ref": "#/a", "$id": "https://example.com/x"}"##, nil),
    ("values.schema.json", #"{"properties": {"$ref": {"type": "string"}}}"#, nil),
    ("values.schema.json", #"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, nil),
    ("README.md", #"{"$ref": "x"}"#, nil), ("charts/x.tgz.md", "x", nil),
    ("files/x.tgz", "x", nil),
    (
      "values.schema.json", #"{"$ref": "https://me:word@example.com/x"}"#,
      "references https://example.com/x, which only helm-controller would load"
    ),
    ("charts/s/values.schema.json", #"{"a": [{"\u0024ref": "/etc/x"}]}"#, "references /etc/x"),
    ("values.schema.json", #"{"$schema": "https://json-schema.org/draft-03/schema"}"#, "draft-03"),
    ("values.schema.json", "{", "values.schema.json cannot be read here: line 1"),
    ("charts/s.tgz", "x", "charts/s.tgz cannot be read here: "),
  ])
  func `schemas that refer to more than themselves are not used`(
    _ path: String, _ text: String, _ reason: String?
  ) throws {
    let objection = try chart(["a/Chart.yaml": "name: a", "a/\(path)": text]).schemaObjection
    #expect((objection == nil) == (reason == nil))
    #expect(reason.map { "\(objection as Any)".contains($0) } ?? true)
    #expect(!"\(objection as Any)".contains("word"))
  }

  @Test func `links in a chart are refused`() throws {
    let tree = FileTree()
    try tree.place(FileTree.newLink(to: "/etc/passwd"), at: "a/Chart.yaml")
    let failure = #expect(throws: RenderFailure.self) {
      try ReleaseChart(tree, revision: nil)
    }
    #expect(failure?.stage == .refused)
  }

  private let hook = """
    ---
    # Source: demo/crds/x.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: stranger}
    ---
    # Source: demo/templates/a.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: a}
    ---
    # Source: demo/templates/crds/h.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: a, annotations: {helm.sh/hook: pre-install}}
    """

  private func labelled(_ spec: Value) async throws -> [Bool] {
    let objects = try await release(spec).objects(of: Array(hook.utf8)) { _ in [] }
    return objects.values.map { $0.labels["helm.toolkit.fluxcd.io/name"] == "r" }
  }

  @Test func `hooks are post-rendered as the strategy says`() async throws {
    await #expect(throws: RenderFailure.self) { try await labelled([:]) }
    #expect(try await labelled(["postRenderStrategy": "separate"]) == [true, true])
    #expect(try await labelled(["postRenderStrategy": "nohooks"]) == [true, false])
  }

  @Test func `origin labels win over commonMetadata`() async throws {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    let objects = try await release([
      "commonMetadata": [
        "labels": ["helm.toolkit.fluxcd.io/name": "other", "team": "x"],
        "annotations": ["note": "y"],
      ]
    ]).objects(of: Array(text.utf8)) { _ in [] }
    #expect(objects.values.first?.labels["helm.toolkit.fluxcd.io/name"] == "r")
    #expect(objects.values.first?.labels["team"] == "x")
    #expect(objects.values.first?.annotations == ["note": "y"])
  }

  /// Whatever a chart makes of a secret differs when the secret does.
  @Test func `what comes from a Secret is hidden`() {
    let real: Value = [
      "kind": "Deployment", "metadata": ["name": "d"],
      "spec": ["hash": "5f4d", "text": "user=a\npassword=hunter2", "open": "x", "n": 8080],
    ]
    let altered: Value = [
      "kind": "Deployment", "metadata": ["name": "d"],
      "spec": ["hash": "77aa", "text": "user=a\npassword=ivoufs3", "open": "x", "n": 8080],
    ]
    let mask = ReleaseMask(["hunter2", "8080"], unaltered: [0, 1])
    let (shown, count) = mask.masked(real, comparedWith: altered)
    #expect(
      shown["spec"] == ["hash": "***", "text": "user=a\n***", "open": "x", "n": "***"])
    #expect(count == 3)
    #expect(
      mask.masked(["a": "x hunter2", "b": "aHVudGVyMg==", "c": "y"], comparedWith: nil).0
        == ["a": "***", "b": "***", "c": "y"])
  }

  /// Names of fields can be made of a secret like their values.
  @Test func `where the other run has nothing, nothing is shown`() {
    let mask = ReleaseMask(["hunter2"], unaltered: [0])
    let object: Value = [
      "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "hunter2"],
      "data": ["khunter2": "eA==", "aHVudGVyMg": "eA=="], "list": [["a": 1], ["b1946": 2]],
    ]
    #expect(
      mask.masked(object, comparedWith: .null)
        == (["apiVersion": "***", "kind": "***", "metadata": ["name": "***"]], 1))
    let nested: Value = ["kind": "A", "x": ["y": ["f5b3": "z"]], "l": [["f5b3": 1], ["f5b3": 2]]]
    #expect(
      mask.masked(nested, comparedWith: ["kind": "A", "x": ["y": 1], "l": [["c": 1]]])
        == (["kind": "A", "x": ["y": "***"], "l": "***"], 2))
    #expect(
      mask.masked(nested, comparedWith: ["kind": "A", "x": [:], "l": [["c": 1], ["c": 1]]])
        == (["kind": "A", "x": ["***": "***"], "l": [["***": "***"], ["***": "***"]]], 3))
    // Without another run, only the text itself is known.
    #expect(
      mask.masked(["data": ["khunter2": "x", "c": "y"]], comparedWith: nil)
        == (["data": ["***": "x", "c": "y"]], 1))
  }

  /// A chart that takes no other value may still indent, trim, encode or capitalise it.
  @Test func `a secret for which there is no other is found by its text`() {
    let key = "-----BEGIN KEY-----\nabcd1234\n-----END KEY-----\n"
    let mask = ReleaseMask([key, "pa55word"], unaltered: [0, 1])
    for text in [
      "    abcd1234", "-----BEGIN KEY-----", "PA55WORD", encodeBase64("user:pa55word!".utf8),
      encodeBase64("u:pa55word".utf8), encodeBase64("us:pa55word".utf8), "x\n  abcd1234\n",
    ] {
      #expect(mask.masked(["a": .string(text)], comparedWith: nil).1 == 1, "\(text)")
    }
    #expect(mask.masked(["a": "word", "b": "abcd"], comparedWith: nil).1 == 0)
  }

  /// What a chart was rendered without shows where it lands; what only equals it did not come from it.
  @Test func `nothing is hidden for being equal by chance`() {
    let object: Value = [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": [
        "name": "prod", "namespace": "prod",
        "labels": [
          "helm.toolkit.fluxcd.io/name": "prod", "helm.toolkit.fluxcd.io/namespace": "prod",
          "env": "prod",
        ],
      ], "data": ["n": 4, "env": "prod"],
    ]
    let open = ReleaseMask(["prod", "4"], unaltered: [])
    #expect(open.masked(object, comparedWith: object).0 == object)
    let (shown, count) = ReleaseMask(["prod", "4"], unaltered: [0, 1])
      .masked(object, comparedWith: object)
    #expect(
      shown.name == "prod" && shown.namespace == "prod"
        && shown["data"] == ["n": "***", "env": "***"])
    #expect(shown.labels["helm.toolkit.fluxcd.io/name"] == "prod")
    #expect(shown.labels["env"] == "***")
    #expect(count == 3)
  }

  private func comparing(_ first: [Value], _ again: [Value]) async throws -> [Value] {
    func objects(_ values: [Value]) async throws -> ReleaseRendering.Objects {
      try await release([:]).objects(
        of: Array(values.map { YAML.write($0) }.joined(separator: "---\n").utf8)
      ) { _ in [] }
    }
    var runs = ReleaseRendering.Runs(try await objects(first))
    runs.again = try await objects(again)
    return release([:]).consumer(
      of: runs, values: try release([:]).values(from: []), gaps: [], isRaw: false,
      showsSecrets: false, isComparing: true
    ).objects.map(\.shown)
  }

  private func config(_ name: String, _ text: String) -> Value {
    [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)],
      "data": ["c": .string(text)],
    ]
  }

  @Test func `objects with random names and lines that are random can be compared`() async throws {
    let shown = try await comparing(
      [config("job-abc", "id=1\nmode=old"), config("job-xyz", "x")],
      [config("job-abd", "id=2\nmode=old"), config("job-xxx", "x")])
    #expect(shown.map(\.name) == ["job-random", "job-random-2"])
    #expect(shown.map { $0["data", "c"] } == ["(differs at every run)\nmode=old", "x"])
  }

  /// One side may look stable by chance.
  @Test func `what is random on one side is so on both`() async throws {
    func consumer(_ values: [Value]) -> RenderedConsumer {
      var consumer = RenderedConsumer(kind: "HelmRelease", namespace: "n", name: "r")
      consumer.objects = values.map {
        RenderedObject(text: [], value: $0, shown: $0, secretCount: 0, isEncrypted: false)
      }
      return consumer
    }
    let old = try await comparing([config("a", "1\nx")], [config("a", "2\nx")])
    let new = try await comparing([config("a", "1\ny")], [config("a", "1\ny")])
    let sides = RenderedConsumer.aligned(consumer(old), consumer(new))
    #expect(sides.old?.objects.map { $0.shown["data", "c"] } == ["(differs at every run)\nx"])
    #expect(sides.new?.objects.map { $0.value["data", "c"] } == ["(differs at every run)\ny"])
  }

  @Test func `errors do not tell what comes from a Secret`() throws {
    let rendering = release(["valuesFrom": [["kind": "Secret", "name": "s"]]])
    let values = try rendering.values(from: [secret("password: hunter2")])
    func shown(_ message: String, _ other: String?) -> String {
      rendering.shown(
        RenderFailure(.template, message),
        comparedWith: other.map { RenderFailure(.template, $0) }, values: values
      ).message
    }
    #expect(shown("no such value", "no such value") == "no such value")
    #expect(
      shown("values are wrong:\n- hunter2", "values are wrong:\n- ivoufs3")
        == "values are wrong:\n*** (masked: set --show-secrets)")
    // What no other value leads to may be made of this one.
    #expect(!shown("aHVudGVyMg", nil).contains("aHVudGVyMg"))
  }

  @Test func `values alone are masked`() throws {
    let rendering = release(["valuesFrom": [["kind": "Secret", "name": "s"]]])
    let consumer = rendering.consumer(
      of: try rendering.values(from: [secret("password: hunter2")]))
    #expect(consumer.objects.map(\.shown) == [["password": "***"]])
    #expect(consumer.objects.map(\.secretCount) == [1])
  }

  @Test func `what differs from run to run is named`() {
    let one: Value = ["kind": "Secret", "metadata": ["name": "s"], "data": ["p": "a", "q": "b"]]
    let other: Value = ["kind": "Secret", "metadata": ["name": "s"], "data": ["p": "c", "q": "b"]]
    #expect(ReleaseMask.differences([one], [other], shown: [one]) == ["Secret/s data.p"])
    #expect(ReleaseMask.differences([one], [one], shown: [one]).isEmpty)
    // What may not be shown is not named, and what is below it is not either.
    let hidden: Value = ["kind": "Secret", "metadata": ["name": "***"], "data": ["***": "***"]]
    #expect(ReleaseMask.differences([one], [other], shown: [hidden]) == ["Secret/*** data.***"])
  }
}
