import Document
import Text

/// Which element of one list is which of another.
enum ListPairing {
  struct Pair {
    /// Positions; one of them may be nil.
    let old: Int?
    let new: Int?
    let step: FieldStep
  }

  /// Pairs two lists: first what the old one has, in its order, then what only the new one has.
  ///
  /// Lists of mappings are paired by the keys that Kubernetes merges them by (`patchMergeKey` in
  /// k8s.io/api), other lists of mappings by `name`, where all elements of both sides have the key and
  /// no two of a side the same. Everything else is paired by position; of lists of scalars, what both
  /// begin and end with first. Takes linear time.
  ///
  /// - Parameters:
  ///   - key: the name of the field.
  /// - Returns: the pairs, and whether elements that both sides have are in another order.
  static func pairs(
    _ old: [Value], _ new: [Value], key: String?
  ) -> (pairs: [Pair], isReordered: Bool) {
    guard !old.isEmpty, !new.isEmpty else { return (byPosition(old, new), false) }
    if old.allSatisfy({ $0.object != nil }), new.allSatisfy({ $0.object != nil }) {
      for fields in mergeKeys(of: key ?? "") {
        if let pairs = pairs(old, new, by: fields) { return pairs }
      }
    }
    return (byPosition(old, new), false)
  }

  /// The keys by which a list may be paired, the best first.
  private static func mergeKeys(of list: String) -> [[String]] {
    switch list {
    case "ports": [["containerPort", "protocol"], ["port", "protocol"], ["name"]]
    case "volumeMounts": [["mountPath"]]
    case "volumeDevices": [["devicePath"]]
    case "hostAliases": [["ip"]]
    case "conditions": [["type"]]
    case "ownerReferences": [["uid"]]
    case "topologySpreadConstraints": [["topologyKey", "whenUnsatisfiable"]]
    case "sources": [["alias"], ["name"]]
    case "tolerations": []
    default: [["name"]]
    }
  }

  private static func pairs(
    _ old: [Value], _ new: [Value], by fields: [String]
  ) -> (pairs: [Pair], isReordered: Bool)? {
    guard let oldKeys = keys(of: old, fields), let newKeys = keys(of: new, fields) else {
      return nil
    }
    var positions: [Value: Int] = [:]
    positions.reserveCapacity(newKeys.count)
    for (index, key) in newKeys.enumerated() {
      guard positions.updateValue(index, forKey: key) == nil else { return nil }
    }
    guard Set(oldKeys).count == oldKeys.count else { return nil }
    var pairs: [Pair] = []
    var last = -1
    var isReordered = false
    for (index, key) in oldKeys.enumerated() {
      let found = positions.removeValue(forKey: key)
      if let found {
        if found < last { isReordered = true }
        last = found
      }
      pairs.append(Pair(old: index, new: found, step: step(fields, key)))
    }
    for (index, key) in newKeys.enumerated() where positions[key] != nil {
      pairs.append(Pair(old: nil, new: index, step: step(fields, key)))
    }
    return (pairs, isReordered)
  }

  /// The key of each element; nil if one has none.
  private static func keys(of elements: [Value], _ fields: [String]) -> [Value]? {
    var keys: [Value] = []
    keys.reserveCapacity(elements.count)
    for element in elements {
      var parts: [Value] = []
      for field in fields {
        guard let value = value(of: field, in: element), text(of: value) != nil else { return nil }
        parts.append(value)
      }
      keys.append(.array(parts))
    }
    return keys
  }

  /// A field that an element is known by; the protocol of a port is TCP if it is not said.
  static func value(of field: String, in element: Value) -> Value? {
    element[field] ?? (field == "protocol" && element.object != nil ? "TCP" : nil)
  }

  /// A text or a whole number as text.
  static func text(of value: Value?) -> String? {
    switch value {
    case .string(let text): text
    case .integer(let number): String(number)
    default: nil
    }
  }

  private static func step(_ fields: [String], _ key: Value) -> FieldStep {
    .item(
      zip(fields, key.array ?? []).map { ItemField(key: $0, value: text(of: $1) ?? "") })
  }

  // MARK: By position

  private static func byPosition(_ old: [Value], _ new: [Value]) -> [Pair] {
    let shared = min(old.count, new.count)
    var front = 0
    var back = 0
    if old.count != new.count, old.allSatisfy(isScalar), new.allSatisfy(isScalar) {
      while front < shared, old[front] == new[front] { front += 1 }
      while back < shared - front, old[old.count - 1 - back] == new[new.count - 1 - back] {
        back += 1
      }
    }
    // Between what is equal at both ends: pairs, and then what only one side has.
    let middle = shared - front - back
    var pairs = (0..<front + middle).map { Pair(old: $0, new: $0, step: .index($0)) }
    for index in front + middle..<max(front + middle, old.count - back) {
      pairs.append(Pair(old: index, new: nil, step: .index(index)))
    }
    for index in front + middle..<max(front + middle, new.count - back) {
      pairs.append(Pair(old: nil, new: index, step: .index(index)))
    }
    return pairs
  }

  private static func isScalar(_ value: Value) -> Bool {
    switch value {
    case .array, .object: false
    case .null, .bool, .integer, .double, .string: true
    }
  }
}
