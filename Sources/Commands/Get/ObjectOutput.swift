import Document
import FluxModel
import Objects
import Operations
import Presentation
import Synchronization
import Text

/// A format of `get`: one of all commands' own, or a template.
enum ObjectFormat: Sendable {
  case plain(OutputFormat)
  case template(ObjectTemplate)

  /// Whether people read it, and so whether it may say that there is nothing to show.
  var isTable: Bool {
    if case .plain(let format) = self { format.isForPeople } else { false }
  }

  var isWide: Bool {
    if case .plain(.wide) = self { true } else { false }
  }
}

/// How `get` prints objects, as `kubectl get` prints them.
struct ObjectOutput: Sendable {
  let format: ObjectFormat
  let style: Style
  let headers: Bool
  let showsNamespaces: Bool
  let showsManagedFields: Bool
  /// Whether digests are shown whole.
  let isWhole: Bool
  /// The width of the terminal, where what is longer is cut; nil for none.
  var room: Int?
  let time: TimeForm
  /// What to show the reasons of, even where there is little room.
  let reasons: Set<ObjectColumn.Topic>
  /// The kinds that have FRESH.
  let judges: @Sendable (FluxKind) -> Bool
  /// The labels that have a column each.
  var labelColumns: [String] = []
  let showsLabels: Bool
  /// Whether the kind stands before the name also where there is only one.
  var showsKinds = false
  /// Whether each row or document says which event of a watch it comes from.
  var showsEvents = false
  /// Whether documents and templates see how fresh an object is, under `freshness`.
  var documentsFreshness = false
  let order: ObjectOrder?
  /// Whether kinds go without their group: where one word stood for several of Flux's own.
  ///
  /// A terminal shows their short names, which kubectl reads as well, so that there is room for whole
  /// names.
  let kindsInShort: Bool

  /// - Parameter isSingle: Whether one object was asked for by name: it is printed without a list.
  func print(
    _ found: FoundObjects, states: [ObjectID: ObjectState], publishers: [ObjectID: Value] = [:],
    isSingle: Bool, now: Timestamp, to surroundings: Surroundings
  ) throws {
    try order?.check(found.objects)
    switch format {
    case .template(let template):
      // A template sees the managed fields too.
      let objects = try objects(of: found).map { judged($0.object, states) }
      try template.print(
        objects, list: isSingle ? objects[0] : .list(of: objects), headers: headers,
        to: surroundings.output)
    case .plain(let format):
      try surroundings.print(
        as: format,
        documents: {
          let objects = try objects(of: found).map { judged(cleaned($0.object), states) }
          return [isSingle ? objects[0] : .list(of: objects)]
        },
        names: {
          for (resource, object) in try objects(of: found) {
            try surroundings.output.line(Self.name(of: object, resource))
          }
        },
        text: { isWide in
          let severalKinds = kindsInShort || showsKinds || found.kindCount > 1
          for (index, group) in found.groups.enumerated() {
            if index > 0, headers { try surroundings.output.line("") }
            let layout = layout(of: group.resource, columns: group.columns)
            var table = Table(
              columns: layout.shownColumns, padsEmptyCells: group.resource.fluxKind == nil,
              room: room)
            for row in try sorted(group).rows {
              let id = states.isEmpty && publishers.isEmpty ? nil : ObjectID(of: row.object)
              var cells = self.row(
                row, severalKinds ? group.resource : nil, id.flatMap { states[$0] }, now: now)
              cells.publisher = id.flatMap { publishers[$0] }
              table.append(layout.cells(cells))
            }
            try surroundings.output.write(
              table.rendered(wide: isWide, headers: headers, style: style))
          }
        })
    }
  }

  /// All objects in one row, in the order that was asked for.
  private func objects(
    of found: FoundObjects
  ) throws -> [(resource: ResourceType, object: Value)] {
    let all = found.groups.flatMap { group in group.objects.map { (group.resource, $0) } }
    return try order?.sorted(all) { $0.1 } ?? all
  }

  func sorted(_ group: ObjectGroup) throws -> ObjectGroup {
    var group = group
    if let order { group.rows = try order.sorted(group.rows) { $0.object } }
    return group
  }

  /// - Parameters:
  ///   - resource: Nil for a table that objects of several of Flux's kinds share.
  ///   - judgesAny: Of a watch, whether any of its kinds has FRESH.
  fileprivate func layout(
    of resource: ResourceType?, columns: [ObjectGroup.Column] = [], judges judgesAny: Bool? = nil
  ) -> ObjectTable {
    let kind = resource?.fluxKind
    let isOurs = resource == nil || kind != nil
    return ObjectTable(
      isOurs ? ObjectColumn.columns(of: kind) : ObjectColumn.columns(columns),
      events: showsEvents,
      namespaces: showsNamespaces && resource?.isNamespaced != false,
      freshness: judgesAny ?? kind.map(judges) ?? false, labels: labelColumns,
      allLabels: showsLabels, reasons: reasons, narrow: room != nil, watched: judgesAny != nil,
      wide: format.isWide)
  }

