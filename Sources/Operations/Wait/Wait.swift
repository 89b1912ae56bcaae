package import FluxModel
package import Text

/// Waits until objects are as they should be, or until it is clear that they will not.
package enum Wait {
  /// - Parameters:
  ///   - looksOnce: Whether the present state is the answer.
  /// - Throws: When a precondition fails.
  package static func plan(
    _ selection: ActSelection, for judge: WaitJudge, looksOnce: Bool,
    now: @escaping @Sendable () -> Timestamp, in context: ActContext
  ) async throws -> ActPlan<WaitMachine> {
    var found = try await selection.resolve(on: context.reads)
    // Nothing happens to an artifact itself: that is its generator's matter. For whatever is about
    // the content of this one, or about its consumers, it stays, and the judge looks at both.
    if judge.goal == .suspended || judge.goal == .ready && !judge.consumers {
      found = await found.withGenerators(
        on: context.reads, keepingOthers: judge.goal == .ready)
    }
    if found.targets.isEmpty, found.failures.isEmpty {
      // kubectl's words.
      throw OperationError(.notFound, "no matching resources found")
    }
    let looksOnce = looksOnce || context.watches == nil
    var collector = WaitScopes(judge, looksOnce: looksOnce, context)
    try await collector.collect(found.targets)
    // One look reads what an object hangs on by itself.
    if !looksOnce { collector.addBeside(found.targets) }
    var reader = FreshnessReader(context.reads)
    if looksOnce, judge.goal != .suspended {
      // Nothing more will come: the answer needs what an object hangs on, as that of `get` does.
      _ = await reader.graph(judging: found.targets.map(\.object))
    }
    var known = reader.store
    // What has been read is the look.
    if looksOnce { known.take(found.targets.map(\.object) + collector.read) }
    return ActPlan(
      machine: WaitMachine(
        found.targets, for: judge, in: collector.scopes, beside: collector.beside,
        knowing: known, looksOnce: looksOnce, now: now),
      remarks: found.remarks + collector.notes.map(ActEvent.note), failures: found.failures)
  }
}
