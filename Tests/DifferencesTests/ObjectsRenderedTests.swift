import Differences
import Document
import Objects
import Testing

/// Objects that were made, and of which somebody else has hidden parts.
@Suite struct ObjectsRenderedTests {
  private func set(_ objects: (real: String, shown: String?)...) throws -> ManifestSet {
    ManifestSet(
      made: try objects.map { object in
        func value(_ text: String) throws -> Value {
          try #require(try YAML.parse(Array(text.utf8)).first)
        }
        return ManifestSet.Made(
          try value(object.real), shown: try object.shown.map { try value($0) })
      })
  }

  private func config(_ data: String, name: String = "a") -> String {
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: \(name)}, data: {\(data)}}"
  }

  private func changes(_ old: ManifestSet, _ new: ManifestSet) -> [ObjectChange] {
    ObjectComparison(from: old, to: new, pairsHashes: true).changes
  }

  @Test func `what is hidden is compared and not shown`() throws {
    let old = try set(
      (config("x: pla1n, xx: db://pla1n@db, z: 1"), config("x: '***', xx: db://***@db, z: 1")))
    let new = try set(
      (config("x: pla2nt, xx: db://pla2nt@db, z: 2"), config("x: '***', xx: db://***@db, z: 2")))
    let fields = try #require(changes(old, new).first).fields
    #expect(fields.map(\.path.description) == ["data.x", "data.xx", "data.z"])
    #expect(fields.map(\.maskedText) == ["*** (changed, 5 to 6 bytes)", nil, nil])
    #expect(fields.map(\.differsInSecretsOnly) == [false, true, false])
    #expect(fields.map(\.isSecret) == [true, true, false])
    #expect(fields[1].shown().new?.value == "db://***@db")
    #expect(fields[1].shown(.shown).new?.value == "db://pla2nt@db")
    #expect(changes(old, old).isEmpty)
  }

  @Test func `names, elements and identities that are hidden are not shown`() throws {
    let env = "spec: {containers: [{name: a, env: [{name: pla1n, value: %}]}]}"
    func pod(_ value: String, _ name: String) -> String {
      "{apiVersion: v1, kind: Pod, metadata: {name: p}, "
        + env.replacing("%", with: value).replacing("pla1n", with: name) + "}"
    }
    let lists = try changes(
      set((pod("1", "pla1n"), pod("1", "'***'"))), set((pod("2", "pla1n"), pod("2", "'***'"))))
    #expect(
      lists[0].fields.map(\.path.description) == ["spec.containers[name=a].env[0].value"])
    let keys = try changes(
      set((config("pla1n: 1"), config("'***': 1"))), set((config("pla1n: 2"), config("'***': 2"))))
    #expect(keys[0].fields.map(\.path.description) == ["data[\"***\"]"])
    #expect(keys[0].fields.map(\.isSecret) == [true])
    let named = try changes(
      set(), set((config("a: b", name: "pla1n"), config("a: b", name: "'***'"))))
    #expect(
      named[0].identity
        == .object(ObjectID(group: "", kind: "ConfigMap", namespace: "", name: "***")))
    #expect("\(named[0].shown().new?.value ?? .null)".contains("pla1n") == false)
  }

  @Test func `generated names are paired without their hashes`() throws {
    let renamed = try changes(
      set((config("a: 1", name: "c-2456789bcd"), nil)),
      set((config("a: 2", name: "c-dfghkmt245"), nil)))
    #expect(renamed.map(\.oldName) == ["c-2456789bcd"])
    #expect(renamed.flatMap(\.fields).map(\.path.description) == ["data.a"])
    // Several of a name, and what is no hash.
    let several = try changes(
      set((config("a: 1", name: "c-2456789bcd"), nil), (config("a: 1", name: "c-2456789bcf"), nil)),
      set((config("a: 2", name: "c-dfghkmt245"), nil)))
    #expect(several.map(\.oldName) == [nil, nil, nil])
    let other = try changes(
      set((config("a: 1", name: "c-aaaaaaaaaa"), nil)),
      set((config("a: 1", name: "c-2456789bcd"), nil)))
    #expect(other.map(\.kind) == [.removed, .added])
  }

  private func change(_ old: String?, _ new: String?) throws -> ObjectChange {
    func side(_ text: String?) throws -> ManifestSet {
      guard let text else { return try set() }
      return try set((text, nil))
    }
    return try #require(try changes(side(old), side(new)).first)
  }

  @Test func `fields that cannot change in place`() throws {
    func object(_ kind: String, _ api: String, _ rest: String) -> String {
      "{apiVersion: \(api), kind: \(kind), metadata: {name: a}, \(rest)}"
    }
    for (kind, api, old, new, fixed) in [
      (
        "Deployment", "apps/v1", "spec: {selector: {matchLabels: {a: b}}}",
        "spec: {selector: {matchLabels: {a: c}}}", ["spec.selector"]
      ),
      ("Deployment", "apps/v1", "spec: {replicas: 1}", "spec: {replicas: 2}", []),
      (
        "StatefulSet", "apps/v1", "spec: {volumeClaimTemplates: [{metadata: {name: d}}]}",
        "spec: {volumeClaimTemplates: []}", ["spec.volumeClaimTemplates"]
      ),
      (
        "Job", "batch/v1", "spec: {template: {spec: {a: 1}}}", "spec: {template: {spec: {a: 2}}}",
        ["spec.template"]
      ),
      ("Job", "batch/v1", "spec: {a: 1}", "spec: {successPolicy: {}}", ["spec.successPolicy"]),
      (
        "Job", "batch/v1", "spec: {completions: 1}", "spec: {completions: 2}", ["spec.completions"]
      ),
      (
        "Job", "batch/v1", "spec: {completions: 1, completionMode: Indexed}",
        "spec: {completions: 2, completionMode: Indexed}", []
      ),
      (
        "Service", "v1", "spec: {type: LoadBalancer, loadBalancerClass: a}",
        "spec: {type: LoadBalancer, loadBalancerClass: b}", ["spec.loadBalancerClass"]
      ),
      (
        "Service", "v1", "spec: {type: ClusterIP}",
        "spec: {type: LoadBalancer, loadBalancerClass: b}", []
      ),
      (
        "Job", "example.com/v1", "spec: {template: {spec: {a: 1}}}",
        "spec: {template: {spec: {a: 2}}}", []
      ),
      (
        "Service", "v1", "spec: {clusterIP: None}", "spec: {clusterIP: 10.0.0.1}",
        ["spec.clusterIP"]
      ),
      ("Service", "v1", "spec: {clusterIP: None}", "spec: {}", []),
      (
        "StorageClass", "storage.k8s.io/v1", "parameters: {a: b}", "parameters: {a: c}",
        ["parameters"]
      ),
      (
        "ConfigMap", "v1", "immutable: true, data: {a: b}", "immutable: true, data: {a: c}",
        ["data"]
      ),
      ("ConfigMap", "v1", "data: {a: b}", "immutable: true, data: {a: c}", []),
      (
        "RoleBinding", "rbac.authorization.k8s.io/v1", "roleRef: {name: a}", "roleRef: {name: b}",
        ["roleRef"]
      ),
      (
        "Pod", "v1", "spec: {containers: [{name: a, image: b}]}",
        "spec: {containers: [{name: a, image: c}]}", []
      ),
      ("Pod", "v1", "spec: {hostNetwork: true}", "spec: {hostNetwork: false}", ["spec"]),
    ] {
      let found = try change(object(kind, api, old), object(kind, api, new)).fixedFields
      #expect(found == fixed, "\(kind) \(new)")
    }
  }

  @Test func `rights that widen`() throws {
    func role(_ rules: String, labels: String = "") -> String {
      "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r, labels: {\(labels)}}, rules: [\(rules)]}"
    }
    func rule(_ verbs: String, _ resources: String, _ more: String = "") -> String {
      "{apiGroups: [''], resources: [\(resources)], verbs: [\(verbs)]\(more)}"
    }
    func texts(_ old: String?, _ new: String?) throws -> [String] {
      try change(old, new).dangers.map(\.text)
    }
    #expect(
      try texts(role(rule("get", "pods")), role(rule("get, list", "pods, secrets")))
        == ["allows more: get secrets, list pods, list secrets"])
    #expect(try texts(role(rule("'*'", "pods")), role(rule("get", "pods"))) == [])
    #expect(try texts(role(rule("'*'", "'*'")), role(rule("delete", "pods"))) == [])
    #expect(
      try texts(role(rule("get", "pods", ", resourceNames: [a]")), role(rule("get", "pods")))
        == ["allows more: get pods"])
    #expect(try texts(nil, role(rule("get", "pods"))) == [])
    #expect(try texts(nil, role(rule("'*'", "'*'"))) == ["allows everything"])
    #expect(
      try texts(
        role(rule("get", "pods")),
        role(rule("get", "pods"), labels: "rbac.authorization.k8s.io/aggregate-to-edit: 'true'"))
        == ["is added to the role edit"])
    func aggregate(_ selectors: String) -> String {
      role("").replacing(
        "rules: []", with: "aggregationRule: {clusterRoleSelectors: [\(selectors)]}")
    }
    #expect(
      try texts(aggregate("{matchLabels: {a: b}}"), aggregate("{matchLabels: {a: c}}"))
        == ["takes in the rules of other roles"])
    #expect(try texts(aggregate("{matchLabels: {a: b}}, {}"), aggregate("{}")) == [])
    func binding(_ role: String, _ subjects: String) -> String {
      "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: r}, "
        + "roleRef: {name: \(role)}, subjects: [\(subjects)]}"
    }
    let one = "{kind: ServiceAccount, namespace: n, name: a}"
    #expect(
      try texts(binding("view", one), binding("view", one + ", {kind: Group, name: g}"))
        == ["gives its role to Group g"])
    #expect(try texts(nil, binding("cluster-admin", one)) == ["allows everything (cluster-admin)"])
    #expect(try texts(nil, binding("view", one)) == [])
    #expect(try texts(role(rule("get", "pods")), nil) == [])
  }

  @Test func `an object shows what others leave, without what is secret elsewhere`() throws {
    let object: Value = [
      "kind": "ConfigMap", "data": ["a": "Planted-1", "b": "x Planted-2 y", "c": "open", "d": "e"],
    ]
    let left: Value = [
      "kind": "ConfigMap", "data": ["a": "***", "b": "x Planted-2 y", "c": "open"],
    ]
    let known = SecretTexts(of: [], besides: ["Planted-2", "short"])
    let masked = MaskedObject(object, shown: left, known: known)
    #expect(
      masked.value == [
        "kind": "ConfigMap",
        "data": [
          "a": "*** (9 bytes)", "b": "x *** (9 bytes) y", "c": "open", "***": "*** (1 byte)",
        ],
      ])
    // A name and a value that nobody may read are two.
    #expect(masked.count == 4)
    #expect(MaskedObject(object, shown: object).count == 0)
    #expect(MaskedObject(object).value == object)
  }
}
