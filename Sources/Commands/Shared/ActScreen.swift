import FluxModel
import Objects
import Operations
import Presentation
import Synchronization
import Text

/// Shows what happens while a verb acts: results as lines, and on a terminal one line of what is
/// still awaited.
///
/// In kubectl's style results are lines of stdout and in Flux's lines of stderr, as in those tools.
/// With a structured result stdout is left to that.
final class ActScreen: Sendable {
  private struct State {
    /// What is awaited, in the order in which the waits began, and what each waits for.
    var waiting = LiveList()
    var texts: [ObjectID: String] = [:]
    /// What was requested and has not ended.
    var underWay = LiveList()
    /// What the deadline ended, which comes all at once: one line for each cause reports it.
    var late: [ActOutcome] = []
    var hasProgress = false
  }

  private let state = Mutex(State())
  private let surroundings: Surroundings
  private let style: MessageStyle
  private let verb: ActVerb
  private let isStructured: Bool
  /// Whether of what has gone well only the names are printed.
  private let onlyNames: Bool
  private let namespace: String
  private let suffix: String
  private let line: ProgressLine?

  init(
    _ verb: ActVerb, _ surroundings: Surroundings, style: MessageStyle, isStructured: Bool,
    onlyNames: Bool = false, namespace: String, dryRun: DryRun
  ) {
    self.surroundings = surroundings
    self.style = style
    self.verb = verb
    self.isStructured = isStructured
    self.onlyNames = onlyNames
    self.namespace = namespace
    suffix = dryRun.suffix
    line =
      surroundings.terminal.errorsAreTerminal
      ? ProgressLine(columns: surroundings.terminal.columns) : nil
  }

  func show(_ event: ActEvent) {
    state.withLock { state in
      switch event {
      case .note(let text): say(style == .flux ? "► \(text)" : text, &state)
      case .warning(let text): say(style == .flux ? "⚠️ \(text)" : "Warning: \(text)", &state)
      case .acting(let id):
        if style == .flux {
          say("► \(verb.doing) \(id.kind) \(id.name) in \(id.namespace) namespace", &state)
        }
      case .requested(let id):
        state.underWay.append(id)
        announce(state)
      case .waiting(let id, let text): showWaiting(id, text, &state)
      case .ended(let outcome):
        state.waiting.remove(outcome.id)
        if state.underWay.remove(outcome.id) { announce(state) }
        // kubectl's wait has a line for each object.
        if outcome.result == .timedOut, verb != .wait {
          state.late.append(outcome)
        } else {
          show(outcome, &state)
        }
      }
      drawProgress(&state)
    }
  }

  /// Shows what is still to be said, and takes the line of progress off the screen.
  func close() {
    state.withLock { state in
      showLate(&state)
      erase(&state)
      surroundings.interruptNote("")
    }
  }

  // MARK: Lines

  private func showWaiting(_ id: ObjectID, _ text: String, _ state: inout State) {
    state.texts[id] = text
    if verb.saysWaiting {
      say(style == .flux ? "◎ waiting: \(text)" : "waiting: \(text)", &state)
    } else if style == .flux, !state.waiting.contains(id) {
      say("◎ waiting for \(id.kind) \(id.name) reconciliation", &state)
    }
    state.waiting.append(id)
  }

