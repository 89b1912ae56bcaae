import Document
import Text

/// Follows the steps of an expression (`util/jsonpath/jsonpath.go` in client-go).
///
/// Maps are walked in the order of their keys; the reference's order is random.
struct JSONPathEvaluation {
  /// Whether a field that is missing is passed over.
  let allowsMissing: Bool

  func values(
    of steps: [JSONPathStep],
    from start: [Value]
  ) throws(JSONPathError) -> [Value] {
    var current = start
    for step in steps {
      current = try values(of: step, from: current)
    }
    return current
  }

  private func values(
    of step: JSONPathStep,
    from input: [Value]
  ) throws(JSONPathError) -> [Value] {
    switch step {
    case .literal(let value):
      if case .string = value {
        return [value]
      }
      return input.map { _ in value }
    case .field(let name):
      let found = input.compactMap { $0[name] }
      guard !found.isEmpty || allowsMissing else { throw JSONPathError("\(name) is not found") }
      return found
    case .wildcard:
      return input.flatMap(children)
    case .recursive:
      return input.flatMap(descendants)
    case .slice(let slice):
      return try elements(of: slice, in: input)
    case .union(let members):
      var results: [Value] = []
      for member in members {
        results += try values(of: member, from: input)
      }
      return results
    case .exists(let left):
      return try filtered(input) { (element) throws(JSONPathError) in
        // A step that cannot be taken is as good as nothing found.
        (try? values(of: left, from: [element]))?.isEmpty == false
      }
    case .compare(let left, let comparison, let right):
      return try filtered(input) { (element) throws(JSONPathError) in
        guard let left = try single(left, of: element), let right = try single(right, of: element)
        else { return false }
        return try compare(left, comparison, right)
      }
    }
  }

  private func children(of value: Value) -> [Value] {
    switch value {
    case .object(let object): object.map(\.value)
    case .array(let elements): elements
    case .null, .bool, .integer, .double, .string: []
    }
  }

  /// Everything that has something below it, outermost first.
  private func descendants(of value: Value) -> [Value] {
    let below = children(of: value)
    return below.isEmpty ? [] : [value] + below.flatMap(descendants)
  }

  private func array(_ value: Value, _ what: String) throws(JSONPathError) -> [Value]? {
    switch value {
    case .array(let elements): return elements
    case .null: return nil
    case .bool, .integer, .double, .string, .object:
      throw JSONPathError("\(value.typeName) is not array or slice\(what)")
    }
  }

  private func elements(
    of slice: JSONPathSlice,
    in input: [Value]
  ) throws(JSONPathError) -> [Value] {
    var results: [Value] = []
    for value in input {
      guard let elements = try array(value, "") else { continue }
      let count = elements.count
      var start = slice.start ?? 0
      if start < 0 {
        start += count
      }
      var end = slice.end ?? count
      if end < 0 || end == 0 && slice.isIndex {
        end += count
      }
      guard start != end else { continue }
      guard (0..<count).contains(start) else {
        throw JSONPathError("array index out of bounds: index \(start), length \(count)")
      }
      guard (0...count).contains(end) else {
        throw JSONPathError("array index out of bounds: index \(end &- 1), length \(count)")
      }
      guard start < end else {
        throw JSONPathError("starting index \(start) is greater than ending index \(end)")
      }
      let step = slice.step ?? 1
      guard step > 0 else { throw JSONPathError("step must be > 0") }
      results += stride(from: start, to: end, by: step).map { elements[$0] }
    }
    return results
  }

  private func filtered(
    _ input: [Value],
    by isKept: (Value) throws(JSONPathError) -> Bool
  ) throws(JSONPathError) -> [Value] {
    var results: [Value] = []
    for value in input {
      guard let elements = try array(value, " and cannot be filtered") else {
        throw JSONPathError("<nil> is not array or slice and cannot be filtered")
      }
      for element in elements where try isKept(element) {
        results.append(element)
      }
    }
    return results
  }

  private func single(
    _ steps: [JSONPathStep],
    of element: Value
  ) throws(JSONPathError) -> Value? {
    let found = try values(of: steps, from: [element])
    guard found.count <= 1 else {
      throw JSONPathError("can only compare one element at a time")
    }
    return found.first
  }

  private func compare(
    _ left: Value,
    _ comparison: JSONPathComparison,
    _ right: Value
  ) throws(JSONPathError) -> Bool {
    switch comparison {
    case .equal: return try areEqual(left, right)
    case .notEqual: return try !areEqual(left, right)
    case .less: return try isLess(left, right)
    case .greaterOrEqual: return try !isLess(left, right)
    case .greater: return try isLess(right, left)
    case .lessOrEqual: return try !isLess(right, left)
    }
  }

  private func areEqual(_ left: Value, _ right: Value) throws(JSONPathError) -> Bool {
    switch (left, right) {
    case (.string, .string), (.integer, .integer), (.double, .double), (.bool, .bool):
      return left == right
    default:
      throw JSONPathError("incompatible types for comparison")
    }
  }

  private func isLess(_ left: Value, _ right: Value) throws(JSONPathError) -> Bool {
    switch (left, right) {
    case (.string(let left), .string(let right)): return compareUTF8(left, right) < 0
    case (.integer(let left), .integer(let right)): return left < right
    case (.double(let left), .double(let right)): return left < right
    case (.bool, .bool): throw JSONPathError("invalid type for comparison")
    default: throw JSONPathError("incompatible types for comparison")
    }
  }
}
