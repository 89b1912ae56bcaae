import Document
import HTTP
import Text

/// Reads what an API server answers, and explains what is no answer of an API server.
struct AnswerReader {
  /// Scheme, host and port.
  let server: String
  /// The HTTP method.
  let verb: String
  /// What was asked for, such as `configmaps demo`; empty when that is not a resource.
  let what: String

  /// The object in a successful answer.
  func object(_ head: ResponseHead, _ body: [UInt8]) throws(APIError) -> Value {
    guard (200..<300).contains(head.status) else { throw error(head, body) }
    try requireJSON(head)
    let object = try parse(body)
    if let failure = Status(failure: object) { throw APIError(failure) }
    return object
  }

  /// The error in an answer that is not successful.
  func error(_ head: ResponseHead, _ body: [UInt8]) -> APIError {
    if isJSON(head), let object = try? JSON.parse(body), var status = Status(failure: object) {
      if status.code == 0 { status.code = head.status }
      return APIError(status)
    }
    if (300..<400).contains(head.status) {
      let place = head.headers["Location"].map { " to \(withoutUserInfo($0))" } ?? ""
      return APIError(
        .notKubernetes,
        subject: server,
        "\(server) redirects\(place) (status \(head.status)): is this the address of the Kubernetes API?"
      )
    }
    let isText = head.mediaType?.hasPrefix("text/") ?? false
    let text = isText ? trimmedText(body) : "unknown"
    return APIError(Status.generic(code: head.status, verb: verb, what: what, body: text))
  }

  func requireJSON(_ head: ResponseHead) throws(APIError) {
    guard !isJSON(head), let type = head.mediaType else { return }
    let guess = type == "text/html" ? " (a login page?)" : ""
    throw APIError(
      .notKubernetes,
      subject: server,
      "\(server) answered with \(type), not the Kubernetes API\(guess)"
    )
  }

  func parse(_ body: [UInt8]) throws(APIError) -> Value {
    do throws(DocumentError) {
      return try JSON.parse(body)
    } catch {
      throw APIError(.malformed, subject: server, "\(server) answered with invalid JSON: \(error)")
    }
  }

  private func isJSON(_ head: ResponseHead) -> Bool {
    head.mediaType.map { $0 == "application/json" || $0.hasSuffix("+json") } ?? false
  }

  /// The first 2048 bytes of a text, as client-go shows them.
  private func trimmedText(_ body: [UInt8]) -> String {
    String(String(decoding: body.prefix(2048), as: UTF8.self).trimmingWhiteSpace())
  }
}
