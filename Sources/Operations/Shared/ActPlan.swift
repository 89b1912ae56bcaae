package import Objects

/// What a verb is going to do: everything that can be read and checked without writing has been.
package struct ActPlan<Machine: ActMachine>: Sendable {
  package var machine: Machine
  /// What to know before anything is done.
  package var remarks: [ActEvent] = []
  /// The outcomes of objects with which nothing is done.
  package var settled: [ActOutcome] = []
  /// In which order to list outcomes; the others follow.
  package var order: [ObjectID] = []
  /// What was asked for and cannot be done.
  package var failures: [any Error] = []

  /// Carries it out.
  ///
  /// - Parameter deadline: Nil for none. At the deadline it ends, and says how far each object is.
  /// - Throws: `CancellationError` only.
  package func run(
    in context: ActContext, until deadline: ContinuousClock.Instant?
  ) async throws -> ActReport {
    for event in remarks + settled.map(ActEvent.ended) { context.onEvent(event) }
    var (machine, failures) = (machine, failures)
    do {
      try await ActDriver(context: context, deadline: deadline).run(&machine)
    } catch let error as CancellationError {
      throw error
    } catch {
      failures.append(error)
    }
    return ActReport(outcomes: listed(machine.outcomes + settled), failures: failures)
  }

  private func listed(_ outcomes: [ActOutcome]) -> [ActOutcome] {
    var places: [ObjectID: Int] = [:]
    for (place, id) in (order + outcomes.map(\.id)).enumerated() where places[id] == nil {
      places[id] = place
    }
    return outcomes.sorted { places[$0.id, default: 0] < places[$1.id, default: 0] }
  }
}

extension ActPlan {
  /// Nothing but what a machine does.
  package init(_ machine: Machine) {
    self.init(machine: machine)
  }
}

/// How a verb has ended.
package struct ActReport: Sendable {
  package var outcomes: [ActOutcome]
  /// What was asked for and could not be done.
  package var failures: [any Error]

  package init(outcomes: [ActOutcome] = [], failures: [any Error] = []) {
    self.outcomes = outcomes
    self.failures = failures
  }
}
