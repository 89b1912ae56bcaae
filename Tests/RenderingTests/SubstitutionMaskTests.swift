import Document
import Testing

@testable import Rendering

/// Values that come from Secrets are hidden wherever substitution puts them.
@Suite struct SubstitutionMaskTests {
  private static func rendered(
    _ document: String, _ secrets: Object, inline: Object = [:],
    hides: @escaping @Sendable (String) -> Bool = { _ in false }
  ) throws -> RenderedObject {
    let kustomization: Value = [
      "kind": "Kustomization", "metadata": ["name": "apps", "namespace": "flux"],
      "spec": [
        "postBuild": [
          "substitute": .object(inline),
          "substituteFrom": [["kind": "Secret", "name": "s"]],
        ]
      ],
    ]
    let secret: Value = ["kind": "Secret", "stringData": .object(secrets)]
    let rendering = KustomizationRendering(kustomization, namespace: "flux", hides: hides)
    let consumer = try rendering.consumer(
      of: [Array(document.utf8)], sources: [.found(secret)], isStrict: true)
    return try #require(consumer.objects.first)
  }

  private static let head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"

  @Test(arguments: [
    ("data:\n  x: ${v}\n", "hunter2"),
    ("data:\n  x: postgres://user:${v}@host/db\n", "hunter2"),
    ("data:\n  x: ${v^^}\n", "hunter2"),
    ("data:\n  x: ${v:0:4}-${v/hunter/fisher}\n", "hunter2"),
    ("data:\n  x: ${unset:-${v}}\n", "hunter2"),
    ("data:\n  ${v}: x\n", "hunter2"),
    ("data:\n  x: |\n    a\n    ${v}\n", "hunter2"),
    ("data:\n  x: ${v}\n", "12345"),
    ("data: ${v}\n", "{hunter2: true}"),
    ("data:\n  x: '${v}'\n", "it''s hunter2"),
  ])
  func `what a Secret puts anywhere is hidden`(_ body: String, _ secret: String) throws {
    let object = try Self.rendered(Self.head + body, ["v": .string(secret)])
    let shown = YAML.write(object.shown).lowercased()
    for part in ["hunt", "fisher", "12345"] where secret.contains("hunter2") || part == "12345" {
      #expect(!shown.contains(part), "\(shown)")
    }
    #expect(object.secretCount == 1)
    #expect(object.shown != object.value)
    #expect(object.shown["metadata", "name"] == "a")
  }

  /// Inline values win, and are not secret.
  @Test func `inline values are not hidden`() throws {
    let object = try Self.rendered(
      Self.head + "data:\n  x: ${v}\n", ["v": "hunter2"], inline: ["v": "open"])
    #expect(object.shown["data", "x"] == "open")
    #expect(object.secretCount == 0)
  }

  @Test func `inline values that are named like a credential are hidden`() throws {
    let object = try Self.rendered(
      Self.head + "data:\n  x: ${DB_PASSWORD}\n  z: ${v}\n", ["v": "hunter2"],
      inline: ["DB_PASSWORD": "inline2", "v": "open"], hides: { $0 == "DB_PASSWORD" })
    #expect(object.value["data", "x"] == "inline2")
    #expect(object.shown["data", "x"]?.string?.contains("inline2") == false)
    #expect(object.shown["data", "z"] == "open")
    #expect(object.secretCount == 1)
  }

  @Test func `errors do not quote values of Secrets`() throws {
    let failure = try #require(throws: RenderFailure.self) {
      try Self.rendered(Self.head + "data:\n  x: ${v}\n", ["v": "*hunter2"])
    }
    #expect(!failure.description.contains("hunter2"))
  }

  @Test func `labels of the owner come before commonMetadata`() throws {
    let object = try Self.rendered(Self.head, ["v": "x"])
    #expect(
      object.value["metadata", "labels"] == [
        "kustomize.toolkit.fluxcd.io/name": "apps",
        "kustomize.toolkit.fluxcd.io/namespace": "flux",
      ])
  }
}

/// What is done when not all that variables are read from is known.
@Suite struct PartialRenderTests {
  private static func consumer(
    _ text: String, _ source: PostBuild.Source, isOptional: Bool = false
  ) throws -> RenderedConsumer {
    let kustomization: Value = [
      "kind": "Kustomization", "metadata": ["name": "apps", "namespace": "flux"],
      "spec": [
        "postBuild": [
          "substitute": ["known": "k"],
          "substituteFrom": [
            ["kind": "ConfigMap", "name": "c", "optional": .bool(isOptional)]
          ],
        ]
      ],
    ]
    let document = "apiVersion: v1\ndata:\n  x: \(text)\nkind: ConfigMap\nmetadata:\n  name: a\n"
    return try KustomizationRendering(kustomization, namespace: "flux").consumer(
      of: [Array(document.utf8)], sources: [source], isStrict: true)
  }

  @Test func `variables that are unknown stay as they are`() throws {
    let consumer = try Self.consumer("${known} ${other} ${third:-${fourth}}", .unknown)
    #expect(consumer.isPartial)
    #expect(consumer.unknownSources == ["ConfigMap/c"])
    #expect(consumer.unknownVariables == ["other", "third"])
    #expect(consumer.objects.first?.value["data", "x"] == "k ${other} ${third:-${fourth}}")
  }

  @Test func `optional objects that are unknown count as absent`() throws {
    let consumer = try Self.consumer("${known} ${other:-d}", .unknown, isOptional: true)
    #expect(!consumer.isPartial)
    #expect(consumer.objects.first?.value["data", "x"] == "k d")
    #expect(throws: RenderFailure.self) {
      try Self.consumer("${other}", .unknown, isOptional: true)
    }
  }

  @Test func `required objects that are absent are errors`() throws {
    let failure = try #require(throws: RenderFailure.self) { try Self.consumer("x", .absent) }
    #expect(
      failure.description
        == "post build failed for 'ConfigMap.v1.[noGrp]/a': substitute from 'ConfigMap/c' error: "
        + "configmaps \"c\" not found")
  }
}
