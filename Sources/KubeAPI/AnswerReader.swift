import Document
import HTTP
import Text

/// Reads what an API server answers, and explains what is no answer of an API server.
struct AnswerReader {
  /// Scheme, host and port.
  private let server: String
  private let request: APIRequest

  init(_ server: Target, _ request: APIRequest) {
    self.server = server.origin
    self.request = request
  }

  /// The object in a successful answer.
  func object(_ response: Response) throws(APIError) -> Value {
    let (head, body) = (response.head, response.body)
    guard (200..<300).contains(head.status) else { throw error(head, body) }
    try requireJSON(head)
    let object = try parse(body)
    if let failure = Status(failure: object) { throw APIError(failure) }
    return object
  }

  /// The error in an answer that is not successful.
  func error(_ response: StreamedResponse) async throws(TransportError) -> APIError {
    error(response.head, try await response.body.collect(limit: 1 << 20))
  }

  func error(_ response: Response) -> APIError {
    error(response.head, response.body)
  }

  /// What the API server itself says of a failure; nil for a body of anybody else.
  func status(_ head: ResponseHead, _ body: [UInt8]) -> Status? {
    guard isJSON(head), let object = try? JSON.parse(body),
      var status = Status(failure: object)
    else { return nil }
    if status.code == 0 { status.code = head.status }
    return status
  }

  private func error(_ head: ResponseHead, _ body: [UInt8]) -> APIError {
    if let status = self.status(head, body) { return APIError(status) }
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
    return APIError(
      Status.generic(
        code: head.status, verb: request.method.rawValue, what: request.what, body: text))
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

extension ByteStream {
  /// Everything up to a limit; the rest is not read.
  func collect(limit: Int) async throws(TransportError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit, let more = try await next() {
      bytes += more.prefix(limit - bytes.count)
    }
    return bytes
  }
}
