import Document
import Testing

@testable import Linting

@Suite struct PlainManifestTests {
  private static let plain = [
    "kind: A\nmetadata:\n  name: a\n",
    "---\n# c\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n    a/b: c\ndata:\n  k: some text\n",
    "kind: A\nmetadata:\n  name: \"a\"\nspec:\n  name: x\n",
    "metadata:\n  name: a\nspec:\n  list:\n  - name: b\n    args:\n    - x\n    - y: z\n      q: 1\n  other:\n    - a\nkind: A\n",
  ]

  @Test(arguments: plain.filter { !$0.contains("\"") })
  func `a plain object needs no parser`(_ text: String) throws {
    #expect(PlainManifest.identity(Array(text.utf8)) != nil)
    let document = try #require(try YAML.parse(Array(text.utf8)).first)
    #expect(document["kind"]?.string != nil && document["metadata", "name"]?.string != nil)
  }

  @Test(arguments: [
    ("", ""), ("  namespace: default\n", ""), ("  namespace: b \n", "b/"),
  ])
  func `a plain object has its identity`(_ line: String, _ namespace: String) throws {
    let text = "apiVersion: v1\nkind: A\nmetadata:\n  name: a\n\(line)spec:\n  name: b\n"
    let identity = try #require(PlainManifest.identity(Array(text.utf8)))
    #expect(identity.description == "A \(namespace)a")
    #expect(identity == ResourceIdentity(try #require(try YAML.parse(Array(text.utf8)).first)))
  }

  @Test(arguments: [
    "", "- kind: A\n", "kind: A\n", "kind: A\nmetadata: {name: a}\n",
    "kind: A\nspec:\n  name: a\n", "kind: A\nmetadata:\n  labels:\n    name: a\n",
    "kind: A\nmetadata:\n  name:\n", "kind: A\nmetadata:\n  name: null\n",
    "kind: A\nmetadata:\n  name: 5\n", "kind: null\nmetadata:\n  name: a\n",
    "kind: AList\nmetadata:\n  name: a\n", "kind: A\nmetadata:\nname: a\n",
    "kind: A\nmetadata:\n  name: a\n---\nkind: B\n", "kind: A\nmetadata:\n  name: a\nspec: [\n",
    "kind: A\nmetadata:\n  name: a\n   labels:\n", "kind: A\nmetadata:\n  name: a\n b: c\n",
    "kind: A\nmetadata:\n  name: a\n\tb: c\n", "kind: A\nmetadata:\n  name: a\nb: c: d\n",
    "kind: A\nmetadata:\n  name: a\nb: \"c\n", "kind: A\nmetadata:\n  name: a\nb: c\n  d\n",
    "kind: A\nmetadata:\n  name: a\nb: &c\n", "kind: A\nmetadata:\n  name: a\nb\n",
    "kind: A\nmetadata:\n  name: a\nb: {{ .Values.c }}\n", "kind: A\nmetadata:\n  name: a\n- b\n",
    "kind: A\nmetadata:\n  name: a\nb:\n  - c\n  d: e\n", "hello\n",
  ])
  func `what is no plain object is parsed`(_ text: String) {
    #expect(PlainManifest.identity(Array(text.utf8)) == nil)
  }
}