  private func show(_ outcome: ActOutcome, _ state: inout State) {
    if onlyNames, !outcome.result.isFailure {
      erase(&state)
      let name = "\(outcome.resource.groupSingular)/\(outcome.id.name)"
      try? surroundings.output.line(Printable.line(name))
      try? surroundings.output.flush()
      return
    }
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

  private func showLate(_ state: inout State) {
    var groups: [(text: String, outcomes: [ActOutcome])] = []
    for outcome in state.late {
      let text = words(outcome).done
      if let place = groups.firstIndex(where: { equalUTF8($0.text, text) }) {
        groups[place].outcomes.append(outcome)
      } else {
        groups.append((text, [outcome]))
      }
    }
    state.late = []
    for (text, outcomes) in groups {
      guard outcomes.count > 1 else {
        show(outcomes[0], &state)
        continue
      }
      let names = NamedObjects.list(outcomes.map(\.id), atMost: Self.namedTogether)
      let sign = style == .flux ? "✗" : "error:"
      say("\(sign) \(outcomes.count) objects (\(names)): \(text)\(suffix)", &state)
    }
  }

  /// Where the object is, if not where everything is.
  private func place(_ outcome: ActOutcome) -> String {
    outcome.id.namespace == namespace || outcome.id.namespace.isEmpty
      ? "" : " in \(outcome.id.namespace) namespace"
  }

  private func kubectlLine(_ outcome: ActOutcome) -> [String] {
    let name = "\(outcome.resource.groupSingular)/\(outcome.id.name)"
    if verb == .wait, outcome.result == .timedOut {
      let subject = "\(outcome.resource.plural)/\(outcome.id.name)"
      // Of a single look nothing is left to wait for.
      return outcome.reason == .notMet
        ? ["error: condition not met for \(subject)\(place(outcome)): \(message(outcome))"]
        : [
          "error: timed out waiting for the condition on \(subject)\(place(outcome))",
          "still waiting: \(message(outcome))",
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
    return "\(sign) \(outcome.id.kind) \(outcome.id.name)\(place(outcome))\(colon) "
      + "\(done)\(details)\(suffix)"
  }

  /// What was done, and with its punctuation what a controller says about it.
  private func words(_ outcome: ActOutcome) -> (done: String, details: String) {
    let message = message(outcome)
    let details = message.isEmpty ? "" : ": \(message)"
    switch outcome.result {
    case .reconciled: return (verb.done, details)
    case .unchanged:
      // Only source-watcher detects drift; the others report their revision.
      let isGenerator = outcome.id.fluxKind == .artifactGenerator
      return (
        verb == .resume ? verb.done : "unchanged",
        ": " + (isGenerator ? "no drift, nothing to do" : message)
      )
    case .requested where verb == .resume: return (verb.done, "")
    case .requested:
      return ("reconciliation requested" + (message.isEmpty ? "" : " (\(message))"), "")
    case .suspended, .resumed, .met: return (verb.done, "")
    case .already: return (message, "")
    case .skipped: return ("skipped", ": \(message)")
    case .failed, .stuck:
      let already = verb.doneSoFar(outcome)
      guard case .reported(let reason) = outcome.reason, !reason.isEmpty else {
        return (already + message, "")
      }
      return (already + reason, details)
    case .timedOut where outcome.reason == .notMet: return ("condition not met", details)
    case .timedOut: return ("\(verb.doneSoFar(outcome))timed out, \(message)", "")
    }
  }

  /// What is said of an object behind its name.
  ///
  /// What a wait says is made from states, with whole digests; the other verbs repeat a controller.
  private func message(_ outcome: ActOutcome) -> String {
    verb == .wait ? shortenHex(outcome.id.unnamed(in: outcome.message)) : outcome.message
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
    guard let line, let first = state.waiting.prefix(1).first,
      !verb.saysWaiting || state.waiting.count > 1
    else { return }
    let others = state.waiting.count > 1 ? " and \(state.waiting.count - 1) more" : ""
    let text = "◎ \(first)\(others): \(first.unnamed(in: state.texts[first] ?? ""))"
    try? surroundings.errors.write(line.showing(text))
    state.hasProgress = true
  }

  /// What an interrupted command leaves behind.
  private func announce(_ state: State) {
    let underWay = state.underWay
    guard underWay.count > 0 else { return surroundings.interruptNote("") }
    let named = underWay.prefix(Self.named).map(\.description).joined(separator: ", ")
    let others =
      underWay.count > Self.named ? " and \(underWay.count - Self.named) more" : ""
    surroundings.interruptNote(
      "\ninterrupted; these requests continue in the cluster: \(named)\(others)\n")
  }

  /// More objects than this are counted: each text stays in memory.
  private static let named = 20
  /// The same in a line that is said of several.
  private static let namedTogether = 3
}

/// Objects in the order in which they came, from which any may leave.
private struct LiveList {
  private var items: [ObjectID?] = []
  private var places: [ObjectID: Int] = [:]

  var count: Int { places.count }

  func contains(_ id: ObjectID) -> Bool { places[id] != nil }

  /// The first of them.
  func prefix(_ length: Int) -> [ObjectID] {
    Array(items.lazy.compactMap(\.self).prefix(length))
  }

  mutating func append(_ id: ObjectID) {
    guard places[id] == nil else { return }
    places[id] = items.count
    items.append(id)
  }

  @discardableResult
  mutating func remove(_ id: ObjectID) -> Bool {
    guard let place = places.removeValue(forKey: id) else { return false }
    items[place] = nil
    return true
  }
}
