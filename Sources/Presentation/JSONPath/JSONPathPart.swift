import Document

/// The parts of a JSONPath template.
enum JSONPathPart: Equatable, Sendable {
  /// Text outside braces.
  case text(String)
  /// One pair of braces.
  case expression([JSONPathStep])
  /// `{range …}` up to its `{end}`.
  case range([JSONPathStep], body: [JSONPathPart])
}

/// One step of an expression: from the values so far to the next.
indirect enum JSONPathStep: Equatable, Sendable {
  case literal(Value)
  case field(String)
  case wildcard
  case recursive
  case slice(JSONPathSlice)
  case union([[JSONPathStep]])
  /// Elements for which the left side exists.
  case exists([JSONPathStep])
  case compare([JSONPathStep], JSONPathComparison, [JSONPathStep])
}

/// `[start:end:step]`; a single index is a slice of one.
struct JSONPathSlice: Equatable, Sendable {
  var start: Int?
  var end: Int?
  var step: Int?
  /// From a single index: its end may be the length of the array.
  var isIndex = false
}

enum JSONPathComparison: String, Sendable {
  case less = "<"
  case greater = ">"
  case equal = "=="
  case notEqual = "!="
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
}
