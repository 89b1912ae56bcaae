import Foundation
import HTTP
import LoopbackServer
import Synchronization
import TestSupport
import Testing

@testable import Kubeconfig

@Suite struct CredentialsTests {
  func refusal(
    user: String, cluster: String = "", files: [String: String] = [:],
    flags: ConnectionFlags = ConnectionFlags()
  ) throws
    -> KubeconfigError?
  {
    let bench = try Bench(files.merging(["config": config(cluster: cluster, user: user)]) { $1 })
    return #expect(throws: KubeconfigError.self) { try bench.loadConfig(flags) }
  }

  static let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
  static let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
  static let pair = ["crt": certificate, "key": key]

  static func data(_ text: String) -> String {
    Data(text.utf8).base64EncodedString()
  }

  @Test(
    arguments: [
      ("token: t", "Bearer t"), ("username: u", "Basic dTo="),
      ("username: u\npassword: 'p:w'", "Basic dTpwOnc="), ("{}", nil), ("token: ''", nil),
      ("client-key-data: AAAA", nil),
    ] as [(String, String?)])
  func `#42 each kind of credential becomes its header`(user: String, header: String?) async throws
  {
    #expect(try await Bench(["config": config(user: user)]).loadConfig().authorization == header)
  }

  @Test(arguments: ["token: t\nusername: u", "token: t\npassword: p"])
  func `#43 a token and a password together are an error`(user: String) throws {
    let text =
      "more than one authentication method found for u; found [token basicAuth], only one is allowed"
    #expect(try refusal(user: user)?.description == text)
    #expect(
      try refusal(user: "username: u", flags: ConnectionFlags(token: "t"))?.description == text)
  }

  @Test(arguments: [
    ("as-groups: [g]", ConnectionFlags()), ("as-uid: '1'", ConnectionFlags()),
    ("as-user-extra: {a: [b]}", ConnectionFlags()),
    ("token: t", ConnectionFlags(asGroups: ["g"])), ("token: t", ConnectionFlags(asUID: "1")),
  ])
  func `#25 a group without a user is an error`(user: String, flags: ConnectionFlags) throws {
    #expect(
      try refusal(user: user, flags: flags)?.description
        == "requesting uid, groups or user-extra for u without impersonating a user")
  }

  @Test func `#29 data and file together are errors`() throws {
    var error = try refusal(
      user: "{}",
      cluster:
        "certificate-authority: crt\ncertificate-authority-data: \(Self.data(Self.certificate))",
      files: Self.pair)
    #expect(
      error?.description
        == "certificate-authority-data and certificate-authority are both specified for c. certificate-authority-data will override."
    )
    error = try refusal(
      user:
        "client-certificate: crt\nclient-certificate-data: \(Self.data(Self.certificate))\nclient-key: key",
      files: Self.pair)
    #expect(
      error?.description
        == "client-cert-data and client-cert are both specified for u. client-cert-data will override."
    )
    error = try refusal(
      user: "client-certificate: crt\nclient-key: key\nclient-key-data: \(Self.data(Self.key))",
      files: Self.pair)
    #expect(
      error?.description
        == "client-key-data and client-key are both specified for u; client-key-data will override")
  }

  @Test func `a certificate without a key is an error`() throws {
    #expect(
      try refusal(user: "client-certificate: crt", files: Self.pair)?.description
        == "client-key-data or client-key must be specified for u to use the clientCert authentication method."
    )
  }

  @Test(arguments: [
    (
      "", "certificate-authority: nope",
      "unable to read certificate-authority @nope for c due to open @nope: no such file or directory"
    ),
    (
      "client-certificate: nope\nclient-key: key", "",
      "unable to read client-cert @nope for u due to open @nope: no such file or directory"
    ),
    (
      "client-certificate: crt\nclient-key: nope", "",
      "unable to read client-key @nope for u due to open @nope: no such file or directory"
    ),
    (
      "client-certificate: crt\nclient-key: dir", "",
      "unable to read client-key @dir for u due to read @dir: is a directory"
    ),
    ("tokenFile: nope", "", "open @nope: no such file or directory"),
  ])
  func `#30 files that cannot be read are named`(user: String, cluster: String, text: String) throws
  {
    let files = Self.pair.merging(["config": config(cluster: cluster, user: user), "dir/x": ""]) {
      $1
    }
    let bench = try Bench(files)
    let error = #expect(throws: KubeconfigError.self) { try bench.loadConfig() }
    #expect(error?.description == text.replacingOccurrences(of: "@", with: bench.folder.path + "/"))
  }

  /// Somebody who may write a kubeconfig, or send one, must not hold a command for ever.
  @Test(arguments: [
    (
      "", "certificate-authority: pipe",
      "unable to read certificate-authority @pipe for c due to read @pipe: a pipe without a writer"
    ),
    (
      "client-certificate: pipe\nclient-key: key", "",
      "unable to read client-cert @pipe for u due to read @pipe: a pipe without a writer"
    ),
    (
      "client-certificate: crt\nclient-key: pipe", "",
      "unable to read client-key @pipe for u due to read @pipe: a pipe without a writer"
    ),
    ("tokenFile: pipe", "", "read @pipe: a pipe without a writer"),
  ])
  func `pipes in a kubeconfig are not waited for without end`(
    user: String, cluster: String, text: String
  ) throws {
    let files = Self.pair.merging(["config": config(cluster: cluster, user: user)]) { $1 }
    let bench = try Bench(files)
    #expect(mkfifo(bench.path("pipe"), 0o600) == 0)
    let error = #expect(throws: KubeconfigError.self) {
      try LocalFile.$patience.withValue(.zero) { try bench.loadConfig() }
    }
    #expect(error?.description == text.replacingOccurrences(of: "@", with: bench.folder.path + "/"))
  }

  @Test func `a token that came through a pipe stays, and the pipe is not asked again`()
    async throws
  {
    let bench = try Bench(["config": config(user: "tokenFile: pipe")])
    #expect(mkfifo(bench.path("pipe"), 0o600) == 0)
    let path = bench.path("pipe")
    let writer = Thread {
      let end = open(path, O_WRONLY)
      _ = write(end, "once\n", 5)
      close(end)
    }
    writer.start()
    #expect(try await bench.loadConfig().authorization == "Bearer once")
  }

  @Test func `several findings are listed`() throws {
    let error = try refusal(user: "token: t\nusername: u\nas-uid: '1'")
    #expect(
      error?.description == "Error in configuration: \n"
        + "* more than one authentication method found for u; found [token basicAuth], only one is allowed\n"
        + "* requesting uid, groups or user-extra for u without impersonating a user")
    #expect(error?.isSelfContained == true)
  }

  @Test(arguments: [
    (
      certificate,
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
      "tls: failed to parse private key"
    ),
    (
      certificate,
      "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
      "tls: failed to parse private key"
    ),
    (certificate, "garbage", "tls: failed to find any PEM data in key input"),
    (
      certificate, certificate,
      "tls: found a certificate rather than a key in the PEM for the private key"
    ),
    ("garbage", key, "tls: failed to find any PEM data in certificate input"),
    (key, key, "tls: failed to find certificate PEM data in certificate input"),
  ])
  func `#39 keys that cannot be used are refused before any connection`(
    certificate: String, key: String, text: String
  ) throws {
    let user =
      "client-certificate-data: \(Self.data(certificate))\nclient-key-data: \(Self.data(key))"
    #expect(try refusal(user: user)?.description == text)
  }

  @Test func `#38 a bundle may hold certificate and key in any order`() throws {
    for bundle in [Self.certificate + Self.key, Self.key + Self.certificate] {
      let user = "client-certificate: bundle\nclient-key: bundle"
      _ = try Bench(["config": config(user: user), "bundle": bundle]).loadConfig()
    }
  }

  @Test(arguments: [
    (
      "gcp",
      "The gcp auth plugin has been removed.\nPlease use the \"gke-gcloud-auth-plugin\" kubectl/client-go credential plugin instead."
    ),
    (
      "azure",
      "The azure auth plugin has been removed.\nPlease use the https://github.com/Azure/kubelogin kubectl/client-go credential"
    ),
    ("openstack", "no Auth Provider found for name \"openstack\""),
    (
      "oidc", "the oidc auth provider is not supported; use the kubelogin credential plugin instead"
    ),
  ])
  func `#49 providers of the past name what to use instead`(provider: String, text: String) throws {
    let error = try refusal(
      user: "auth-provider: {name: \(provider), config: {access-token: SECRET}}")
    #expect(error?.description.hasPrefix(text) == true)
    #expect(error?.description.contains("SECRET") == false)
  }

  // MARK: - Token files

  @Test func `#40 a token file is trimmed and wins over the inline token`() async throws {
    let bench = try Bench([
      "config": config(user: "tokenFile: tok\ntoken: inline"), "tok": "\n fromfile \r\n",
    ])
    #expect(try await bench.loadConfig().authorization == "Bearer fromfile")
  }

  @Test func `#40 the inline token serves while the file cannot be read`() async throws {
    let bench = try Bench(["config": config(user: "tokenFile: tok\ntoken: inline")])
    #expect(try await bench.loadConfig().authorization == "Bearer inline")
  }

  @Test func `#40 an empty token file is no credential`() async throws {
    #expect(
      try await Bench(["config": config(user: "tokenFile: tok"), "tok": " \n"]).loadConfig()
        .authorization == nil)
  }

  @Test func `#40 a token file is read again within a minute, and the last good token stays`()
    throws
  {
    let bench = try Bench(["tok": "one"])
    var file = TokenFile(path: bench.path("tok"), fallback: nil)
    #expect(file.current(100) == "one")
    try bench.write("tok", "two")
    #expect(file.current(149) == "one")
    #expect(file.current(150) == "two")
    try FileManager.default.removeItem(atPath: bench.path("tok"))
    #expect(file.current(1000) == "two")
    try bench.write("tok", "")
    #expect(file.current(2000) == "two")
    try bench.write("tok", "three")
    #expect(file.current(2001) == "three")
    // A clock that was set back does not freeze it.
    try bench.write("tok", "four")
    #expect(file.current(5) == "four")
  }

  @Test func `a token flag wins over the file's token file`() async throws {
    let bench = try Bench(["config": config(user: "tokenFile: tok"), "tok": "fromfile"])
    #expect(
      try await bench.loadConfig(ConnectionFlags(token: "flag")).authorization == "Bearer flag")
  }

  @Test func `certificates in files are read again, pairs that do not make sense are not taken`()
    throws
  {
    let bench = try Bench(["crt": Self.certificate, "key": Self.key])
    let first = ClientIdentity(certificate: Array(Self.certificate.utf8), key: Array(Self.key.utf8))
    var files = ClientIdentityFiles(
      certificatePath: bench.path("crt"), keyPath: bench.path("key"), initial: first, now: 1)
    let renewed = Self.certificate + "\n# renewed"
    try bench.write("crt", renewed)
    #expect(files.current(1) == first)
    #expect(files.current(2).certificate == Array(renewed.utf8))
    try bench.write("crt", "half writ")
    #expect(files.current(3).certificate == Array(renewed.utf8))
    try FileManager.default.removeItem(atPath: bench.path("key"))
    #expect(files.current(4).certificate == Array(renewed.utf8))
  }

  @Test func `credentials never show in a description`() {
    let credentials = Credentials(
      authorization: "Bearer SECRET",
      identity: ClientIdentity(certificate: [1], key: Array("SECRET".utf8)))
    #expect(!"\(credentials)".contains("SECRET"))
    #expect(!String(reflecting: credentials).contains("SECRET"))
    #expect("\(Credentials())" == "Credentials(no header, no certificate)")
  }
}
