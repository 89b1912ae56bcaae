import Text

/// A transport that keeps to a rate and repeats what may be repeated.
package struct RetryingTransport: Transport {
  private let base: any Transport
  private let policy = RetryPolicy()
  private let limiter: RateLimiter
  private let activity: Activity
  /// Called before a wait of a second or more that the limiter imposes.
  private let onThrottling: @Sendable (Duration, Request) -> Void
  /// Called before a pause that the user would wonder about, with the server, why, and how long.
  private let onPause: @Sendable (String) -> Void
  private let sleep: @Sendable (Duration) async throws -> Void

  package init(
    _ base: any Transport,
    limiter: RateLimiter = RateLimiter(),
    activity: Activity = Activity(),
    onThrottling: @escaping @Sendable (Duration, Request) -> Void = { _, _ in },
    onPause: @escaping @Sendable (String) -> Void = { _ in },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.base = base
    self.limiter = limiter
    self.activity = activity
    self.onThrottling = onThrottling
    self.onPause = onPause
    self.sleep = sleep
  }

  package func send(_ request: Request) async throws(TransportError) -> Response {
    try await repeating(request, \.head, afterLosses: true) { cause throws(TransportError) in
      try await keepRate(request)
      return try await waiting(for: request, after: cause) { () throws(TransportError) in
        try await base.send(request)
      }
    }
  }

  /// Only a refusal that names a time is repeated: what reads a stream knows where to go on, this
  /// does not.
  package func stream(_ request: Request) async throws(TransportError) -> StreamedResponse {
    try await repeating(request, \.head, afterLosses: false) { cause throws(TransportError) in
      try await waiting(for: request, after: cause) { () throws(TransportError) in
        try await base.stream(request)
      }
    }
  }

  package func upgrade(_ request: Request) async throws(TransportError) -> UpgradeResponse {
    try await repeating(request, \.head, afterLosses: false) { cause throws(TransportError) in
      try await waiting(for: request, after: cause) { () throws(TransportError) in
        try await base.upgrade(request)
      }
    }
  }

  private func repeating<Answer>(
    _ request: Request, _ head: KeyPath<Answer, ResponseHead>, afterLosses: Bool,
    _ attempt: (_ cause: String?) async throws(TransportError) -> Answer
  ) async throws(TransportError) -> Answer {
    var previous: TransportError?
    var retries = 0
    var cause: String?
    while true {
      let delay: Duration
      do throws(TransportError) {
        let answer = try await attempt(cause)
        guard let wait = policy.delay(after: answer[keyPath: head], retries: retries) else {
          return answer
        }
        delay = wait
        cause = "status \(answer[keyPath: head].status)"
      } catch {
        guard afterLosses,
          let wait = policy.delay(after: error, method: request.method, retries: retries)
        else { throw error.following(previous) }
        delay = wait
        cause = error.detail
        previous = error
      }
      retries += 1
      if delay >= .noticeablePause {
        onPause(
          "retrying \(request.server) in \(delay.goText) (\(cause ?? ""))")
      }
      let text = "waiting to retry \(request.server) (\(cause ?? ""))"
      try await activity.during(text) { () async throws(TransportError) in try await wait(delay) }
    }
  }

  private func keepRate(_ request: Request) async throws(TransportError) {
    let delay = limiter.reserve()
    guard delay > .zero else { return }
    if delay >= .seconds(1) { onThrottling(delay, request) }
    try await wait(delay)
  }

  private func waiting<Answer>(
    for request: Request, after cause: String?, _ send: () async throws(TransportError) -> Answer
  ) async throws(TransportError) -> Answer {
    let why = cause.map { ", retried (\($0))" } ?? ""
    return try await activity.during("waiting for \(request.server)\(why)", send)
  }

  private func wait(_ duration: Duration) async throws(TransportError) {
    do {
      try await sleep(duration)
    } catch {
      throw TransportError(.cancelled, server: "", detail: "cancelled")
    }
  }
}

extension Request {
  fileprivate var server: String { Target(url)?.hostPort ?? url }
}

extension TransportError {
  fileprivate func following(_ previous: TransportError?) -> TransportError {
    guard let previous else { return self }
    var result = self
    result.detail += " - error from a previous attempt: \(previous.detail)"
    return result
  }
}
