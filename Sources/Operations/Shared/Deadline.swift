/// The moment at which a command has to be done, as `--timeout` sets it.
package struct Deadline: Sendable {
  /// The time that was given, as the user wrote it.
  package let limit: String
  package let moment: ContinuousClock.Instant
  /// What is in progress, such as `reading standard input`.
  private let activity: @Sendable () -> String?
  private let sleep: @Sendable (ContinuousClock.Instant) async throws -> Void

  package init(
    _ limit: String, _ duration: Duration, activity: @escaping @Sendable () -> String? = { nil },
    sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void = {
      try await Task.sleep(until: $0, clock: .continuous)
    }
  ) {
    self.limit = limit
    self.activity = activity
    self.sleep = sleep
    moment = .now + duration
  }

  /// Never nothing, which would mean to look once.
  package var left: Duration { max(moment - .now, .milliseconds(1)) }

  /// Returns when the time is over.
  func passes() async throws {
    try await sleep(moment)
  }

  /// The message at the deadline; it names what is in progress.
  package var error: OperationError {
    let doing = activity().map { " while \($0)" } ?? ""
    return OperationError(
      .timedOut, "timed out after \(limit)\(doing); use --timeout to wait longer")
  }

  /// Runs `body`, and cancels it when the time is over.
  ///
  /// - Throws: ``error`` then, whatever became of `body`, once that has ended.
  package func run<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard moment > .now else { throw error }
    return try await withThrowingTaskGroup(of: Result.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await passes()
        throw error
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw error }
      return first
    }
  }
}

extension Deadline? {
  /// Without a deadline, `body` has all the time that it needs.
  func run<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard let self else { return try await body() }
    return try await self.run(body)
  }
}
