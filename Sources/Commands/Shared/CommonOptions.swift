import ArgumentParser
import Text

/// The flags that say how a command goes about its work.
struct CommonOptions: ParsableArguments {
  @Option(
    name: .customLong("timeout"),
    help: ArgumentHelp(
      "Give up on the whole command after this time (30s, 5m); 0 waits",
      valueName: "DURATION"
    ),
    transform: TimeLimit.init(argument:)
  )
  var timeout: TimeLimit?
}

/// A duration as kubectl and Flux write it: `90` (seconds), `1m30s`, `1.5h`.
struct TimeLimit: Sendable {
  let text: String
  let duration: Duration

  init(text: String, duration: Duration) {
    self.text = text
    self.duration = duration
  }

  init(argument: String) throws {
    guard let duration = Duration(secondsOrGoText: argument) else {
      throw ValidationError("\"\(argument)\" is no duration; write 30s, 5m or 1h30m")
    }
    text = argument
    self.duration = duration
  }
}

extension TimeLimit {
  /// Runs `body`, and ends it with a ``DeadlineError`` when the time is over; zero sets no limit.
  ///
  /// - Parameter left: What is left of the time; nil for all of it.
  func run<Result: Sendable>(
    left: Duration? = nil,
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard duration > .zero else { return try await body() }
    return try await withThrowingTaskGroup(of: Result.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: left ?? duration)
        throw DeadlineError(limit: text)
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { return try await body() }
      return first
    }
  }
}

extension CommonOptions {
  /// Runs `body`, and ends it when the time that was given is over.
  func withinTimeout<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard let timeout else { return try await body() }
    return try await timeout.run(body)
  }
}
