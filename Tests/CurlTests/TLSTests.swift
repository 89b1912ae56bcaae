import Foundation
import LoopbackServer
import Testing

@testable import Curl
@testable import HTTP

/// Whom we trust, and what is said when we do not.
@Suite struct TLSTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  func ask(
    _ listener: String,
    host: String = "127.0.0.1",
    trust: String? = "ca1.crt",
    identity: ClientIdentity? = nil,
    _ change: (inout TransportOptions) -> Void = { _ in }
  ) async throws -> LogEntry? {
    let place = try server.newCase([Rule(Answer(200, "{}"))])
    var options = TransportOptions(trust: .anything)
    if let trust { options.trust = .only(try server.pki(trust)) }
    change(&options)
    let transport = CurlTransport(options: options)
    var request = Request(url: try place.url(listener, host: host))
    request.identity = identity
    #expect(try await transport.send(request).status == 200)
    return try place.log().first
  }

  func refusal(
    _ listener: String,
    host: String = "127.0.0.1",
    trust: String? = "ca1.crt",
    identity: ClientIdentity? = nil,
    _ change: (inout TransportOptions) -> Void = { _ in }
  ) async throws -> String {
    do {
      _ = try await ask(listener, host: host, trust: trust, identity: identity, change)
      return "no error"
    } catch let error as TransportError {
      #expect(error.isSelfContained == (error.kind != .identity))
      return error.description
    }
  }

  static let unknown = "Unable to connect to the server: tls: failed to verify certificate: x509: "

  @Test func `the server of the given authority is trusted`() async throws {
    #expect(try await ask("A")?.listener == "A")
    #expect(try await ask("B", trust: "ca2.crt")?.listener == "B")
  }

  @Test(arguments: [".", ".example.test", "a..example.test", "..", ".example.test."])
  func `a name with an empty part fits no certificate`(name: String) async throws {
    let text = try await refusal("A") { $0.serverName = name }
    #expect(
      text == Self.unknown + "certificate is not valid for \(name): this name has an empty label")
  }

  @Test func `#33 a bundle with comments and several authorities is read`() async throws {
    for listener in ["A", "B"] {
      #expect(try await ask(listener, trust: "ca-both.crt")?.listener == listener)
    }
  }

  @Test func `a server of another authority is refused`() async throws {
    #expect(
      try await refusal("A", trust: "ca2.crt") == Self.unknown
        + "certificate signed by unknown authority")
  }

  /// libcurl would go on trusting the built-in folder beside the given authority.
  @Test
  func `#31 a server whose authority is in the system's store is refused when another is given`()
    async throws
  {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let hash = Process()
    let output = Pipe()
    hash.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    hash.arguments = ["openssl", "x509", "-noout", "-hash", "-in", server.pkiPath("ca2.crt")]
    hash.standardOutput = output
    try hash.run()
    let name = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      .prefix(8)
    try Data(try server.pki("ca2.crt")).write(to: folder.appendingPathComponent("\(name).0"))
    let roots = SystemRoots(environment: [
      "SSL_CERT_FILE": "/nonexistent", "SSL_CERT_DIR": folder.path,
    ])
    #expect(roots.file == nil)
    // The store is right: without a given authority the server is trusted,
    #expect(try await ask("B", trust: nil) { $0.trust = .system(roots) }?.listener == "B")
    // and with one it is not, although OpenSSL's own default folder is the same store.
    let environment = ["SSL_CERT_DIR": folder.path]
    #expect(SystemRoots(environment: environment).directories == folder.path)
    #expect(try await refusal("B") == Self.unknown + "certificate signed by unknown authority")
  }

  @Test func `#32 without a given authority the machine's hold, and SSL_CERT_FILE is read`()
    async throws
  {
    let roots = SystemRoots(environment: ["SSL_CERT_FILE": server.pkiPath("ca2.crt")])
    #expect(try await ask("B", trust: nil) { $0.trust = .system(roots) }?.listener == "B")
    #expect(
      try await refusal("A", trust: nil) { $0.trust = .system(roots) } == Self.unknown
        + "certificate signed by unknown authority")
    #expect(
      try await refusal("B", trust: nil) { $0.trust = .system(SystemRoots()) }
        == Self.unknown + "certificate signed by unknown authority")
  }

  @Test func `an authority that is none trusts nobody`() async throws {
    for bundle in [[], Array("garbage".utf8)] {
      #expect(try await refusal("A", trust: nil) { $0.trust = .only(bundle) } != "no error")
    }
  }

  @Test func `#34 an expired certificate is refused`() async throws {
    #expect(
      try await refusal("EXPIRED") == Self.unknown + "certificate has expired or is not yet valid")
  }

  @Test func `#34 a certificate for another name is refused, with the right names`() async throws {
    var text = try await refusal("INTERNAL", host: "localhost")
    #expect(
      text == Self.unknown + "certificate is valid for kubernetes.internal.test, not localhost")
    text = try await refusal("A") { $0.serverName = "other.test" }
    #expect(text == Self.unknown + "certificate is valid for localhost, a.k8s.test, not other.test")
  }

  @Test func `#34 an address needs to be in the certificate`() async throws {
    var text = try await refusal("INTERNAL")
    #expect(
      text == Self.unknown
        + "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs")
    text = try await refusal("A") { $0.serverName = "127.0.0.9" }
    #expect(text == Self.unknown + "certificate is valid for 127.0.0.1, ::1, not 127.0.0.9")
  }

  @Test(arguments: [("CNONLY", "127.0.0.1"), ("CNONLY_NAME", "localhost")])
  func `#34 a certificate with nothing but a common name is refused before anything is sent`(
    listener: String, host: String
  ) async throws {
    let place = try server.newCase([Rule(Answer(200, "{}"))])
    let transport = CurlTransport(
      options: TransportOptions(trust: .only(try server.pki("ca1.crt"))))
    let error = await #expect(throws: TransportError.self) {
      try await transport.send(Request(url: try place.url(listener, host: host)))
    }
    #expect(
      error?.description == Self.unknown
        + "certificate relies on legacy Common Name field, use SANs instead")
    #expect(try place.log().isEmpty)
  }

  @Test(arguments: ["A", "B", "INTERNAL", "CNONLY", "EXPIRED"])
  func `without verification every certificate will do`(listener: String) async throws {
    #expect(try await ask(listener, trust: nil)?.listener == listener)
  }

  @Test func `#35 the given name is asked for and verified, the Host header stays`() async throws {
    let entry = try await ask("INTERNAL") { $0.serverName = "kubernetes.internal.test" }
    #expect(entry?.serverName == "kubernetes.internal.test")
    #expect(entry?.header("Host") == "127.0.0.1:\(try server.port("INTERNAL"))")
  }

  @Test func `#36 a name is asked for, an address is not`() async throws {
    #expect(try await ask("A")?.serverName == "")
    #expect(try await ask("A", host: "localhost")?.serverName == "localhost")
  }

  @Test func `TLS to a server that speaks plain HTTP is explained`() async throws {
    let port = try server.port("PLAIN")
    let transport = CurlTransport(options: TransportOptions())
    let error = await #expect(throws: TransportError.self) {
      try await transport.send(Request(url: "https://127.0.0.1:\(port)/x"))
    }
    #expect(
      error?.description
        == "Unable to connect to the server: tls: first record does not look like a TLS handshake")
  }

  @Test func `plain HTTP to a server that speaks TLS is an error`() async throws {
    let port = try server.port("A")
    let transport = CurlTransport(options: TransportOptions())
    let error = await #expect(throws: TransportError.self) {
      try await transport.send(Request(url: "http://127.0.0.1:\(port)/x"))
    }
    #expect(error != nil)
  }

  @Test func `a server that demands a certificate says so`() async throws {
    // Under TLS 1.3 the refusal races with the reset that follows it.
    let text = try await refusal("MTLS")
    #expect(text.hasPrefix("Unable to connect to the server: "))
    #expect(text != "no error")
  }

  @Test(arguments: [
    ("client-ec-sec1.crt", "client-ec-pkcs8.key", "tls: private key does not match public key"),
    ("client-enc-pkcs8.crt", "client-enc-pkcs8.key", "tls: failed to parse private key"),
    ("client-enc-legacy.crt", "client-enc-legacy.key", "tls: failed to parse private key"),
    ("ca1.crt", "client-p384.crt", "tls: failed to parse private key"),
    (
      "client-p384.key", "client-p384.key",
      "tls: failed to find any usable certificate in the certificate input"
    ),
  ])
  func `#39 a key that does not fit or is encrypted is an error, not a crash or a prompt`(
    certificate: String, key: String, text: String
  ) async throws {
    let identity = ClientIdentity(
      certificate: try server.pki(certificate), key: try server.pki(key))
    #expect(identity.problem == text)
    #expect(try await refusal("MTLS", identity: identity) == text)
  }

  @Test(arguments: [
    [], Array("x".utf8),
    Array("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8),
  ])
  func `#39 garbage as a key is an error`(key: [UInt8]) throws {
    let identity = ClientIdentity(certificate: try server.pki("client-p384.crt"), key: key)
    #expect(identity.problem == "tls: failed to parse private key")
  }

  @Test func `another certificate opens another connection`() async throws {
    let place = try server.newCase([Rule(Answer(200, "{}"))])
    let transport = CurlTransport(
      options: TransportOptions(trust: .only(try server.pki("ca1.crt"))))
    for kind in ["p384", "ed25519", "p384"] {
      var request = Request(url: try place.url("MTLS"))
      request.identity = ClientIdentity(
        certificate: try server.pki("client-\(kind).crt"), key: try server.pki("client-\(kind).key")
      )
      _ = try await transport.send(request)
    }
    #expect(try place.log().map(\.client) == ["client-p384", "client-ed25519", "client-p384"])
  }

  @Test func `a server that never shakes hands is given up`() async throws {
    let port = try server.port("SILENT")
    var options = TransportOptions(trust: .anything)
    options.connectTimeout = .milliseconds(200)
    let error = await #expect(throws: TransportError.self) {
      try await CurlTransport(options: options).send(Request(url: "https://127.0.0.1:\(port)/"))
    }
    #expect(error?.kind == .timeout)
    #expect(
      error?.description == "Unable to connect to the server: net/http: TLS handshake timeout")
  }
}
