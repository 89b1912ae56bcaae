import Commands
import Document
import FluxModel
import KubeAPI
import Objects
import TestSupport
import Testing
import Text

/// A server with two kinds of its own, which prints them itself, and with generators.
private enum ToyServer {
  private static let widgets = ResourceType(
    group: "toys.example.com", version: "v1", kind: "Widget", plural: "widgets",
    singular: "widget", shortNames: ["wi"])
  private static let configMaps = ResourceType(
    group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", singular: "configmap",
    shortNames: ["cm"])
  private static let namespaces = ResourceType(
    group: "", version: "v1", kind: "Namespace", plural: "namespaces", singular: "namespace",
    shortNames: ["ns"], isNamespaced: false)

  private static func object(
    _ kind: String, _ apiVersion: String, _ name: String, in namespace: String? = "apps",
    _ more: [String: Value] = [:]
  ) -> Value {
    var metadata = Object([("name", .string(name)), ("managedFields", [["manager": "m"]])])
    if let namespace { metadata["namespace"] = .string(namespace) }
    if let labels = more["labels"] { metadata["labels"] = labels }
    var fields = Object([
      ("apiVersion", .string(apiVersion)), ("kind", .string(kind)), ("metadata", .object(metadata)),
    ])
    if let spec = more["spec"] { fields["spec"] = spec }
    return .object(fields)
  }

  static func cluster() -> FakeCluster {
    var traits = FakeCluster.Traits()
    traits.kinds = [widgets, configMaps, namespaces]
    traits.namespaces = ["apps", "tenant-a"]
    traits.table = table
    traits.script = []
    return FakeCluster(objects, can: [.watching, .server], traits)
  }

  private static let objects = [
    object("Namespace", "v1", "apps", in: nil),
    object("ConfigMap", "v1", "settings"),
    object(
      "Widget", "toys.example.com/v1", "w10",
      ["labels": ["app": "x", "app.kubernetes.io/name": "y"], "spec": ["size": 3]]),
    object("Widget", "toys.example.com/v1", "w9", ["spec": ["size": 1.5]]),
    object("Widget", "toys.example.com/v1", "w1", in: "tenant-a", ["spec": [:]]),
    object("ArtifactGenerator", "source.extensions.fluxcd.io/v1beta1", "wi", in: "tenant-a"),
  ]

  @Sendable private static func table(_ items: [Value]) -> Value {
    [
      "kind": "Table",
      "columnDefinitions": [
        ["name": "Name", "priority": 0], ["name": "Size", "priority": 0],
        ["name": "Maker", "priority": 1],
      ],
      "rows": .array(
        items.map { item in
          [
            "cells": [item["metadata", "name"] ?? .null, item["spec", "size"] ?? .null, "ours"],
            "object": item,
          ]
        }),
    ]
  }
}

/// What `get` does with kinds that only the server knows.
///
/// `Tests/EndToEnd/test_any.py` compares the same with kubectl on a real server.
@Suite struct GetAnyKindTests {
  private func get(_ line: String) async -> Outcome {
    await invoke(
      ArtifactGen.self, ["get"] + line.split(separator: " ").map(String.init),
      in: TestSurroundings(
        now: TranscriptCase.now, cluster: ToyServer.cluster(), contextNamespace: "apps"))
  }

