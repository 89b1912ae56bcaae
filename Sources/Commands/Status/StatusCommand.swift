import ArgumentParser
import Document
import FluxModel
import Objects
import Operations
import Presentation
import Text

/// `status`: everything that is delivered, on one screen.
struct StatusCommand<T: Tool>: TimedCommand, SnapshotReader {
  typealias SelectedTool = T

  static var endsWithReader: Bool { true }

  static var page: CommandPage {
    CommandPage(
      name: "status",
      summary: "Show the state of all deliveries on one screen",
      synopsis: ["[-A] [-w] [flags]"],
      text: [
        "Counts objects by kind and state, and lists those that are failing, stale, behind or "
          + "suspended (by whom, and whether overdue) and the newest events. Shows one namespace "
          + "unless -A is set.",
        "Each object is counted in one column, the first that applies: DELETING, SUSPENDED, "
          + "STALLED (the controller retries only after the spec changes), FAILING (Ready is "
          + "False), STUCK (a generator that needs reconcile --force), STALE, BEHIND, IN "
          + "PROGRESS, READY, UNKNOWN. The lists group objects by cause. The list of suspended "
          + "objects also shows why such an object is outdated.",
      ],
      details: [
        "-o json lists every object: failing (state NotReady, Stalled or Stuck), stale, "
          + "behind and suspended, and in counts the same numbers as the table, by state.",
        "A terminal shortens reasons, and lists states where the table does not fit; "
          + "--no-truncate shows all. A suspended consumer that is behind is in behind and in "
          + "suspended with -o json.",
        "-w shows the status again whenever it changes, until interrupted.",
      ],
      examples: [
        CommandExample("Show the state of a cluster", "status -A"),
        CommandExample("Watch a namespace", "status -n apps -w"),
        CommandExample("Print the status as JSON for monitoring", "status -A -o json"),
      ],
      exitStatus: [
        (0, "the status was read, even if objects are failing"),
        (1, "a request failed, or invalid usage"),
      ]
    )
  }

  @Flag(name: .allNamespaces, help: "Show all namespaces")
  var allNamespaces = false

  @Flag(
    name: [.customShort("w"), .customLong("watch")],
    help: "Watch: show the status again when it changes")
  var watch = false

  @Flag(help: "Show digests and long lines in full")
  var noTruncate = false

  @OptionGroup(title: "Output flags") var output: FormatOptions<DocumentFormats>
  @OptionGroup(title: "Output flags") var table: TableOptions
  @OptionGroup(title: "Cluster flags") var place: T.NamespaceOptions
  @OptionGroup(title: "Cluster flags") var snapshot: SnapshotOptions
  @OptionGroup(title: "Cluster flags") var connection: ServerOptions
  @OptionGroup(title: "Common flags") var common: CommonOptions

  func run(in surroundings: Surroundings) async throws {
    let format = try output.structured()
    let session = try await session(T.self, in: surroundings)
    if watch { _ = try session.watches }
    let namespace = allNamespaces ? nil : session.namespace
    let style = table.colour.style(in: surroundings)
    var last: String?
    var isInterrupted = false
    repeat {
      let now = session.now(in: surroundings)
      let report: StatusReport
      do {
        report = try await ReadStatus.run(
          in: namespace, home: session.namespace, events: snapshotPath == nil ? .server : .files,
          on: session.cluster, now: now)
      } catch  where watch && last != nil && !(error is CancellationError) {
        if !isInterrupted { surroundings.warn("\(error); trying again") }
        isInterrupted = true
        try await Task.sleep(for: .seconds(5))
        continue
      }
      isInterrupted = false
      // Ages alone are no change.
      let state = JSON.string(StatusDocument.value(of: report), style: .compact)
      if state != last {
        if let format {
          if last != nil, format == .yaml { try surroundings.output.line("---") }
          try surroundings.print(StatusDocument.value(of: report), as: format)
        } else {
          if last != nil { try surroundings.output.line("") }
          let text = StatusText(
            report: report, now: now, style: style, headers: !table.noHeaders,
            namespaces: allNamespaces, namespace: session.namespace,
            isWhole: noTruncate, room: noTruncate ? nil : surroundings.terminal.room)
          try surroundings.output.write(text.text)
        }
        try surroundings.output.flush()
        if last == nil { report.notes.forEach(surroundings.warn) }
        last = state
      }
      if watch { try await Task.sleep(for: .seconds(5)) }
    } while watch
  }
}

