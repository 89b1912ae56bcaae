import Document
import FluxModel
import Objects
import Presentation

/// The columns of each kind that `get` can show.
struct ObjectTable {
  private let columns: [ObjectColumn]

  /// Nil for a kind that `get` does not show.
  init?(of kind: FluxKind) {
    switch kind {
    case .artifactGenerator: columns = ObjectColumn.generator
    case .externalArtifact: columns = ObjectColumn.artifact
    default: return nil
    }
  }

  /// - Parameters:
  ///   - prefix: What stands before each name, such as `externalartifact.source.toolkit.fluxcd.io/`.
  ///   - now: The moment that ages count from.
  ///   - wide: Whether digests are shown whole.
  func table(
    of objects: [Value],
    namespaces: Bool,
    prefix: String,
    now: Timestamp,
    wide: Bool
  ) -> Table {
    let shown = (namespaces ? [ObjectColumn.namespace] : []) + columns
    var table = Table(columns: shown.map(\.column))
    for object in objects {
      let row = ObjectRow(object: object, prefix: prefix, now: now, wide: wide)
      table.append(shown.map { $0.cell(row) })
    }
    return table
  }
}

/// An object on its way into a table.
struct ObjectRow {
  let object: Value
  let prefix: String
  let now: Timestamp
  let wide: Bool

  /// Digests cut short, unless there is room for all.
  func shortened(_ text: String) -> String {
    wide ? text : shortenHex(text)
  }

  var age: String {
    guard let created = object.creationTimestamp.flatMap(Timestamp.init(rfc3339:)) else {
      return Age.unknown
    }
    return Age.text(seconds: now.seconds - created.seconds)
  }
}

/// A heading, and how its cell comes from an object.
struct ObjectColumn: Sendable {
  let column: Column
  let cell: @Sendable (ObjectRow) -> Cell

  init(_ title: String, wide: Bool = false, _ cell: @escaping @Sendable (ObjectRow) -> Cell) {
    column = Column(title, wide: wide)
    self.cell = cell
  }

  static let namespace = ObjectColumn("NAMESPACE") { Cell($0.object.namespace ?? "") }
  private static let name = ObjectColumn("NAME") { Cell($0.prefix + ($0.object.name ?? "")) }
  private static let age = ObjectColumn("AGE") { Cell($0.age) }

  private static let ready = ObjectColumn("READY") { row in
    let status = Readiness(of: row.object).status
    return Cell(status.rawValue, status.tone)
  }

  static let generator = [
    name,
    ready,
    ObjectColumn("SUSPENDED") { row in
      Suspension.isSuspended(row.object, kind: .artifactGenerator)
        ? Cell("True", .warning) : Cell("False")
    },
    ObjectColumn("ARTIFACTS") { Cell(String(GeneratorSummary($0.object).artifactCount)) },
    age,
    ObjectColumn("STATUS") { Cell($0.shortened(Readiness(of: $0.object).message)) },
    ObjectColumn("SOURCES", wide: true) {
      Cell(GeneratorSummary($0.object).sources.joined(separator: ","))
    },
    ObjectColumn("REASON", wide: true) { Cell(Readiness(of: $0.object).reason) },
  ]

  static let artifact = [
    name,
    ObjectColumn("REVISION") {
      Cell($0.shortened(ExternalArtifactView($0.object).artifact?.revision ?? ""))
    },
    ObjectColumn("SOURCE") {
      Cell(ExternalArtifactView($0.object).sourceReference?.description ?? "")
    },
    ready,
    age,
    ObjectColumn("DIGEST", wide: true) {
      Cell(ExternalArtifactView($0.object).artifact?.digest ?? "")
    },
    ObjectColumn("SIZE", wide: true) {
      Cell(ExternalArtifactView($0.object).artifact?.size.map(String.init) ?? "")
    },
    ObjectColumn("URL", wide: true) { Cell(ExternalArtifactView($0.object).artifact?.url ?? "") },
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
