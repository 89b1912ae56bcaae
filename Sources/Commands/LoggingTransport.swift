import HTTP
import Presentation

/// Writes a line to standard error for each request, as `kubectl -v=6` does.
///
/// Only the request line and the outcome: header fields and bodies hold secrets.
struct LoggingTransport: Transport {
  let wrapped: any Transport
  let errors: OutputStream

  func send(_ request: Request) async throws(TransportError) -> Response {
    let start = ContinuousClock.now
    do {
      let response = try await wrapped.send(request)
      log(request, "\(response.status)", since: start)
      return response
    } catch {
      log(request, error.detail, since: start)
      throw error
    }
  }

  func stream(_ request: Request) async throws(TransportError) -> StreamedResponse {
    let start = ContinuousClock.now
    do {
      let response = try await wrapped.stream(request)
      log(request, "\(response.head.status)", since: start)
      return response
    } catch {
      log(request, error.detail, since: start)
      throw error
    }
  }

  private func log(_ request: Request, _ outcome: String, since start: ContinuousClock.Instant) {
    let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
    let line =
      "\(request.method.rawValue) \(request.url) \(outcome) in \(Int(milliseconds)) milliseconds"
    try? errors.line(Printable.line(line))
  }
}
