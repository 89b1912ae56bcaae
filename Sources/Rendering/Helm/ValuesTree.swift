import Document

/// A value of a chart, held as Go holds it: maps and lists are shared by whatever refers to them, so that
/// what is set in one place shows in the others.
enum ValuesNode {
  /// - Parameter isSecret: whether it was read from a Secret.
  case scalar(Value, isSecret: Bool)
  case map(ValuesMap)
  case list(ValuesList)

  init(_ value: Value, isSecret: Bool) {
    switch value {
    case .object(let object): self = .map(ValuesMap(object, isSecret: isSecret))
    case .array(let elements):
      self = .list(ValuesList(elements.map { ValuesNode($0, isSecret: isSecret) }))
    case .null, .bool, .integer, .double, .string: self = .scalar(value, isSecret: isSecret)
    }
  }

  static var null: ValuesNode { .scalar(.null, isSecret: false) }

  /// As Go's runtime names the type.
  var goType: String {
    switch self {
    case .scalar(.null, _): "nil"
    case .scalar(.bool, _): "bool"
    case .scalar(.string, _): "string"
    case .scalar(.integer, _), .scalar(.double, _): "float64"
    case .scalar(.array, _), .list: "[]interface {}"
    case .scalar(.object, _), .map: "map[string]interface {}"
    }
  }

  /// The same with what is secret by its name marked as such.
  ///
  /// - Parameter isHidden: whether the name that this is the value of says so; of a map, the names in it do.
  func hiding(_ hides: (String) -> Bool, isHidden: Bool = false) -> ValuesNode {
    switch self {
    case .scalar(let value, let isSecret): .scalar(value, isSecret: isSecret || isHidden)
    case .map(let map): .map(map.hiding(hides))
    case .list(let list):
      .list(ValuesList(list.elements.map { $0.hiding(hides, isHidden: isHidden) }))
    }
  }

  /// - Parameter scalar: makes what is shown of a scalar, by whether it is secret.
  func value(_ scalar: (Value, Bool) -> Value) -> Value {
    switch self {
    case .scalar(let value, let isSecret): scalar(value, isSecret)
    case .map(let map): .object(map.object(scalar))
    case .list(let list): .array(list.elements.map { $0.value(scalar) })
    }
  }
}

/// A `map[string]interface{}`.
final class ValuesMap {
  /// By the bytes of their names, as Go compares them.
  private(set) var members: [[UInt8]: ValuesNode] = [:]

  init() {}

  init(_ object: Object, isSecret: Bool) {
    for (key, value) in object { members[Array(key.utf8)] = ValuesNode(value, isSecret: isSecret) }
  }

  var isEmpty: Bool { members.isEmpty }

  subscript(key: String) -> ValuesNode? {
    get { members[Array(key.utf8)] }
    set { members[Array(key.utf8)] = newValue }
  }

  fileprivate func hiding(_ hides: (String) -> Bool) -> ValuesMap {
    let result = ValuesMap()
    for (key, value) in members {
      let name = String(decoding: key, as: UTF8.self)
      result.members[key] = value.hiding(hides, isHidden: hides(name))
    }
    return result
  }

  func object(_ scalar: (Value, Bool) -> Value) -> Object {
    Object(members.map { (String(decoding: $0.key, as: UTF8.self), $0.value.value(scalar)) })
  }

  /// A map with the members of this one and of another, which wins (`MergeMaps` in fluxcd/pkg
  /// `chartutil/merge.go`).
  ///
  /// Only maps that are in both are made anew: all others are shared with what they came from, which
  /// decides whether a later `targetPath` changes `spec.values`.
  func merged(with other: ValuesMap) -> ValuesMap {
    let result = ValuesMap()
    result.members = members
    for (key, value) in other.members {
      if case .map(let new) = value, case .map(let old)? = result.members[key] {
        result.members[key] = .map(old.merged(with: new))
      } else {
        result.members[key] = value
      }
    }
    return result
  }
}

/// A `[]interface{}`; one that grows is another one.
final class ValuesList {
  var elements: [ValuesNode]

  init(_ elements: [ValuesNode] = []) {
    self.elements = elements
  }
}
