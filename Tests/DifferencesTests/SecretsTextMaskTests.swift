import Content
import Differences
import Testing

@Suite struct SecretsTextMaskTests {
  private func masked(_ text: String, _ path: TreePath = "a.yaml") -> String {
    String(decoding: TextMask.masked(Array(text.utf8), path: path), as: UTF8.self)
  }

  @Test(arguments: [
    "kind: secret\nstringData: {a: PLANTED}", "kind: Secret\nDATA: {a: PLANTED}",
    "kind: Secret\nstringdata: {a: PLANTED}", "kind: Secret\nkind: Other\ndata: {a: PLANTED}",
    "kind: Other\nstringData: {a: PLANTED}",
    "kind: SealedSecret\nspec: {template: {data: {a: PLANTED}}}",
    "kind: ExternalSecret\nspec: {target: {template: {data: {a: PLANTED}}}}",
    // Templates that can be read as YAML: a mapping as a key.
    "kind: Secret\nstringData:\n  v: {{ .x | default \"PLANTED\" }}",
    "kind: Secret\nstringData:\n  v: {{ default \"PLANTED\" .x }}",
    "kind: Secret\nstringData: {v: {{ default \"PLANTED\" .x }}}",
    "kind: Secret\nmetadata:\n  name: {{ .n }}\nstringData:\n  v: {{ .x | default \"PLANTED\" | quote }}",
    "kind: Other\npassword: {{ .x | default \"PLANTED\" }}",
    "kind: ConfigMap\nmetadata: {name: credentials}\nbinaryData: {a: PLANTED}",
    "kind: Secret # was PLANTED\ndata: {a: b}", "# PLANTED\nkind: Secret\n",
  ])
  func `a Secret that is spelled in another way is a secret still`(text: String) {
    let text = "apiVersion: v1\n" + text + "\n"
    #expect(!masked(text).contains("PLANTED"))
    #expect(masked(text) != text)
  }

  @Test(arguments: [
    "password.txt", "db_password", "a/token", "secrets.txt", "secrets/db", ".vault-pass", "tls.key",
  ])
  func `a file that is named like a credential is not shown`(path: String) {
    #expect(masked("PLANTED\n", TreePath(path)) == "*** (8 bytes)\n")
    #expect(masked("PLANTED\n", "config/names.txt") == "PLANTED\n")
  }

  @Test(arguments: ["secrets.env", "db-password.env", "secrets/prod.env"])
  func `variables in a file that is named like a credential are not shown`(path: String) {
    #expect(masked("DATABASE=PLANTED\n", TreePath(path)) == "DATABASE=*** (7 bytes)\n")
    #expect(masked("DATABASE=PLANTED\n", "prod.env") == "DATABASE=PLANTED\n")
  }

