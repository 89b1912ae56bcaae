import HTTP
import Text

/// Writes down what goes over another transport.
struct LoggingTransport: Transport {
  let base: any Transport
  let log: HTTPLog

  func send(_ request: Request) async throws(TransportError) -> Response {
    let response = try await logged(request, \.head) { () throws(TransportError) in
      try await base.send(request)
    }
    log.body("Response Body", response.body, url: request.url)
    return response
  }

  /// The body of a stream is not logged: it may be endless, and its reader consumes it.
  func stream(_ request: Request) async throws(TransportError) -> StreamedResponse {
    try await logged(request, \.head) { () throws(TransportError) in try await base.stream(request)
    }
  }

  func upgrade(_ request: Request) async throws(TransportError) -> UpgradeResponse {
    try await logged(request, \.head) { () throws(TransportError) in try await base.upgrade(request)
    }
  }

  private func logged<Answer>(
    _ request: Request, _ head: KeyPath<Answer, ResponseHead>,
    _ send: () async throws(TransportError) -> Answer
  ) async throws(TransportError) -> Answer {
    let line = "\(request.method.rawValue) \(withoutUserInfo(request.url))"
    log.command(request)
    log.line(7, line)
    log.headers(7, "Request Headers:", request.headers)
    if let body = request.body { log.body("Request Body", body, url: request.url) }
    let start = ContinuousClock.now
    func time() -> String {
      "\(Int((ContinuousClock.now - start) / .milliseconds(1))) milliseconds"
    }
    do throws(TransportError) {
      let answer = try await send()
      let head = answer[keyPath: head]
      let status = Self.names[head.status].map { "\(head.status) \($0)" } ?? "\(head.status)"
      if log.level == 6 {
        log.line(6, "\(line) \(status) in \(time())")
      } else {
        log.line(7, "Response Status: \(status) in \(time())")
      }
      log.headers(8, "Response Headers:", head.headers)
      return answer
    } catch {
      log.line(6, "\(line) failed in \(time()): \(error.detail)")
      throw error
    }
  }

  private static let names = [
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently",
    302: "Found", 304: "Not Modified",
    101: "Switching Protocols", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable", 409: "Conflict", 410: "Gone", 415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
  ]
}
