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
  let time: TimeForm
  /// What to tell the reasons of, even where there is little room.
  let reasons: Set<ObjectColumn.Topic>
  /// Of which kinds it is told how fresh they are.
  let judges: @Sendable (FluxKind) -> Bool
  /// The labels that have a column each.
  var labelColumns: [String] = []
  let showsLabels: Bool
  /// Whether the kind stands before the name also where there is only one.
  var showsKinds = false
  /// Whether each row or document says which event of a watch it comes from.
  var showsEvents = false
  let order: ObjectOrder?
  /// Whether kinds go by their short names: where one word stood for several of Flux's own.
  let kindsInShort: Bool

  /// - Parameter isSingle: Whether one object was asked for by name: it is printed without a list.
  func print(
    _ found: FoundObjects, states: [ObjectID: ObjectState], isSingle: Bool, now: Timestamp,
    to surroundings: Surroundings
  ) throws {
    try order?.check(found.objects)
    switch format {
    case .template(let template):
      // A template sees the managed fields too.
      let objects = try objects(of: found).map(\.object)
      try template.print(
        objects, list: isSingle ? objects[0] : .list(of: objects), headers: headers,
        to: surroundings.output)
    case .plain(let format):
      try surroundings.print(
        as: format,
        documents: {
          let objects = try objects(of: found).map { cleaned($0.object) }
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
              columns: layout.shownColumns, padsEmptyCells: group.resource.fluxKind == nil)
            for row in try sorted(group).rows {
              let state = ObjectID(of: row.object).flatMap { states[$0] }
              table.append(
                layout.cells(
                  self.row(row, severalKinds ? group.resource : nil, state, now: now)))
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

  /// - Parameter resource: Nil for a table that objects of several of Flux's kinds share.
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
      allLabels: showsLabels, reasons: reasons)
  }

  /// - Parameter resource: Set where there are several kinds.
  fileprivate func row(
    _ row: ObjectGroup.Row, _ resource: ResourceType?, _ state: ObjectState? = nil,
    change: ObjectChange? = nil, now: Timestamp
  ) -> ObjectRow {
    let prefix = resource.map { kindsInShort ? $0.singular : $0.groupSingular }
    return ObjectRow(
      object: row.object, cells: row.cells, prefix: prefix.map { "\($0)/" } ?? "", now: now,
      isWhole: isWhole, time: time, state: state, change: change)
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
    let change: ObjectChange

    init(
      _ resource: ResourceType, _ row: ObjectGroup.Row, _ state: ObjectState?,
      change: ObjectChange
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
          try rows.map { try columns.cells(of: output.showsEvents ? $0.event : $0.row.object) }
        }
        try write(cells, columns.headings, isWide: true, &state)
      case .template(let template):
        for item in rows {
          let value = output.showsEvents ? item.event : item.row.object
          try template.print([value], list: value, headers: false, to: surroundings.output)
        }
      case .plain(.json) where output.showsEvents:
        for item in rows {
          try surroundings.output.line(JSON.string(item.event, style: .compact))
        }
      case .plain(let format):
        try surroundings.print(
          as: format,
          documents: {
            rows.map { output.showsEvents ? $0.event : output.cleaned($0.row.object) }
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
            try write(cells, layout.shownColumns, isWide: isWide, &state)
          })
        if !rows.isEmpty { state.isFirst = false }
      }
    }
    try surroundings.output.flush()
  }

  private func write(
    _ rows: [[Cell]], _ columns: [Column], isWide: Bool, _ state: inout State
  ) throws {
    var table =
      state.table
      ?? GrowingTable(
        columns: columns, wide: isWide, headers: output.headers, style: output.style,
        padsEmptyCells: resource.map { $0.fluxKind == nil } ?? false)
    try surroundings.output.write(table.text(for: rows))
    state.table = table
  }
}
