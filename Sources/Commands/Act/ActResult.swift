import Document
import Objects
import Operations

/// The result of an acting verb: exit status, summary and the form for programs.
struct ActResult {
  static let resume = "ResumeResult"

  /// The kind of the structured form, such as `ReconcileResult`.
  let kind: String
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

  /// `{apiVersion: artifactgen/v1, kind, items: […], errors: […]}`.
  ///
  /// An item has `apiVersion`, `kind`, `namespace`, `name`, `result` (a word of
  /// ``ActOutcome/Result``), and where there is one `reason`, `message`, `revision` and
  /// `requestedAt`.
  var value: Value {
    [
      "apiVersion": "artifactgen/v1",
      "kind": .string(kind),
      "items": .array(outcomes.map(Self.item)),
      "errors": .array(failures.map { .string("\($0)") }),
    ]
  }

  private static func item(_ outcome: ActOutcome) -> Value {
    var item = Object()
    item["apiVersion"] = .string(outcome.resource.apiVersion)
    item["kind"] = .string(outcome.resource.kind)
    item["namespace"] = outcome.namespace.isEmpty ? nil : .string(outcome.namespace)
    item["name"] = .string(outcome.name)
    item["result"] = .string(outcome.result.rawValue)
    item["reason"] = outcome.reason.isEmpty ? nil : .string(outcome.reason)
    item["message"] = outcome.message.isEmpty ? nil : .string(outcome.message)
    item["revision"] = outcome.revision.map { .string($0) }
    item["requestedAt"] = outcome.requestedAt.map { .string($0) }
    return .object(item)
  }

  private func summary(_ style: MessageStyle) -> String {
    var counts: [(String, Int)] = []
    for outcome in outcomes {
      let word = word(outcome.result)
      if let index = counts.firstIndex(where: { $0.0 == word }) {
        counts[index].1 += 1
      } else {
        counts.append((word, 1))
      }
    }
    if !failures.isEmpty { counts.append(("not read", failures.count)) }
    let text = counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    return style == .flux ? "► \(text)" : text
  }

  private func word(_ result: ActOutcome.Result) -> String {
    switch result {
    case .already: "as wanted before"
    // Reconciled in the course of it.
    case .reconciled, .unchanged, .requested:
      kind == Self.resume ? "resumed" : result.rawValue
    case .timedOut: "timed out"
    default: result.rawValue
    }
  }
}
