import Commands
import Document
import Foundation
import TestSupport
import Testing

/// `docs/schema/diff.json` beside what `diff -o json` prints.
@Suite struct DiffSchemaTests {
  private static let schema: Value = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/schema/diff.json").path
    guard let bytes = FileManager.default.contents(atPath: path),
      let value = try? JSON.parse(Array(bytes))
    else { return .null }
    return value
  }()

  private func problems(_ output: String) throws -> [String] {
    try SchemaCheck(Self.schema).problems(JSON.parse(Array(output.utf8)))
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
      [], ["--files"], ["--objects"], ["--stat", "--objects", "--fail-on", "breaks"],
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

/// The part of JSON Schema that our schemas use; any other keyword is a problem, too.
private struct SchemaCheck {
  private let root: Value

  init(_ root: Value) { self.root = root }

  func problems(_ value: Value) -> [String] { problems(value, root, "") }

  private static let remarks: Set = ["$schema", "$defs", "title", "description"]

  private func problems(_ value: Value, _ schema: Value, _ place: String) -> [String] {
    var result: [String] = []
    guard let keywords = schema.object else { return ["\(place): no schema"] }
    for (keyword, rule) in keywords {
      switch keyword {
      case "$ref":
        let name = String(rule.string?.split(separator: "/").last ?? "")
        result += problems(value, root["$defs"]?[name] ?? .null, place)
      case "type":
        let type = rule.string ?? ""
        if value.typeName != (type == "integer" ? "number" : type) {
          result.append("\(place) is no \(type)")
        }
      case "const": if value != rule { result.append("\(place) has another value") }
      case "enum":
        if rule.array?.contains(value) != true { result.append("\(place) has another value") }
      case "minimum":
        if let number = value.integer, let least = rule.integer, number < least {
          result.append("\(place) is too small")
        }
      case "items":
        for (index, element) in (value.array ?? []).enumerated() {
          result += problems(element, rule, "\(place)[\(index)]")
        }
      case "required":
        for name in (rule.array ?? []).compactMap(\.string)
        where value.object != nil && value[name] == nil {
          result.append("\(place).\(name) is missing")
        }
      case "properties":
        for (name, property) in value.object ?? Object() {
          if let known = rule[name] {
            result += problems(property, known, place.isEmpty ? name : "\(place).\(name)")
          } else {
            result.append("\(place).\(name) is unknown")
          }
        }
      case "additionalProperties":
        if rule != false { result.append("\(place): additional properties must be refused") }
      case let other:
        if !Self.remarks.contains(other) { result.append("\(place): unknown keyword \(other)") }
      }
    }
    return result
  }
}