  @Test func `a Secret keeps its form`() {
    #expect(
      masked(
        """
        # password: hunter2 of old
        apiVersion: v1
        kind: Secret # not { a: Secret }
        metadata:
          name: obj   # n
        data:
          user: aHVudGVyMg==  # seven
        stringData:
          "quoted": "a\\tb"
          block: |
            one
            two

          folded: >-
            x
            z
          next: z
        ---
        kind: ConfigMap
        data:
          url: 'https://u:hunter2@h/'
          config: |
            user: x
            password: hunter2

            # token=abc
            last: line
        """) == """
          # *** (24 bytes)
          apiVersion: v1
          kind: Secret # *** (17 bytes)
          metadata:
            name: obj   # *** (1 byte)
          data:
            user: *** (7 bytes)  # *** (5 bytes)
          stringData:
            "quoted": *** (3 bytes)
            block: *** (8 bytes)

            folded: *** (3 bytes)
            next: *** (1 byte)
          ---
          kind: ConfigMap
          data:
            url: 'https://u:*** (7 bytes)@h/'
            config: |
              user: x
              password: *** (7 bytes)

              # token=*** (3 bytes)
              last: line
          """)
  }

  @Test func `JSON keeps its form`() {
    #expect(
      masked("{\"a\": {\"password\": \"x\\ny\", \"n\": 1}, \"token\": 12}\n", "a.json")
        == "{\"a\": {\"password\": *** (3 bytes), \"n\": 1}, \"token\": *** (2 bytes)}\n")
  }

  @Test func `line ends and bytes outside of secrets stay`() {
    #expect(
      masked("a: é\r\npassword: hunter2\r\nb: |\r\n  x\r\n")
        == "a: é\r\npassword: *** (7 bytes)\r\nb: |\r\n  x\r\n")
    let bytes: [UInt8] = [0x61, 0xFF, 0x0A] + Array("token=x\n".utf8)
    #expect(
      TextMask.masked(bytes, path: "x.bin") == [0x61, 0xFF, 0x0A]
        + Array("token=*** (1 byte)\n".utf8))
  }

  @Test(arguments: [
    (
      ".env", "A=b\nDB_PASSWORD=hunter2\nexport TOKEN='hunter2\nhunter2'\nB=c\n",
      "A=b\nDB_PASSWORD=*** (7 bytes)\nexport TOKEN=*** (8 bytes)\n*** (8 bytes)\nB=c\n"
    ),
    (
      "a.properties", "db.password=hunter2\\\n  hunter2\nx.y=z\nspring.password:hunter2\n",
      "db.password=*** (8 bytes)\n  *** (7 bytes)\nx.y=z\nspring.password:*** (7 bytes)\n"
    ),
    (
      "a.toml", "password = \"hunter2\"\nkeys = 1\ntoken = \"\"\"\nhunter2\n\"\"\"\nx = 2\n",
      "password = *** (9 bytes)\nkeys = 1\ntoken = *** (3 bytes)\n*** (7 bytes)\n*** (3 bytes)\nx = 2\n"
    ),
    (
      "templates/a.tpl",
      "{{ x }}\nargs: [\"-phunter2\", \"-v\"]\nargs: [\"--password\", \"hunter2\"]\n- '-phunter2'\n",
      "{{ x }}\nargs: [\"-p*** (7 bytes)\", \"-v\"]\nargs: [\"--password\"*** (12 bytes)\n- '-p*** (7 bytes)'\n"
    ),
    ("a.ini", "[db]\npassword=hunter2 ; x\n", "[db]\npassword=*** (11 bytes)\n"),
    (
      "a.sh",
      "curl --token hunter2 x\necho \"$PASSWORD\"\nSECRET=$(cat <<EOF\nhunter2\nEOF\n)\nls\n",
      "curl --token *** (9 bytes)\necho \"$PASSWORD\"\nSECRET=*** (11 bytes)\n*** (7 bytes)\n*** (3 bytes)\n)\nls\n"
    ),
    ("Dockerfile", "FROM x\nENV DB_PASSWORD hunter2\n", "FROM x\nENV DB_PASSWORD *** (7 bytes)\n"),
    (
      "hosts.txt", "machine h login u password hunter2\n",
      "machine h login u password *** (7 bytes)\n"
    ),
    ("a.xml", "<a><password>hunter2</password></a>\n", "<a><password>*** (22 bytes)\n"),
    (
      "a.txt", "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\nrest\n",
      "*** (27 bytes)\n*** (7 bytes)\n*** (25 bytes)\nrest\n"
    ),
    ("a.md", "Clone https://u:hunter2@h/x\n", "Clone https://u:*** (7 bytes)@h/x\n"),
    (
      "a.yaml",
      "{{ if .x }}\npassword: hunter2\nb: |\n  c\ntoken: |\n  hunter2\n  hunter2\n{{ end }}\n",
      "{{ if .x }}\npassword: *** (7 bytes)\nb: |\n  c\ntoken: |\n  *** (7 bytes)\n  *** (7 bytes)\n{{ end }}\n"
    ),
    (
      "a.yaml",
      "{{ if .x }}\nenv:\n- name: DB_PASSWORD\n  value: hunter2\n- name: A\n  value: b\nargs:\n- --password\n- hunter2\n",
      "{{ if .x }}\nenv:\n- name: DB_PASSWORD\n  value: *** (7 bytes)\n- name: A\n  value: b\nargs:\n- --password\n- *** (7 bytes)\n"
    ),
    (
      "a.yaml",
      "{{ if .x }}\ncredentials:\n  user: hunter2\n  list:\n  - hunter2\n  secretName: x\na: b\n",
      "{{ if .x }}\ncredentials:\n  user: *** (7 bytes)\n  list:\n  - *** (7 bytes)\n  secretName: x\na: b\n"
    ),
    (
      "a.yaml",
      "{{ .a }}\nkind: ConfigMap\ndata:\n  a: b\n---\ndata:\n  user: hunter2\nkind: Secret\n---\na: b\n",
      "{{ .a }}\nkind: ConfigMap\ndata:\n  a: b\n---\ndata:\n  *** (13 bytes)\n*** (12 bytes)\n---\na: b\n"
    ),
    (
      "a.json", "{ // x\n \"kind\": \"Secret\",\n \"data\": {\n \"a\": \"hunter2\" }}\n",
      "{ // x\n \"kind\": \"Secret\",\n \"data\": *** (1 byte)\n *** (17 bytes)\n"
    ),
    (
      "a.md", "```yaml\nkind: Secret\ndata:\n  a: hunter2\n```\nText\n```yaml\ndata: x\n```\n",
      "```yaml\nkind: Secret\ndata:\n  *** (10 bytes)\n```\nText\n```yaml\ndata: x\n```\n"
    ),
    (".netrc", "machine h\npassword hunter2\n", "*** (27 bytes)\n"),
    (
      "a.tf", "variable \"db_password\" {\n  default = \"hunter2\"\n}\nx = 1\n",
      "variable \"db_password\" {\n  default = *** (9 bytes)\n}\nx = 1\n"
    ),
    (
      "nginx.conf",
      "proxy_set_header Authorization \"Basic aHVudGVyMg==\";\n# Basic authentication\n",
      "proxy_set_header Authorization \"Basic *** (12 bytes)\";\n# Basic authentication\n"
    ),
    (
      "a.xml", "<property name=\"password\" value=\"hunter2\"/>\n",
      "<property name=\"password\" value=*** (11 bytes)\n"
    ),
    ("id_rsa", "hunter2\n", "*** (8 bytes)\n"),
  ])
  func `line by line`(path: String, text: String, expected: String) {
    #expect(masked(text, TreePath(path)) == expected)
  }

  @Test func `the value of an item can stand below`() {
    #expect(
      masked(
        """
        - name: DB_PASSWORD
          value:
            hunter2
        - name: MODE
          value:
            fast

        """, "a.txt")
          == """
          - name: DB_PASSWORD
            value:
              *** (7 bytes)
          - name: MODE
            value:
              fast

          """)
  }

  @Test(arguments: ["credentials.json", "token.yaml", "secrets/db.yaml", "db-password.yml"])
  func `data in a file that is named like a credential is hidden`(_ path: String) {
    let path = TreePath(path)
    #expect(masked("{\"k\": \"PLANTED\"}", path) == "*** (16 bytes)")
    #expect(masked("kind: ConfigMap\nk: open\n", path).contains("open"))
    #expect(
      masked("[{\"op\": \"add\", \"path\": \"/x\", \"value\": \"open\"}]", path).contains("open"))
  }

  @Test func `what kustomizations are named is no credential`() {
    #expect(masked("resources: [a.yaml]\n", "secrets/kustomization.yaml").contains("a.yaml"))
  }

  @Test func `stringData is secret whatever a template makes of the kind`() {
    let text = "{{ $k := \"Secret\" }}\nkind: {{ $k }}\nstringData:\n  j: PLANTED\n"
    #expect(!masked(text).contains("PLANTED"))
  }

  @Test(arguments: ["id_rsa", ".netrc", ".pgpass", "id_ed25519"])
  func `a key of a ConfigMap can be named like a file of credentials`(_ key: String) {
    #expect(!masked("kind: ConfigMap\ndata:\n  \(key): \"PLANTED\"\n").contains("PLANTED"))
  }

  @Test func `a commented-out Secret is a Secret`() {
    let result = masked("a: b\n# kind: Secret\n# data:\n#   user: hunter2\n#\n# - x\nc: d\n")
    #expect(!result.contains("hunter2"))
    #expect(result.hasPrefix("a: b\n# kind: Secret\n# data:\n"))
    #expect(result.hasSuffix("c: d\n"))
  }

  @Test func `an alias to a secret hides it where it is written`() {
    #expect(masked("a: &x hunter2\npassword: *x\n") == "a: *** (7 bytes)\npassword: *x\n")
    #expect(
      !masked("base: &b {value: hunter2}\nenv: [{name: PASSWORD, <<: *b}]\n").contains("hunter2"))
    #expect(
      !masked("base: &b\n  kind: Secret\nx:\n  <<: *b\n  data: {a: hunter2}\n").contains("hunter2"))
    #expect(
      !masked("base: &b\n  data: {a: hunter2}\nx:\n  <<: *b\n  kind: Secret\n").contains("hunter2"))
    // Circles end.
    #expect(masked("a: &a [*a, {password: *a}, x]\n").contains("***"))
  }

  @Test func `deep documents and chains of aliases are walked`() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("{\"a\": [", "]}")] {
      let depth = open.hasSuffix("[") && open.count > 1 ? 490 : 980
      let text =
        String(repeating: open, count: depth) + "{\"password\": \"hunter2\"}"
        + String(repeating: close, count: depth)
      #expect(masked(text).contains("*** (7 bytes)"))
      #expect(masked(text, "a.json").contains("*** (7 bytes)"))
    }
    // Each is as deep as all before it together.
    var chain = "a0: &a0 {password: hunter2}\n"
    for index in 1..<40 {
      let inner =
        String(repeating: "[", count: 100) + "*a\(index - 1)" + String(repeating: "]", count: 100)
      chain += "a\(index): &a\(index) \(inner)\n"
    }
    #expect(!masked(chain + "password: *a39\n").contains("hunter2"))
    // Each has the one before it twice.
    var bomb = "a0: &a0 [x, {password: hunter2}]\n"
    for index in 1..<60 { bomb += "a\(index): &a\(index) [*a\(index - 1), *a\(index - 1)]\n" }
    #expect(!masked(bomb + "password: *a59\n").contains("hunter2"))
  }

  @Test func `of duplicate keys all are secret`() {
    #expect(
      masked("password: hunter1\npassword: hunter2\n")
        == "password: *** (7 bytes)\npassword: *** (7 bytes)\n")
  }

  @Test func `a document that is a mere text is judged by lines`() {
    #expect(
      masked("env: [{name: PASSWORD, value: hunter2}]\n---\nTOKEN=hunter2\n---\n# end\n")
        == "env: [{name: PASSWORD, value: *** (7 bytes)}]\n---\nTOKEN=*** (7 bytes)\n---\n# end\n")
  }

  @Test func `files that a secretGenerator names`() {
    var named = SecretFiles()
    named.add(
      Array("secretGenerator:\n- envs: [a.env]\n  files: [k=../b.txt, c.txt]\n".utf8),
      path: "apps/kustomization.yaml")
    named.add(Array("a: [".utf8), path: "apps/broken.yaml")
    func masked(_ text: String, _ path: TreePath) -> String {
      String(decoding: TextMask.masked(Array(text.utf8), path: path, named: named), as: UTF8.self)
    }
    #expect(masked("# x\nA=b\n", "apps/a.env") == "*** (3 bytes)\nA=*** (1 byte)\n")
    #expect(masked("anything\n", "b.txt") == "*** (9 bytes)\n")
    #expect(masked("anything\n", "apps/c.txt") == "*** (9 bytes)\n")
    #expect(masked("anything\n", "c.txt") == "anything\n")
  }

  @Test func `UTF-16 is not shown`() {
    #expect(masked("x", "a.yaml") == "x")
    #expect(TextMask.masked([0xFF, 0xFE, 0x61, 0], path: "a.yaml") == Array("*** (4 bytes)".utf8))
  }

  @Test func `long lines and many of them take linear time`() {
    let words = String(repeating: "password ", count: 20_000)
    #expect(masked(words, "a.txt").utf8.count > 0)
    for piece in [
      "://", "://a:b/", "eyJaaaaaaaa/", "-----BEGIN ", "kind ", "name: ", "token=,", "@tcp(",
      "name:password,",
    ] {
      _ = masked(String(repeating: piece, count: 10_000), "a.txt")
    }
    let items = String(repeating: "- name: PASSWORD\n  value: x\n", count: 5000)
    #expect(!masked("x:\n" + items).contains("value: x"))
    #expect(!masked("{{ if }}\n" + items).contains("value: x"))
  }
}
