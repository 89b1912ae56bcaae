/// When a request is sent again, by the rules of client-go's rest/with_retry.go.
///
/// A refusal that names a time (429 or 5xx with a `Retry-After` in whole seconds) is repeated for
/// every method: the server did not act on it. A lost connection is repeated for reads only: nobody
/// knows how far a write got. There are at most ten repetitions.
struct RetryPolicy: Sendable {
  private let maximumRetries = 10
  /// Before a read is sent again on a new connection.
  private let reconnectDelay = Duration.seconds(1)

  /// How long to wait before the next attempt; nil when this answer counts.
  ///
  /// - Parameter retries: how many repetitions there were already.
  func delay(after head: ResponseHead, retries: Int) -> Duration? {
    guard retries < maximumRetries, head.status == 429 || head.status >= 500,
      let text = head.headers["Retry-After"], !text.isEmpty,
      text.utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    // More digits than fit are a long time, too.
    let seconds = Int64(text) ?? .max
    return .asked(seconds: seconds)
  }

  /// How long to wait before the next attempt; nil when this error counts.
  func delay(after error: TransportError, method: Method, retries: Int) -> Duration? {
    guard retries < maximumRetries, error.isTransient, method == .get || method == .head else {
      return nil
    }
    return reconnectDelay
  }
}

extension Duration {
  /// The longest pause that a server can ask for.
  private static let longestPause: Int64 = 300

  /// Pauses of at least this length are reported to the user.
  package static let noticeablePause = Duration.seconds(10)

  /// A pause that a server asks for, never negative and at most five minutes: what it asks for is
  /// any number.
  package static func asked(seconds: Int64) -> Duration {
    .seconds(max(0, min(seconds, longestPause)))
  }
}
