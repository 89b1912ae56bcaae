import Document
import FluxModel
import Objects
import Operations
import Presentation
import Text

/// The columns of a kind as a command line wants them.
struct ObjectTable {
  private let columns: [ObjectColumn]

  /// - Parameters:
  ///   - events: Whether a column says which event of a watch a row comes from.
  ///   - freshness: Whether objects have FRESH.
  ///   - labels: The labels that have a column each.
  ///   - reasons: What to show the reasons of, even where there is little room.
  ///   - narrow: Whether a terminal shows it, so that what is no part of the reason is left out beside it.
  ///   - watched: Whether rows also show that an object is no longer suspended.
  ///   - wide: Whether the other columns for wide output are shown too; else their cells are not made.
  init(
    _ columns: [ObjectColumn], events: Bool = false, namespaces: Bool, freshness: Bool,
    labels: [String], allLabels: Bool, reasons: Set<ObjectColumn.Topic>, narrow: Bool = false,
    watched: Bool = false, wide: Bool
  ) {
    let all =
      (events ? [ObjectColumn.event] : []) + (namespaces ? [ObjectColumn.namespace] : [])
      + columns + labels.map(ObjectColumn.label) + (allLabels ? [ObjectColumn.labels] : [])
    // Who asks what is suspended, and by whom, asks for nothing else.
    let isOther = reasons.contains(.suspension) && !wide
    self.columns = all.filter { column in
      switch column.topic {
      case .object: true
      case .detail: !isOther && (!narrow || !reasons.contains(.freshness))
      case .origin: !narrow || !reasons.contains(.freshness)
      // The reason why it is not fresh says this too, unless it was asked for.
      case .suspension: reasons.contains(.suspension) || !reasons.contains(.freshness)
      case .message: !isOther && !reasons.contains(.freshness)
      case .mark: !reasons.contains(.freshness) && (!isOther || watched)
      case .freshness: freshness
      case .publisher: reasons.contains(.suspension)
      }
    }.map { reasons.contains($0.topic) ? $0.alwaysShown : $0 }
      .filter { wide || !$0.column.isWide }
  }

  /// What the table is made of.
  var shownColumns: [Column] { columns.map(\.column) }

  func cells(_ row: ObjectRow) -> [Cell] {
    columns.map { $0.cell(row) }
  }
}

/// An object on its way into a table.
struct ObjectRow {
  /// Or as much of it as the server's table has.
  let object: Value
  /// Of the server's table, for kinds that we have no columns for.
  var cells: [Value] = []
  /// What stands before the name where there are several kinds.
  let prefix: String
  /// The moment that ages count from.
  let now: Timestamp
  /// Whether digests are shown whole.
  let isWhole: Bool
  var time = TimeForm.relative
  /// Nil when not requested.
  var state: ObjectState?
  /// The generator of an artifact that was asked for because it is suspended.
  var publisher: Value?
  /// What a watch reported; nil for a row of a list.
  var change: WatchedChange?

  /// Digests cut short, unless they are wanted whole.
  func shortened(_ text: String) -> String {
    isWhole ? text : shortenHex(text)
  }

  var age: String {
    time.text(object.creationTimestamp.flatMap(Timestamp.init(rfc3339:)), now: now)
  }
}

/// A heading, and how its cell comes from an object.
struct ObjectColumn: Sendable {
  /// What a cell is about.
  enum Topic: Sendable {
    case object
    /// What says nothing of the state.
    case detail
    /// What publishes an artifact, and so may be what is suspended.
    case origin
    /// Which needs more than the object.
    case freshness
    /// What the controller says of its last attempt.
    case message
    /// Whether it is suspended.
    case mark
    case suspension
    /// The suspension of what publishes an artifact, for who asks for artifacts that are suspended.
    case publisher
  }

  let column: Column
  let topic: Topic
  let cell: @Sendable (ObjectRow) -> Cell

  init(
    _ title: String, wide: Bool = false, note: Bool = false, name: Bool = false,
    topic: Topic = .object, _ cell: @escaping @Sendable (ObjectRow) -> Cell
  ) {
    column = Column(title, wide: wide, note: note, name: name)
    self.topic = topic
    self.cell = cell
  }

  var alwaysShown: ObjectColumn {
    ObjectColumn(column.title, note: column.isNote, name: column.isName, topic: topic, cell)
  }

