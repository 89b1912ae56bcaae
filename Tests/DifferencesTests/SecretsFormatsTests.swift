import Content
import Differences
import Testing

/// Credentials in the forms that files of several formats have, and what only looks like one.
@Suite struct SecretsFormatsTests {
  private func masked(_ text: String, _ path: TreePath) -> String {
    String(decoding: TextMask.masked(Array(text.utf8), path: path), as: UTF8.self)
  }

  @Test(arguments: [
    "kind: {{ \"Secret\" }}\ndata:\n  a: PLANTED\n",
    "kind: {{ .Values.kind }}\ndata:\n  a: PLANTED\n",
    "kind: \"{{ .Values.kind }}\"\ndata:\n  a: PLANTED\n",
    "kind: ${KIND}\ndata:\n  a: PLANTED\n",
    "{{ if .x }}\nkind: {{ .Values.kind }}\ndata:\n  a: PLANTED\n{{ end }}\n",
    "{{ if .x }}\nkind: {{ \"Secret\" }}\ndata:\n  a: PLANTED\n{{ end }}\n",
    "{{ if .x }}\nkind: {{ if .y }}ConfigMap{{ else }}Secret{{ end }}\ndata:\n  a: PLANTED\n{{ end }}\n",
    "{{ if .x }}\nitems:\n- data:\n    a: PLANTED\n  kind: {{ .Values.kind }}\n{{ end }}\n",
    "{{ if .x }}\nkind: &k Secret\ndata:\n  a: PLANTED\n{{ end }}\n",
    "{{ if .x }}\nk: &k Secret\nkind: *k\ndata:\n  a: PLANTED\n{{ end }}\n",
    "{{ if .x }}\nkind: !!str Secret\ndata:\n  a: PLANTED\n{{ end }}\n",
    "{{ if .x }}\nkind:\n  Secret\ndata:\n  a: PLANTED\n{{ end }}\n",
    "{{ if .x }}\nkind: >-\n  Secret\ndata:\n  a: PLANTED\n{{ end }}\n",
    "{{ if .x }}\nkind: Secret\n{{ if .y }}data{{ else }}stringData{{ end }}:\n  a: PLANTED\n{{ end }}\n",
    "{{ if .x }}\ncommon: &d\n  a: PLANTED\n  b: c\nkind: Secret\ndata: *d\n{{ end }}\n",
    "{{ if .x }}\ncommon: &d {a: PLANTED}\nkind: Secret\ndata:\n  <<: *d\n{{ end }}\n",
    "{{ if .x }}\nv: &v PLANTED\nd: &d\n  a: *v\nkind: Secret\ndata: *d\n{{ end }}\n",
    "{{ if .x }}\nlist:\n- &v PLANTED\nkind: Secret\ndata: {a: *v}\n{{ end }}\n",
    "{{ if .x }}\nv: &v |\n  PLANTED\n\n  PLANTED\npassword: *v\n{{ end }}\n",
    "{{ if .x }}\nv: &v\n  PLANTED\npassword:\n  <<: *v\n{{ end }}\n",
    "{{ if .x }}\nv: &v\n- PLANTED\ntokens: *v\n{{ end }}\n",
  ])
  func `a Secret in a template`(text: String) {
    let result = masked("apiVersion: v1\n" + text, "a.yaml")
    #expect(!result.contains("PLANTED"), "\(result)")
    #expect(result.contains("*** ("))
  }

  @Test(arguments: [
    "kind: {{ .Values.kind }}\nspec:\n  a: plain\n",
    "{{ if .x }}\nkind: {{ .Values.kind }}\nspec:\n  data: plain\n{{ end }}\n",
    "{{ if .x }}\nkind: ConfigMap\ndata:\n  ref: |\n    kind: {{ .Values.kind }}\n  a: plain\n{{ end }}\n",
    "{{ $kind := \"x\" }}\nkind: ConfigMap\ndata:\n  a: plain\n",
    "{{ if .x }}\nlabels: &l\n  app: plain\nkind: Secret\nmetadata:\n  labels: *l\n{{ end }}\n",
    "{{ if .x }}\nl: &l plain\na: *l\nspec:\n  secretName: *l\n{{ end }}\n",
    "{{ if .x }}\nresources: [\"secrets\", \"configmaps\"]\n{{ end }}\n",
    "{{ if .x }}\nproperties:\n  kind:\n    type: string\n  data:\n    type: plain\n{{ end }}\n",
    "properties:\n  kind:\n    type: string\n  data:\n    type: plain\n",
    "kind: [a, b]\ndata: plain\n",
  ])
  func `what is no Secret in a template`(text: String) {
    #expect(masked("apiVersion: v1\n" + text, "a.yaml") == "apiVersion: v1\n" + text)
  }