/// A ``StatusReport`` for people.
struct StatusText {
  let report: StatusReport
  let now: Timestamp
  let style: Style
  let headers: Bool
  /// Whether several namespaces are shown.
  let namespaces: Bool
  let namespace: String
  /// Whether digests are shown whole.
  let isWhole: Bool
  /// The width of the terminal, where what is longer is cut; nil for none.
  let room: Int?

  /// Every object is in the column of its word, so the columns of a kind add up to its total.
  private static let columns: [(title: String, word: ObjectState.Word, tone: Tone)] = [
    ("READY", .ready, .good), ("FAILING", .notReady, .bad), ("STALLED", .stalled, .bad),
    ("STUCK", .stuck, .bad), ("STALE", .stale, .bad), ("BEHIND", .behind, .bad),
    ("SUSPENDED", .suspended, .warning), ("IN PROGRESS", .inProgress, .warning),
    ("DELETING", .deleting, .bad), ("UNKNOWN", .unknown, .plain),
  ]

  var text: String {
    guard !report.counts.isEmpty else {
      return namespaces
        ? "No Flux objects found.\n"
        : "No Flux objects found in \(namespace) namespace; use -A for all namespaces.\n"
    }
    var blocks = [counts]
    for (title, word) in [
      ("Failing", ObjectState.Word.notReady), ("Stalled", .stalled), ("Stuck", .stuck),
    ] {
      add(title, lines(report.failing.filter { $0.word == word }, under: title), to: &blocks)
    }
    add("Stale", lines(report.stale), to: &blocks)
    // What is suspended is listed once, with what it lacks.
    add("Behind", lines(report.behind.filter { $0.word != .suspended }), to: &blocks)
    add(
      "Suspended",
      StatusGroup.lines(report.suspended, isWhole: isWhole, now: now, room: listRoom),
      to: &blocks)
    if !report.events.isEmpty { blocks.append("Newest events:\n" + events) }
    return blocks.joined(separator: "\n")
  }

  /// Suspensions have a list of their own, with who and why.
  private func lines(_ states: [ObjectState], under title: String? = nil) -> [String] {
    StatusGroup.lines(
      states.map(\.withoutRecords), under: title, isWhole: isWhole, now: now, room: listRoom)
  }

  /// The cells of a line of a list.
  private var listRoom: Int? { room.map { $0 - Self.indent.utf8.count } }
  private static let indent = "  "

  private var events: String {
    var printer = EventPrinter(
      format: .table, style: style, headers: headers, showsNamespaces: namespaces,
      isShortened: !isWhole, room: room)
    let rows = printer.rows(report.events, namespaces: namespaces, now: now)
    var table = printer.growingTable(namespaces: namespaces)
    printer.style = .plain
    var plain = printer.growingTable(namespaces: namespaces)
    if fits(plain.text(for: rows)) { return table.text(for: rows) }
    return report.events.map { event in
      indented(
        "\(event.lastSeen.map { Age.text(seconds: now.seconds - $0.seconds) } ?? Age.unknown) "
          + "\(event.type) \(event.subject): \(event.reason): \(shortenHex(event.message))")
    }.joined()
  }

  /// - Parameter text: Without colours, which take no room.
  private func fits(_ text: String) -> Bool {
    guard let room else { return true }
    return text.split(separator: "\n").allSatisfy { displayWidth(String($0)) <= room }
  }

  private var counts: String {
    let counted = Self.columns.map { column in
      (column, report.counts.map { $0.byWord[column.word] ?? 0 })
    }
    let shown = counted.filter { $0.1.contains { $0 > 0 } }
    var table = Table(
      columns: [Column("KIND"), Column("TOTAL")] + shown.map { Column($0.0.title) })
    for (index, count) in report.counts.enumerated() {
      let cells = shown.map { column, numbers in
        Cell(String(numbers[index]), numbers[index] == 0 ? .faint : column.tone)
      }
      table.append([Cell(count.kind.resource.kind), Cell(String(count.total))] + cells)
    }
    let text = table.rendered(headers: headers)
    if fits(text) { return table.rendered(headers: headers, style: style) }
    return listed(shown.map { ($0.0.title.lowercased(), $0.1) })
  }

