import Content
import Differences
import Document
import TestSupport
import Testing
import Text

/// Files with secrets at places where people put them, among much that is none.
private struct PlantedFiles {
  private var random: SeededGenerator

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.randomElement(using: &random)
  }

  mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }

  mutating func secret() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    let tail = (0..<Int.random(in: 6...20, using: &random)).map { _ in
      pick(letters) ?? "x"
    }
    return "PLANTED" + String(tail)
  }

  mutating func encoded() -> String {
    encodeBase64(Array(secret().utf8))
  }

  mutating func plain() -> Value {
    switch Int.random(in: 0..<7, using: &random) {
    case 0: .bool(chance(50))
    case 1: .integer(Int64.random(in: -5...5000, using: &random))
    case 2: .null
    case 3: .string("a line\nand another: one\n")
    default:
      .string(pick(["web", "a b", "1", "true", "é", "# x", "", "nginx:1.2", "{{ .x }}"]) ?? "")
    }
  }

  private static let credentials = [
    "password", "DB_PASSWORD", "passwd", "adminPassphrase", "token", "githubToken", "client-secret",
    "clientSecret", "apiKey", "API_KEY", "private_key", "accessKey", "secret.key", "dsn", "bearer",
    "credentials", "connectionString", "auth_token", "rootpassword", "GITHUB_PAT", "jwt",
  ]
  private static let names = [
    "a", "spec", "image", "replicas", "a.b/c", "config", "é", "1", "items",
  ]

  /// Some place for a secret, as a member of a mapping.
  mutating func planted() -> (String, Value) {
    let secret = secret()
    let name = pick(Self.credentials) ?? "password"
    switch Int.random(in: 0..<16, using: &random) {
    case 0: return (name, .string(secret))
    case 1: return (name, ["a": .string(secret), "list": [.string(secret)]])
    case 2:
      return (
        "env", [["name": .string(name), "value": .string(secret)], ["name": "A", "value": "b"]]
      )
    case 3: return ("url", .string("postgres://user:\(secret)@db.example:5432/x?y=z"))
    case 4:
      return (
        "pem",
        .string(
          "-----BEGIN EC PRIVATE KEY-----\n\(secret)\n\(secret)\n-----END EC PRIVATE KEY-----\n")
      )
    case 5: return ("x", .string("ENC[AES256_GCM,data:\(secret),iv:a,tag:b,type:str]"))
    case 6:
      return ("args", [.string("--\(name)=\(secret)"), .string("--\(name)"), .string(secret)])
    case 7: return ("run", .string("set -e\nexport \(name)=\(secret)\nrun\n"))
    case 8:
      return (
        "app.yaml", .string("server:\n  port: 80\n  \(name): \(secret)\n# \(name): \(secret)\n")
      )
    case 9:
      return (
        "extra",
        [
          [
            "apiVersion": "v1", "kind": "Secret", "data": ["any": .string(encoded())],
            "stringData": ["any": .string(secret), "secretName": .string(secret)],
          ]
        ]
      )
    case 10: return ("jwt-like", .string("eyJhbGciOiJub25lIn0.eyJ\(secret).\(secret)"))
    case 11: return ("gh", .string("uses ghp_\(secret)\(secret) here"))
    case 12:
      return ("sops", ["mac": .string(secret), "pgp": [["enc": .string(secret), "fp": "x"]]])
    case 13: return ("secretGenerator", [["name": "n", "literals": [.string("any=\(secret)")]]])
    case 14:
      let patch = "- op: add\n  path: /stringData/any\n  value: \(secret)\n"
      return ("patches", [["patch": .string(patch)]])
    default:
      return (
        "json",
        .string(
          "{\"a\": 1, \"\(name)\": \"\(secret)\", \"b\": [{\"key\": \"\(name)\", \"value\": \"\(secret)\"}]}"
        )
      )
    }
  }

  mutating func value(depth: Int = 0) -> Value {
    guard depth < 4, !chance(30) else { return plain() }
    if chance(25) {
      return .array(
        (0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth + 1) })
    }
    var members: [(String, Value)] = []
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      members.append((pick(Self.names) ?? "a", value(depth: depth + 1)))
    }
    if chance(40) { members.append(planted()) }
    return .object(Object(members))
  }

  mutating func object(_ index: Int) -> Value {
    if chance(25) {
      var data: [(String, Value)] = [("a", .string(encoded())), ("b", .string(encoded()))]
      if chance(30) { data.append(("empty", "")) }
      return [
        "apiVersion": "v1", "kind": "Secret",
        "metadata": [
          "name": .string("s\(index)"),
          "annotations": [
            "kubectl.kubernetes.io/last-applied-configuration": .string(
              "{\"data\":{\"a\":\"\(encoded())\"}}")
          ],
        ],
        "data": .object(Object(data)),
        "stringData": [
          "c": .string(secret()), "multi": .string("x\n\(secret())\n"),
          "nested": ["secretName": .string(secret())],
        ],
      ]
    }
    var object: Object = [
      "apiVersion": "example.com/v1", "kind": .string(pick(["Thing", "ConfigMap"]) ?? "Thing"),
      "metadata": ["name": .string("o\(index)")],
    ]
    object["spec"] = value()
    let (name, value) = planted()
    object["data"] = [name: value] as Value
    return .object(object)
  }

  mutating func comment() -> String {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return "# \(pick(Self.credentials) ?? "token"): \(secret())\n"
    case 1: return "# see https://u:\(secret())@h/ and more\n"
    case 2: return "# kind: Secret\n# data:\n#   any: \(encoded())\n"
    default: return "# a comment\n"
    }
  }

  mutating func manifest(_ index: Int) -> String {
    let object = object(index)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return JSON.string(object, style: chance(50) ? .pretty : .compact) + "\n"
    case 1: return comment() + KYAML.write(object)
    default: return "---\n" + comment() + YAML.write(object) + comment()
    }
  }

  /// A file of another format, and its name.
  mutating func other() -> (TreePath, String) {
    let name = pick(Self.credentials.filter { !$0.contains("-") }) ?? "token"
    let secret = secret()
    switch Int.random(in: 0..<16, using: &random) {
    case 0:
      return (".env", "A=b\n\(name)=\(secret)\nexport \(name)=\"\(secret)\n\(secret)\"\nB=c\n")
    case 1: return ("a.properties", "# x\ndb.\(name)=\(secret)\nurl=jdbc:mysql://u:\(secret)@h/x\n")
    case 2: return ("a.toml", "[a]\n\(name) = \"\(secret)\"\nb = [\n\"x\",\n]\n")
    case 3: return ("a.json", "{ // no JSON\n  \"\(name)\": \"\(secret)\",\n  \"a\": 1\n}\n")
    case 4: return ("a.sh", "#!/bin/sh\n\(name)=\(secret) run --\(name) \(secret)\n")
    case 5:
      return (
        "t.yaml",
        "{{- if .x }}\nkind: Secret\nstringData:\n  any: \(secret)\n  {{ .y }}: |\n    \(secret)\n{{ end }}\n"
      )
    case 6:
      return (
        "t.yaml",
        "a: {{ .x }}\nenv:\n- name: \(name)\n  value: \(secret)\n\(name): |\n  \(secret)\n  \(secret)\nb: c\n"
      )
    case 7: return ("a.ini", "[\(name)]\nuser = \(secret)\n\n[a]\nb = c\n")
    case 8: return ("a.conf", "a 1\n\(name) \(secret)\nb c\n")
    case 9:
      return (
        "a.xml",
        "<a>\n<\(name) x=\"y\">\n<value>\(secret)</value>\n</\(name)>\n<entry key=\"\(name)\">\(secret)</entry>\n</a>\n"
      )
    case 10: return ("a.md", "See https://\(secret)@h/a?b=c&sig=\(secret) there.\n")
    case 11: return ("a.js", "const a = {\n  \(name):\n  \"\(secret)\",\n  b: 1,\n};\n")
    case 12:
      return (
        "t.yaml",
        "{{ if .x }}\na: &a\n  b: \(secret)\nkind: {{ .kind }}\ndata: *a\n{{ end }}\n"
      )
    case 13: return ("t.yaml", "kind: {{ .kind }}\ndata:\n  any: \(secret)\n")
    default:
      return (
        "key.txt",
        "x\n-----BEGIN OPENSSH PRIVATE KEY-----\n\(secret)\n-----END OPENSSH PRIVATE KEY-----\n"
      )
    }
  }
}

