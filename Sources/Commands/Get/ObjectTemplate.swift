import Document
import Presentation

/// A format of `-o` that takes a template: `jsonpath=…` or `custom-columns=…`.
enum ObjectTemplate {
  case jsonPath(JSONPath, text: String)
  case columns(CustomColumns)

  static let formats = ["custom-columns", "jsonpath"]

  /// - Returns: `nil` for a format without a template.
  /// - Throws: in kubectl's words.
  init?(parsing output: String?) throws {
    guard let output else { return nil }
    let equals = output.firstIndex(of: "=")
    let name = equals.map { output[..<$0] } ?? output[...]
    let text = equals.map { String(output[output.index(after: $0)...]) } ?? ""
    switch name {
    case "jsonpath":
      guard equals != nil, !text.isEmpty else {
        throw UsageError("template format specified but no template given")
      }
      do {
        self = .jsonPath(try JSONPath(text), text: text)
      } catch {
        throw UsageError("error parsing jsonpath \(text), \(error)")
      }
    case "custom-columns":
      do {
        self = .columns(try CustomColumns(text))
      } catch {
        throw UsageError("\(error)")
      }
    default:
      return nil
    }
  }

  /// - Parameter list: what a JSONPath looks at: the object, or the list of several.
  func print(
    _ objects: [Value],
    list: Value,
    headers: Bool,
    to output: OutputStream
  ) throws {
    switch self {
    case .jsonPath(let path, let text):
      do {
        try output.write(try path.text(of: list))
      } catch let error as JSONPathError {
        throw Problem("error executing jsonpath \"\(text)\": \(error)")
      }
    case .columns(let columns):
      try Self.naming { try output.write(try columns.rendered(objects, headers: headers)) }
    }
  }

  /// Runs what uses columns, and takes a failure for one of the template.
  static func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as JSONPathError {
      throw Problem("\(error)")
    }
  }
}
