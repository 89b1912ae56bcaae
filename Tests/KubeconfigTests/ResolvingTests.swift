import Foundation
import HTTP
import TestSupport
import Testing

@testable import Kubeconfig

/// Which cluster, user and namespace are meant, and what flags change.
@Suite struct ResolvingTests {
  static let two = """
    current-context: a
    clusters:
    - {name: ca, cluster: {server: "https://a"}}
    - {name: cb, cluster: {server: "https://b"}}
    users:
    - {name: ua, user: {token: ta}}
    - {name: ub, user: {token: tb}}
    contexts:
    - {name: a, context: {cluster: ca, user: ua, namespace: na}}
    - {name: b, context: {cluster: cb, user: ub}}
    - {name: nobody, context: {cluster: ca, user: absent}}
    - {name: nowhere, context: {cluster: absent, user: ua}}
    """

  func refusal(
    _ text: String, _ flags: ConnectionFlags = ConnectionFlags(), files: [String: String] = [:]
  ) throws -> KubeconfigError? {
    let bench = try Bench(files.merging(["config": text]) { $1 })
    return #expect(throws: KubeconfigError.self) { try bench.loadConfig(flags) }
  }

  @Test(
    arguments: [
      (ConnectionFlags(), "https://a", "Bearer ta"),
      (ConnectionFlags(context: "b"), "https://b", "Bearer tb"),
      (ConnectionFlags(cluster: "cb"), "https://b", "Bearer ta"),
      (ConnectionFlags(user: "ub"), "https://a", "Bearer tb"),
      (ConnectionFlags(context: "b", user: "ua"), "https://b", "Bearer ta"),
      (ConnectionFlags(context: ""), "https://a", "Bearer ta"),
      (ConnectionFlags(context: "nobody"), "https://a", nil),
    ] as [(ConnectionFlags, String, String?)])
  func `#15 context, cluster and user are chosen independently`(
    flags: ConnectionFlags, server: String, header: String?
  ) async throws {
    let result = try Bench(["config": Self.two]).loadConfig(flags)
    #expect(result.server.description == server)
    #expect(try await result.authorization == header)
  }

  @Test(arguments: [
    (ConnectionFlags(context: "zz"), "context \"zz\" does not exist"),
    (ConnectionFlags(cluster: "zz"), "cluster \"zz\" does not exist"),
    (ConnectionFlags(user: "zz"), "auth info \"zz\" does not exist"),
  ])
  func `#16 unknown names are told`(flags: ConnectionFlags, text: String) throws {
    let error = try refusal(Self.two, flags)
    #expect(error?.description == text)
    #expect(error?.isSelfContained == false)
  }

