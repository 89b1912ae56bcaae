import Testing

@testable import HTTP

/// An answer of HTTP/1.1 out of the bytes of a connection.
@Suite struct AnswerStreamTests {
  private func read(
    _ text: String, inPiecesOf size: Int = 1000
  ) throws -> (status: Int, body: String, isComplete: Bool) {
    var answer = AnswerStream()
    var (status, body) = (0, [UInt8]())
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      for piece in try answer.take(bytes[start..<min(start + size, bytes.count)]) {
        switch piece {
        case .head(let head): status = head.status
        case .body(let part): body += part
        case .end: return (status, String(decoding: body, as: UTF8.self), true)
        }
      }
    }
    return (status, String(decoding: body, as: UTF8.self), answer.isComplete)
  }

  @Test(arguments: [1, 2, 5, 1000])
  func `a body ends by its length, by its chunks or with the connection`(size: Int) throws {
    let cases: [(text: String, body: String, isComplete: Bool)] = [
      ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", "abc", true),
      ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcdef", "abcdef", false),
      ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true),
      ("HTTP/1.0 200 OK\n\nabc", "abc", true),
      (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nA: b\r\n\r\nx",
        "abc0123456789", true
      ),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "abc", false),
      ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz", "z", true),
    ]
    for (text, body, isComplete) in cases {
      let answer = try read(text, inPiecesOf: size)
      #expect(answer.status == 200)
      #expect(answer.body == body)
      #expect(answer.isComplete == isComplete, "\(text)")
    }
  }

  @Test(arguments: [
    "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
  ])
  func `what is no answer is refused`(_ text: String) {
    #expect(throws: MalformedAnswer.self) { try read(text) }
  }

  @Test func `a header has an end`() {
    var answer = AnswerStream()
    #expect(throws: MalformedAnswer.self) {
      _ = try answer.take(Array("HTTP/1.1 200 OK\r\n".utf8)[...])
      for _ in 0..<100 { _ = try answer.take(Array(repeating: 65, count: 1000)[...]) }
    }
  }
}
