import Document
import Text

/// Sets `PATH=VALUE` in values, as helm's `--set` does (`pkg/strvals/parser.go`), which is how
/// helm-controller puts what a reference with a `targetPath` names into them.
struct ValuePath {
  /// Why nothing more is read.
  private enum Stop: Error {
    /// The text ended where it may: Go's `io.EOF`, which no caller reports.
    case end
    case refused(String)
  }

  private static let deepest = 30
  private static let largestIndex = 65_536
  /// Of lists in lists, where Go has no limit.
  private static let mostIndices = 200
  /// Elements that one text may add to lists, where Go has no limit.
  private static let mostElements = 1 << 20

  private let text: [Unicode.Scalar]
  private var position = 0
  private let isText: Bool
  private let isSecret: Bool
  private var room = mostElements

  private init(_ text: String, isText: Bool, isSecret: Bool) {
    self.text = Array(text.unicodeScalars)
    self.isText = isText
    self.isSecret = isSecret
  }

  /// `ReplacePathValue` and `ReplacePathLiteralValue` of fluxcd/pkg `chartutil/values.go`.
  ///
  /// - Parameter isLiteral: whether the value is a text, whatever is in it.
  /// - Returns: why helm refuses; nil where it does not.
  static func set(
    _ path: String, to value: String, isLiteral: Bool, isSecret: Bool, in values: ValuesMap
  ) -> String? {
    var value = value
    var isText = isLiteral
    if isLiteral {
      var escaped = ""
      for scalar in value.unicodeScalars {
        if "\\,[]{}".unicodeScalars.contains(scalar) { escaped += "\\" }
        escaped.unicodeScalars.append(scalar)
      }
      value = escaped
    } else if ["'", "\""].contains(where: { value.hasPrefix($0) && value.hasSuffix($0) }) {
      isText = true
      let scalars = value.unicodeScalars
      let isQuote = { (scalar: Unicode.Scalar) in scalar == "'" || scalar == "\"" }
      var bare = String.UnicodeScalarView(scalars.drop(while: isQuote))
      while let last = bare.last, isQuote(last) { bare.removeLast() }
      value = String(bare)
    }
    var parser = ValuePath("\(path)=\(value)", isText: isText, isSecret: isSecret)
    do throws(Stop) {
      while true { try parser.readKey(into: values, level: 0) }
    } catch .refused(let reason) {
      return reason
    } catch {
      return nil
    }
  }

  // MARK: - Reading

  private mutating func next() -> Unicode.Scalar? {
    guard position < text.count else { return nil }
    position += 1
    return text[position - 1]
  }

  /// What comes before one of some characters; `last` is nil where the text ends first.
  private mutating func read(until stops: String) -> (text: String, last: Unicode.Scalar?) {
    var read = String.UnicodeScalarView()
    while let scalar = next() {
      if stops.unicodeScalars.contains(scalar) { return (String(read), scalar) }
      guard scalar == "\\" else {
        read.append(scalar)
        continue
      }
      guard let escaped = next() else { break }
      read.append(escaped)
    }
    return (String(read), nil)
  }

  private mutating func readIndex() throws(Stop) -> Int {
    let (text, last) = read(until: "]")
    guard last != nil else { throw .end }
    guard let index = Int(text) else {
      let isNumber = !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
      throw .refused(
        "error parsing index: strconv.Atoi: parsing \(text.goQuoted): "
          + (isNumber ? "value out of range" : "invalid syntax"))
    }
    return index
  }

  /// The value after an equals sign: a list in braces, or what stands before a comma.
  ///
  /// - Returns: nil where the text ends.
  private mutating func readValue() throws(Stop) -> ValuesNode? {
    guard position < text.count else { return nil }
    guard text[position] == "{" else { return typed(read(until: ",").text) }
    position += 1
    var elements: [ValuesNode] = []
    while true {
      let (element, last) = read(until: ",}")
      guard let last else { throw .refused("list must terminate with '}'") }
      elements.append(typed(element))
      guard last == "}" else { continue }
      if position < text.count, text[position] == "," { position += 1 }
      return .list(ValuesList(elements))
    }
  }

