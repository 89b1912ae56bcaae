import Foundation
import LoopbackServer
import Testing

@testable import Curl
@testable import HTTP

@Suite(.serialized) struct ProxyTests {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer.shared()
  }

  /// Sends a request through a proxy; what the proxy and the server saw.
  func through(
    _ proxy: ProxySetting,
    _ listener: String = "A",
    host: String = "localhost",
    _ change: (inout TransportOptions) -> Void = { _ in }
  ) async throws -> (proxy: LogEntry?, server: LogEntry?) {
    let place = try server.newCase([Rule(Answer(200, "{}"))])
    let before = try server.ownLog().count
    var options = TransportOptions(trust: .only(try server.pki("ca1.crt")))
    options.proxy = proxy
    change(&options)
    let response = try await CurlTransport(options: options).send(
      Request(url: try place.url(listener, host: host), headers: ["Authorization": "Bearer secret"])
    )
    #expect(response.status == 200)
    let port = try server.port(listener)
    let seen = try server.ownLog().dropFirst(before).first {
      $0.proxy != nil && $0.line?.contains(":\(port)") == true
    }
    return (seen, try place.log().first)
  }

  func url(_ scheme: String, _ listener: String, user: String = "") throws -> String {
    "\(scheme)://\(user)127.0.0.1:\(try server.port(listener))"
  }

  @Test func `#50 an http proxy carries a tunnel, and sees no credentials of ours`() async throws {
    let seen = try await through(.fixed(try url("http", "PROXY")))
    #expect(seen.proxy?.line == "CONNECT localhost:\(try server.port("A")) HTTP/1.1")
    #expect(seen.proxy?.header("Authorization") == nil)
    #expect(seen.server?.header("Authorization") == "Bearer secret")
  }

  @Test func `#50 name and password of the proxy are decoded and sent to it only`() async throws {
    let seen = try await through(.fixed(try url("http", "PROXY", user: "u:p%40w@")))
    #expect(
      seen.proxy?.header("Proxy-Authorization") == "Basic "
        + Data("u:p@w".utf8).base64EncodedString())
    #expect(seen.server?.header("Proxy-Authorization") == nil)
  }

  @Test func `#50 an https proxy is verified with the cluster's authority`() async throws {
    let seen = try await through(.fixed(try url("https", "PROXY_TLS")))
    #expect(seen.proxy?.line == "CONNECT localhost:\(try server.port("A")) HTTP/1.1")
    let roots = SystemRoots(environment: ["SSL_CERT_FILE": server.pkiPath("ca1.crt")])
    _ = roots
    let error = await #expect(throws: TransportError.self) {
      _ = try await through(.fixed(try url("https", "PROXY_TLS")), "B") {
        $0.trust = .only((try? server.pki("ca2.crt")) ?? [])
      }
    }
    #expect(
      error?.description
        == "Unable to connect to the server: proxyconnect tcp: tls: failed to verify certificate: "
        + "x509: certificate signed by unknown authority")
  }

  @Test func `#50 behind an https proxy the server is verified too`() async throws {
    let error = await #expect(throws: TransportError.self) {
      _ = try await through(.fixed(try url("https", "PROXY_TLS")), "B")
    }
    #expect(
      error?.description
        == "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority"
    )
  }

  @Test func `#50 a socks5 proxy resolves the name and gets the password`() async throws {
    let seen = try await through(.fixed(try url("socks5", "SOCKS", user: "u:pw@")))
    #expect(seen.proxy?.line == "SOCKS5 localhost:\(try server.port("A"))")
    #expect(seen.proxy?.user == "u:pw")
    let unresolvable = try await through(.fixed(try url("socks5", "SOCKS")), host: "a.k8s.test")
    #expect(unresolvable.proxy?.line == "SOCKS5 a.k8s.test:\(try server.port("A"))")
    #expect(unresolvable.server?.serverName == "a.k8s.test")
  }

  @Test(arguments: [("http", "PROXY"), ("https", "PROXY_TLS"), ("socks5", "SOCKS")])
  func `#35 another name is verified through every kind of proxy, which sees the address`(
    scheme: String, listener: String
  ) async throws {
    let seen = try await through(.fixed(try url(scheme, listener)), "INTERNAL", host: "127.0.0.1") {
      $0.serverName = "kubernetes.internal.test"
    }
    let port = try server.port("INTERNAL")
    #expect(seen.proxy?.line?.contains(" 127.0.0.1:\(port)") == true)
    #expect(seen.server?.serverName == "kubernetes.internal.test")
    #expect(seen.server?.header("Host") == "127.0.0.1:\(port)")
  }

  @Test func `a plain http server is asked through the proxy without a tunnel`() async throws {
    let seen = try await through(.fixed(try url("http", "PROXY")), "PLAIN")
    #expect(seen.proxy?.line?.hasPrefix("GET http://localhost:") == true)
  }

  @Test func `a proxy that refuses is named, and not asked again`() async throws {
    let address = "127.0.0.1:\(try server.port("PROXY_DENYING"))"
    let error = await #expect(throws: TransportError.self) {
      _ = try await through(.fixed("http://u:secret@\(address)"))
    }
    #expect(
      error?.description
        == "Unable to connect to the server: the proxy \(address) refused the connection with status 407"
    )
    #expect(error?.isTransient == false)
  }

  @Test func `a proxy that is not there is named`() async throws {
    let address = "127.0.0.1:\(try server.port("CLOSED"))"
    let error = await #expect(throws: TransportError.self) {
      _ = try await through(.fixed("http://\(address)"))
    }
    #expect(
      error?.description
        == "Unable to connect to the server: proxyconnect tcp: dial tcp \(address): connect: connection refused"
    )
  }

  @Test func `#50 the environment's proxy is used, and loopback is not`() async throws {
    let environment = ProxyEnvironment(["HTTPS_PROXY": try url("http", "PROXY")])
    let seen = try await through(.environment(environment), host: "a.k8s.test")
    #expect(seen.proxy?.line == "CONNECT a.k8s.test:\(try server.port("A")) HTTP/1.1")
    let direct = try await through(.environment(environment))
    #expect(direct.proxy == nil)
    #expect(direct.server != nil)
  }

  // MARK: - Rules of the environment

  @Test(
    arguments: [
      (["HTTPS_PROXY": "http://up", "https_proxy": "http://low"], "https://h", "http://up"),
      (["HTTPS_PROXY": "", "https_proxy": "http://low"], "https://h", "http://low"),
      (["HTTP_PROXY": "http://p"], "https://h", nil),
      (["HTTP_PROXY": "http://p"], "http://h", "http://p"),
      (["http_proxy": "http://p"], "http://h", "http://p"),
      (["HTTP_PROXY": "http://p", "REQUEST_METHOD": "GET"], "http://h", nil),
      (["ALL_PROXY": "http://p", "all_proxy": "http://p"], "https://h", nil),
      (["HTTPS_PROXY": "p:3128"], "https://h", "http://p:3128"),
      (["HTTPS_PROXY": "socks5://p"], "https://h", "socks5://p"),
    ] as [([String: String], String, String?)])
  func `#50 variables are read as Go reads them`(
    environment: [String: String], url: String, proxy: String?
  ) throws {
    #expect(ProxyEnvironment(environment).proxy(for: try #require(Target(url))) == proxy)
  }

  @Test(arguments: [
    ("", "https://h", false), ("*", "https://h", true), ("h", "https://h", true),
    ("H", "https://h", true),
    ("h", "https://a.h", true), (".h", "https://a.h", true), (".h", "https://h", false),
    ("*.h", "https://a.h", true),
    ("*.h", "https://h", false), ("h", "https://ah", false), ("a, h ,b", "https://h", true),
    ("h:443", "https://h", true),
    ("h:6443", "https://h", false), ("h:6443", "https://h:6443", true),
    ("10.0.0.0/8", "https://10.1.2.3", true),
    ("10.0.0.0/8", "https://11.1.2.3", false), ("10.1.2.3", "https://10.1.2.3", true),
    ("10.1.2.3:1", "https://10.1.2.3", false),
    ("fd00::/8", "https://[fd00::1]:6443", true), ("fd00::1", "https://[fd00:0::1]", true),
    ("[fd00::1]:6443", "https://[fd00::1]:6443", true),
    ("10.0.0.0/8", "https://h", false), ("3", "https://10.1.2.3", false),
    ("", "https://localhost", true),
    ("", "https://127.3.2.1", true), ("", "https://[::1]", true),
    ("", "https://localhost.example", false), (",,", "https://h", false),
  ])
  func `#50 NO_PROXY is read as Go reads it`(list: String, url: String, isExempt: Bool) throws {
    let environment = ProxyEnvironment(["HTTPS_PROXY": "http://p", "NO_PROXY": list])
    #expect((environment.proxy(for: try #require(Target(url))) == nil) == isExempt)
  }
}
