import Content
import Differences
import Document
import Objects
import Testing

/// A side of a comparison, from the texts of its files.
func manifests(_ files: [String: String]) -> ManifestSet {
  ManifestSet(files.map { (TreePath($0.key), Array($0.value.utf8)) })
}

func manifests(_ text: String) -> ManifestSet {
  manifests(["a.yaml": text])
}

/// The changes of fields of the only changed document, as lines.
func fields(_ old: String, _ new: String, noise: NoiseFilter = NoiseFilter()) -> [String] {
  ObjectComparison.changes(from: manifests(old), to: manifests(new), noise: noise)
    .flatMap(\.fields).map(line)
}

private func line(_ change: FieldChange) -> String {
  let (old, new) = change.shown()
  let values = [old, new].map { $0.map { JSON.string($0.value, style: .compact) } ?? "-" }
  return change.kind == .reordered
    ? "\(change.path) reordered" : "\(change.path) \(values[0]) \(values[1])"
}

@Suite struct ObjectsManifestSetTests {
  private func identities(_ files: [String: String]) -> [String] {
    manifests(files).manifests.map {
      switch $0.identity {
      case .object(let id): "\(id.group)|\(id)"
      case .generated(let id): "\(id)*"
      case .document(let path, let index): "\(path)#\(index)"
      }
    }
  }

