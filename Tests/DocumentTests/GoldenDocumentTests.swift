import Document
import TestSupport
import Testing

/// Files that kubectl 1.32 wrote, byte for byte.
@Suite struct GoldenDocumentTests {
  /// What was applied to the cluster, as it came back: in a namespace.
  private func applied(_ name: String) throws -> Value {
    var object = try #require(try YAML.parse(try Fixtures.bytes("document/\(name)")).first?.object)
    var metadata = try #require(object["metadata"]?.object)
    metadata["namespace"] = "default"
    object["metadata"] = .object(metadata)
    return .object(object)
  }

  @Test func `#62 every kind of string is quoted as by kubectl`() throws {
    let value = try applied("yaml-strings.in.yaml")
    #expect(YAML.write(value) == (try Fixtures.text("document/yaml-strings.kubectl-1.32.yaml")))
  }

  @Test func `every kind of scalar is read as by kubectl`() throws {
    let value = try applied("yaml11-scalars.in.yaml")
    #expect(YAML.write(value) == (try Fixtures.text("document/yaml11-scalars.kubectl-1.32.yaml")))
    #expect(
      JSON.string(value, style: .pretty)
        == (try Fixtures.text("document/yaml11-scalars.kubectl-1.32.json")))
  }

  @Test func `#63 numbers are written as by kubectl`() throws {
    let object: Value = [
      "apiVersion": "v1", "kind": "ConfigMap", "data": ["y": "yes"],
      "extra": [
        "e": 1e21, "f": 1.0, "g": 0.1, "h": 1e-7, "i": 9_007_199_254_740_993, "neg": .double(-0.0),
        "u": .double(18_446_744_073_709_551_616),
      ],
      "metadata": [
        "annotations": ["note": "x"], "creationTimestamp": "2025-01-01T00:00:00Z",
        "labels": ["app": "demo"], "name": "big", "namespace": "sbig", "resourceVersion": "10",
        "uid": "u-big",
      ],
    ]
    #expect(
      JSON.string(object, style: .pretty)
        == (try Fixtures.text("document/numbers.kubectl-1.32.json")))
    #expect(YAML.write(object) == (try Fixtures.text("document/numbers.kubectl-1.32.yaml")))
  }

  @Test(arguments: [
    "yaml-strings.kubectl-1.32.yaml", "yaml11-scalars.kubectl-1.32.yaml",
    "numbers.kubectl-1.32.yaml",
  ])
  func `#62 what kubectl writes is rewritten unchanged`(name: String) throws {
    let text = try Fixtures.text("document/\(name)")
    let values = try YAML.parse(Array(text.utf8))
    #expect(values.count == 1)
    #expect(values.map { YAML.write($0) }.joined() == text)
  }

  @Test(arguments: ["numbers.kubectl-1.32.json", "yaml11-scalars.kubectl-1.32.json"])
  func `what kubectl writes as JSON reads as YAML too`(name: String) throws {
    let bytes = try Fixtures.bytes("document/\(name)")
    #expect(try YAML.parse(bytes) == [try JSON.parse(bytes)])
  }
}
