import Document
import Objects
import Operations

/// The result of an acting verb: exit status, summary and the form for programs.
struct ActResult {
  static let resume = "ResumeResult"

  /// The kind of the structured form, such as `ReconcileResult`.
  let kind: String
  var dryRun = DryRun.none
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
  /// `requestedAt`.
  var value: Value {
    var value: Object = [
      "apiVersion": "artifactgen/v1",
      "kind": .string(kind),
      "items": .array(outcomes.map(item)),
      "errors": .array(failures.map { .string("\($0)") }),
    ]
    switch dryRun {
    case .none: break
    case .client: value["dryRun"] = "client"
    case .server: value["dryRun"] = "server"
    }
    return .object(value)
  }

  private func item(_ outcome: ActOutcome) -> Value {
    var item = Object()
    item["apiVersion"] = .string(outcome.resource.apiVersion)
    item["kind"] = .string(outcome.resource.kind)
    item["namespace"] = outcome.namespace.isEmpty ? nil : .string(outcome.namespace)
    item["name"] = .string(outcome.name)
    item["result"] = .string(result(outcome).rawValue)
    item["reason"] = outcome.reason.isEmpty ? nil : .string(outcome.reason)
    item["message"] = outcome.message.isEmpty ? nil : .string(outcome.message)
    item["revision"] = outcome.revision.map { .string($0) }
    item["requestedAt"] = outcome.requestedAt.map { .string($0) }
    return .object(item)
  }

  /// What is resumed may also have been reconciled in the course of it.
  private func result(_ outcome: ActOutcome) -> ActOutcome.Result {
    guard kind == Self.resume else { return outcome.result }
    switch outcome.result {
    case .reconciled, .unchanged, .requested: return .resumed
    default: return outcome.result
    }
  }

  private func summary(_ style: MessageStyle) -> String {
    var counts: [(String, Int)] = []
    for outcome in outcomes {
      let word = word(result(outcome))
      if let index = counts.firstIndex(where: { $0.0 == word }) {
        counts[index].1 += 1
      } else {
        counts.append((word, 1))
      }
    }
    if !failures.isEmpty {
      counts.append((failures.count == 1 ? "error" : "errors", failures.count))
    }
    let text = counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    return style == .flux ? "► \(text)" : text
  }

  private func word(_ result: ActOutcome.Result) -> String {
    switch result {
    case .already: "as wanted before"
    case .timedOut: "timed out"
    default: result.rawValue
    }
  }
}