  /// The counts without columns, for a terminal that is narrower than these.
  private func listed(_ states: [(title: String, numbers: [Int])]) -> String {
    let kinds = report.counts.map { $0.kind.resource.kind }
    let column = (kinds.map(\.utf8.count).max() ?? 0) + 3
    return zip(kinds, report.counts).enumerated().map { index, entry in
      let (kind, count) = entry
      let parts = states.filter { $0.numbers[index] > 0 }.map { "\($0.numbers[index]) \($0.title)" }
      let text = "\(count.total): " + parts.joined(separator: ", ")
      let lines = wrapped(text, to: max((room ?? .max) - column, 20))
      let blank = String(repeating: " ", count: column)
      let padding = String(repeating: " ", count: column - kind.utf8.count)
      return kind + padding + lines.joined(separator: "\n" + blank) + "\n"
    }.joined()
  }

  private func add(_ title: String, _ lines: [String], to blocks: inout [String]) {
    guard !lines.isEmpty else { return }
    blocks.append("\(title):\n" + lines.map { Self.indent + $0 + "\n" }.joined())
  }

  private func indented(_ line: String) -> String {
    let line = Printable.line(line)
    return Self.indent + (listRoom.map { truncated(line, to: max($0, 20)) } ?? line) + "\n"
  }
}

/// A ``StatusReport`` for programs.
enum StatusDocument {
  /// `{apiVersion: artifactgen/v1, kind: Status, counts: [{kind, total, states}], failing, stale, behind:
  /// [{apiVersion, kind, namespace, name, state, reason, since}], suspended: [{…, suspension, overdue}],
  /// events: [{type, reason, message, lastSeen, object}], warnings: […]}`.
  static func value(of report: StatusReport) -> Value {
    [
      "apiVersion": "artifactgen/v1", "kind": "Status",
      "counts": .array(report.counts.map(count)),
      "failing": .array(report.failing.map(item)), "stale": .array(report.stale.map(item)),
      "behind": .array(report.behind.map(item)),
      "suspended": .array(report.suspended.map(item)),
      "events": .array(report.events.map(event)),
      "warnings": .array(report.notes.map { .string($0) }),
    ]
  }

  private static func count(_ count: StatusReport.Count) -> Value {
    let states = count.byWord.map { ($0.key.rawValue, Value.integer(Int64($0.value))) }
      .sorted { $0.0 < $1.0 }
    return [
      "kind": .string(count.kind.resource.kind), "total": .integer(Int64(count.total)),
      "states": .object(Object(states)),
    ]
  }

  private static func item(_ state: ObjectState) -> Value {
    var item = reference(state.id)
    item["state"] = state.word.map { .string($0.rawValue) }
    item["reason"] = .string(state.sentence)
    item["since"] = state.since.map { .string($0.rfc3339) }
    return .object(item)
  }

  private static func item(_ suspended: StatusReport.Suspended) -> Value {
    var item = reference(suspended.id)
    item["suspension"] = suspended.record.document
    item["overdue"] = .bool(suspended.isOverdue)
    return .object(item)
  }

  private static func event(_ event: EventRecord) -> Value {
    var item: Object = [
      "type": .string(event.type), "reason": .string(event.reason),
      "message": .string(event.message), "object": .object(reference(event.subject)),
    ]
    item["lastSeen"] = event.lastSeen.map { .string($0.rfc3339) }
    return .object(item)
  }

  private static func reference(_ id: ObjectID) -> Object {
    var fields: Object = ["kind": .string(id.kind), "name": .string(id.name)]
    if let resource = id.fluxKind?.resource { fields["apiVersion"] = .string(resource.apiVersion) }
    if !id.namespace.isEmpty { fields["namespace"] = .string(id.namespace) }
    return fields
  }
}
