import Commands
import Document
import FluxModel
import KubeAPI
import Objects
import TestSupport
import Testing

/// `docs/schema/diff.json` beside what `diff -o json` prints.
@Suite struct DiffSchemaTests {
  private func problems(_ output: String) throws -> [String] {
    try SchemaCheck(file: "diff.json").problems(JSON.parse(Array(output.utf8)))
  }

  @Test func `real output has the shape of the schema`() async throws {
    let fleet = try Fleet(count: 4)
    try fleet.project.write("apps/app01/base/x.yaml", Fleet.service("x"))
    try fleet.project.write("flux/app01.yaml", Fleet.kustomization("app01", path: "./base"))
    try fleet.project.write(
      "apps/app00/secret.yaml", "apiVersion: v1\nkind: Secret\nstringData: {a: old}\n")
    try fleet.project.commit()
    try fleet.project.write(
      "apps/app00/secret.yaml", "apiVersion: v1\nkind: Secret\nstringData: {a: new}\n")
    try fleet.project.write("apps/app00/more.yaml", "just: values\n")
    try fleet.change("apps/app00/deploy.yaml", "replicas: 1", "replicas: 2")
    try fleet.project.remove("apps/app01/base")
    try fleet.project.remove("apps/app02/service.yaml")
    try fleet.project.git("mv", "apps/app03/service.yaml", "apps/app03/svc.yaml")
    for options in [
      [], ["--files"], ["--objects"], ["--stat", "--objects", "--fail-on", "breaks"], ["--lint"],
      ["--rendered"],
    ] {
      let output = await fleet.diff(["-o", "json"] + options).output
      #expect(output.contains("\"DiffList\""))
      #expect(try problems(output) == [], "\(options)")
    }
    // What fails, and what goes away.
    try fleet.change("flux/generator.yaml", "@repo/apps/app01/**", "@repo/none/app01.yaml")
    try fleet.change("flux/generator.yaml", "- name: app03", "- name: other")
    #expect(try problems(await fleet.diff(["-o", "json", "--files"]).output) == [])
  }

  /// The fields of an object that somebody applied.
  private func owned(_ fields: Value, by manager: String = "kustomize-controller") -> Value {
    [["manager": .string(manager), "operation": "Apply", "fieldsV1": fields]]
  }

  private static let crd = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: parts.example.com}
    spec: {group: example.com, names: {kind: Part, plural: parts}, versions: [{name: v1, served: true}]}

    """

  /// An application whose live objects have drifted, which a change edits, and of which a server would refuse
  /// some; and what the cluster has of it.
  private func live() throws -> (Fleet, FakeCluster) {
    let fleet = try Fleet(count: 1)
    try fleet.project.write(
      "apps/app00/config.yaml",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: prod}\ndata: {a: x, b: y}\n")
    try fleet.project.commit()
    try fleet.change("apps/app00/deploy.yaml", ":1.0.0", ":2.0.0")
    try fleet.change("apps/app00/config.yaml", "b: y", "b: z")
    let thing = "kind: %\nmetadata: {name: one, namespace: prod}\n"
    for (name, text) in [
      ("crd", Self.crd),
      ("part", "apiVersion: example.com/v1\n" + thing.replacing("%", with: "Part")),
      ("other", "apiVersion: example.com/v1\n" + thing.replacing("%", with: "Other")),
      ("lost", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lost}\n"),
    ] {
      try fleet.project.write("apps/app00/\(name).yaml", text)
    }
    var consumer = try #require(
      try YAML.parse(Array(Fleet.kustomization("app00").utf8)).first?.object)
    consumer["status"] = [
      "inventory": [
        "entries": [
          ["id": "prod_app00_apps_Deployment", "v": "v1"], ["id": "prod_c__ConfigMap", "v": "v1"],
          ["id": "prod_app00__Service", "v": "v1"],
        ]
      ]
    ]
    let deployment: Value = [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": [
        "name": "app00", "namespace": "prod",
        "managedFields": owned(["f:spec": ["f:replicas": [:], "f:template": [:]]]),
      ], "spec": ["replicas": 3],
    ]
    let config: Value = [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": [
        "name": "c", "namespace": "prod",
        "managedFields": owned(["f:data": ["f:a": [:], "f:b": [:]]]),
      ], "data": ["a": "edited", "b": "y"],
    ]
    var traits = FakeCluster.Traits()
    traits.kinds = [FluxKind.kustomization.resource]
    let status = Status(code: 422, reason: "Invalid", message: "spec.selector is required")
    traits.refused = [
      "apply deployments.apps prod/app00 dry-run by kustomize-controller": APIError(status)
    ]
    return (
      fleet,
      FakeCluster(
        [.object(consumer), deployment, config], can: [.watching, .writing, .server], traits)
    )
  }

  @Test(arguments: ["--live", "--dry-run=server"])
  func `what live objects come to has the shape of the schema`(_ flag: String) async throws {
    let (fleet, cluster) = try live()
    let outcome = await fleet.diff(
      ["-o", "json", "--rendered", flag], environment: try fleet.kubectl(), cluster: cluster)
    #expect(try problems(outcome.output) == [])
    let report = try JSON.parse(Array(outcome.output.utf8))
    #expect(report["renderedMode"] == (flag == "--live" ? "live" : "server"))
    let item = try #require(report["rendered"]?.array?.first, "\(outcome.errors)")
    func names(_ field: String, _ key: String) -> Set<[String]> {
      Set(
        (item[field]?.array ?? []).map { entry in
          ["kind", "name"].map { entry[$0]?.string ?? "" }
            + [entry[key]?.string ?? entry[key]?.bool.map { "\($0)" } ?? ""]
        })
    }
    #expect(
      names("drift", "change").isSuperset(of: [
        ["ConfigMap", "c", "changed"], ["Service", "app00", "missing"],
      ]))
    #expect(
      names("objects", "change").isSuperset(of: [
        ["ConfigMap", "c", "changed"], ["Service", "app00", "created"],
      ]))
    var refusals: Set = [
      ["Part", "one", "false"], ["Other", "one", "true"], ["ConfigMap", "lost", "true"],
    ]
    if flag != "--live" { refusals.insert(["Deployment", "app00", "true"]) }
    #expect(names("refusals", "breaks") == refusals)
    #expect(cluster.writes == [])
  }

  @Test func `the check finds what is missing, unknown or of another type`() throws {
    for (output, problem) in [
      (#"{"kind": "DiffList"}"#, "items is missing"), (#"{"extra": 1}"#, "extra is unknown"),
      (#"{"items": [{"change": "eaten"}]}"#, "items[0].change has another value"),
      (#"{"items": {}}"#, "items is no array"), (#"{"kind": "List"}"#, "kind has another value"),
    ] {
      #expect(try problems(output).contains { $0.hasSuffix(problem) }, "\(problem)")
    }
  }
}
