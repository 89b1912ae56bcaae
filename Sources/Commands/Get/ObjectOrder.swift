import Document
import Presentation

/// Sorts objects by a field, as `--sort-by` does (`kubectl/pkg/cmd/get/sorter.go`).
///
/// Objects without the field come first; numbers and quantities (`500m`, `2Gi`) sort by value, all
/// other texts by their bytes.
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

  /// Refuses a field that no object has, which is more likely a slip than an order.
  func check(_ objects: [Value]) throws {
    guard !objects.isEmpty else { return }
    for object in objects where !(try values(in: object)).isEmpty {
      return
    }
    throw TemplateError(
      "couldn't find any field with path \"\(template)\" in the list of objects")
  }

  private func values(in object: Value) throws -> [Value] {
    do {
      return try path.values(in: object)
    } catch {
      throw TemplateError("--sort-by: \(error)")
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
    if let left = quantity(one), let right = quantity(other) {
      return left < right ? -1 : left > right ? 1 : 0
    }
    return compareUTF8(one, other)
  }

  private static let scales: [String: Double] = [
    "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "E": 1e18, "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50, "Ei": 0x1p60,
  ]

  /// The value of a number with one of the suffixes of Kubernetes or an exponent; nil for another
  /// text.
  static func quantity(_ text: String) -> Double? {
    var rest = text[...]
    if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
    let digits = rest.prefix { $0 == "." || $0.isASCII && $0.isNumber }
    guard digits.contains(where: \.isNumber), let number = Double(digits) else { return nil }
    let suffix = rest[digits.endIndex...]
    let sign: Double = text.hasPrefix("-") ? -1 : 1
    if let scale = scales[String(suffix)] { return sign * number * scale }
    guard suffix.first == "e" || suffix.first == "E", Int(suffix.dropFirst()) != nil else {
      return nil
    }
    return Double("\(digits)\(suffix)").map { sign * $0 }
  }
}