  @Test(arguments: [
    ("a.toml", "[credentials]\nuser = \"PLANTED\"\n\n[other]\na = \"plain\"\n"),
    ("a.ini", "[db.password]\ncurrent=PLANTED\n[other]\na=plain\n"),
    ("a.ini", "  [db_password]\n  current : PLANTED\n  [other]\n  a=plain\n"),
    ("a.toml", "[[tokens]]\na = \"\"\"\nPLANTED\n\"\"\"\n[[other]]\na = \"plain\"\n"),
    ("a.toml", "[services.credentials.db] # x\n# c\nuser = \"PLANTED\"\n[other]\na = \"plain\"\n"),
    ("a.ini", "[credentials]\nuser PLANTED\nPLANTED\n[other]\nplain\n"),
    ("a.hcl", "credentials {\n  user = \"PLANTED\"\n}\na = \"plain\"\n"),
    (
      "redis.conf", "# x\nport 6379\nrequirepass PLANTED\nmasterauth \"PLANTED PLANTED\"\nplain 1\n"
    ),
    ("redis.conf", "save 900 1\nrequirepass foobarPLANTED\nplain 1\n"),
    ("a.properties", "a plain\ndb.password PLANTED and PLANTED\nsecret\tPLANTED\n"),
    ("hosts", "machine h\n  login plain\n  password PLANTED\n"),
    ("keepalived.conf", "authentication {\n  auth_pass PLANTED\n}\nplain 1\n"),
    (
      "a.yaml",
      "kind: ConfigMap\ndata:\n  redis.conf: |\n    port 6379\n    requirepass PLANTED\n    a plain\n"
    ),
  ])
  func `settings below a name, and behind blanks`(path: String, text: String) {
    let result = masked(text, TreePath(path))
    #expect(!result.contains("PLANTED"), "\(result)")
    #expect(result.contains("plain"), "\(result)")
  }

  @Test(arguments: [
    ("a.toml", "[tokens-per-minute]\nlimit = 5\nname = \"plain\"\n"),
    ("a.toml", "[secretName]\nname = \"plain\"\n"),
    ("a.ini", "[auth]\nmode = plain\n[server]\nport = 80\n"),
    ("a.ini", "[credentials]\nenabled = true\nuser =\n"),
    (
      "a.md",
      "# Secrets management\n\nHow a plain reader of these lines can rotate them.\nsecrets (plain)\n[Token] and more words of a text\n"
    ),
    ("a.md", "Access to this is for those with a long text that explains what a\ntoken is.\n"),
    ("a.txt", "[password]\nis a plain word of a sentence that goes on here.\n"),
    ("sshd_config", "PasswordAuthentication no\nPort 22\n"),
    ("a.yaml", "# secret store\n# token rotation\na: plain # token review\n"),
    (
      "a.yaml",
      "description: |-\n  This field has a longer text about what the controller does with a\n  token afterwards\n"
    ),
    ("a.yaml", "{{ if .x }}\nargs:\n  [password]\nname: plain\nb: c\n{{ end }}\n"),
    (
      "a.yaml",
      "{{ if .x }}\nsecretName: plain\ntokenReview: plain\npasswordPolicy: strict\nkeyRef: plain\nsecretKeyRef:\n  name: plain\n  key: plain\nreplicas: 2\n{{ end }}\n"
    ),
  ])
  func `what only looks like a setting of a credential`(path: String, text: String) {
    #expect(masked(text, TreePath(path)) == text)
  }