@Suite struct SecretsPlantedTests {
  private func texts(_ value: ShownValue?) -> [String] {
    value.map { [JSON.string($0.value, style: .compact), YAML.write($0.value)] } ?? []
  }

  /// The secret in a text, as it is or in base64, if there is one.
  private func leak(_ text: String) -> String? {
    ["PLANTED", "UExBTlRF"].first { text.contains($0) }
  }

  @Test(arguments: 0..<250)
  func `planted secrets never come to light`(seed: UInt64) {
    var files = PlantedFiles(seed: seed)
    let old = (0..<4).map { ("f\($0).yaml", files.manifest($0)) }
    let new = (0..<4).map { ("f\($0 + (files.chance(20) ? 1 : 0)).yaml", files.manifest($0)) }
    let others = (0..<3).map { _ in files.other() }
    func side(_ texts: [(String, String)]) -> ManifestSet {
      ManifestSet(texts.map { (TreePath($0.0), Array($0.1.utf8)) })
    }
    let sides = (side(old), side(new))
    #expect(sides.0.unreadable.isEmpty, "\(old)")
    for noise in [NoiseFilter(), NoiseFilter(hasDefaults: false)] {
      for (from, to) in [sides, (sides.1, sides.0), (side([]), sides.0)] {
        let changes = ObjectComparison.changes(from: from, to: to, noise: noise)
        #expect(!changes.isEmpty)
        for change in changes {
          let shown = change.shown()
          var all = texts(shown.old) + texts(shown.new) + ["\(change.identity)"]
          for field in change.fields {
            let shown = field.shown()
            all += texts(shown.old) + texts(shown.new) + ["\(field.path)", field.maskedText ?? ""]
          }
          for text in all where leak(text) != nil {
            Issue.record("\(text)")
          }
        }
      }
    }
    for (path, text) in old.map({ (TreePath($0.0), $0.1) }) + others {
      let masked = String(decoding: TextMask.masked(Array(text.utf8), path: path), as: UTF8.self)
      if let leak = leak(masked) {
        Issue.record("\(leak) in \(path):\n\(masked)\n\nof\n\n\(text)")
      }
      #expect(leak(text) != nil || masked == text)
    }
  }

  /// Cut off or scrambled files are judged line by line.
  @Test(arguments: 0..<300)
  func `no file traps`(seed: UInt64) {
    var files = PlantedFiles(seed: seed)
    var random = SeededGenerator(seed: seed)
    var bytes = Array((files.manifest(0) + files.other().1 + files.manifest(1)).utf8)
    for _ in 0..<Int.random(in: 1...12, using: &random) where !bytes.isEmpty {
      let index = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
      case 1: bytes.remove(at: index)
      case 2:
        bytes.insert(
          contentsOf: Array("\n \"':{}[]|>#-&*=".utf8).shuffled(using: &random).prefix(2), at: index
        )
      default: bytes.removeSubrange(index..<min(bytes.count, index + 40))
      }
    }
    for path: TreePath in ["a.yaml", "a.json", ".env"] {
      _ = TextMask.masked(bytes, path: path)
    }
    let set = ManifestSet([("a.yaml", bytes)])
    for change in ObjectComparison.changes(from: set, to: manifests(files.manifest(2))) {
      _ = change.shown()
      _ = change.fields.map { ($0.shown(), $0.path.description) }
    }
  }
}
