/// Sends requests.
///
/// One exchange each: no retries, no redirects, no authentication of its own.
package protocol Transport: Sendable {
  /// Sends a request and collects the answer, whatever its status.
  func send(_ request: Request) async throws(TransportError) -> Response

  /// Sends a request and returns when the header of the answer is there. The connection is not
  /// shared with other requests.
  func stream(_ request: Request) async throws(TransportError) -> StreamedResponse
}
