import Operations

/// The verbs that share a screen and a form of the result.
struct ActVerb: Sendable, Equatable {
  private let name: String
  /// What Flux says before it writes.
  let doing: String
  /// What kubectl says after a name when the verb has done its work.
  let done: String

  static let reconcile = ActVerb(name: "Reconcile", doing: "annotating", done: "reconciled")
  static let suspend = ActVerb(name: "Suspend", doing: "suspending", done: "suspended")
  static let resume = ActVerb(name: "Resume", doing: "resuming", done: "resumed")
  static let wait = ActVerb(name: "Wait", doing: "waiting for", done: "condition met")

  /// Whether what an object waits for is said line by line, also without a terminal.
  var saysWaiting: Bool { self == .wait }

  /// `resumed, but ` of an object that this was done to, although it did not end well: what follows
  /// is the reconciliation only.
  func doneSoFar(_ outcome: ActOutcome) -> String {
    hasDone(outcome) ? "\(done), but " : ""
  }

  /// Whether an object was resumed, although its reconciliation did not end well.
  func hasDone(_ outcome: ActOutcome) -> Bool {
    self == .resume && outcome.result.isFailure && outcome.requestedAt != nil
  }

  /// The kind of the result for programs.
  var resultKind: String { "\(name)Result" }
}
