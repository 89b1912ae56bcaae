package import Document
import Text

/// The columns of `-o custom-columns=HEADER:PATH,…`.
package struct CustomColumns: Sendable {
  /// A path that is empty finds nothing.
  private let columns: [(title: String, path: JSONPath?)]
  /// Whether `--no-headers` has no effect, as in kubectl for columns that a file describes
  /// (`kubectl/pkg/cmd/get/customcolumn_flags.go`).
  package let alwaysHasHeaders: Bool

  /// - Parameter text: what stands behind the equals sign.
  /// - Throws: `JSONPathError` in kubectl's words (`kubectl/pkg/cmd/get/customcolumn.go`).
  package init(_ text: String) throws(JSONPathError) {
    guard !text.isEmpty else {
      throw JSONPathError("custom-columns format specified but no custom columns given")
    }
    var columns: [(title: String, path: JSONPath?)] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let colon = part.firstIndex(of: ":") else {
        throw JSONPathError(
          "unexpected custom-columns spec: \(part), expected <header>:<json-path-expr>")
      }
      let path = String(part[part.index(after: colon)...])
      columns.append(
        (
          String(part[..<colon]),
          path.isEmpty ? nil : try JSONPath(try CustomColumns.template(path))
        ))
    }
    self.columns = columns
    alwaysHasHeaders = false
  }

  /// The columns that a file describes: a line of headings, and one of paths, parted by blanks.
  ///
  /// - Throws: `JSONPathError` in kubectl's words (`NewCustomColumnsPrinterFromTemplate`).
  package init(file content: String) throws(JSONPathError) {
    let lines = content.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
    // A file that ends with a line break has no line behind it.
    let count = content.isEmpty || content.hasSuffix("\n") ? lines.count - 1 : lines.count
    let form =
      "Expected format is one line of space separated headers, one line of space separated column "
      + "specs."
    guard count >= 1 else {
      throw JSONPathError("invalid template, missing header line. \(form)")
    }
    guard count >= 2 else { throw JSONPathError("invalid template, missing spec line. \(form)") }
    let (titles, paths) = (lines[0], lines[1])
    guard titles.count == paths.count else {
      throw JSONPathError(
        "number of headers (\(titles.count)) and field specifications (\(paths.count)) don't match")
    }
    var columns: [(title: String, path: JSONPath?)] = []
    for (title, path) in zip(titles, paths) {
      columns.append((title, try JSONPath(try CustomColumns.template(path))))
    }
    self.columns = columns
    alwaysHasHeaders = true
  }

  /// The braces and the first dot of a path may be left out; more than one expression is too much.
  package static func template(_ path: String) throws(JSONPathError) -> String {
    var inner = path[...]
    if inner.hasPrefix("{"), inner.hasSuffix("}") {
      inner = inner.dropFirst().dropLast()
    }
    guard !inner.contains("{"), !inner.contains("}") else {
      throw JSONPathError(
        "unexpected path string, expected a 'name1.name2' or '.name1.name2' or "
          + "'{name1.name2}' or '{.name1.name2}'")
    }
    if inner.isEmpty {
      return "{}"
    }
    let dotted = inner.hasPrefix(".") || inner.hasPrefix("[") || inner.hasPrefix("$")
    return dotted ? "{\(inner)}" : "{.\(inner)}"
  }

  /// A line for each object, and the heading even if there are none.
  package func rendered(_ objects: [Value], headers: Bool) throws(JSONPathError) -> String {
    let headers = headers || alwaysHasHeaders
    var table = Table(columns: headings)
    if objects.isEmpty {
      // A table without rows prints nothing, so the heading is the row.
      table.append(columns.map { Cell($0.title) })
      return headers ? table.rendered(headers: false) : ""
    }
    for object in objects { table.append(try cells(of: object)) }
    return table.rendered(headers: headers)
  }

  /// For a table that grows: what stands above `cells`.
  package var headings: [Column] {
    columns.map { Column($0.title) }
  }

  package func cells(of object: Value) throws(JSONPathError) -> [Cell] {
    var cells: [Cell] = []
    for column in columns {
      let values = try column.path?.values(in: object) ?? []
      cells.append(
        Cell(
          values.isEmpty
            ? "<none>" : Printable.spelled(values.map(CustomColumns.text).joined(separator: ","))))
    }
    return cells
  }

  /// As Go's `fmt` prints a value of decoded JSON.
  private static func text(of value: Value) -> String {
    switch value {
    case .null: "<nil>"
    case .string, .bool, .integer, .double: JSONPath.text(of: value)
    case .array(let elements): "[" + elements.map(text).joined(separator: " ") + "]"
    case .object(let object):
      "map[" + object.map { "\($0.key):\(text(of: $0.value))" }.joined(separator: " ") + "]"
    }
  }
}
