import Document
import Foundation

/// The part of JSON Schema that our schemas use; any other keyword is a problem, too.
struct SchemaCheck {
  private let root: Value

  init(_ root: Value) { self.root = root }

  /// - Parameter name: Of a file in `docs/schema`; one that cannot be read is a problem of any value.
  init(file name: String) {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/schema/\(name)").path
    root =
      FileManager.default.contents(atPath: path).flatMap { try? JSON.parse(Array($0)) } ?? .null
  }

  func problems(_ value: Value) -> [String] { problems(value, root, "") }

  private static let remarks: Set = ["$schema", "$defs", "title", "description"]

  private func problems(_ value: Value, _ schema: Value, _ place: String) -> [String] {
    var result: [String] = []
    guard let keywords = schema.object else { return ["\(place): no schema"] }
    for (keyword, rule) in keywords {
      switch keyword {
      case "$ref":
        let name = String(rule.string?.split(separator: "/").last ?? "")
        result += problems(value, root["$defs"]?[name] ?? .null, place)
      case "type":
        let type = rule.string ?? ""
        if value.typeName != (type == "integer" ? "number" : type) {
          result.append("\(place) is no \(type)")
        }
      case "const": if value != rule { result.append("\(place) has another value") }
      case "enum":
        if rule.array?.contains(value) != true { result.append("\(place) has another value") }
      case "minimum":
        if let number = value.integer, let least = rule.integer, number < least {
          result.append("\(place) is too small")
        }
      case "items":
        for (index, element) in (value.array ?? []).enumerated() {
          result += problems(element, rule, "\(place)[\(index)]")
        }
      case "required":
        for name in (rule.array ?? []).compactMap(\.string)
        where value.object != nil && value[name] == nil {
          result.append("\(place).\(name) is missing")
        }
      case "properties":
        for (name, property) in value.object ?? Object() {
          if let known = rule[name] {
            result += problems(property, known, place.isEmpty ? name : "\(place).\(name)")
          } else {
            result.append("\(place).\(name) is unknown")
          }
        }
      case "additionalProperties":
        if rule != false { result.append("\(place): additional properties must be refused") }
      case let other:
        if !Self.remarks.contains(other) { result.append("\(place): unknown keyword \(other)") }
      }
    }
    return result
  }
}
