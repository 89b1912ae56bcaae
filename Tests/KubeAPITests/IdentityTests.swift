import Foundation
import HTTP
import Kubeconfig
import LoopbackServer
import Objects
import TestSupport
import Testing

@testable import KubeAPI

/// Who we are to the server, from a kubeconfig to the wire.
@Suite struct IdentityTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  /// Reads an object with the user of a kubeconfig, and tells what the server saw.
  func seen(
    user: String,
    cluster: String = "",
    flags: ConnectionFlags = ConnectionFlags(),
    listener: String = "A",
    environment: [String: String] = [:],
    answers: Rule = Rule(Answer(200, "{}")),
    times: Int = 1,
    folder: URL? = nil
  ) async throws -> [LogEntry] {
    let place = try server.newCase([answers])
    let folder = folder ?? place.folder
    let text = """
      clusters: [{name: c, cluster: {server: "\(try place.url(listener))", certificate-authority: \(server.pkiPath("ca1.crt")) \(cluster)}}]
      users: [{name: u, user: {\(user)}}]
      contexts: [{name: x, context: {cluster: c, user: u}}]
      current-context: x
      """
    try Data(text.utf8).write(to: folder.appendingPathComponent("config"))
    var flags = flags
    flags.kubeconfig = "config"
    var environment = environment
    environment["PATH"] = "/usr/bin:/bin"
    let loader = KubeconfigLoader(
      environment: environment, workingDirectory: folder.path, standardInputIsTerminal: false)
    let client = connected(try loader.load(flags))
    for _ in 0..<times { _ = try await client.get(configMaps, namespace: "n", name: "x") }
    return try place.log()
  }

  /// A client as a command has it.
  func connected(_ configuration: ClusterConfiguration) -> APIClient {
    let transport = APIClient.transport(
      configuration.transport, log: HTTPLog(level: 0) { _ in }, activity: Activity())
    return APIClient(configuration, over: transport, userAgent: "tests/1")
  }

  func script(_ text: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "identity-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("plug")
    try Data("#!/bin/sh\necho x >> \(folder.path)/ran\n\(text)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    return folder
  }

  func runs(_ folder: URL) throws -> Int {
    try String(contentsOf: folder.appendingPathComponent("ran"), encoding: .utf8).split(
      separator: "\n"
    ).count
  }

  static let exec =
    "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plug, interactiveMode: Never}"

  static func credential(_ status: String) -> String {
    #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{\#(status)}}"#
  }

  @Test(arguments: ["rsa-pkcs1", "rsa-pkcs8", "ec-sec1", "ec-pkcs8", "p384", "ed25519"])
  func `#37 client certificates of six key kinds are used inline`(kind: String) async throws {
    let certificate = Data(try server.pki("client-\(kind).crt")).base64EncodedString()
    let key = Data(try server.pki("client-\(kind).key")).base64EncodedString()
    let log = try await seen(
      user: "client-certificate-data: \(certificate), client-key-data: \(key)", listener: "MTLS")
    #expect(log.map(\.client) == ["client-\(kind)"])
    #expect(log[0].header("Authorization") == nil)
  }

  @Test(arguments: [
    ("client-ec-sec1.crt", "client-ec-sec1.key", "client-ec-sec1"),
    ("client-chain.crt", "client-chain.key", "client-rsa-pkcs1"),
    ("client-combined.pem", "client-combined.pem", "client-rsa-pkcs1"),
  ])
  func `#38 client certificates are used from files, chains and bundles`(
    certificate: String, key: String, name: String
  ) async throws {
    let user =
      "client-certificate: \(server.pkiPath(certificate)), client-key: \(server.pkiPath(key))"
    #expect(try await seen(user: user, listener: "MTLS").map(\.client) == [name])
    let data = Data(try server.pki(key)).base64EncodedString()
    let mixed = "client-certificate: \(server.pkiPath(certificate)), client-key-data: \(data)"
    #expect(try await seen(user: mixed, listener: "MTLS").map(\.client) == [name])
  }

  @Test func `#22 certificate flags win over inline data`() async throws {
    let certificate = Data(try server.pki("client-ec-sec1.crt")).base64EncodedString()
    let key = Data(try server.pki("client-ec-sec1.key")).base64EncodedString()
    let flags = ConnectionFlags(
      clientCertificate: server.pkiPath("client-p384.crt"),
      clientKey: server.pkiPath("client-p384.key"))
    let log = try await seen(
      user: "client-certificate-data: \(certificate), client-key-data: \(key)", flags: flags,
      listener: "MTLS")
    #expect(log.map(\.client) == ["client-p384"])
  }

  @Test func `a token beside a certificate is sent as well`() async throws {
    let user =
      "client-certificate: \(server.pkiPath("client-p384.crt")), client-key: \(server.pkiPath("client-p384.key"))"
    let log = try await seen(user: user, flags: ConnectionFlags(token: "flag"), listener: "MTLS")
    #expect(log.map(\.client) == ["client-p384"])
    #expect(log[0].header("Authorization") == "Bearer flag")
  }

  @Test func `#42 basic authentication is sent`() async throws {
    let log = try await seen(user: "username: me, password: 'p:w'")
    #expect(log[0].header("Authorization") == "Basic bWU6cDp3")
  }

  @Test func `#24 every impersonation header is sent, extra keys escaped`() async throws {
    let user =
      "token: t, as: jane, as-uid: '42', as-groups: [g1, g2], as-user-extra: {acme.com/project: [p, q], dept: [é]}"
    let seen = try await seen(user: user)[0]
    #expect(seen.allHeaders("Impersonate-User") == ["jane"])
    #expect(seen.allHeaders("Impersonate-Uid") == ["42"])
    #expect(seen.allHeaders("Impersonate-Group") == ["g1", "g2"])
    #expect(
      seen.headers?.filter { $0[0] == "Impersonate-Extra-Acme.com%2fproject" }.map { $0[1] } == [
        "p", "q",
      ])
    #expect(seen.allHeaders("Impersonate-Extra-Dept").count == 1)
  }

  @Test func `#24 impersonation flags replace those of the file`() async throws {
    let flags = ConnectionFlags(as: "joe", asGroups: ["h"], asUID: "7")
    let seen = try await seen(user: "token: t, as: jane, as-groups: [g1, g2]", flags: flags)[0]
    #expect(seen.allHeaders("Impersonate-User") == ["joe"])
    #expect(seen.allHeaders("Impersonate-Group") == ["h"])
    #expect(seen.allHeaders("Impersonate-Uid") == ["7"])
  }

  @Test func `#27 credentials never go over plain HTTP`() async throws {
    let user = "token: t, as: jane"
    let seen = try await seen(user: user, listener: "PLAIN")[0]
    #expect(seen.header("Authorization") == nil)
    #expect(seen.header("Impersonate-User") == "jane")
  }

  @Test func `#35 another name is verified and asked for, the Host header stays`() async throws {
    let seen = try await seen(
      user: "token: t", cluster: ", tls-server-name: kubernetes.internal.test", listener: "INTERNAL"
    )[0]
    #expect(seen.serverName == "kubernetes.internal.test")
    #expect(seen.header("Host") == "127.0.0.1:\(try server.port("INTERNAL"))")
  }

  @Test func `#46 a plugin is run once for many requests`() async throws {
    let folder = try script("echo '\(Self.credential(#""token":"ex""#))'")
    let log = try await seen(user: Self.exec, times: 5, folder: folder)
    #expect(log.map { $0.header("Authorization") } == Array(repeating: "Bearer ex", count: 5))
    #expect(try runs(folder) == 1)
  }

  @Test func `#46 an expired answer runs the plugin before every request`() async throws {
    let folder = try script(
      "echo '\(Self.credential(#""token":"ex","expirationTimestamp":"2020-01-01T00:00:00Z""#))'")
    _ = try await seen(user: Self.exec, times: 3, folder: folder)
    #expect(try runs(folder) == 3)
  }

  @Test func `#46 after a 401 the plugin runs again, and the request is sent once more`()
    async throws
  {
    let folder = try script(
      "if [ $(wc -l < ran) -gt 1 ]; then T=good; else T=bad; fi\n"
        + #"printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' $T"#
    )
    let text = try String(contentsOf: folder.appendingPathComponent("plug"), encoding: .utf8)
      .replacingOccurrences(of: "< ran", with: "< \(folder.path)/ran")
    try Data(text.utf8).write(to: folder.appendingPathComponent("plug"))
    let place = try server.newCase([
      Rule(header: "Authorization: Bearer good", Answer(200, "{}")),
      Rule(status(401, "Unauthorized", "Unauthorized")),
    ])
    let config = """
      clusters: [{name: c, cluster: {server: "\(try place.url())", certificate-authority: \(server.pkiPath("ca1.crt"))}}]
      users: [{name: u, user: {\(Self.exec)}}]
      contexts: [{name: x, context: {cluster: c, user: u}}]
      current-context: x
      """
    try Data(config.utf8).write(to: folder.appendingPathComponent("config"))
    let environment = ["PATH": "/usr/bin:/bin"]
    let loader = KubeconfigLoader(
      environment: environment, workingDirectory: folder.path, standardInputIsTerminal: false)
    let client = connected(try loader.load(ConnectionFlags(kubeconfig: "config")))
    _ = try await client.get(configMaps, namespace: "n", name: "x")
    #expect(try place.log().map { $0.header("Authorization") } == ["Bearer bad", "Bearer good"])
    #expect(try runs(folder) == 2)
  }

  @Test func `#46 a 401 that a new run cannot mend is sent once`() async throws {
    let folder = try script("echo '\(Self.credential(#""token":"same""#))'")
    let error = await #expect(throws: APIError.self) {
      try await seen(
        user: Self.exec, answers: Rule(status(401, "Unauthorized", "Unauthorized")), folder: folder)
    }
    #expect(error?.description == "You must be logged in to the server (Unauthorized)")
    #expect(try runs(folder) == 2)
  }

  @Test func `#47 a plugin may give a client certificate`() async throws {
    func quoted(_ file: String) throws -> String {
      String(decoding: try server.pki(file), as: UTF8.self).replacingOccurrences(
        of: "\n", with: "\\n")
    }
    let status =
      #""clientCertificateData":"\#(try quoted("client-ec-pkcs8.crt"))","clientKeyData":"\#(try quoted("client-ec-pkcs8.key"))""#
    let folder = try script("cat \"$(dirname \"$0\")/answer\"")
    try Data(Self.credential(status).utf8).write(to: folder.appendingPathComponent("answer"))
    let log = try await seen(user: Self.exec, listener: "MTLS", folder: folder)
    #expect(log.map(\.client) == ["client-ec-pkcs8"])
    #expect(log[0].header("Authorization") == nil)
  }

  @Test func `#20 a token flag keeps the plugin from running`() async throws {
    let folder = try script("echo no >&2; exit 1")
    let log = try await seen(user: Self.exec, flags: ConnectionFlags(token: "flag"), folder: folder)
    #expect(log[0].header("Authorization") == "Bearer flag")
    #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("ran").path))
  }

  @Test func `#68 a time-out bounds the wait for an answer`() async throws {
    let error = await #expect(throws: TransportError.self) {
      try await seen(
        user: "token: t", flags: ConnectionFlags(requestTimeout: "1s"), answers: Rule(.no(.hang)))
    }
    #expect(
      error?.description
        == "Unable to connect to the server: context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    )
  }
}
