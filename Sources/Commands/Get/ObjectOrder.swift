import Document
import Presentation

/// Sorts objects by a field, as `--sort-by` does (`kubectl/pkg/cmd/get/sorter.go`).
///
/// Objects without the field come first; numbers and times sort by value, texts in natural order.
struct ObjectOrder {
  private let path: JSONPath

  init(_ field: String) throws {
    do {
      path = try JSONPath(try CustomColumns.template(field))
    } catch {
      throw UsageError("--sort-by \(field): \(error)")
    }
  }

  func sorted<Element>(_ elements: [Element], object: (Element) -> Value) throws -> [Element] {
    let keyed = try elements.map { element in
      do {
        return (key: try path.values(in: object(element)).first, element: element)
      } catch {
        throw UsageError("--sort-by: \(error)")
      }
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
      return natural(JSONPath.text(of: one), JSONPath.text(of: other))
    }
  }

  private static func number(_ value: Value) -> Double? {
    switch value {
    case .integer(let number): Double(number)
    case .double(let number): number
    case .null, .bool, .string, .array, .object: nil
    }
  }

  /// Runs of digits count as numbers, everything else by bytes.
  static func natural(_ one: String, _ other: String) -> Int {
    var left = Array(one.utf8)[...]
    var right = Array(other.utf8)[...]
    let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
    while let first = left.first, let second = right.first {
      if isDigit(first), isDigit(second) {
        let leftDigits = left.prefix(while: isDigit)
        let rightDigits = right.prefix(while: isDigit)
        left = left.dropFirst(leftDigits.count)
        right = right.dropFirst(rightDigits.count)
        let leftNumber = leftDigits.drop { $0 == 0x30 }
        let rightNumber = rightDigits.drop { $0 == 0x30 }
        if leftNumber.count != rightNumber.count {
          return leftNumber.count < rightNumber.count ? -1 : 1
        }
        if !leftNumber.elementsEqual(rightNumber) {
          return leftNumber.lexicographicallyPrecedes(rightNumber) ? -1 : 1
        }
        continue
      }
      if first != second {
        return first < second ? -1 : 1
      }
      left = left.dropFirst()
      right = right.dropFirst()
    }
    return left.isEmpty ? (right.isEmpty ? 0 : -1) : 1
  }
}
