import Differences
import Document
import Testing

/// Live objects as far as they are a matter of whoever applies them.
@Suite struct LiveProjectionTests {
  private func value(_ text: String) throws -> Value {
    try #require(try YAML.parse(Array(text.utf8)).first)
  }

  /// - Parameter managers: fields by manager, as `fieldsV1`.
  private func projected(
    _ live: String, _ desired: String, base: String? = nil, _ managers: [String: String],
    prefixes: [String] = []
  ) throws -> Value {
    var object = try #require(try value(live).object)
    object["apiVersion"] = object["apiVersion"] ?? "apps/v1"
    object["metadata"] = [
      "managedFields": .array(
        try managers.map { ["manager": .string($0.key), "fieldsV1": try value($0.value)] })
    ]
    let projection = LiveProjection(
      of: .object(object), owners: FieldOwners(["us"], prefixes: prefixes))
    var result = projection.projected(
      onto: try value(desired), base: try base.map(value)
    ).object
    result?["apiVersion"] = nil
    return try #require(result.map(Value.object))
  }

  @Test func `what nobody of us owns and nobody desires is left out`() throws {
    let result = try projected(
      "{spec: {a: 1, b: 2, c: 3, d: 4}}", "{spec: {a: 9}}",
      ["us": "{f:spec: {f:a: {}, f:b: {}, f:c: {}}}", "other": "{f:spec: {f:c: {}}}"])
    // b goes away; c stays because another manager owns it, too; d is a default.
    #expect(result == (try value("{spec: {a: 1, b: 2}}")))
  }

  @Test func `managers by the beginning of their name`() throws {
    let managers = ["kubectl-edit": "{f:spec: {f:b: {}}}"]
    #expect(
      try projected("{spec: {a: 1, b: 2}}", "{spec: {a: 1}}", managers)
        == value("{spec: {a: 1}}"))
    #expect(
      try projected("{spec: {a: 1, b: 2}}", "{spec: {a: 1}}", managers, prefixes: ["kubectl"])
        == value("{spec: {a: 1, b: 2}}"))
  }

  @Test func `elements of lists that are merged by keys`() throws {
    let live =
      "{ports: [{port: 80, protocol: TCP, x: 1}, {port: 81, protocol: TCP}, {port: 82, protocol: TCP}]}"
    let key = #"k:{"port":%,"protocol":"TCP"}"#
    func fields(_ numbers: Int...) -> String {
      let items = numbers.map { "'\(key.replacing("%", with: "\($0)"))': {}" }
      return "{f:ports: {\(items.joined(separator: ", "))}}"
    }
    // The element of another manager stays, and ours goes away.
    let result = try projected(
      live, "{ports: [{port: 80}]}", ["us": fields(80, 81), "other": fields(82)])
    #expect(result == (try value("{ports: [{port: 80}, {port: 81, protocol: TCP}]}")))
  }

  @Test func `lists that are replaced as a whole`() throws {
    // A default is no difference, and what was applied before is.
    let live = "{rules: [{a: 1, b: 2, c: 3}, {a: 4}]}"
    let result = try projected(
      live, "{rules: [{a: 1}]}", base: "{rules: [{a: 1, c: 3}, {a: 4}]}",
      ["us": "{f:rules: {}}"])
    #expect(result == (try value("{rules: [{a: 1, c: 3}, {a: 4}]}")))
  }

  @Test func `other spellings of the same`() throws {
    let live = "{spec: {limits: {cpu: '1'}, replicas: 1}}"
    let desired = "{spec: {limits: {cpu: 1000m}, replicas: 1, host: false, name: null}}"
    #expect(try projected(live, desired, [:]) == value(desired))
    #expect(
      try projected("{apiVersion: example.com/v1, spec: {}}", "{spec: {host: false}}", [:])
        == value("{spec: {}}"))
  }

  @Test func `defaults that the controller owns are not removed`() throws {
    let result = try projected(
      "{spec: {strategy: {type: Recreate}, a: 1}}", "{spec: {a: 1}}",
      ["us": "{f:spec: {f:strategy: {}, f:a: {}}}"])
    #expect(result == (try value("{spec: {a: 1}}")))
  }
}

/// What may be shown of an object of a server, by what may be shown of rendered ones.
@Suite struct SecretShadowTests {
  private func shown(_ live: String, _ rendered: (String, String)..., isOpen: Bool) throws -> Value
  {
    func value(_ text: String) throws -> Value {
      try #require(try YAML.parse(Array(text.utf8)).first)
    }
    return SecretShadow(
      try rendered.map { (try value($0.0), try value($0.1)) }, isOpen: isOpen
    ).shown(of: try value(live))
  }

  @Test func `where a rendered object has a secret, the live one has`() throws {
    let result = try shown(
      "{kind: A, a: older, b: 1, c: [{name: x, v: older}, {name: y, v: 2}], d: url-new}",
      (
        "{kind: A, a: new, b: 1, c: [{name: x, v: new}], d: url-new}",
        "{kind: A, a: '***', b: 1, c: [{name: x, v: '***'}], d: url-***}"
      ), isOpen: false)
    #expect(
      result
        == [
          "kind": "A", "a": "***", "b": 1,
          "c": [["name": "x", "v": "***"], .string("***")], "d": "url-***",
        ])
  }

  @Test func `what no side has is shown only where nothing can come from a Secret`() throws {
    #expect(
      try shown("{kind: A, x: 1}", ("{kind: A}", "{kind: A}"), isOpen: true)
        == ["kind": "A", "x": 1])
    #expect(
      try shown("{kind: A, x: 1}", ("{kind: A}", "{kind: A}"), isOpen: false)
        == ["kind": "A", "x": "***"])
  }

  @Test func `a name that is secret is left out, and a side that was secret counts`() throws {
    #expect(
      try shown("{kind: A, k1: v}", ("{kind: A, k1: v}", "{kind: A, '***': v}"), isOpen: true)
        == ["kind": "A"])
    #expect(
      try shown(
        "{kind: A, a: old}", ("{kind: A, a: plain}", "{kind: A, a: plain}"),
        ("{kind: A, a: old}", "{kind: A, a: '***'}"), isOpen: true)
        == ["kind": "A", "a": "***"])
  }
}
