/// Sends requests.
///
/// One exchange each: no retries, no redirects, no authentication of its own.
package protocol Transport: Sendable {
  /// Sends a request and collects the answer, whatever its status.
  func send(_ request: Request) async throws(TransportError) -> Response

  /// Sends a request and returns when the header of the answer is there. The connection is not
  /// shared with other requests.
  func stream(_ request: Request) async throws(TransportError) -> StreamedResponse

  /// Asks the server to go on in another protocol over the same connection (`Connection: Upgrade`,
  /// RFC 9110, 7.8), and returns when the answer is there. The connection is not shared.
  ///
  /// The request says which protocol; it has no body. Its time-out bounds what comes before the
  /// answer, not what follows.
  func upgrade(_ request: Request) async throws(TransportError) -> UpgradeResponse
}
