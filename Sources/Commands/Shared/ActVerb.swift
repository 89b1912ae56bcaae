/// The verbs that share a screen and a form of the result.
enum ActVerb: Sendable {
  case reconcile
  case suspend
  case resume
  case wait

  /// What Flux says before it writes.
  var doing: String {
    switch self {
    case .reconcile: "annotating"
    case .suspend: "suspending"
    case .resume: "resuming"
    case .wait: "waiting for"
    }
  }

  /// What kubectl says after a name when the verb has done its work.
  var done: String {
    switch self {
    case .reconcile: "reconciled"
    case .suspend: "suspended"
    case .resume: "resumed"
    case .wait: "condition met"
    }
  }

  /// Whether what an object waits for is said line by line, also without a terminal.
  var saysWaiting: Bool { self == .wait }

  /// The kind of the result for programs.
  var resultKind: String {
    switch self {
    case .reconcile: "ReconcileResult"
    case .suspend: "SuspendResult"
    case .resume: "ResumeResult"
    case .wait: "WaitResult"
    }
  }
}