  /// - Parameter resource: Set where there are several kinds.
  fileprivate func row(
    _ row: ObjectGroup.Row, _ resource: ResourceType?, _ state: ObjectState? = nil,
    change: WatchedChange? = nil, now: Timestamp
  ) -> ObjectRow {
    let prefix = resource.map { resource in
      guard kindsInShort else { return resource.groupSingular }
      return room == nil ? resource.singular : resource.shortNames.first ?? resource.singular
    }
    return ObjectRow(
      object: row.object, cells: row.cells, prefix: prefix.map { "\($0)/" } ?? "", now: now,
      isWhole: isWhole, time: time, state: state, change: change)
  }

  private func judged(_ object: Value, _ states: [ObjectID: ObjectState]) -> Value {
    judged(object, ObjectID(of: object).flatMap { states[$0] })
  }

  /// The object with what the server does not know of it: `freshness`, with `state`, `reason` and, where
  /// it is known, `since`.
  fileprivate func judged(_ object: Value, _ state: ObjectState?) -> Value {
    guard documentsFreshness, let state, let freshness = state.freshness,
      var fields = object.object
    else { return object }
    var judgement: Object = ["state": .string(freshness.rawValue)]
    judgement["reason"] = state.because.map { .string($0) }
    judgement["since"] = state.since.map { .string($0.rfc3339) }
    fields["freshness"] = .object(judgement)
    return .object(fields)
  }

  fileprivate func cleaned(_ object: Value) -> Value {
    showsManagedFields ? object : object.withoutManagedFields
  }

  fileprivate static func name(of object: Value, _ resource: ResourceType) -> String {
    Printable.spelled("\(resource.groupSingular)/\(object.name ?? "")")
  }
}

/// Prints the objects that a watch brings, as they come.
final class ObjectStream: Sendable {
  /// A row, and what it comes from.
  struct Item {
    let resource: ResourceType
    let row: ObjectGroup.Row
    let state: ObjectState?
    let change: WatchedChange

    init(
      _ resource: ResourceType, _ row: ObjectGroup.Row, _ state: ObjectState?,
      change: WatchedChange
    ) {
      self.resource = resource
      self.row = row
      self.state = state
      self.change = change
    }

    /// What the server sent, as kubectl prints it with `--output-watch-events`.
    var event: Value { ["type": .string(change.rawValue), "object": row.object] }
  }

  private let output: ObjectOutput
  private let surroundings: Surroundings
  /// Of the only kind; nil where several share one table.
  private let resource: ResourceType?
  private let judgesAny: Bool
  private let state = Mutex(State())

  private struct State {
    /// For columns, whose widths stay; made when the first rows say what they are.
    var table: GrowingTable?
    var isFirst = true
  }

  init(_ output: ObjectOutput, kinds: [ResourceType], to surroundings: Surroundings) {
    self.output = output
    self.surroundings = surroundings
    resource = Set(kinds).count == 1 ? kinds[0] : nil
    judgesAny = kinds.contains { $0.fluxKind.map(output.judges) ?? false }
  }

  /// - Parameter columns: The server's, for a kind that we have none for.
  func print(
    _ rows: [Item],
    columns: [ObjectGroup.Column] = []
  ) throws {
    try state.withLock { state in
      switch output.format {
      case .template(.columns(let columns)):
        let cells = try ObjectTemplate.naming {
          try rows.map { item in
            try columns.cells(
              of: output.showsEvents ? item.event : output.judged(item.row.object, item.state))
          }
        }
        let headers = output.headers || columns.alwaysHasHeaders
        try write(cells, columns.headings, isWide: true, headers: headers, &state)
      case .template(let template):
        for item in rows {
          let value = output.showsEvents ? item.event : output.judged(item.row.object, item.state)
          try template.print([value], list: value, headers: false, to: surroundings.output)
        }
      case .plain(.json) where output.showsEvents:
        for item in rows {
          // In this order: kubectl writes a structure here, not a map.
          let object = JSON.string(item.row.object, style: .compact)
          try surroundings.output.line(
            "{\"type\":\"\(item.change.rawValue)\",\"object\":\(object)}")
        }
      case .plain(let format):
        try surroundings.print(
          as: format,
          documents: {
            rows.map { item in
              output.showsEvents
                ? item.event : output.judged(output.cleaned(item.row.object), item.state)
            }
          },
          afterOthers: !state.isFirst,
          names: {
            for item in rows {
              try self.surroundings.output.line(
                ObjectOutput.name(of: item.row.object, item.resource))
            }
          },
          text: { isWide in
            let layout = output.layout(of: resource, columns: columns, judges: judgesAny)
            let now = surroundings.now()
            let cells = rows.map { item in
              let kind = resource == nil || output.showsKinds ? item.resource : nil
              return layout.cells(
                output.row(item.row, kind, item.state, change: item.change, now: now))
            }
            try write(
              cells, layout.shownColumns, isWide: isWide, headers: output.headers, &state)
          })
        if !rows.isEmpty { state.isFirst = false }
      }
    }
    try surroundings.output.flush()
  }

  private func write(
    _ rows: [[Cell]], _ columns: [Column], isWide: Bool, headers: Bool, _ state: inout State
  ) throws {
    var table =
      state.table
      ?? GrowingTable(
        columns: columns, wide: isWide, headers: headers, style: output.style,
        padsEmptyCells: resource.map { $0.fluxKind == nil } ?? false, room: output.room)
    try surroundings.output.write(table.text(for: rows))
    state.table = table
  }
}