  @Test func `#17 a current context that does not exist is told`() throws {
    let error = try refusal("current-context: zz")
    #expect(
      error?.description
        == "Error in configuration: context was not found for specified context: zz")
    #expect(error?.isSelfContained == true)
  }

  @Test func `a context without its cluster is told, and localhost is not asked`() throws {
    let error = try refusal(Self.two, ConnectionFlags(context: "nowhere"))
    #expect(error?.description == "invalid configuration: no server found for cluster \"absent\"")
  }

  @Test func `without a current context the flag is named`() throws {
    let error = try refusal(Self.two.replacingOccurrences(of: "current-context: a", with: ""))
    #expect(
      error?.description
        == "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER "
        + "environment variable, or choose a context with --context")
  }

  @Test func `KUBERNETES_MASTER is the last resort`() throws {
    let bench = try Bench(environment: ["KUBERNETES_MASTER": "http://master:8080"])
    #expect(try bench.load().server.description == "http://master:8080")
    let other = try Bench(
      ["config": Self.two], environment: ["KUBERNETES_MASTER": "http://master:8080"])
    #expect(try other.loadConfig().server.description == "https://a")
  }

  @Test(
    arguments: [
      (ConnectionFlags(), "na", "na"), (ConnectionFlags(context: "b"), nil, nil),
      (ConnectionFlags(namespace: "x"), "x", "na"),
      (ConnectionFlags(context: "b", namespace: "Bad_NS"), "Bad_NS", nil),
    ] as [(ConnectionFlags, String?, String?)])
  func `#18 the namespace is the flag's, else the context's`(
    flags: ConnectionFlags, namespace: String?, ofContext: String?
  ) throws {
    let result = try Bench(["config": Self.two]).loadConfig(flags)
    #expect(result.namespace == namespace)
    #expect(result.contextNamespace == ofContext)
  }

  @Test func `#19 --server keeps authority and user and clears the name to verify`() async throws {
    let pem = Data("-----BEGIN CERTIFICATE-----\n".utf8).base64EncodedString()
    let bench = try Bench([
      "config": config(cluster: "tls-server-name: name\ncertificate-authority-data: \(pem)")
    ])
    #expect(try bench.loadConfig().transport.serverName == "name")
    let result = try bench.loadConfig(ConnectionFlags(server: "https://other:1"))
    #expect(result.server.description == "https://other:1")
    #expect(result.transport.serverName == nil)
    #expect(result.transport.trust == .only(Array("-----BEGIN CERTIFICATE-----\n".utf8)))
    #expect(try await result.authorization == "Bearer t")
    #expect(
      try bench.loadConfig(ConnectionFlags(server: "https://o", tlsServerName: "m")).transport
        .serverName
        == "m")
    #expect(try bench.loadConfig(ConnectionFlags(tlsServerName: "m")).transport.serverName == "m")
  }

  @Test func `#21 flags about trust replace the file's`() throws {
    let pem = "-----BEGIN CERTIFICATE-----\n"
    let data = Data(pem.utf8).base64EncodedString()
    let bench = try Bench([
      "config": config(cluster: "certificate-authority-data: \(data)"),
      "insecure": config(cluster: "insecure-skip-tls-verify: true"),
      "ca": pem + "other",
    ])
    #expect(
      try bench.loadConfig(ConnectionFlags(insecureSkipTLSVerify: true)).transport.trust
        == .anything)
    #expect(
      try bench.loadConfig(ConnectionFlags(certificateAuthority: "ca")).transport.trust
        == .only(Array((pem + "other").utf8)))
    #expect(
      try bench.loadConfig(ConnectionFlags(kubeconfig: "insecure")).transport.trust == .anything)
    #expect(
      try bench.loadConfig(ConnectionFlags(kubeconfig: "insecure", certificateAuthority: "ca"))
        .transport.trust == .only(Array((pem + "other").utf8)))
    let error = #expect(throws: KubeconfigError.self) {
      try bench.loadConfig(ConnectionFlags(certificateAuthority: "ca", insecureSkipTLSVerify: true))
    }
    #expect(
      error?.description
        == "specifying a root certificates file with the insecure flag is not allowed")
  }

  @Test func `#21 a file that says both is an error`() throws {
    let data = Data("-----BEGIN CERTIFICATE-----\n".utf8).base64EncodedString()
    let error = try refusal(
      config(cluster: "insecure-skip-tls-verify: true\ncertificate-authority-data: \(data)"))
    #expect(
      error?.description
        == "specifying a root certificates file with the insecure flag is not allowed")
  }

  @Test func `an authority without a certificate is an error`() throws {
    let error = try refusal(config(cluster: "certificate-authority: ca"), files: ["ca": "nothing"])
    #expect(
      error?.description == "unable to load root certificates: unable to parse bytes as PEM block")
  }

  @Test func `#23 paths in a file are seen from the file, paths in flags from the working folder`()
    throws
  {
    let pem = "-----BEGIN CERTIFICATE-----\n"
    let bench = try Bench([
      "sub/config": config(cluster: "certificate-authority: ../pki/ca"), "pki/ca": pem + "file",
      "ca": pem + "flag",
    ])
    #expect(
      try bench.load(ConnectionFlags(kubeconfig: "sub/config")).transport.trust
        == .only(Array((pem + "file").utf8)))
    #expect(
      try bench.load(ConnectionFlags(kubeconfig: "sub/config", certificateAuthority: "ca"))
        .transport.trust
        == .only(Array((pem + "flag").utf8)))
  }

  @Test func `#23 a link to a kubeconfig is no other place`() throws {
    let pem = "-----BEGIN CERTIFICATE-----\n"
    let bench = try Bench([
      "real/config": config(cluster: "certificate-authority: ca"), "ca": pem + "link",
      "real/ca": pem + "real",
    ])
    try FileManager.default.createSymbolicLink(
      atPath: bench.path("link"), withDestinationPath: bench.path("real/config"))
    #expect(
      try bench.load(ConnectionFlags(kubeconfig: "link")).transport.trust
        == .only(Array((pem + "link").utf8))
    )
  }

  @Test(arguments: [
    ("https://h", "https://h"), ("https://h/", "https://h"),
    ("https://h:6443/k8s/clusters/c-1/", "https://h:6443/k8s/clusters/c-1"),
    ("https://h/p?query=1#fragment", "https://h/p"), ("https://h?query", "https://h"),
    ("HTTPS://h", "https://h"),
    ("https://[::1]:6443", "https://[::1]:6443"), ("https://[fd00::1]/p", "https://[fd00::1]/p"),
    ("http://h:80", "http://h:80"),
  ])
  func `#26 the path of a server is kept, query and fragment are dropped`(
    server: String, expected: String
  ) throws {
    #expect(
      try Bench(["config": config(server: server)]).loadConfig().server.description == expected)
  }

  @Test(arguments: [
    (
      "127.0.0.1:6443",
      "the server \"127.0.0.1:6443\" of cluster \"c\" has no scheme; use https://127.0.0.1:6443"
    ),
    ("h", "the server \"h\" of cluster \"c\" has no scheme; use https://h"),
    (
      "ftp://h",
      "the server \"ftp://h\" of cluster \"c\" has the scheme ftp; it must be https or http"
    ),
    ("\"https://[::1\"", "host must be a URL or a host:port pair: \"https://[::1\""),
    ("\"https://h:port\"", "host must be a URL or a host:port pair: \"https://h:port\""),
    ("\"https://\"", "host must be a URL or a host:port pair: \"https://\""),
    ("\"https://h/a b\"", "host must be a URL or a host:port pair: \"https://h/a b\""),
    ("\"https://h:99999\"", "host must be a URL or a host:port pair: \"https://h:99999\""),
  ])
  func `#27 a server without scheme, or that is no URL, is refused`(server: String, text: String)
    throws
  {
    #expect(try refusal(config(server: server))?.description == text)
  }

  @Test func `a server with a password in it is refused without showing it`() throws {
    let error = try refusal(config(server: "https://me:SECRET@h"))
    #expect(error?.description.contains("SECRET") == false)
  }

  @Test func `#27 over plain HTTP there are no credentials, and a warning says so`() async throws {
    let result = try Bench(["config": config(server: "http://h")]).loadConfig()
    #expect(try await result.authorization == nil)
    #expect(
      result.warnings == ["the connection to http://h is not encrypted; no credentials are sent"])
    #expect(
      try Bench(["config": config(server: "http://h", user: "{}")]).loadConfig().warnings.isEmpty)
  }

  @Test(arguments: [
    (
      "ftp://p",
      "invalid 'proxy-url' \"ftp://p\" for cluster \"c\": unsupported scheme \"ftp\", must be http, https, or socks5"
    ),
    (
      "p:3128",
      "invalid 'proxy-url' \"p:3128\" for cluster \"c\": it must start with http://, https:// or socks5://"
    ),
    ("http://", "invalid 'proxy-url' \"http://\" for cluster \"c\": it has no host"),
    (
      "ftp://u:SECRET@p",
      "invalid 'proxy-url' \"ftp://p\" for cluster \"c\": unsupported scheme \"ftp\", must be http, https, or socks5"
    ),
  ])
  func `#50 a bad proxy is told, without its password`(proxy: String, text: String) throws {
    #expect(try refusal(config(cluster: "proxy-url: \"\(proxy)\""))?.description == text)
  }

  @Test func `#50 the proxy of the file is settled before the environment`() throws {
    #expect(
      try Bench(["config": config(cluster: "proxy-url: socks5://u:p@h")]).loadConfig().transport
        .proxy == .fixed("socks5://u:p@h"))
    let bench = try Bench(["config": config()], environment: ["HTTPS_PROXY": "http://e"])
    #expect(
      try bench.loadConfig().transport.proxy == .environment(ProxyEnvironment(bench.environment)))
  }

  @Test func `compression is off by file or by flag`() throws {
    let bench = try Bench(["config": config(), "off": config(cluster: "disable-compression: true")])
    #expect(try bench.loadConfig().disableCompression == false)
    #expect(try bench.loadConfig(ConnectionFlags(disableCompression: true)).disableCompression)
    #expect(try bench.loadConfig(ConnectionFlags(kubeconfig: "off")).disableCompression)
  }

  @Test(
    arguments: [
      ("0", nil), ("5", .seconds(5)), ("0s", nil), ("1s", .seconds(1)), ("2m", .seconds(120)),
      ("1h30m", .seconds(5400)), ("500ms", .milliseconds(500)),
      ("1.5s", .milliseconds(1500)), (".5s", .milliseconds(500)), ("1m0.25s", .milliseconds(60250)),
      ("3us", .microseconds(3)), ("3µs", .microseconds(3)),
    ] as [(String, Duration?)])
  func `#68 time-outs are seconds or durations`(text: String, duration: Duration?) throws {
    let result = try Bench(["config": config()]).loadConfig(ConnectionFlags(requestTimeout: text))
    #expect(result.requestTimeout == duration)
  }

  @Test(
    arguments: [
      "abc", "1", "-1s", "1x", "s", "1s2", "1..5s", "1 s", "99999999999999999999s", "9999999999h",
    ].filter { $0 != "1" })
  func `#68 a bad time-out is told`(text: String) throws {
    let error = try refusal(config(), ConnectionFlags(requestTimeout: text))
    #expect(
      error?.description
        == "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a "
        + "corresponding time unit (e.g. 1s | 2m | 3h)")
  }
}
