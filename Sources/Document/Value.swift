import Text

/// A dynamic value: what JSON, and YAML as Kubernetes reads it, can contain.
///
/// Whole numbers that fit are `integer`, exactly; everything else numeric is `double`. The two are
/// never equal to one another, so a reader that must be strict about types can be. Strings and
/// names are compared by their UTF-8 bytes.
package enum Value: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case double(Double)
  case string(String)
  case array([Value])
  case object(Object)
}

extension Value {
  package var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// A text that is not empty.
  package var filled: String? {
    if case .string(let text) = self, !text.isEmpty { text } else { nil }
  }

  package var integer: Int64? {
    if case .integer(let number) = self { number } else { nil }
  }

  package var bool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  package var array: [Value]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  package var object: Object? {
    if case .object(let object) = self { object } else { nil }
  }

  package var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// The name of the JSON type, for messages.
  package var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .integer, .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  /// The value of a name; nil when this is no object or has no such name.
  package subscript(key: String) -> Value? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  /// As for longer paths, for the usual one, without an array of its names.
  package subscript(first: String, second: String) -> Value? {
    self[first]?[second]
  }

  /// The value at the end of a path of names; nil when any step is missing.
  package subscript(path: String...) -> Value? {
    var current = self
    for key in path {
      guard let next = current[key] else { return nil }
      current = next
    }
    return current
  }

  /// The element at a position; nil when this is no array or the position is outside it.
  package subscript(index: Int) -> Value? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }
}

extension Value: Hashable {
  package static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    // Not a number equals itself here: a value must equal its copy.
    case (.double(let a), .double(let b)): a == b || (a.isNaN && b.isNaN)
    case (.string(let a), .string(let b)): equalUTF8(a, b)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }

  package func hash(into hasher: inout Hasher) {
    switch self {
    case .null:
      hasher.combine(0)
    case .bool(let flag):
      hasher.combine(1)
      hasher.combine(flag)
    case .integer(let number):
      hasher.combine(2)
      hasher.combine(number)
    case .double(let number):
      hasher.combine(3)
      hasher.combine(number.isNaN ? Double.nan.bitPattern : (number == 0 ? 0 : number.bitPattern))
    case .string(let text):
      hasher.combine(4)
      hashUTF8(text, into: &hasher)
    case .array(let elements):
      hasher.combine(5)
      hasher.combine(elements)
    case .object(let object):
      hasher.combine(6)
      hasher.combine(object)
    }
  }
}

// There is deliberately no nil literal: in `found ? value : nil` it would silently mean `.null`.
extension Value: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(booleanLiteral value: Bool) {
    self = .bool(value)
  }

  package init(integerLiteral value: Int64) {
    self = .integer(value)
  }

  package init(floatLiteral value: Double) {
    self = .double(value)
  }

  package init(stringLiteral value: String) {
    self = .string(value)
  }

  package init(arrayLiteral elements: Value...) {
    self = .array(elements)
  }

  package init(dictionaryLiteral elements: (String, Value)...) {
    self = .object(Object(elements))
  }
}
