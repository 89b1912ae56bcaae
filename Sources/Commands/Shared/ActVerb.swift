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

  /// The kind of the result for programs.
  var resultKind: String { "\(name)Result" }
}
