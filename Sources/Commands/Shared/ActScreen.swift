import FluxModel
import Objects
import Operations
import Presentation
import Synchronization
import Text

/// The words of an acting verb.
struct ActWording: Sendable {
  /// `annotating`, `suspending`, …: what Flux says before it writes.
  let doing: String
  /// What kubectl says after a name when the verb has done its work.
  let done: String
  /// Whether what the object waits for is said line by line, also without a terminal.
  let saysWaiting: Bool
  /// Whether the object's own message belongs to the result.
  let tellsMessage: Bool

  static let reconcile = ActWording(
    doing: "annotating", done: "reconciled", saysWaiting: false, tellsMessage: true)
  static let suspend = ActWording(
    doing: "suspending", done: "suspended", saysWaiting: false, tellsMessage: false)
  static let resume = ActWording(
    doing: "resuming", done: "resumed", saysWaiting: false, tellsMessage: true)
  static let wait = ActWording(
    doing: "waiting for", done: "condition met", saysWaiting: true, tellsMessage: false)
}

/// Shows what happens while a verb acts: results as lines, and on a terminal one line of what is
/// still awaited.
///
/// In kubectl's style results are lines of stdout and in Flux's lines of stderr, as in those tools.
/// With a structured result stdout is left to that.
final class ActScreen: Sendable {
  private struct State {
    /// What is awaited, in the order in which the waits began.
    var waiting: [(name: String, text: String)] = []
    var underWay: [String] = []
    var hasProgress = false
    var failures = 0
  }

  private let state = Mutex(State())
  private let surroundings: Surroundings
  private let style: MessageStyle
  private let wording: ActWording
  private let isStructured: Bool
  private let namespace: String
  private let suffix: String
  private let line: ProgressLine?

  init(
    _ surroundings: Surroundings, style: MessageStyle, wording: ActWording, isStructured: Bool,
    namespace: String,
    dryRun: DryRun = .none
  ) {
    self.surroundings = surroundings
    self.style = style
    self.wording = wording
    self.isStructured = isStructured
    self.namespace = namespace
    suffix =
      switch dryRun {
      case .none: ""
      case .client: " (dry run)"
      case .server: " (server dry run)"
      }
    line =
      surroundings.terminal.errorsAreTerminal
      ? ProgressLine(columns: surroundings.terminal.columns) : nil
  }

  func show(_ event: ActEvent) {
    state.withLock { state in
      switch event {
      case .note(let text): say(style == .flux ? "► \(text)" : text, &state)
      case .warning(let text): say(style == .flux ? "⚠️ \(text)" : "Warning: \(text)", &state)
      case .acting(let target):
        if style == .flux, wording.doing != ActWording.wait.doing {
          say(
            "► \(wording.doing) \(target.resource.kind) \(target.reference.name) in \(target.reference.namespace) namespace",
            &state)
        }
      case .requested(let target):
        state.underWay.append("\(target.reference)")
        announce(state)
      case .waiting(let target, let text):
        let name = "\(target.reference)"
        if wording.saysWaiting {
          say(style == .flux ? "◎ waiting: \(text)" : "waiting: \(text)", &state)
        }
        if let index = state.waiting.firstIndex(where: { $0.name == name }) {
          state.waiting[index].text = text
        } else {
          if style == .flux, !wording.saysWaiting {
            say(
              "◎ waiting for \(target.resource.kind) \(target.reference.name) reconciliation",
              &state)
          }
          state.waiting.append((name, text))
        }
      case .ended(let outcome):
        let name = "\(outcome.resource.kind)/\(outcome.namespace)/\(outcome.name)"
        state.waiting.removeAll { $0.name == name }
        state.underWay.removeAll { $0 == name }
        announce(state)
        show(outcome, &state)
      }
      drawProgress(&state)
    }
  }

  /// Takes the line of progress off the screen.
  func close() {
    state.withLock { state in
      erase(&state)
      surroundings.interruptNote("")
    }
  }

  // MARK: Lines

