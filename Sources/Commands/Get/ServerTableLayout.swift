import Document
import FluxModel
import Operations
import Presentation
import Text

/// Lays out the server's rows as kubectl does (`cli-runtime/pkg/printers/tableprinter.go`).
struct ServerTableLayout {
  let showsNamespaces: Bool
  let showsLabels: Bool
  /// What stands before each name where there are several kinds.
  let prefix: String
  let now: Timestamp

  func table(_ source: ServerTable) -> Table {
    var table = Table(columns: columns(of: source))
    for row in source.rows {
      table.append(cells(of: row, in: source))
    }
    return table
  }

  func columns(of source: ServerTable) -> [Column] {
    var columns = source.columns.map { Column($0.name.uppercased(), wide: $0.isWide) }
    if showsNamespaces {
      columns.insert(Column("NAMESPACE"), at: 0)
    }
    if showsLabels {
      columns.append(Column("LABELS"))
    }
    return columns
  }

  func cells(of row: ServerRow, in source: ServerTable) -> [Cell] {
    var cells = source.columns.indices.map { index -> Cell in
      let value = index < row.cells.count ? row.cells[index] : .null
      let text = text(of: value, column: source.columns[index].name)
      return Cell(index == 0 ? prefix + text : text)
    }
    if showsNamespaces {
      cells.insert(Cell(row.object["metadata"]?["namespace"]?.string ?? ""), at: 0)
    }
    if showsLabels {
      cells.append(Cell(ServerTableLayout.labels(of: row.object)))
    }
    return cells
  }

  private func text(of value: Value, column: String) -> String {
    switch value {
    case .null: return ""
    case .string(let text):
      // Servers print ages themselves; only our own rows hold a time.
      if column == "Age", let created = Timestamp(rfc3339: text) {
        return Age.text(seconds: now.seconds - created.seconds)
      }
      return text
    case .bool, .integer, .double, .array, .object: return JSONPath.text(of: value)
    }
  }

  /// `key=value` pairs in the order of their bytes, which is not that of the keys alone, or `<none>`.
  static func labels(of object: Value) -> String {
    let labels = object["metadata"]?["labels"]?.object ?? Object()
    let pairs = labels.map { "\($0.key)=\($0.value.string ?? "")" }
    let ordered = pairs.sorted { compareUTF8($0, $1) < 0 }
    return pairs.isEmpty ? "<none>" : ordered.joined(separator: ",")
  }
}
