/// Work that is done once for each key, however many ask for it, at the same time or later.
///
/// What fails is not tried again.
actor SharedWork<Key: Hashable & Sendable, Output: Sendable> {
  private var tasks: [Key: Task<Output, any Error>] = [:]

  /// - Parameter work: ended when anybody who waits for it is cancelled: a run is cancelled as a whole.
  func output(
    of key: Key, _ work: @escaping @Sendable () async throws -> Output
  ) async throws -> Output {
    let task = tasks[key] ?? Task { try await work() }
    tasks[key] = task
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }
}