  private func show(_ outcome: ActOutcome, _ state: inout State) {
    if outcome.result.isFailure { state.failures += 1 }
    switch style {
    case .flux: say(fluxLine(outcome), &state)
    case .kubectl:
      let text = kubectlLine(outcome)
      if outcome.result.isFailure {
        for line in text { say(line, &state) }
      } else if !isStructured {
        erase(&state)
        for line in text { try? surroundings.output.line(Printable.line(line)) }
        // People watch these lines come.
        try? surroundings.output.flush()
      }
    }
  }

  /// Where the object is, if not where everything is.
  private func place(_ outcome: ActOutcome) -> String {
    outcome.namespace == namespace || outcome.namespace.isEmpty
      ? "" : " in \(outcome.namespace) namespace"
  }

  private func kubectlLine(_ outcome: ActOutcome) -> [String] {
    let name = "\(outcome.resource.groupSingular)/\(outcome.name)"
    if wording.saysWaiting, outcome.result == .timedOut {
      let subject = "\(outcome.resource.plural)/\(outcome.name)"
      return [
        outcome.reason == "NotMet"
          ? "error: condition not met for \(subject)"
          : "error: timed out waiting for the condition on \(subject)",
        "still waiting: \(outcome.message)",
      ]
    }
    let (done, details) = words(outcome)
    if outcome.result.isFailure {
      return ["error: \(name)\(place(outcome)): \(done)\(details)"]
    }
    return ["\(name) \(done)\(place(outcome))\(suffix)\(details)"]
  }

  private func fluxLine(_ outcome: ActOutcome) -> String {
    let sign = outcome.result.isFailure ? "✗" : "✔"
    let colon = outcome.result.isFailure ? ":" : ""
    let (done, details) = words(outcome)
    return "\(sign) \(outcome.resource.kind) \(outcome.name)\(place(outcome))\(colon) "
      + "\(done)\(details)\(suffix)"
  }

  /// What was done, and with its punctuation what a controller says about it.
  private func words(_ outcome: ActOutcome) -> (done: String, details: String) {
    let message = outcome.message
    let details = message.isEmpty ? "" : ": \(message)"
    let isResumed = wording.done == ActWording.resume.done
    switch outcome.result {
    case .reconciled: return (wording.done, details)
    case .unchanged:
      // Only source-watcher looks for drift; the others say what they hold.
      let isGenerator = outcome.resource == FluxKind.artifactGenerator.resource
      return (
        isResumed ? "resumed" : "unchanged",
        ": " + (isGenerator ? "no drift, nothing to do" : message)
      )
    case .requested where isResumed: return ("resumed", "")
    case .requested:
      return ("reconciliation requested" + (message.isEmpty ? "" : " (\(message))"), "")
    case .suspended, .resumed, .met: return (wording.done, "")
    case .already: return (message, "")
    case .skipped: return ("skipped", ": \(message)")
    case .failed, .stuck:
      let isOwn = [
        "", "NotRequested", "NotWritten", "Deleted", "Replaced", "Stuck", "Suspended",
        "WatchFailed",
      ]
      return isOwn.contains(outcome.reason)
        ? (message, "") : (outcome.reason, ": \(message)")
    case .timedOut: return ("timed out, \(message)", "")
    }
  }

  private func say(_ text: String, _ state: inout State) {
    erase(&state)
    surroundings.note(text)
  }

  // MARK: The terminal

  private func erase(_ state: inout State) {
    guard state.hasProgress else { return }
    state.hasProgress = false
    try? surroundings.errors.write(ProgressLine.erased)
  }

  private func drawProgress(_ state: inout State) {
    guard let line, let first = state.waiting.first, !wording.saysWaiting || state.waiting.count > 1
    else { return }
    let others = state.waiting.count > 1 ? " and \(state.waiting.count - 1) more" : ""
    try? surroundings.errors.write(line.showing("◎ \(first.name)\(others): \(first.text)"))
    state.hasProgress = true
  }

  /// What an interrupted command leaves behind.
  private func announce(_ state: State) {
    guard !state.underWay.isEmpty else {
      surroundings.interruptNote("")
      return
    }
    surroundings.interruptNote(
      "\ninterrupted; already requested, and going on in the cluster: \(state.underWay.joined(separator: ", "))\n"
    )
  }
}
