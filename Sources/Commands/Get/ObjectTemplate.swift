import Document
import Platform
import Presentation

/// A format of `-o` that takes a template, as it is or in a file: `jsonpath=…`, `custom-columns=…`.
enum ObjectTemplate {
  case jsonPath(JSONPath, text: String)
  /// Each part of the template as a JSON array.
  case jsonPathArrays(JSONPath, text: String)
  case columns(CustomColumns)

  static let formats = [
    "custom-columns", "custom-columns-file", "jsonpath", "jsonpath-as-json", "jsonpath-file",
  ]

  /// Those of kubectl that we do not have: the language of Go's templates.
  private static let goTemplates = ["go-template", "go-template-file", "template", "templatefile"]

  /// - Parameter allowsMissing: Whether a field that is missing in a JSONPath is passed over.
  /// - Returns: `nil` for a format without a template.
  /// - Throws: in kubectl's words.
  init?(parsing output: String?, allowsMissing: Bool) throws {
    guard let output else { return nil }
    let equals = output.firstIndex(of: "=")
    let name = equals.map { String(output[..<$0]) } ?? output
    let text = equals.map { String(output[output.index(after: $0)...]) } ?? ""
    switch name {
    case "jsonpath":
      self = .jsonPath(try Self.jsonPath(text, allowsMissing), text: text)
    case "jsonpath-as-json":
      self = .jsonPathArrays(try Self.jsonPath(text, allowsMissing), text: text)
    case "jsonpath-file":
      guard !text.isEmpty else { throw Self.isMissing }
      // Empty, too: to kubectl only the name of the file has to be there.
      let content = try Self.content(of: text, as: "--template ")
      self = .jsonPath(try Self.parsed(content, allowsMissing), text: content)
    case "custom-columns":
      self = .columns(try Self.columns { () throws(JSONPathError) in try CustomColumns(text) })
    case "custom-columns-file":
      let content = text.isEmpty ? nil : try Self.content(of: text, as: "template ")
      self = .columns(
        try Self.columns { () throws(JSONPathError) in
          guard let content else { return try CustomColumns("") }
          return try CustomColumns(file: content)
        })
    case _ where Self.goTemplates.contains(name):
      throw UsageError(Self.refusal(of: name, text))
    default:
      return nil
    }
  }

  private static func jsonPath(_ text: String, _ allowsMissing: Bool) throws -> JSONPath {
    guard !text.isEmpty else { throw isMissing }
    return try parsed(text, allowsMissing)
  }

  private static var isMissing: UsageError {
    UsageError("template format specified but no template given")
  }

  private static func parsed(_ text: String, _ allowsMissing: Bool) throws -> JSONPath {
    do {
      return try JSONPath(text, allowsMissing: allowsMissing)
    } catch {
      throw UsageError("error parsing jsonpath \(text), \(error)")
    }
  }

  private static func columns(
    _ read: () throws(JSONPathError) -> CustomColumns
  ) throws -> CustomColumns {
    do {
      return try read()
    } catch {
      throw UsageError("\(error)")
    }
  }

  private static func content(of path: String, as what: String) throws -> String {
    do throws(FileError) {
      return String(decoding: try Disk.read(path, limit: 1 << 20), as: UTF8.self)
    } catch {
      throw Problem("error reading \(what)\(path), open \(path): \(error.reason.goText)")
    }
  }

  /// What to write in place of a Go template.
  private static func refusal(of name: String, _ text: String) -> String {
    let refusal = "the output format \"\(name)\" is not supported"
    guard !name.hasSuffix("file"), let path = GoTemplate.jsonPath(of: text) else {
      return "\(refusal); use -o jsonpath=TEMPLATE, or -o json | jq"
    }
    return "\(refusal); use -o jsonpath='\(path)'"
  }

  /// - Parameter list: what a JSONPath is evaluated on: the object, or the list of several.
  func print(
    _ objects: [Value],
    list: Value,
    headers: Bool,
    to output: OutputStream
  ) throws {
    switch self {
    case .jsonPath(let path, let text):
      let found = try Self.executing(text) { () throws(JSONPathError) in
        try path.text(of: list)
      }
      try output.write(found)
    case .jsonPathArrays(let path, let text):
      let arrays = try Self.executing(text) { () throws(JSONPathError) in
        try path.arrays(of: list)
      }
      for array in arrays { try output.write(JSON.write(.array(array), style: .pretty)) }
    case .columns(let columns):
      try Self.naming { try output.write(try columns.rendered(objects, headers: headers)) }
    }
  }

  private static func executing<Result>(
    _ text: String, _ body: () throws(JSONPathError) -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch {
      throw Problem("error executing jsonpath \"\(text)\": \(error)")
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
