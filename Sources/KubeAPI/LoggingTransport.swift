import HTTP
import Text

/// Writes down what goes over another transport.
struct LoggingTransport: Transport {
  let base: any Transport
  let log: HTTPLog

  init(_ base: any Transport, log: HTTPLog) {
    self.base = base
    self.log = log
  }

  func send(_ request: Request) async throws(TransportError) -> Response {
    let start = begin(request)
    do throws(TransportError) {
      let response = try await base.send(request)
      end(request, response.head, start)
      log.body("Response Body", response.body, url: request.url)
      return response
    } catch {
      fail(request, error, start)
      throw error
    }
  }

  /// The body of a stream is not written down: it may not end, and it belongs to whoever reads it.
  func stream(_ request: Request) async throws(TransportError) -> StreamedResponse {
    let start = begin(request)
    do throws(TransportError) {
      let response = try await base.stream(request)
      end(request, response.head, start)
      return response
    } catch {
      fail(request, error, start)
      throw error
    }
  }

  func upgrade(_ request: Request) async throws(TransportError) -> UpgradeResponse {
    let start = begin(request)
    do throws(TransportError) {
      let response = try await base.upgrade(request)
      end(request, response.head, start)
      return response
    } catch {
      fail(request, error, start)
      throw error
    }
  }

  private func begin(_ request: Request) -> ContinuousClock.Instant {
    log.command(request)
    log.line(7, "\(request.method.rawValue) \(withoutUserInfo(request.url))")
    log.headers(7, "Request Headers:", request.headers)
    if let body = request.body { log.body("Request Body", body, url: request.url) }
    return .now
  }

  private func end(_ request: Request, _ head: ResponseHead, _ start: ContinuousClock.Instant) {
    let name = Self.names[head.status].map { " \($0)" } ?? ""
    let time = elapsed(since: start)
    if log.level == 6 {
      log.line(
        6,
        "\(request.method.rawValue) \(withoutUserInfo(request.url)) \(head.status)\(name) in \(time)"
      )
    } else {
      log.line(7, "Response Status: \(head.status)\(name) in \(time)")
    }
    log.headers(8, "Response Headers:", head.headers)
  }

  private func fail(_ request: Request, _ error: TransportError, _ start: ContinuousClock.Instant) {
    let time = elapsed(since: start)
    log.line(
      6,
      "\(request.method.rawValue) \(withoutUserInfo(request.url)) failed in \(time): \(error.detail)"
    )
  }

  private func elapsed(since start: ContinuousClock.Instant) -> String {
    "\(Int((ContinuousClock.now - start) / .milliseconds(1))) milliseconds"
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