  @Test func `objects are known by group, kind, namespace and name`() {
    #expect(
      identities([
        "a.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        ---
        # nothing
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: batch/v1
        kind: Job
        metadata: {generateName: seed-}
        ---
        just: values
        """
      ]) == ["apps|Deployment/shop/web", "|Namespace/shop", "Job/seed-*", "a.yaml#3"])
  }

  @Test func `lists are taken apart`() {
    #expect(
      identities([
        "a.json": """
        {"apiVersion":"v1","kind":"List","items":[
          {"apiVersion":"v1","kind":"ConfigMapList","items":[{"metadata":{"name":"one"}}]},
          {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"two"}},
          7]}
        """
      ]) == ["|ConfigMap/one", "|ConfigMap/two", "a.json#2"])
    // An object of a kind that only is called so.
    #expect(
      identities(["a.yaml": "apiVersion: x/v1\nkind: AllowList\nmetadata: {name: obj}\nitems: []\n"]
      )
        == ["x|AllowList/obj"])
  }

  @Test func `kustomizations and charts are files`() {
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: obj}\ndata: {a: '{{ .x }}'}\n"
    #expect(
      identities([
        "kustomization.yaml": object,
        "components/c.yaml":
          "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nmetadata: {name: c}\n",
        "chart/Chart.yaml": "apiVersion: v2\nname: web\n",
        "chart/values.yaml": object,
        "chart/templates/sub/map.yaml": object,
        "chart/templates/fixed.yaml": object.replacing("{{ .x }}", with: "x"),
        "other/templates/map.yaml": object,
      ]) == [
        "chart/Chart.yaml#0", "|ConfigMap/obj", "chart/templates/sub/map.yaml#0",
        "chart/values.yaml#0", "components/c.yaml#0", "kustomization.yaml#0", "|ConfigMap/obj",
      ])
  }

  @Test func `a file that cannot be read is named, without its content`() {
    let set = manifests(["t.yaml": "a: b\n--- hunter2\n", "u.yaml": "a: {{ .x }}\n"])
    #expect(set.manifests.isEmpty)
    #expect(set.unreadable.map(\.path) == ["t.yaml", "u.yaml"])
    #expect(set.unreadable.first?.line == 2)
    #expect(!"\(set.unreadable)".contains("hunter2"))
  }
}

@Suite struct ObjectsComparisonTests {
  private func kinds(_ old: [String: String], _ new: [String: String]) -> [String] {
    ObjectComparison.changes(from: manifests(old), to: manifests(new)).map {
      "\($0.kind.rawValue) \($0.oldPath?.description ?? "-") \($0.newPath?.description ?? "-")"
    }
  }

  private func map(_ name: String, _ value: String = "1") -> String {
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name)}\ndata: {k: '\(value)'}\n"
  }

  @Test func `objects are added, removed, changed and moved`() {
    #expect(
      kinds(
        ["a.yaml": map("one") + "---\n" + map("two"), "b.yaml": map("three")],
        ["a.yaml": map("two", "2") + "---\n" + map("four"), "c.yaml": map("three")])
        == [
          "removed a.yaml -", "changed a.yaml a.yaml", "added - a.yaml", "moved b.yaml c.yaml",
        ])
  }

  @Test func `another version of the API is a changed field`() {
    let old = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: obj}\n"
    #expect(
      fields(old, old.replacing("v1beta1", with: "v1"))
        == ["apiVersion \"batch/v1beta1\" \"batch/v1\""])
  }

  @Test func `several documents of one object are paired by file, then by content`() {
    #expect(
      kinds(
        ["base/a.yaml": map("nn"), "prod/a.yaml": map("nn", "2")],
        ["base/a.yaml": map("nn", "3"), "prod/a.yaml": map("nn", "2")])
        == ["changed base/a.yaml base/a.yaml"])
    #expect(
      kinds(
        ["a.yaml": map("nn"), "b.yaml": map("nn", "2")],
        ["c.yaml": map("nn", "2"), "d.yaml": map("nn")])
        == ["moved b.yaml c.yaml", "moved a.yaml d.yaml"])
    // Order within a file does not count, noise neither.
    #expect(
      kinds(
        ["a.yaml": map("nn") + "status: {a: 1}\n---\n" + map("nn", "2")],
        ["a.yaml": map("nn", "2") + "---\n" + map("nn") + "status: {a: 2}\n"]) == [])
  }

  @Test func `formatting, comments and the order of keys do not count`() {
    let old = """
      apiVersion: v1
      kind: Service
      metadata: {name: obj, labels: {a: x, b: z}}
      spec:
        ports: [{port: 80, name: http}]
        text: "a\\nb\\n"
        anchors: [{q: 1}, {q: 1}]
      """
    let new = """
      {"spec": {"anchors": [{"q": 1.0}, {"q": 1}], "text": "a\\nb\\n", "ports":
        [{"name": "http", "port": 80}]},
       "metadata": {"labels": {"b": "z", "a": "x"}, "name": "obj"}, "kind": "Service",
       "apiVersion": "v1"}
      """
    #expect(kinds(["a.yaml": old], ["a.yaml": new]) == [])
    let anchors = old.replacing("[{q: 1}, {q: 1}]", with: "[&a {q: 1}, *a] # same")
    #expect(kinds(["a.yaml": old], ["a.yaml": anchors]) == [])
  }

  @Test func `a file that one side cannot read is neither added nor removed`() {
    let comparison = ObjectComparison(
      from: manifests(["a.yaml": map("one"), "b.yaml": "a: ["]),
      to: manifests(["a.yaml": "a: [", "b.yaml": map("two"), "c.yaml": map("three")]))
    #expect(comparison.changes.map(\.path) == ["c.yaml"])
    #expect(comparison.unreadable == ["a.yaml", "b.yaml"])
  }

  @Test func `fields are named as kubectl's users read them`() {
    let old = """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, annotations: {a.b/c: x}}
      spec:
        replicas: 1
        template:
          spec:
            containers:
            - name: app
              image: web:1
              args: [a, b, c]
              ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]
              volumeMounts: [{mountPath: /data, name: d}]
              env: [{name: A, value: '1'}, {name: B, value: '2'}]
            - {name: side, image: side:1}
            tolerations: [{key: a}, {key: b}]
      """
    let new = old.replacing("a.b/c: x", with: "a.b/c: z").replacing("web:1", with: "web:2")
      .replacing("replicas: 1", with: "replicas: null").replacing("[a, b, c]", with: "[a, x, b, c]")
      .replacing("{containerPort: 53,", with: "{name: dns, containerPort: 53,")
      .replacing("/data, name: d", with: "/data, name: e").replacing("value: '2'", with: "value: 3")
      .replacing("- {name: side, image: side:1}", with: "- {name: other, image: side:1}")
      .replacing("[{key: a}, {key: b}]", with: "[{key: b}]")
    let containers = "spec.template.spec.containers"
    #expect(
      fields(old, new) == [
        "metadata.annotations[\"a.b/c\"] \"x\" \"z\"",
        "spec.replicas 1 null",
        "\(containers)[name=app].args[1] - \"x\"",
        "\(containers)[name=app].env[name=B].value \"2\" 3",
        "\(containers)[name=app].image \"web:1\" \"web:2\"",
        "\(containers)[name=app].ports[containerPort=53,protocol=UDP].name - \"dns\"",
        "\(containers)[name=app].volumeMounts[mountPath=/data].name \"d\" \"e\"",
        "\(containers)[name=side] {\"image\":\"side:1\",\"name\":\"side\"} -",
        "\(containers)[name=other] - {\"image\":\"side:1\",\"name\":\"other\"}",
        "spec.template.spec.tolerations[0].key \"a\" \"b\"",
        "spec.template.spec.tolerations[1] {\"key\":\"b\"} -",
      ])
  }

  @Test(arguments: [
    // Paired by key, whatever the order, which is said.
    (
      "env: [{name: A, v: 1}, {name: B, v: 2}]", "env: [{name: B, v: 3}, {name: A, v: 1}]",
      ["env[name=B].v 2 3", "env reordered"]
    ),
    // The same key twice: by position.
    (
      "env: [{name: A, v: 1}, {name: A, v: 2}]", "env: [{name: A, v: 1}, {name: A, v: 3}]",
      ["env[1].v 2 3"]
    ),
    (
      "ports: [{port: 53, protocol: UDP}, {port: 53}]",
      "ports: [{port: 53, protocol: UDP, q: 1}, {port: 53}]",
      ["ports[port=53,protocol=UDP].q - 1"]
    ),
    (
      "hostAliases: [{ip: 1.1.1.1, hostnames: [a]}]",
      "hostAliases: [{ip: 1.1.1.1, hostnames: [b]}]",
      ["hostAliases[ip=1.1.1.1].hostnames[0] \"a\" \"b\""]
    ),
    (
      "conditions: [{type: Ready, s: 1}]", "conditions: [{type: Ready, s: 2}]",
      ["conditions[type=Ready].s 1 2"]
    ),
    ("x: [{name: a b}]", "x: [{name: a b, q: 1}]", ["x[name=\"a b\"].q - 1"]),
    ("x: [1, 2, 3]", "x: [2, 3]", ["x[0] 1 -"]),
    ("x: [1, 2, 3]", "x: [1, 4, 5, 3]", ["x[1] 2 4", "x[2] - 5"]),
    ("x: []", "x: [1]", ["x[0] - 1"]),
    ("x: {}", "x: []", ["x {} []"]),
    ("x: '1'", "x: 1", ["x \"1\" 1"]),
    ("x: ", "w: ", ["w - null", "x null -"]),
    ("x: 1", "x: 1.5", ["x 1 1.5"]),
    (
      "'1': a\n'': b\n\"a\\nb\": c", "{}",
      ["[\"\"] \"b\" -", "[\"1\"] \"a\" -", "[\"a\\nb\"] \"c\" -"]
    ),
    ("1", "2", []),
  ])
  func `lists and scalars`(old: String, new: String, expected: [String]) {
    // A document that is no object, but a mapping.
    let found = fields(old, new)
    #expect(found == (expected.isEmpty ? [". 1 2"] : expected))
  }

  @Test func `composed and decomposed letters are two names`() {
    #expect(fields("\u{e9}: 1", "e\u{301}: 1").count == 2)
    #expect(fields("x: [{name: \u{e9}}]", "x: [{name: e\u{301}}]").count == 2)
  }

  @Test func `noise is left out and counted`() {
    let old = """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: obj
        creationTimestamp: null
        managedFields: [{a: 1}]
        annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}"}
      spec: {template: {metadata: {creationTimestamp: null, labels: {a: b}}}}
      status: {replicas: 1}
      """
    let new = """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: obj}
      spec: {template: {metadata: {labels: {a: b}}}}
      status: {replicas: 2}
      """
    let comparison = ObjectComparison(from: manifests(old), to: manifests(new))
    #expect(comparison.changes.isEmpty)
    #expect(comparison.noiseCount == 5)
    #expect(comparison.firstNoise?.hasPrefix("metadata.annotations") == true)
    #expect(fields(old, new, noise: NoiseFilter(hasDefaults: false)).count == 5)
    // A set time is content, and so are checksums, which make pods roll.
    #expect(
      fields(old, old.replacing("creationTimestamp: null", with: "creationTimestamp: '1'")).count
        == 2)
    // A file of values may use the names.
    #expect(fields("status: 1", "status: 2") == ["status 1 2"])
  }

  @Test(arguments: [
    ("a.b", "a: {b: 1, c: 1}", "a: {b: 2, c: 1}"),
    (".a[\"b.c/d\"]", "a: {b.c/d: 1}", "a: {}"),
    ("$.x[name=app].image", "x: [{name: app, image: 1}]", "x: [{name: app, image: 2}]"),
    ("x[1]", "x: [a, b, c]", "x: [a, q, c]"),
    ("*.b", "a: {b: 1}\nc: {b: 1}", "a: {b: 2}\nc: {b: 3}"),
    ("x[*].b", "x: [{b: 1}, {b: 2}]", "x: [{b: 2}, {b: 1}]"),
    ("x.*.b", "x: [{b: 1}, {b: 2}]", "x: [{b: 2}, {b: 1}]"),
    (
      "p[containerPort=80,protocol=TCP].q", "p: [{containerPort: 80, q: 1}]",
      "p: [{containerPort: 80, q: 2}]"
    ),
  ])
  func `what is stripped by a path`(path: String, old: String, new: String) throws {
    let noise = NoiseFilter([try FieldPattern(path)])
    #expect(fields(old, new) != [])
    #expect(fields(old, new, noise: noise) == [])
    let comparison = ObjectComparison(from: manifests(old), to: manifests(new), noise: noise)
    #expect(comparison.noiseCount > 0)
  }

  @Test(arguments: [
    "", ".", "a..b", "a[", "a[x]", "a[\"b]", "a[0", "a]b[", "a[=x]", "a[1]b", "[-1]",
  ])
  func `what is no field path`(text: String) {
    #expect(throws: FieldPattern.Malformed.self) { try FieldPattern(text) }
  }

  @Test func `deep and hostile documents are compared`() {
    let deep = String(repeating: "[", count: 900) + "1" + String(repeating: "]", count: 900)
    #expect(fields("x: \(deep)", "x: \(deep.replacing("1", with: "2"))").count == 1)
    let many = (0..<20_000).map { "{name: i\($0), v: 1}" }
    let old = "x: [\(many.joined(separator: ","))]"
    let new = "x: [\(many.reversed().joined(separator: ","))]"
    #expect(fields(old, new) == ["x reordered"])
    // Many fields at the end of a long path share it.
    let wide =
      String(repeating: "{a: ", count: 400)
      + "[\((0..<20_000).map { "\($0)" }.joined(separator: ","))]"
      + String(repeating: "}", count: 400)
    let changes = ObjectComparison.changes(
      from: manifests(wide), to: manifests(wide.replacing(",", with: ",1")))
    #expect(changes.first?.fields.count == 19_999)
  }
}
