import Content
import Differences
import Document
import Testing

@Suite struct SecretsRuleTests {
  /// The document as it is shown, as compact JSON.
  private func shown(_ text: String, _ policy: SecretPolicy = .masked) -> String {
    let change = ObjectComparison.changes(
      from: manifests(""), to: manifests(text), noise: NoiseFilter(hasDefaults: false)
    ).first
    return (change?.shown(policy).new).map { JSON.string($0.value, style: .compact) } ?? ""
  }

  @Test func `a Secret shows its keys and the decoded sizes`() {
    #expect(
      shown(
        """
        apiVersion: v1
        kind: Secret
        metadata:
          name: obj
          annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}", a: b}
        type: Opaque
        data: {user: aHVudGVyMg==, broken: "%"}
        stringData: {secretName: x, port: 80, flag: true, none: null}
        """)
        == #"{"apiVersion":"v1","data":{"broken":"*** (1 byte)","user":"*** (7 bytes)"},"kind":"Secret","#
        + #""metadata":{"annotations":{"a":"b","kubectl.kubernetes.io/last-applied-configuration":"*** (2 bytes)"},"name":"obj"},"#
        + #""stringData":{"flag":"*** (4 bytes)","none":null,"port":"*** (2 bytes)","secretName":"*** (1 byte)"},"type":"Opaque"}"#
    )
  }

  /// What is masked, wherever it is.
  @Test(arguments: [
    "password: hunter2", "DB_PASS: hunter2", "a: {b: [{clientSecret: hunter2}]}",
    "apiKey: hunter2", "api_key: hunter2", "api-key: hunter2", "APIKey: hunter2",
    "session_key: hunter2", "APP_KEY: hunter2", "cert_key: hunter2", "aes-key: hunter2",
    "accesskey: hunter2", "private.key: hunter2", "credentials: {user: hunter2}",
    "tokens: [hunter2]", "auth: hunter2", "basicAuth: hunter2", "dsn: hunter2",
    "Authorization: Basic hunter2", "cookie: a=hunter2", "connectionString: hunter2",
    "client-key-data: hunter2", "tokenTTL: hunter2", "passwordHash: hunter2",
    "env: [{name: DB_PASSWORD, value: hunter2}]", "env: [{value: hunter2, name: AUTH_TOKEN}]",
    "set: [{name: db.password, value: hunter2}]", "h: [{name: Authorization, value: hunter2}]",
    "x: {key: password, value: hunter2}", "args: [--password=hunter2]",
    "args: [--password, hunter2]", "args: [\"--password\", \"hunter2\"]",
    "args: [\"-phunter2\"]", "args: ['-uroot', '-phunter2']", "args: [-phunter2!]",
    "command: [mysql, -uroot, -phunter2]", "args: [ -p, -phunter2 ]",
    "command: [sh, -c, 'PASSWORD=hunter2 run']",
    "command: [sh, -c, 'run --token hunter2']",
    "x: postgres://user:hunter2@db/x", "x: see https://u:hunter2@h/p and more",
    "x: postgres://user:p/hunter2@db/x", "x: 'user:hunter2@tcp(db:3306)/x'",
    "x: eyJhbGciOiJIUzI1NiJ9.eyJodW50ZXIyIjoxfQ.hunter2", "x: ghp_hunter2hunter2hunter2",
    "x: https://ghp_hunter2hunter2hunter2@github.com/a", "x: ENC[AES256_GCM,data:hunter2,tag:x]",
    "x: \"-----BEGIN RSA PRIVATE KEY-----\\nhunter2\\n-----END RSA PRIVATE KEY-----\\n\"",
    "x: https://hooks.slack.com/services/T0/B0/hunter2",
    "x: a=https://discord.com/api/webhooks/1/hunter2",
    "x: see https://h/a/ghp_hunter2hunter2hunter2",
    "x: a=ENC[AES256_GCM,data:hunter2]", "x: [a=ghp_hunter2hunter2hunter2]",
    "sops: {mac: hunter2, lastmodified: x}", "sops: {mac: x, pgp: [{enc: hunter2}]}",
    "secretGenerator: [{name: obj, literals: [a=hunter2]}]",
    "configMapGenerator: [{literals: [PASSWORD=hunter2]}]",
    "extraObjects: [{apiVersion: v1, kind: Secret, stringData: {a: hunter2}}]",
    "secrets: [{kind: Secret, stringData: {secretName: hunter2}}]",
    "apiVersion: v1\nkind: SecretList\nitems: [{metadata: {name: obj}, data: {a: hunter2}}]",
    "x: |\n  user: a\n  password: hunter2\n", "x: '{\"password\": \"hunter2\"}'",
    "x: |\n  apiVersion: v1\n  kind: Secret\n  stringData: {a: hunter2}\n",
    "x: |\n  env:\n  - name: DB_PASSWORD\n    value: hunter2\n",
    "x: |\n  [db]\n  password = hunter2\n", "x: |\n  # password: hunter2\n  a: b\n",
    "p: [{op: add, path: /data/a, value: hunter2}]",
    "p: [{op: add, path: /stringData, value: {secretName: hunter2}}]",
    "x: 'Authorization Bearer hunter2hunter2'", "env: [DB_PASSWORD=hunter2]",
    "password: hunter2\n  hunter2", "a: b\n# password:\n#   hunter2\npassword: hunter2",
    "p: [{op: replace, path: /spec/dbPassword, value: hunter2}]",
    "patches: [{patch: '[{\"op\":\"add\",\"path\":\"/stringData/a\",\"value\":\"hunter2\"}]'}]",
    "'https://u:hunter2@h': x", "auths: {reg: {auth: hunter2}}",
    "kind: CustomResourceDefinition\nspec: {properties: {password: {type: string, default: hunter2}}}",
    "a: &x hunter2\npassword: *x", "password: &x hunter2", "password: &x hunter2\na: *x",
    "x: 'mysql -phunter2 db'", "x: \"mysqldump -h db -p'hunter2' db\"",
    "x: 'curl -u me:hunter2 https://h'", "x: 'curl -ume:hunter2 h'",
    "x: 'http --user me:hunter2 h'", "x: 'curl --user=me:hunter2 h'",
    "x: 'sshpass -p hunter2 ssh h'", "x: 'redis-cli -h h -a hunter2 ping'",
    "run: |\n  set -e\n  curl -u \"me:hunter2\" h\n",
    "kind: ConfigMap\nmetadata: {name: db-credentials}\ndata: {a: hunter2}",
    "configMapGenerator: [{name: credentials, literals: [a=hunter2]}]",
    "base: &b {value: hunter2}\nenv: [{name: PASSWORD, <<: *b}]",
  ])
  func `what is masked in any document`(text: String) {
    let everything = shown(text)
    #expect(!everything.contains("hunter2"), "\(everything)")
    #expect(everything.contains("*** ("))
    #expect(shown(text, .shown).contains("hunter2"))
    let masked = String(decoding: TextMask.masked(Array(text.utf8), path: "a.yaml"), as: UTF8.self)
    #expect(!masked.contains("hunter2"), "\(masked)")
  }

  /// What is not.
  @Test(arguments: [
    "secretName: plain", "tokenSecretName: plain", "passwordSecretRef: {name: plain, key: plain}",
    "env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: plain, key: plain}}}]",
    "envFrom: [{secretRef: {name: plain}}]", "imagePullSecrets: [{name: plain}]",
    "imagePullSecrets: [plain]", "automountServiceAccountToken: false", "tokenTTL: 3600",
    "maxTokens: 4096", "password: true", "password: null", "password: ''",
    "volumes: [{name: v, secret: {secretName: plain, items: [{key: plain, path: plain}]}}]",
    "sources: [{secret: {name: plain, items: [{key: plain, path: plain}]}}]",
    "sources: [{serviceAccountToken: {path: plain, audience: plain}}]",
    "existingSecret: plain", "existingSecretPasswordKey: plain", "passwordFile: /plain",
    "image: registry/token-service:plain", "image: external-secrets:plain",
    "external-secrets: {image: plain}", "oci: oci://host:5000/repo@sha256:plain",
    "git: ssh://git@github.com/plain", "url: https://host:8080/plain@x",
    "auth: {mode: plain}", "authorization: {mode: plain}", "kind: SealedSecret",
    "data: [{secretKey: plain, remoteRef: {key: plain}}]", "keys: plain", "bypass: plain",
    "passthrough: plain", "compass: plain", "author: plain", "monkey: plain",
    "resources: [secrets, plain]", "secrets: [{name: plain}]", "resources: [secret.yaml, plain]",
    "secretGenerator: [{name: plain, files: [plain], envs: [plain]}]",
    "cert: \"-----BEGIN CERTIFICATE-----\\nplain\\n-----END CERTIFICATE-----\"",
    "x: |\n  a: plain\n  b: c\n", "x: 'the password of plain'",
    "x: the secret that is used to login or plain",
    "kind: ConfigMap\ndata: {a: plain}", "apiVersion: x.io/v1\nkind: Secret\ndata: {a: plain}",
    "kind: CustomResourceDefinition\nspec: {properties: {password: {type: plain}, secretRef: {properties: {token: {type: plain}}}}}",
    "$schema: x\nproperties: {password: {type: plain, minLength: 3}}",
    "privateKey: {algorithm: plain, size: 2048}",
    "kind: ExternalSecret\nspec: {data: [plain]}",
    "x: docker run -u 1000:1000 plain", "x: mkdir -p plain", "x: mysql -P 3306 -p plain",
    "args: [-p, plain]", "args: ['-port=80', plain]", "args: ['-p8080:80', -path, plain]",
    "args: [-p/plain]", "x: curl -u me plain", "x: tar -a plain", "x: chown -u plain",
  ])
  func `what is shown in any document`(text: String) {
    #expect(!shown(text).contains("*** ("), "\(shown(text))")
    let masked = String(decoding: TextMask.masked(Array(text.utf8), path: "a.yaml"), as: UTF8.self)
    #expect(masked == text)
  }

  @Test func `only a part of a text is masked where only that is secret`() {
    #expect(
      shown("args: ['--password=hunter2']") == #"{"args":["--password=*** (7 bytes)"]}"#)
    #expect(
      shown("x: |\n  a: b\n  password: hunter2\n  c: d\n")
        == #"{"x":"a: b\npassword: *** (7 bytes)\nc: d\n"}"#)
    #expect(shown("x: https://u:hunter2@h/p") == #"{"x":"https://u:*** (7 bytes)@h/p"}"#)
  }

  @Test(arguments: [
    ("password: hunter2", "password: hunter2222", "*** (changed, 7 to 10 bytes)"),
    ("password: hunter2", "password: hunter3", "*** (changed, 7 bytes)"),
    ("password: a", "password: b", "*** (changed, 1 byte)"),
    ("password: hunter2", "{}", "*** (7 bytes)"),
    ("{}", "password: hunter2", "*** (7 bytes)"),
  ])
  func `a changed secret says by how much`(old: String, new: String, expected: String) throws {
    let change = try #require(
      ObjectComparison.changes(from: manifests(old), to: manifests(new)).first?.fields.first)
    #expect(change.isSecret)
    #expect(change.maskedText == expected)
  }

  @Test func `a secret of one side is masked on both`() throws {
    let change = try #require(
      ObjectComparison.changes(
        from: manifests("env: [{name: A, value: hunter2}, {name: A, value: x}]"),
        to: manifests("env: [{name: PASSWORD, value: hunter3}, {name: A, value: x}]")
      ).first)
    let shown = change.fields.flatMap { field in
      let (old, new) = field.shown()
      return [old, new].compactMap { $0.map { JSON.string($0.value, style: .compact) } }
    }
    #expect(!shown.joined().contains("hunter"))
  }

  @Test func `a secret that changes in a text that changes elsewhere is told apart`() throws {
    func values(_ old: String, _ new: String) throws -> [Value?] {
      let change = try #require(
        ObjectComparison.changes(from: manifests("x: \(old)"), to: manifests("x: \(new)"))
          .first?.fields.first)
      #expect(!change.differsInSecretsOnly)
      return [change.shown().old?.value, change.shown().new?.value]
    }
    #expect(
      try values("https://u:hunter2@h/a", "https://u:hunter3@h/b") == [
        "https://u:*** (7 bytes) (before)@h/a", "https://u:*** (7 bytes) (after)@h/b",
      ])
    #expect(
      try values("https://u:hunter2@h/a", "https://u:hunter2@h/b") == [
        "https://u:*** (7 bytes)@h/a", "https://u:*** (7 bytes)@h/b",
      ])
  }

  @Test func `a part of a text that changed is said to have changed`() throws {
    let change = try #require(
      ObjectComparison.changes(
        from: manifests("x: https://u:hunter2@h"), to: manifests("x: https://u:hunter3@h")
      ).first?.fields.first)
    #expect(change.isSecret)
    #expect(change.differsInSecretsOnly)
    #expect(change.maskedText == nil)
  }

  @Test func `items below a credential are not named by their content`() {
    let old = "credentials: [{name: hunter2, v: 1}]"
    let new = "credentials: [{name: hunter2, v: 2}]"
    #expect(fields(old, new).map { $0.prefix { $0 != " " } } == ["credentials[0].v"])
    let token = "ghp_hunter2hunter2hunter2"
    #expect(
      !fields("x: [{name: \(token)}]", "x: [{name: \(token), a: 1}]").joined().contains("hunter2"))
  }

  @Test func `new ciphertext alone is re-encryption`() throws {
    let old = """
      apiVersion: v1
      kind: Secret
      metadata: {name: obj}
      stringData: {a: "ENC[AES256_GCM,data:x,type:str]"}
      sops: {mac: "ENC[AES256_GCM,data:m]", lastmodified: "1", version: 3.8.0, age: [{recipient: r, enc: e}]}
      """
    let new = old.replacing("data:x", with: "data:y").replacing("data:m", with: "data:n")
      .replacing("lastmodified: \"1\"", with: "lastmodified: \"2\"").replacing(
        "enc: e", with: "enc: f")
    let changes = ObjectComparison.changes(from: manifests(old), to: manifests(new))
    #expect(changes.map(\.kind) == [.reencrypted])
    let recipient = new.replacing("recipient: r", with: "recipient: s")
    #expect(
      ObjectComparison.changes(from: manifests(old), to: manifests(recipient)).map(\.kind) == [
        .changed
      ])
    let added = new.replacing("stringData: {", with: "stringData: {b: \"ENC[AES256_GCM,data:z]\", ")
    #expect(
      ObjectComparison.changes(from: manifests(old), to: manifests(added)).map(\.kind) == [.changed]
    )
  }

  @Test func `an edit of one encrypted value is no re-encryption`() throws {
    let old = """
      kind: Secret
      metadata: {name: obj}
      stringData: {a: "ENC[AES256_GCM,data:x]", b: "ENC[AES256_GCM,data:y]"}
      sops: {mac: "ENC[AES256_GCM,data:m]", lastmodified: "1", age: [{recipient: r, enc: e}]}
      """
    func change(_ new: String) throws -> ObjectChange {
      try #require(ObjectComparison.changes(from: manifests(old), to: manifests(new)).first)
    }
    let edited = old.replacing("data:x", with: "data:z").replacing("data:m", with: "data:n")
    let change = try change(edited)
    #expect(change.kind == .changed)
    #expect(change.fields.map { "\($0.path)" } == ["sops.mac", "stringData.a"])
    #expect(change.fields.allSatisfy { $0.maskedText?.hasPrefix("*** (changed") == true })
    #expect(try self.change(old, edited.replacing("data:y", with: "data:v")) == .reencrypted)
    // A new recipient of the same key.
    #expect(try self.change(old, old.replacing("enc: e", with: "enc: f")) == .reencrypted)
  }

  private func change(_ old: String, _ new: String) throws -> ObjectChange.Kind {
    try #require(ObjectComparison.changes(from: manifests(old), to: manifests(new)).first).kind
  }
}
