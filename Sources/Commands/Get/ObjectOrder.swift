import Document
import Objects
import Presentation
import Text

/// Sorts objects by a field, as `--sort-by` does (`kubectl/pkg/cmd/get/sorter.go`).
///
/// Objects without the field come first; numbers and quantities sort by value, other texts by their bytes. (Until 1.30
/// kubectl sorted texts in natural order.)
struct ObjectOrder {
  private let template: String
  private let path: JSONPath

  init(_ field: String) throws {
    do {
      template = try CustomColumns.template(field)
      path = try JSONPath(template)
    } catch {
      throw UsageError("--sort-by \(field): \(error)")
    }
  }

  /// Refuses tables of several kinds, which kubectl looks into as if they were the objects.
  func refuseTables(_ objects: [Value]) throws {
    if !objects.isEmpty { throw notFound }
  }

  /// Refuses a field that no object has, which is more likely a slip than an order.
  func check(_ objects: [Value]) throws {
    guard !objects.isEmpty else { return }
    for object in objects where !(try values(in: object)).isEmpty {
      return
    }
    throw notFound
  }

  private var notFound: Problem {
    Problem("couldn't find any field with path \"\(template)\" in the list of objects")
  }

  private func values(in object: Value) throws -> [Value] {
    do {
      return try path.values(in: object)
    } catch {
      throw Problem("--sort-by: \(error)")
    }
  }

  func sorted<Element>(_ elements: [Element], object: (Element) -> Value) throws -> [Element] {
    let keyed = try elements.map { element in
      (key: try values(in: object(element)).first, element: element)
    }
    // Swift's sort keeps the order of equals since 5.0, but does not promise it.
    return keyed.enumerated().sorted { one, other in
      let order = ObjectOrder.compare(one.element.key, other.element.key)
      return order == 0 ? one.offset < other.offset : order < 0
    }.map(\.element.element)
  }

  private static func compare(_ one: Value?, _ other: Value?) -> Int {
    switch (one, other) {
    case (nil, nil): return 0
    case (nil, _): return -1
    case (_, nil): return 1
    case (.integer(let one)?, .integer(let other)?): return one < other ? -1 : one > other ? 1 : 0
    case (let one?, let other?):
      if let one = number(one), let other = number(other) {
        return one < other ? -1 : one > other ? 1 : 0
      }
      return texts(JSONPath.text(of: one), JSONPath.text(of: other))
    }
  }

  private static func number(_ value: Value) -> Double? {
    switch value {
    case .integer(let number): Double(number)
    case .double(let number): number
    case .null, .bool, .string, .array, .object: nil
    }
  }

  private static func texts(_ one: String, _ other: String) -> Int {
    if let one = Quantity(one)?.amount, let other = Quantity(other)?.amount {
      return one < other ? -1 : one > other ? 1 : 0
    }
    return compareUTF8(one, other)
  }
}