  @Test(arguments: [
    "<a>\n<password><value>PLANTED</value></password>\n<b>plain</b>\n</a>\n",
    "<a>\n<password>\n<value>PLANTED</value>\n</password>\n<b>plain</b>\n</a>\n",
    "<a>\n  <credentials>\n    <user>PLANTED</user>\n  </credentials>\n  <b>plain</b>\n</a>\n",
    "<a>\n<password encrypted=\"false\">PLANTED</password>\n<b>plain</b>\n</a>\n",
    "<a>\n<password encrypted=\"false\">\nPLANTED\n</password>\n<b>plain</b>\n</a>\n",
    "<a>\n<db:password>PLANTED</db:password>\n<b>plain</b>\n</a>\n",
    "<a>\n<db:password>\nPLANTED\n</db:password>\n<b>plain</b>\n</a>\n",
    "<a>\n<password><![CDATA[PLANTED\nPLANTED]]></password>\n<b>plain</b>\n</a>\n",
    "<a>\n<user name=\"x\" password=\"PLANTED\" />\n<b>plain</b>\n</a>\n",
    "<a>\n<user name=\"x\" password='PLANTED'/>\n<b>plain</b>\n</a>\n",
    "<a>\n<user\n  password=\"PLANTED\"\n/>\n<b>plain</b>\n</a>\n",
    "<a>\n<password value=\"PLANTED\"/>\n<b>plain</b>\n</a>\n",
    "<a>\n<password\nvalue=\"PLANTED\"/>\n<b>plain</b>\n</a>\n",
    "<a>\n<password\nlang=\"x\">\nPLANTED\n</password>\n<b>plain</b>\n</a>\n",
    "<a>\n<entry key=\"db.password\">PLANTED</entry>\n<b>plain</b>\n</a>\n",
    "<a>\n<property name=\"password\">\n<value>PLANTED</value>\n</property>\n<b>plain</b>\n</a>\n",
    "<a>\n<key>password</key>\n<string>PLANTED</string>\n<b>plain</b>\n</a>\n",
  ])
  func `elements and attributes of XML`(text: String) {
    let result = masked(text, "a.xml")
    #expect(!result.contains("PLANTED"), "\(result)")
    #expect(result.contains("<b>plain</b>\n</a>\n"), "\(result)")
  }

  @Test(arguments: [
    "<a>\n<secretRef name=\"plain\"/>\n<input name=\"plain\">\n</a>\n",
    "<a><passwordFile>plain</passwordFile></a>\n",
    "<p>the <b>password</b> of plain</p>\n",
  ])
  func `what is no credential in XML`(text: String) {
    #expect(masked(text, "a.xml").contains("plain"))
  }

