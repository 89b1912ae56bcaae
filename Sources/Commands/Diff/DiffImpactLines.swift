import FluxModel
import Objects
import Operations
import Presentation
import Text

/// What comes of the changes, as lines under headings.
struct DiffImpactLines {
  let report: DiffReport
  let style: Style
  /// Whether long lists are cut, with a count of what is left out.
  let isCut: Bool
  private let home: String?

  init(_ report: DiffReport, style: Style, isCut: Bool) {
    self.report = report
    self.style = style
    self.isCut = isCut
    let namespaces = Set(report.items.map(\.namespace))
    home = namespaces.count == 1 ? namespaces.first : nil
  }

  private static let longest = 20
  private static let longestObjects = 10
  private static let mostCauses = 3

  func lines() -> [String] {
    var lines: [String] = []
    for kind in DiffReport.Impact.Kind.allCases {
      let entries = report.impact.filter { $0.kind == kind }
      guard !entries.isEmpty else { continue }
      lines += ["", style.paint(kind.heading + ":", kind.tone)]
      for entry in shown(entries, Self.longest) { lines += self.lines(of: entry) }
      if let rest = rest(entries, Self.longest) { lines.append("  " + rest) }
    }
    return lines
  }

  /// A line each of what no finding reports: of consumers that roll, those that no artifact lists as its own.
  func beside() -> [(kind: DiffReport.Impact.Kind, line: String)] {
    let listed = Set(report.items.flatMap { $0.consumers.map(\.id) })
    return report.impact.filter { entry in
      switch entry.kind {
      case .breaks, .dangerous: false
      case .rolls: entry.reason != nil || !listed.contains(entry.subject)
      case .frozen, .thaws, .suspended, .waits, .orphans: true
      }
    }.map { ($0.kind, head(of: $0)) }
  }

  private func shown<Element>(_ list: [Element], _ limit: Int) -> ArraySlice<Element> {
    isCut ? list.prefix(limit) : list[...]
  }

  private func rest<Element>(_ list: [Element], _ limit: Int) -> String? {
    guard isCut, list.count > limit else { return nil }
    return style.paint("… and \(list.count - limit) more; -o wide lists all", .faint)
  }

  private func lines(of entry: DiffReport.Impact) -> [String] {
    var lines = ["  " + head(of: entry)]
    // What is dangerous of a single object names it.
    guard entry.danger == nil else { return lines }
    for object in shown(entry.objects, Self.longestObjects) {
      lines.append("    \(name(object))")
    }
    if let rest = rest(entry.objects, Self.longestObjects) { lines.append("    " + rest) }
    return lines
  }

  private func head(of entry: DiffReport.Impact) -> String {
    var text = name(entry.subject)
    if let verb = verb(of: entry) { text += " \(verb)" }
    if !entry.causes.isEmpty { text += " (\(causes(of: entry)))" }
    if let reason = entry.reason { text += ": \(Printable.line(reason))" }
    return text
  }

  /// What the heading does not say.
  private func verb(of entry: DiffReport.Impact) -> String? {
    switch entry.kind {
    case .dangerous where entry.reason == nil,
      .orphans where entry.reason != nil && !entry.objects.isEmpty:
      let objects = counted(entry.objects.count, "object")
      let verb = entry.kind == .dangerous ? "delete" : "leave"
      return (entry.isCertain ? "\(verb)s " : "may \(verb) ") + objects
    default: return entry.isCertain ? nil : "may be affected"
    }
  }

  private func causes(of entry: DiffReport.Impact) -> String {
    var names = entry.causes.prefix(Self.mostCauses).map { cause in
      cause.fluxKind == .externalArtifact
        ? Printable.line(cause.namespace == home ? cause.name : "\(cause.namespace)/\(cause.name)")
        : name(cause)
    }
    let more = entry.causes.count - names.count
    if more > 0 { names.append("\(more) more") }
    return names.joined(separator: ", ")
  }

  /// `Kind/namespace/name`; without the namespace where all artifacts are in that one.
  private func name(_ id: ObjectID) -> String {
    Printable.line(id.namespace == home ? "\(id.kind)/\(id.name)" : id.description)
  }
}

extension DiffReport.Impact.Kind {
  var heading: String {
    switch self {
    case .breaks: "breaks"
    case .dangerous: "dangerous"
    case .frozen: "stays as it is"
    case .thaws: "thaws"
    case .suspended: "will not roll until resumed"
    case .waits: "waits"
    case .orphans: "leaves objects behind"
    case .rolls: "rolls"
    }
  }

  var tone: Tone {
    switch self {
    case .breaks, .dangerous: .bad
    case .frozen, .suspended, .waits, .orphans: .warning
    case .thaws, .rolls: .plain
    }
  }
}
