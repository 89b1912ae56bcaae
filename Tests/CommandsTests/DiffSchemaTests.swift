import Commands
import Document
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