  /// What a snapshot holds besides Flux's kinds, with ages as of when it was taken.
  @Test(arguments: [
    ("deploy -A", "NAMESPACE   NAME   AGE\napps        web    2m\n"),
    ("deployments.apps web -n apps", "NAME   AGE\nweb    2m\n"),
    ("widgets -n apps", "NAME   AGE\nw1     <unknown>\n"),
    ("deploy -n apps -o name", "deployment.apps/web\n"),
    ("deploy/web -n apps -o jsonpath={.kind}", "Deployment"),
  ])
  func `kinds of a snapshot`(line: String, output: String) async throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(
      "s.yaml",
      """
      apiVersion: v1
      kind: List
      metadata: {annotations: {artifactgen/capturedAt: "2026-11-21T02:00:00Z"}}
      items:
      - apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: apps, creationTimestamp: "2026-11-21T01:58:00Z"}
      - {apiVersion: toys.example.com/v1, kind: Widget, metadata: {name: w1, namespace: apps}}
      """)
    let arguments = ["get"] + line.split(separator: " ").map(String.init)
    let outcome = await invoke(
      ArtifactGen.self, arguments + ["--snapshot", path],
      in: TestSurroundings(now: Timestamp(seconds: 0)))
    #expect(outcome.output == output)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test(arguments: [
    ("widgets", "NAME   SIZE\nw10    3\nw9     1.5\n"),
    ("widgets -o wide", "NAME   SIZE   MAKER\nw10    3      ours\nw9     1.5    ours\n"),
    ("wi w9 --no-headers", "w9    1.5\n"),
    (
      "widget -A",
      "NAMESPACE   NAME   SIZE\napps        w10    3\napps        w9     1.5\ntenant-a    w1     \n"
    ),
    ("ns -A", "NAME   SIZE\napps   \n"),
    (
      "cm,widgets",
      """
      NAME                 SIZE
      configmap/settings  \u{20}

      NAME                          SIZE
      widget.toys.example.com/w10   3
      widget.toys.example.com/w9    1.5

      """
    ),
    ("cm/settings cm/settings --no-headers", "settings   \nsettings   \n"),
    (
      "wi/w1 ag/wi -n tenant-a -o name",
      """
      widget.toys.example.com/w1
      artifactgenerator.source.extensions.fluxcd.io/wi

      """
    ),
    ("widgets -o name", "widget.toys.example.com/w10\nwidget.toys.example.com/w9\n"),
    (
      "widgets --show-labels",
      "NAME   SIZE   LABELS\nw10    3      app.kubernetes.io/name=y,app=x\nw9     1.5    <none>\n"
    ),
    ("widgets --sort-by .metadata.name --no-headers", "w10   3\nw9    1.5\n"),
    (
      "widgets -A --sort-by .spec.size -o name",
      "widget.toys.example.com/w1\n"
        + "widget.toys.example.com/w9\nwidget.toys.example.com/w10\n"
    ),
    ("widgets -o jsonpath={.items[*].spec.size}", "3 1.5"),
    ("widgets -o jsonpath={.items[0].metadata.managedFields[0].manager}", "m"),
    ("wi/w9 -o jsonpath={.spec}", #"{"size":1.5}"#),
    (
      "cm/settings -o yaml",
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n"
        + "  namespace: apps\n"
    ),
    ("widgets -o custom-columns=N:.metadata.name,S:.spec.size", "N     S\nw10   3\nw9    1.5\n"),
    ("widgets -n none -o custom-columns=N:.metadata.name", "N\n"),
    ("widgets -n none -o custom-columns=N:.metadata.name --no-headers", ""),
    ("--raw /version", "raw /version"),
  ])
  func `the server lays out its own kinds`(line: String, expected: String) async {
    let outcome = await get(line)
    #expect(outcome.output == expected)
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test(arguments: [
    ("nosuch", #"artifactgenerators.source.extensions.fluxcd.io "nosuch" not found"#),
    ("nosuch/x", #"the server doesn't have a resource type "nosuch""#),
    ("cm,nosuch", #"the server doesn't have a resource type "nosuch""#),
    ("cm, -A", #"the server doesn't have a resource type """#),
    ("nosuch -A", #"the server doesn't have a resource type "nosuch""#),
    ("cm settings -A", "a resource cannot be retrieved by name across all namespaces"),
    ("cm settings -l a=b", "name cannot be provided when a selector is specified"),
    ("cm absent", #"configmaps "absent" not found"#),
    ("cm absent -n gone", #"namespaces "gone" not found"#),
    ("ag absent -n gone", #"namespaces "gone" not found"#),
    ("cm absent -n gone -o yaml", #"namespaces "gone" not found"#),
    ("cm absent -n default", #"configmaps "absent" not found"#),
    (
      "widgets --sort-by .no.such",
      #"couldn't find any field with path "{.no.such}" in the list of objects"#
    ),
    ("widgets --sort-by {.a}{.b}", "unexpected path string"),
    ("widgets -o jsonpath={.items[7]}", "array index out of bounds: index 7, length 2"),
    ("widgets -o jsonpath={", "unclosed action"),
    ("widgets -o jsonpath=", "template format specified but no template given"),
    ("widgets -o custom-columns=N", "expected <header>:<json-path-expr>"),
    ("--raw /x cm", "arguments may not be passed when --raw is specified"),
  ])
  func `what is not there is named`(line: String, text: String) async {
    let outcome = await get(line)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(text), "\(outcome.errors)")
    #expect(outcome.status == 1)
  }

  /// As in kubectl: an empty file is a template, and `--no-headers` is not for columns from a file.
  @Test func `templates from files`() async throws {
    let folder = try TemporaryDirectory()
    let empty = try folder.write("empty", "")
    let columns = try folder.write("columns", "NAME\n.metadata.name\n")
    let nothing = await get("widgets -o jsonpath-file=\(empty)")
    #expect((nothing.status, nothing.output, nothing.errors) == (0, "", ""))
    #expect(
      await get("widgets --no-headers -o custom-columns-file=\(columns)").output
        == "NAME\nw10\nw9\n")
  }

  /// One error, whether the name or the kind was mistyped.
  @Test func `a word that is neither a name nor a kind`() async {
    let outcome = await get("nosuch")
    #expect(
      outcome.errors
        == #"Error from server (NotFound): artifactgenerators.source.extensions.fluxcd.io "nosuch" "#
        + #"not found, and the server doesn't have a resource type "nosuch""# + "\n")
    let ignored = await get("nosuch --ignore-not-found")
    #expect((ignored.status, ignored.output, ignored.errors) == (0, "", ""))
  }

  /// What can be found is printed, under the kinds that were found only.
  @Test func `part of what is asked for`() async {
    let outcome = await get("cm/absent wi/w9 wi/absent")
    #expect(outcome.output == "NAME   SIZE\nw9     1.5\n")
    #expect(outcome.errors.split(separator: "\n").count == 2, "\(outcome.errors)")
    #expect(outcome.status == 1)
  }

  @Test func `#59 nothing found is said beside the output, and is no failure`() async {
    let outcome = await get("widgets,cm -n none")
    #expect(outcome.output == "")
    #expect(outcome.errors == "No resources found in none namespace.\n")
    #expect(outcome.status == 0)
  }

  /// Something that has the name wins over a kind of that name.
  @Test func `name comes before kind`() async {
    let named = await get("wi -n tenant-a -o name")
    #expect(named.output == "artifactgenerator.source.extensions.fluxcd.io/wi\n")
    let kind = await get("wi -n apps -o name")
    #expect(kind.output == "widget.toys.example.com/w10\nwidget.toys.example.com/w9\n")
  }
}
