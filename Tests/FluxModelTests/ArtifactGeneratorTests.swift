import Document
import Testing

@testable import FluxModel

@Suite struct ArtifactGeneratorTests {
  static let minimal: Value = [
    "apiVersion": "source.extensions.fluxcd.io/v1beta1",
    "kind": "ArtifactGenerator",
    "metadata": ["name": "gen", "namespace": "apps"],
    "spec": [
      "sources": [["alias": "s", "kind": "GitRepository", "name": "s-src"]],
      "artifacts": [["name": "out", "copy": [["from": "@s/**", "to": "@artifact/"]]]],
    ],
  ]

  /// The minimal manifest with one field set, or removed for nil.
  static func changed(_ path: [String], to new: Value?) -> Value {
    func change(_ value: Value, _ path: ArraySlice<String>) -> Value {
      guard let key = path.first else { return new ?? .null }
      if let index = Int(key) {
        var items = value.array ?? []
        items[index] = change(items[index], path.dropFirst())
        return .array(items)
      }
      var object = value.object ?? Object()
      let isLast = path.count == 1
      object[key] = isLast && new == nil ? nil : change(object[key] ?? [:], path.dropFirst())
      return .object(object)
    }
    return change(minimal, path[...])
  }

  @Test func `every field is read`() throws {
    let generator = try ArtifactGenerator([
      "apiVersion": "source.extensions.fluxcd.io/v1beta1",
      "kind": "ArtifactGenerator",
      "metadata": [
        "name": "gen", "generation": 3, "labels": ["a": "b"], "annotations": ["c": "d"],
      ],
      "spec": [
        "sources": [["alias": "s", "kind": "Bucket", "name": "src", "namespace": "other"]],
        "pathPattern": "@s/{app}",
        "commonMetadata": ["labels": ["x": "y"], "annotations": ["z": ""]],
        "artifacts": [
          [
            "name": "{app}", "revision": "@s", "originRevision": "@s",
            "copy": [
              ["from": "@s/a", "to": "@artifact/", "exclude": ["*.md"], "strategy": "Merge"]
            ],
          ]
        ],
      ],
      "status": ["anything": 1],
    ])
    #expect(
      generator
        == ArtifactGenerator(
          name: "gen",
          namespace: nil,
          annotations: ["c": "d"],
          spec: .init(
            sources: [.init(alias: "s", kind: "Bucket", name: "src", namespace: "other")],
            artifacts: [
              OutputArtifact(
                name: "{app}", revision: "@s", originRevision: "@s",
                copy: [
                  CopyOperation(
                    from: "@s/a", to: "@artifact/", exclude: ["*.md"], strategy: "Merge")
                ])
            ],
            pathPattern: "@s/{app}",
            commonMetadata: .init(labels: ["x": "y"], annotations: ["z": ""])
          )
        )
    )
  }

  @Test("empty texts and null count as absent")
  func absent() throws {
    for path in [["spec", "pathPattern"], ["spec", "artifacts", "0", "revision"]] {
      let generator = try ArtifactGenerator(Self.changed(path, to: ""))
      #expect(generator == (try ArtifactGenerator(Self.minimal)))
    }
    let copy = ["spec", "artifacts", "0", "copy", "0"]
    for field in ["exclude", "strategy"] {
      let generator = try ArtifactGenerator(Self.changed(copy + [field], to: .null))
      #expect(generator == (try ArtifactGenerator(Self.minimal)))
    }
  }

  @Test(
    "what cannot be read names the field and the way out",
    arguments: [
      (
        ["kind"], "GitRepository",
        "kind: must be ArtifactGenerator, not \"GitRepository\""
      ),
      (
        ["apiVersion"], "source.extensions.fluxcd.io/v1",
        "apiVersion: must be source.extensions.fluxcd.io/v1beta1, "
          + "not \"source.extensions.fluxcd.io/v1\""
      ),
      (["apiVersion"], nil, "apiVersion: is missing: add a string"),
      (["metadata"], nil, "metadata: is missing: add an object"),
      (["metadata", "name"], nil, "metadata.name: is missing: add a string"),
      (
        ["metadata", "name"], 12, "metadata.name: must be a string, not a number: put it in quotes"
      ),
      (
        ["metadata", "labels"], ["a": true],
        "metadata.labels.a: must be a string, not a boolean: put it in quotes"
      ),
      (["spec"], nil, "spec: is missing: add an object"),
      (["spec"], "x", "spec: must be an object, not a string"),
      (["spec", "sources"], nil, "spec.sources: is missing: add a list"),
      (
        ["spec", "sources"], ["alias": "s"],
        "spec.sources: must be a list, not an object: put \"- \" before each item"
      ),
      (["spec", "sources", "0"], "s", "spec.sources[0]: must be an object, not a string"),
      (["spec", "sources", "0", "alias"], nil, "spec.sources[0].alias: is missing: add a string"),
      (
        ["spec", "artifacts", "0", "copy", "0", "from"], 1,
        "spec.artifacts[0].copy[0].from: must be a string, not a number: put it in quotes"
      ),
      (
        ["spec", "artifacts", "0", "copy", "0", "exclude"], "*.md",
        "spec.artifacts[0].copy[0].exclude: must be a list, not a string: "
          + "put \"- \" before each item"
      ),
      (
        ["spec", "artifacts", "0", "copy", "0", "exclude"], [["a"]],
        "spec.artifacts[0].copy[0].exclude[0]: must be a string, not a list"
      ),
      (
        ["spec", "artifacts", "0", "copy"], .null, "spec.artifacts[0].copy: is missing: add a list"
      ),
    ] as [([String], Value?, String)])
  func unreadable(path: [String], value: Value?, message: String) {
    let error = #expect(throws: FluxModelError.self) {
      try ArtifactGenerator(Self.changed(path, to: value))
    }
    #expect(error?.description == message)
  }

  @Test func `not an object`() {
    let error = #expect(throws: FluxModelError.self) { try ArtifactGenerator(["a"]) }
    #expect(error?.description == "document: must be an object, not a list")
  }

  @Test(
    "fields that strict decoding refuses",
    arguments: [
      (
        ["spec", "artifacts", "0", "copy", "0", "excludes"],
        "unknown field \"spec.artifacts[0].copy[0].excludes\" (did you mean \"exclude\"?)"
      ),
      (
        ["spec", "artifacts", "0", "copy", "0", "Strategy"],
        "unknown field \"spec.artifacts[0].copy[0].Strategy\" (did you mean \"strategy\"?)"
      ),
      (
        ["spec", "artifacts", "0", "orginRevision"],
        "unknown field \"spec.artifacts[0].orginRevision\" (did you mean \"originRevision\"?)"
      ),
      (
        ["spec", "sources", "0", "aliass"],
        "unknown field \"spec.sources[0].aliass\" (did you mean \"alias\"?)"
      ),
      (["metadata", "label"], "unknown field \"metadata.label\" (did you mean \"labels\"?)"),
      (["sepc"], "unknown field \"sepc\""),
      (["spec", "interval"], "unknown field \"spec.interval\""),
      (
        ["spec", "pathpattern"],
        "unknown field \"spec.pathpattern\" (did you mean \"pathPattern\"?)"
      ),
      (
        ["spec", "commonMetadata", "label"],
        "unknown field \"spec.commonMetadata.label\" (did you mean \"labels\"?)"
      ),
    ])
  func unknownFields(path: [String], finding: String) throws {
    #expect(try ArtifactGenerator(Self.changed(path, to: "1")).strictFindings == [finding])
    #expect(try ArtifactGenerator(Self.minimal).strictFindings.isEmpty)
  }

  @Test(
    "only two words change what a copy does (golden case 231)",
    arguments: [
      (nil, .overwrite), ("Overwrite", .overwrite), ("Merge", .merge), ("Extract", .extract),
      ("merge", .overwrite), ("Replace", .overwrite),
    ] as [(String?, CopyOperation.Strategy)])
  func strategies(text: String?, expected: CopyOperation.Strategy) {
    let operation = CopyOperation(from: "", to: "", strategy: text)
    #expect(operation.effectiveStrategy == expected)
  }
}
