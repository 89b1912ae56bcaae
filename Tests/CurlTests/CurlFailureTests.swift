import Testing

@testable import Curl
@testable import HTTP

/// The wording of failures that are hard to provoke.
@Suite struct CurlFailureTests {
  func failure(_ code: Int, _ text: String, _ change: (inout CurlFailure) -> Void = { _ in }) throws
    -> TransportError
  {
    var failure = CurlFailure(
      code: code, text: text, target: try #require(Target("https://h:6443/x")), verifiedName: "h")
    change(&failure)
    return failure.error
  }

  @Test(arguments: [
    (113, "dial tcp h:6443: connect: no route to host"),
    (101, "dial tcp h:6443: connect: network is unreachable"),
    (0, "dial tcp h:6443: connect: Failed to connect"),
  ])
  func `a server that cannot be reached is not called refusing`(code: Int, text: String) throws {
    let error = try failure(7, "Failed to connect") { $0.osError = code }
    #expect(error.kind == .unreachable)
    #expect(error.description == "Unable to connect to the server: \(text)")
  }

  @Test(arguments: [
    ("tlsv13 alert certificate required", "remote error: tls: certificate required"),
    ("sslv3 alert bad certificate", "remote error: tls: bad certificate"),
    ("tlsv1 alert unknown ca", "remote error: tls: unknown certificate authority"),
    ("sslv3 alert handshake failure", "remote error: tls: handshake failure"),
    ("tlsv1 alert protocol version", "remote error: tls: protocol version not supported"),
  ])
  func `alerts of the server are told in Go's words`(text: String, expected: String) throws {
    for code in [35, 56] {
      let error = try failure(code, "error:0A000: SSL routines::\(text)")
      #expect(error.kind == .tls)
      #expect(error.detail == expected)
    }
  }

  /// It says that no memory is left.
  @Test func `a header line without an end is told apart from a failure of ours`() throws {
    let error = try failure(27, "Out of memory")
    #expect(error.kind == .tooLarge)
    #expect(error.detail.contains("header is too long"))
    #expect(try failure(27, "Out of memory") { $0.hasHead = true }.detail == "Out of memory")
  }

  @Test(arguments: [16, 18, 52, 55, 56, 65, 92])
  func `a lost connection is transient`(code: Int) throws {
    #expect(try failure(code, "x").isTransient)
  }

  @Test(arguments: [
    "Recv failure: Connection reset by peer", "Send failure: Broken pipe",
    "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to h:6443",
    "error:0A000126:SSL routines::unexpected eof while reading",
  ])
  func `a connection that breaks during the handshake is lost, too`(text: String) throws {
    let error = try failure(35, text)
    #expect(error.kind == .connectionLost)
    #expect(error.isTransient)
  }

  @Test(arguments: [5, 6, 7, 28, 35, 60, 58, 97])
  func `what will not change is not transient`(code: Int) throws {
    #expect(try !failure(code, "x").isTransient)
  }

  @Test func `a refusal of the proxy is not a lost connection`() throws {
    let error = try failure(56, "Received HTTP code 403 from proxy after CONNECT") {
      $0.connectStatus = 403
      $0.proxy = Target("http://u:p@proxy:3128")
    }
    #expect(error.kind == .unreachable)
    #expect(error.detail == "the proxy proxy:3128 refused the connection with status 403")
  }

  @Test(arguments: [
    (
      "X509v3 Subject Alternative Name:DNS:a, DNS:*.b, IP Address:10.0.0.1", "h",
      "x509: certificate is valid for a, *.b, not h"
    ),
    (
      "X509v3 Subject Alternative Name:IP Address:10.0.0.1", "h",
      "x509: certificate is not valid for any names, but wanted to match h"
    ),
    (
      "Subject:CN = x\nX509v3 Subject Alternative Name:DNS:a, IP Address:FD00:0:0:0:0:0:0:1, IP Address:0:0:0:0:0:0:0:0",
      "10.0.0.2",
      "x509: certificate is valid for fd00::1, ::, not 10.0.0.2"
    ),
    (
      "Subject:CN = x", "10.0.0.2",
      "x509: cannot validate certificate for 10.0.0.2 because it doesn't contain any IP SANs"
    ),
  ])
  func `names of a certificate are told as Go tells them`(
    certificate: String, host: String, text: String
  ) {
    #expect(CertificateNames(description: certificate).mismatch(with: host) == text)
  }

  @Test func `interim answers and trailers are no header`() {
    var parser = HeadParser()
    let lines = [
      "HTTP/1.1 100 Continue\r\n", "X-Early: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "A: b\r\n",
      "Empty:\r\n", "\r\n", "Trailer: x\r\n",
    ]
    for line in lines { Array(line.utf8).withUnsafeBytes { parser.take(line: $0) } }
    #expect(parser.isComplete)
    #expect(
      parser.head
        == ResponseHead(status: 200, headers: ["A": "b", "Empty": ""], version: "HTTP/1.1"))
  }

  @Test func `header names are compared without case`() {
    var headers: HeaderFields = ["Content-Type": "a", "X-A": "1", "x-a": "2"]
    #expect(headers["content-type"] == "a")
    #expect(headers.all("X-a") == ["1", "2"])
    headers["X-A"] = "3"
    #expect(headers.all("x-A") == ["3"])
    headers["x-a"] = nil
    #expect(headers["X-A"] == nil)
    #expect((["A b": "x"] as HeaderFields).invalidName == "A b")
    #expect((["": "x"] as HeaderFields).invalidName == "")
    #expect((["A": "x\ty"] as HeaderFields).invalidName == nil)
  }
}
