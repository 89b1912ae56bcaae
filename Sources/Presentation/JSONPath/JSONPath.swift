package import Document

/// A JSONPath template as `-o jsonpath=` takes it.
package struct JSONPath: Sendable {
  private let parts: [JSONPathPart]
  private let evaluation: JSONPathEvaluation

  /// - Parameter allowsMissing: Whether a field that is missing says nothing; otherwise it is an error.
  /// - Throws: `JSONPathError` for what is no template.
  package init(_ template: String, allowsMissing: Bool = true) throws(JSONPathError) {
    var reader = JSONPathReader(template)
    parts = try reader.parts()
    evaluation = JSONPathEvaluation(allowsMissing: allowsMissing)
  }

  /// What the template says of a value.
  package func text(of value: Value) throws(JSONPathError) -> String {
    var text = ""
    for results in try evaluate(parts, on: value) {
      text += results.map(JSONPath.text).joined(separator: " ")
    }
    return text
  }

  /// What each part of the template finds, as a JSON array of its own (`-o jsonpath-as-json`).
  package func arrays(of value: Value) throws(JSONPathError) -> [[Value]] {
    try evaluate(parts, on: value)
  }

  /// The values that a template of one expression finds.
  package func values(in value: Value) throws(JSONPathError) -> [Value] {
    try evaluate(parts, on: value).flatMap { $0 }
  }

  private func evaluate(
    _ parts: [JSONPathPart],
    on value: Value
  ) throws(JSONPathError) -> [[Value]] {
    var results: [[Value]] = []
    for part in parts {
      switch part {
      case .text(let text):
        results.append([.string(text)])
      case .expression(let steps):
        results.append(try evaluation.values(of: steps, from: [value]))
      case .range(let steps, let body):
        for element in try evaluation.values(of: steps, from: [value]) {
          results += try evaluate(body, on: element)
        }
      }
    }
    return results
  }

  /// A value as text: scalars bare, the rest as compact JSON.
  package static func text(of value: Value) -> String {
    switch value {
    case .string(let text): text
    case .double(let number): number.goText
    case .null, .bool, .integer, .array, .object: JSON.string(value, style: .compact)
    }
  }
}

/// Why a JSONPath template cannot be read or evaluated, in the words of client-go
/// (`util/jsonpath`).
package struct JSONPathError: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
