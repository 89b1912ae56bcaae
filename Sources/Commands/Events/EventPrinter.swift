import Document
import FluxModel
import Objects
import Operations
import Presentation
import Text

/// Prints events in the columns of `kubectl events`.
struct EventPrinter: Sendable {
  let format: OutputFormat
  var style: Style
  let headers: Bool
  let showsNamespaces: Bool
  /// Whether digests in messages are cut to eight digits.
  let isShortened: Bool
  /// The width of the terminal, where what is longer is cut; nil for none.
  var room: Int?

  func print(
    _ events: [EventRecord], now: Timestamp, to surroundings: Surroundings
  ) throws {
    try surroundings.print(
      as: format, documents: { [.list(of: events.map(\.object.withoutManagedFields))] },
      text: { _ in
        let namespaces = showsNamespaces || Set(events.map(\.subject.namespace)).count > 1
        var table = growingTable(namespaces: namespaces)
        try surroundings.output.write(
          table.text(for: rows(events, namespaces: namespaces, now: now)))
      })
  }

  func growingTable(namespaces: Bool) -> GrowingTable {
    GrowingTable(
      columns: (namespaces ? [Column("NAMESPACE", name: true)] : []) + [
        Column("LAST SEEN"), Column("TYPE"), Column("REASON"), Column("OBJECT", name: true),
        Column("REPORTER", wide: true), Column("MESSAGE"),
      ],
      wide: format == .wide, headers: headers, style: style, room: room,
      // As kubectl prints them.
      keepsLines: room == nil)
  }

  func rows(_ events: [EventRecord], namespaces: Bool, now: Timestamp) -> [[Cell]] {
    events.map { event in
      let message = String(event.message.trimmingWhiteSpace())
      let cells = [
        Cell(age(of: event, now: now)),
        Cell(event.type, event.type == "Warning" ? .warning : .plain),
        Cell(event.reason),
        Cell("\(event.subject.kind)/\(event.subject.name)"),
        Cell(event.reporter),
        Cell(isShortened ? shortenHex(message) : message),
      ]
      return (namespaces ? [Cell(event.subject.namespace)] : []) + cells
    }
  }

  /// `57m`, or `57m (x3 over 17h)` for a series, as kubectl puts it.
  private func age(of event: EventRecord, now: Timestamp) -> String {
    guard let last = event.lastSeen else { return Age.unknown }
    let text = Age.text(seconds: now.seconds - last.seconds)
    guard event.count > 1, let first = event.firstSeen else { return text }
    return "\(text) (x\(event.count) over \(Age.text(seconds: now.seconds - first.seconds)))"
  }
}

/// Prints events as they come.
struct EventStream {
  private let printer: EventPrinter
  private var table: GrowingTable
  private let namespaces: Bool

  /// - Parameter namespaces: Whether objects of several namespaces can come.
  init(_ printer: EventPrinter, namespaces: Bool) {
    self.printer = printer
    self.namespaces = namespaces || printer.showsNamespaces
    table = printer.growingTable(namespaces: self.namespaces)
  }

  mutating func print(
    _ events: [EventRecord], now: Timestamp, to surroundings: Surroundings
  ) throws {
    try surroundings.print(
      as: printer.format, documents: { events.map(\.object.withoutManagedFields) },
      afterOthers: true,
      text: { _ in
        try surroundings.output.write(
          table.text(for: printer.rows(events, namespaces: namespaces, now: now)))
      })
    try surroundings.output.flush()
  }
}