  @Test(arguments: [
    ("https://PLANTED@h/p", "https://*** (7 bytes)@h/p"),
    ("https://PLANTED:@h/p", "https://*** (7 bytes):@h/p"),
    ("https://PLANTED:x-oauth-basic@h/p", "https://*** (7 bytes):*** (13 bytes)@h/p"),
    ("git+https://PLANTED@h/p", "git+https://*** (7 bytes)@h/p"),
    ("postgres://user:PLANTED@h/p", "postgres://user:*** (7 bytes)@h/p"),
    ("https://h/p?sv=1&sig=PLANTED%3D&se=2", "https://h/p?sv=1&sig=*** (10 bytes)&se=2"),
    ("https://h/p?signature=PLANTED", "https://h/p?signature=*** (7 bytes)"),
    ("https://h?key=PLANTED x", "https://h?key=*** (7 bytes) x"),
    ("https://h/p?X-Amz-Credential=PLANTED/a&X-Amz-Date=1&X-Amz-Signature=PLANTED", nil),
    (
      "https://h/p?X-Amz-Date=1&X-Amz-Signature=PLANTED&x=2",
      "https://h/p?X-Amz-Date=1&X-Amz-Signature=*** (7 bytes)&x=2"
    ),
    ("https://h/p?X-Amz-Security-Token=PLANTED", "https://h/p?X-Amz-Security-Token=*** (7 bytes)"),
    ("https://h/p?token=PLANTED&a=plain", nil), ("https://h/#access_token=PLANTED", nil),
    ("https://h/p?a=1&amp;sig=PLANTED", "https://h/p?a=1&amp;sig=*** (7 bytes)"),
    ("x \"https://h/?sig=PLANTED\"", "x \"https://h/?sig=*** (7 bytes)\""),
  ])
  func `credentials in URLs`(url: String, expected: String?) {
    for (path, text) in [("a.txt", "see \(url)\n"), ("a.md", "\(url)\n")] as [(TreePath, String)] {
      let result = masked(text, path)
      #expect(!result.contains("PLANTED"), "\(result)")
      if let expected { #expect(result == text.replacing(url, with: expected)) }
    }
    #expect(!masked("a:\n- '\(url)'\n", "a.yaml").contains("PLANTED"))
  }

  @Test(arguments: [
    "ssh://git@github.com/plain", "https://git@github.com/plain", "ssh://me@h/plain",
    "postgres://me@h/plain", "https://h/p?a=plain&page=2&keys=1#key", "https://h/p;key/plain",
    "https://h/p?a=1 key=plain", "a?key=plain&sig=plain", "https://h/plain@x?ref=v1",
  ])
  func `URLs without credentials`(url: String) {
    for (path, text) in [("a.txt", "see \(url)\n"), ("a.yaml", "a:\n- '\(url)'\n")]
      as [(TreePath, String)]
    {
      #expect(masked(text, path) == text)
    }
  }

  @Test(arguments: [
    "const a = {\n  password:\n    \"PLANTED\",\n  b: \"plain\",\n};\n",
    "const a = {\n  password:\n  \"PLANTED\",\n  b: \"plain\",\n};\n",
    "{ // x\n  \"token\":\n  \"PLANTED\",\n  \"b\": \"plain\"\n}\n",
    "{ // x\n  \"token\"\n  : \"PLANTED\",\n  \"b\": \"plain\"\n}\n",
    "\"token\" =\n\"PLANTED\"\nb = \"plain\"\n",
    "const token =\n  'PLANTED';\nconst b = 'plain';\n",
    "const token\n  = 'PLANTED';\nconst b = 'plain';\n",
    "password:\n  PLANTED==\nb: plain {{\n",
    "password:\n  PLANTED=PLANTED\nb: plain {{\n",
    "password:\n  PLANTED:PLANTED\nb: plain {{\n",
    "password:\n\n  # x\n  PLANTED token=a\nb: plain {{\n",
    "password:\nPLANTED\nb: plain {{\n",
  ])
  func `a value on the next line`(text: String) {
    let result = masked(text, "a.js")
    #expect(!result.contains("PLANTED"), "\(result)")
    #expect(result.contains("plain"), "\(result)")
  }

  @Test(arguments: [
    "password:\nother: plain\n", "token:\n\"b\": \"plain\"\n", "password:\n}\nplain\n",
    "Which token:\n\nThe plain one.\n",
  ])
  func `no value on the next line`(text: String) {
    #expect(masked(text, "a.js") == text)
  }

  @Test(arguments: [[0xFF, 0xFE], [0xFE, 0xFF], [0, 0, 0xFE, 0xFF], [0xFF, 0xFE, 0, 0]])
  func `of a text in UTF-16 or UTF-32 nothing is shown`(mark: [UInt8]) {
    let text = mark + Array("p\0a\0s\0s\0".utf8)
    #expect(TextMask.content(text, path: "a.txt").hidesSecrets)
    #expect(TextMask.masked(text, path: "a.txt").starts(with: Array("*** (".utf8)))
    #expect(TextMask.isWideText(text))
    #expect(!TextMask.isWideText(Array("abc".utf8)))
  }

  private func hunks(_ old: String, _ new: String) throws -> String {
    let bytes = try patch([FileSide("a.yaml", old)], [FileSide("a.yaml", new)]) {
      TextMask.content(try $0.wholeContent(), path: $0.path)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [
    ("password: \"hunter2\"\n", "password: hunter2\n"),
    ("password: 'hunter2'\n", "password: \"hunter2\"\n"),
    ("password: \"hunter2\"\n", "password: \"hunter\\u0032\"\n"),
    ("password: |-\n  hunter2\n", "password: hunter2\n"),
    ("kind: Secret\nstringData: {a: \"hunter2\"}\n", "kind: Secret\nstringData: {a: hunter2}\n"),
  ])
  func `other quotes are no other secret`(old: String, new: String) throws {
    let result = try hunks(old, new)
    #expect(!result.contains("(before)") && !result.contains("(after)"), "\(result)")
    #expect(!result.contains("hunter"))
    #expect(try hunks(old, new.replacing("hunter", with: "Hunter")).contains("(after)"))
  }
}
