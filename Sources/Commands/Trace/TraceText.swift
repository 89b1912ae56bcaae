import Document
import FluxModel
import KubeAPI
import Objects
import Operations
import Presentation
import Text

/// Writes a trace in the shape of `flux trace`: sections of aligned fields, with a rule between them.
struct TraceText {
  let trace: Trace
  let now: Timestamp
  let style: Style
  /// The width of the terminal, where long texts are wrapped, and a digest that does not fit a line is
  /// shortened; nil for none.
  var room: Int?

  private struct Field {
    let title: String
    let lines: [Cell]

    init(_ title: String, _ lines: [Cell]) {
      self.title = title
      self.lines = lines
    }

    init(_ title: String, _ text: String, _ tone: Tone = .plain) {
      self.init(title, [Cell(text, tone)])
    }
  }

  var text: String {
    let sections = trace.hops.map(fields)
    // Flux's own width, unless a title needs more.
    let width = sections.joined().reduce(17) { max($0, $1.title.unicodeScalars.count + 2) }
    var parts = sections.map { section in
      section.map { line($0, width: width) }.joined()
    }
    if let dependents = dependents { parts.append(dependents) }
    return "\n" + parts.joined(separator: "---\n")
  }

  private func line(_ field: Field, width: Int) -> String {
    var result = ""
    let lines = field.lines.flatMap { cell in
      fitted(Printable.line(cell.text), beside: width).map { Cell($0, cell.tone) }
    }
    for (index, cell) in lines.enumerated() {
      let title = index == 0 ? "\(field.title):" : ""
      let padding = String(repeating: " ", count: max(1, width - title.unicodeScalars.count))
      result += title + padding + style.paint(cell.text, cell.tone) + "\n"
    }
    return result
  }

  private func fitted(_ text: String, beside width: Int) -> [String] {
    let lines = wrapped(text, beside: width, in: room)
    guard let room, lines.contains(where: { displayWidth($0) > room - width }) else { return lines }
    return wrapped(shortenHex(text), beside: width, in: room)
  }

  private func fields(of hop: TraceHop) -> [Field] {
    var fields: [Field] = []
    switch hop.role {
    case .object where hop.id.fluxKind == nil:
      fields.append(Field("Object", "\(hop.id.kind)/\(hop.id.name)"))
    case .owner: fields.append(Field("Owner", "\(hop.id.kind)/\(hop.id.name)"))
    default: fields.append(Field(hop.id.kind, hop.id.name))
    }
    if !hop.id.namespace.isEmpty { fields.append(Field("Namespace", hop.id.namespace)) }
    if !hop.applies.isEmpty {
      fields.append(Field("Applies", hop.applies.map { Cell($0.description) }))
    }
    if !hop.aliases.isEmpty {
      fields.append(Field("Alias", hop.aliases.map { "@\($0)" }.joined(separator: ", ")))
    }
    if let failure = hop.failure {
      if TraceFailure(hop: "", underlying: failure).isGap {
        fields.append(Field("Status", "Not in the snapshot", .warning))
      } else if (failure as? APIError)?.isNotFound == true {
        fields.append(Field("Status", "Does not exist", .bad))
      } else {
        fields.append(Field("Status", "Could not be read", .bad))
      }
      fields.append(Field("Message", "\(failure)"))
      return fields
    }
    for fact in hop.facts {
      let isTime = fact.key == "fetchedAt"
      fields.append(
        Field(
          fact.title,
          fact.lines.map { Cell(isTime ? moment(Timestamp(rfc3339: $0)) : $0) }))
    }
    for copies in hop.copies {
      // Where there are several, each line says what it feeds.
      let artifact = hop.copies.count > 1 ? "\(copies.artifact): " : ""
      fields.append(Field("Copies", copies.operations.map { Cell(artifact + operation($0)) }))
    }
    fields += status(of: hop)
    if let agreement = hop.agreement { fields.append(self.agreement(agreement)) }
    return fields
  }

  private func operation(_ operation: CopyOperation) -> String {
    var text = "\(operation.from) -> \(operation.to)"
    var remarks: [String] = []
    if let strategy = operation.strategy { remarks.append(strategy) }
    if !operation.exclude.isEmpty {
      remarks.append("without " + operation.exclude.joined(separator: ", "))
    }
    if !remarks.isEmpty { text += " (\(remarks.joined(separator: "; ")))" }
    return text
  }

  private func status(of hop: TraceHop) -> [Field] {
    var fields: [Field] = []
    if hop.role == .object && hop.id.fluxKind == nil {
      fields.append(
        trace.isManaged
          ? Field("Status", "Managed by Flux", .good)
          : Field("Status", "Not managed by Flux", .bad))
    }
    guard let status = TraceStatus(hop) else { return fields }
    let when = moment(status.ready?.lastTransition)
    let verb = hop.role == .artifact ? "build" : "reconciliation"
    switch status.ready?.status {
    case .yes:
      let text = hop.role == .artifact ? "Last built at \(when)" : "Last reconciled at \(when)"
      fields.append(Field("Status", text, .good))
    case .no:
      let text = status.stalled == nil ? "Last \(verb) failed at \(when)" : "Stalled since \(when)"
      fields.append(Field("Status", text, .bad))
    case .unknown: fields.append(Field("Status", "In progress since \(when)", .warning))
    case nil: fields.append(Field("Status", "Unknown", .warning))
    }
    if status.isSuspended {
      let last = fields.removeLast()
      fields.append(Field("Status", [Cell("Suspended", .warning)] + last.lines))
    }
    if let message = status.ready?.message, !message.isEmpty {
      let lines = message.split(whereSeparator: \.isNewline).map { Cell(String($0)) }
      fields.append(Field("Message", lines))
    }
    return fields
  }

  private func agreement(_ agreement: TraceAgreement) -> Field {
    var text: String
    let tone: Tone
    switch agreement.word {
    case .agrees: (text, tone) = ("✔ ", .good)
    case .differs: (text, tone) = ("✗ ", .bad)
    case .inProgress: (text, tone) = ("◎ ", .warning)
    case .unknown: (text, tone) = ("? ", .warning)
    }
    text += Age.lasting(agreement.reason, agreement.since.map { "since \(moment($0))" })
    return Field("In sync", text, tone)
  }

  private func moment(_ moment: Timestamp?) -> String {
    guard let moment else { return "an unknown time" }
    let age = Age.phrase(seconds: now.seconds - moment.seconds)
    return moment.rfc3339 + (age.map { " (\($0) ago)" } ?? "")
  }

  private var dependents: String? {
    guard let view = trace.dependents else { return nil }
    let tree = TreeText(view: view, now: now, isWhole: false).trees()
    var lines = tree.flatMap { TreeDrawing.lines($0, style: style, room: room) }
    if view.members.count == 1 { lines.append("(no dependents)") }
    return "Dependents:\n" + lines.map { $0 + "\n" }.joined()
  }
}