  /// As wide as the longest of the words from the first row on, as for kubectl.
  static let event = ObjectColumn("EVENT") { row in
    let word = row.change?.rawValue ?? ""
    return Cell(word + String(repeating: " ", count: max(0, 8 - word.utf8.count)))
  }
  /// The value of one label, below the last part of its key (`formatLabelHeaders` of cli-runtime).
  static func label(_ key: String) -> ObjectColumn {
    let title = key.split(separator: "/").last.map(String.init) ?? key
    return ObjectColumn(title.uppercased()) { row in
      Cell(row.object["metadata", "labels"]?[key]?.string ?? "")
    }
  }
  static let namespace = ObjectColumn("NAMESPACE", name: true) { Cell($0.object.namespace ?? "") }
  /// `key=value` pairs in the order of their bytes, which is not that of the keys alone.
  static let labels = ObjectColumn("LABELS") { row in
    let labels = row.object["metadata", "labels"]?.object ?? Object()
    let pairs = labels.map { "\($0.key)=\($0.value.string ?? "")" }
    let ordered = pairs.sorted { compareUTF8($0, $1) < 0 }
    return Cell(pairs.isEmpty ? "<none>" : ordered.joined(separator: ","))
  }
  static let name = ObjectColumn("NAME", name: true) { Cell($0.prefix + ($0.object.name ?? "")) }
  static let age = ObjectColumn("AGE", topic: .detail) { Cell($0.age) }

  static let ready = ObjectColumn("READY") { row in
    let status = Readiness(of: row.object).status
    return Cell(status.rawValue, status.tone)
  }

  /// The server's own columns, as kubectl prints them (`cli-runtime/pkg/printers/tableprinter.go`).
  static func columns(_ columns: [ObjectGroup.Column]) -> [ObjectColumn] {
    columns.enumerated().map { index, column in
      ObjectColumn(column.name.uppercased(), wide: column.isWide, name: index == 0) { row in
        let value = index < row.cells.count ? row.cells[index] : .null
        let text: String
        switch value {
        case .null: text = column.name == "Age" ? Age.unknown : ""
        case .string(let string):
          // Servers print ages themselves; only our own rows contain a time.
          let created = column.name == "Age" ? Timestamp(rfc3339: string) : nil
          text = created.map { Age.text(seconds: row.now.seconds - $0.seconds) } ?? string
        case .bool, .integer, .double, .array, .object: text = JSONPath.text(of: value)
        }
        return Cell(index == 0 ? row.prefix + text : text)
      }
    }
  }

  static let generator = [
    name,
    ready,
    fresh,
    suspended, suspendedBy, suspendedSince, suspendedWhy,
    ObjectColumn("ARTIFACTS", topic: .detail) {
      Cell(String(GeneratorSummary($0.object).artifactCount))
    },
    age,
    ObjectColumn("STATUS", topic: .message) {
      Cell($0.shortened(Readiness(of: $0.object).message))
    },
    ObjectColumn("SOURCES", wide: true) {
      Cell(GeneratorSummary($0.object).sources.joined(separator: ","))
    },
    ObjectColumn("REASON", wide: true, topic: .message) { Cell(Readiness(of: $0.object).reason) },
    freshReason,
  ]

  static let artifact = [
    name,
    ObjectColumn("REVISION", topic: .detail) {
      Cell($0.shortened(SourceArtifact(of: $0.object)?.revision ?? ""))
    },
    ObjectColumn("SOURCE", topic: .origin) {
      Cell(Ownership.publisher(of: $0.object)?.description ?? "")
    },
    ready,
    fresh,
    publisherSuspendedBy, publisherSuspendedSince, publisherSuspendedWhy,
    age,
    ObjectColumn("STATUS", topic: .message) {
      Cell($0.shortened(Readiness(of: $0.object).message))
    },
    freshReason,
    ObjectColumn("DIGEST", wide: true) {
      Cell(SourceArtifact(of: $0.object)?.digest ?? "")
    },
    ObjectColumn("SIZE", wide: true) {
      Cell(SourceArtifact(of: $0.object)?.size.map(String.init) ?? "")
    },
    ObjectColumn("URL", wide: true) { Cell(SourceArtifact(of: $0.object)?.url ?? "") },
  ]
}

extension Condition.Status {
  var tone: Tone {
    switch self {
    case .yes: .good
    case .no: .bad
    case .unknown: .warning
    }
  }
}
