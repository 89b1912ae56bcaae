import Document
import FluxModel
import Objects
import Operations

/// The result of an acting verb: exit status, summary and the form for programs.
struct ActResult {
  let verb: ActVerb
  let dryRun: DryRun
  let outcomes: [ActOutcome]
  let failures: [any Error]

  /// Prints what is left to print, and throws if anything failed.
  func finish(_ format: StructuredFormat?, style: MessageStyle, in surroundings: Surroundings)
    throws
  {
    if let format { try surroundings.print(value, as: format) }
    if outcomes.count + failures.count > 1 { surroundings.note(summary(style)) }
    try SeveralFailures.throwing(failures)
    if outcomes.contains(where: \.result.isFailure) { throw QuietFailure() }
  }

  /// `{apiVersion: artifactgen/v1, kind, items: […], errors: […]}`, of a dry run also
  /// `dryRun: client` or `server`.
  ///
  /// An item has `apiVersion`, `kind`, `namespace`, `name`, `result` (a word of
  /// ``ActOutcome/Result``), and where there is one `reason`, `message`, `revision` and
  /// `requestedAt`; of `resume` also `suspension`, the record in which the object was found
  /// (``SuspensionRecord/document``).
  var value: Value {
    var value: Object = [
      "apiVersion": "artifactgen/v1",
      "kind": .string(verb.resultKind),
      "items": .array(outcomes.map(item)),
      "errors": .array(failures.map { .string("\($0)") }),
    ]
    if dryRun != .none { value["dryRun"] = .string(dryRun.rawValue) }
    return .object(value)
  }

  private func item(_ outcome: ActOutcome) -> Value {
    var item = Object()
    item["apiVersion"] = .string(outcome.resource.apiVersion)
    item["kind"] = .string(outcome.id.kind)
    item["namespace"] = outcome.id.namespace.isEmpty ? nil : .string(outcome.id.namespace)
    item["name"] = .string(outcome.id.name)
    item["result"] = .string(result(outcome).rawValue)
    item["reason"] = outcome.reason.flatMap { $0.word.isEmpty ? nil : .string($0.word) }
    let message = verb.doneSoFar(outcome) + outcome.message
    item["message"] = message.isEmpty ? nil : .string(message)
    item["revision"] = outcome.revision.map { .string($0) }
    item["requestedAt"] = outcome.requestedAt.map { .string($0) }
    if verb == .resume { item["suspension"] = outcome.suspension?.document }
    return .object(item)
  }

  /// What is resumed may also have been reconciled in the course of it.
  private func result(_ outcome: ActOutcome) -> ActOutcome.Result {
    guard verb == .resume else { return outcome.result }
    switch outcome.result {
    case .reconciled, .unchanged, .requested: return .resumed
    default: return outcome.result
    }
  }

  private func summary(_ style: MessageStyle) -> String {
    var counts: [(String, Int)] = []
    // Objects end in any order. What is left comes last: what was done is what was asked for.
    let ranks = ActOutcome.Result.allCases
    let ordered = outcomes.sorted { left, right in
      func rank(_ outcome: ActOutcome) -> (Int, Int, ObjectID) {
        (outcome.hold == nil ? 0 : 1, ranks.firstIndex(of: outcome.result) ?? 0, outcome.id)
      }
      return rank(left) < rank(right)
    }
    for outcome in ordered {
      let word = word(outcome)
      if let index = counts.firstIndex(where: { $0.0 == word }) {
        counts[index].1 += 1
      } else {
        counts.append((word, 1))
      }
    }
    if !failures.isEmpty {
      counts.append((failures.count == 1 ? "error" : "errors", failures.count))
    }
    let text = counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ") + dryRun.suffix
    return style == .flux ? "► \(text)" : text
  }

  private func word(_ outcome: ActOutcome) -> String {
    if let hold = outcome.hold {
      return "left (suspended by \(hold.by ?? "another user"): \(hold.reason ?? ""))"
    }
    let word =
      switch result(outcome) {
      case .already: "unchanged"
      case .timedOut where outcome.reason == .notMet: "not met"
      case .timedOut: "timed out"
      case let result: result.rawValue
      }
    return verb.hasDone(outcome) ? "\(verb.done) but \(word)" : word
  }
}