  private func typed(_ text: String) -> ValuesNode {
    let value: Value
    switch isText ? "" : text.lowercased() {
    case "true": value = true
    case "false": value = false
    case "null": value = .null
    case "0": value = 0
    default:
      if !isText, text.utf8.first != UInt8(ascii: "0"), let number = Int64(text) {
        value = .integer(number)
      } else {
        value = .string(text)
      }
    }
    return .scalar(value, isSecret: isSecret)
  }

  // MARK: - Setting

  private static func conversion(of node: ValuesNode, to type: String) -> Stop {
    .refused(
      "unable to parse key: interface conversion: interface {} is \(node.goType), not \(type)")
  }

  private static func list(_ node: ValuesNode) throws(Stop) -> ValuesList {
    guard case .list(let list) = node else { throw conversion(of: node, to: "[]interface {}") }
    return list
  }

  private static func put(_ node: ValuesNode, as key: String, in map: ValuesMap) {
    if !key.isEmpty { map[key] = node }
  }

  private mutating func readKey(into map: ValuesMap, level: Int) throws(Stop) {
    let (key, last) = read(until: "=[,.")
    switch last {
    case nil:
      throw key.isEmpty ? .end : .refused("key \(key.goQuoted) has no value")
    case "[":
      let index = try readIndex()
      var list = try map[key].map { node throws(Stop) in try Self.list(node) } ?? ValuesList()
      // What was changed so far stays, whatever follows.
      defer { Self.put(.list(list), as: key, in: map) }
      try readElement(of: &list, at: index, level: level, indices: 1)
    case "=":
      guard let value = try readValue() else {
        Self.put(.scalar("", isSecret: isSecret), as: key, in: map)
        throw .end
      }
      Self.put(value, as: key, in: map)
    case ",":
      Self.put(.scalar("", isSecret: isSecret), as: key, in: map)
      throw .refused("key \(key.goQuoted) has no value (cannot end with ,)")
    default:
      guard level < Self.deepest else {
        throw .refused(
          "value name nested level is greater than maximum supported nested level of \(Self.deepest)"
        )
      }
      var inner = ValuesMap()
      if let node = map[key] {
        guard case .map(let known) = node else {
          throw Self.conversion(of: node, to: "map[string]interface {}")
        }
        inner = known
      }
      defer { if !inner.isEmpty { Self.put(.map(inner), as: key, in: map) } }
      try readKey(into: inner, level: level + 1)
      if inner.isEmpty { throw .refused("key map \(key.goQuoted) has no value") }
    }
  }

  private mutating func readElement(
    of list: inout ValuesList, at index: Int, level: Int, indices: Int
  ) throws(Stop) {
    guard index >= 0 else { throw .refused("negative \(index) index not allowed") }
    guard indices <= Self.mostIndices else {
      throw .refused("there are more than \(Self.mostIndices) indices")
    }
    let (rest, last) = read(until: "[.=")
    guard rest.isEmpty else {
      throw .refused("unexpected data at end of array index: \(rest.goQuoted)")
    }
    switch last {
    case nil: throw .end
    case "=":
      try put(try readValue() ?? .scalar("", isSecret: isSecret), at: index, in: &list)
    case "[":
      let next = try readIndex()
      var inner = ValuesList()
      if list.elements.indices.contains(index) {
        let node = list.elements[index]
        if case .scalar(.null, _) = node {} else { inner = try Self.list(node) }
      }
      try readElement(of: &inner, at: next, level: level, indices: indices + 1)
      try put(.list(inner), at: index, in: &list)
    default:
      var inner = ValuesMap()
      if list.elements.indices.contains(index) {
        if case .map(let known) = list.elements[index] {
          inner = known
        } else {
          list.elements[index] = .map(inner)
        }
      }
      try readKey(into: inner, level: level)
      try put(.map(inner), at: index, in: &list)
    }
  }

  private mutating func put(
    _ node: ValuesNode, at index: Int, in list: inout ValuesList
  ) throws(Stop) {
    guard index <= Self.largestIndex else {
      throw .refused(
        "index of \(index) is greater than maximum supported index of \(Self.largestIndex)")
    }
    if index >= list.elements.count {
      let missing = index + 1 - list.elements.count
      room -= index + 1
      guard room >= 0 else {
        throw .refused("lists grow to more than \(Self.mostElements) elements")
      }
      list = ValuesList(list.elements + Array(repeating: .null, count: missing))
    }
    list.elements[index] = node
  }
}
