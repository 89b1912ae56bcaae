import Synchronization

/// How many requests may be sent in a time (`--kube-api-qps` and `--kube-api-burst` of flux).
package struct RequestRate: Sendable, Hashable {
  package let perSecond: Double
  package let burst: Int

  package init(perSecond: Double = 50, burst: Int = 300) {
    self.perSecond = perSecond
    self.burst = burst
  }
}

/// A token bucket: a burst at once, then so many requests a second.
///
/// client-go's flowcontrol has the same shape; the figures are those of flux and of kubectl's
/// discovery.
package final class RateLimiter: Sendable {
  private struct State {
    var tokens: Double
    var last: Duration
  }

  private let perSecond: Double
  private let burst: Double
  private let state: Mutex<State>
  private let uptime: @Sendable () -> Duration

  /// - Parameter uptime: time since some moment; it must not go backwards.
  package init(
    perSecond: Double = 50,
    burst: Int = 300,
    uptime: @escaping @Sendable () -> Duration = RateLimiter.systemUptime
  ) {
    self.perSecond = perSecond
    self.burst = Double(burst)
    self.uptime = uptime
    state = Mutex(State(tokens: Double(burst), last: uptime()))
  }

  /// Takes one token, which may be one of the future.
  ///
  /// - Returns: how long the caller has to wait before it may use the token.
  package func reserve() -> Duration {
    let now = uptime()
    return state.withLock { state in
      let elapsed = max(.zero, now - state.last)
      state.tokens = min(burst, state.tokens + elapsed / .seconds(1) * perSecond)
      state.last = now
      state.tokens -= 1
      return state.tokens >= 0 ? .zero : .seconds(1) * (-state.tokens / perSecond)
    }
  }

  package static let systemUptime: @Sendable () -> Duration = {
    let start = ContinuousClock.now
    return { ContinuousClock.now - start }
  }()
}
