import HTTP
import Text

/// What `-v` writes about the traffic with the server.
///
/// The levels are kubectl's: 6 one line a request, 7 also its header fields and the status, 8 also
/// those of the answer and both bodies (cut off), 9 also a curl command and longer bodies, 10 whole
/// bodies. Credentials never appear, and neither do bodies with a Secret or a token.
package struct HTTPLog: Sendable {
  let level: Int
  private let write: @Sendable (String) -> Void

  /// - Parameter write: gets one or more lines without the last line end.
  package init(level: Int, write: @escaping @Sendable (String) -> Void) {
    self.level = level
    self.write = write
  }

  func line(_ minimum: Int, _ text: @autoclosure () -> String) {
    if level >= minimum { write(text()) }
  }

  func headers(_ minimum: Int, _ title: String, _ headers: HeaderFields) {
    guard level >= minimum else { return }
    let lines = headers.fields.map { "    \($0.name): \(Masking.value($0.name, $0.value))" }
    write(([title] + lines).joined(separator: "\n"))
  }

  func body(_ title: String, _ body: [UInt8], url: String) {
    guard level >= 8, !body.isEmpty else { return }
    if Masking.isSecret(url: url, body: body) {
      write("\(title): <masked, \(body.count) bytes>")
      return
    }
    let limit = level >= 10 ? Int.max : level == 9 ? 10240 : 1024
    let shown = String(decoding: body.prefix(limit), as: UTF8.self)
    let rest = body.count > limit ? " [truncated \(body.count - limit) bytes]" : ""
    write("\(title): \(shown)\(rest)")
  }

  func throttled(_ delay: Duration, _ request: Request) {
    line(
      2,
      "Waited for \(delay) due to client-side throttling, not priority and fairness, "
        + "request: \(request.method.rawValue):\(withoutUserInfo(request.url))"
    )
  }

  /// A command that repeats the request, without what authenticates it.
  func command(_ request: Request) {
    guard level >= 9 else { return }
    let headers = request.headers.fields.map {
      " -H \"\($0.name): \(Masking.value($0.name, $0.value))\""
    }
    write(
      "curl -v -X\(request.method.rawValue)\(headers.joined()) '\(withoutUserInfo(request.url))'")
  }
}
