import Text

/// Turns the nodes of a document into a value, as go.yaml.in/yaml v2 (decode.go) and then
/// sigs.k8s.io/yaml do.
struct YAMLDecoder {
  enum Numbers {
    /// Integers that fit Int64 stay exact; so does a float that JSON writes without a point.
    case exact
    /// Every number is a double, as Go decodes JSON into untyped values.
    case double
  }

  private let nodes: [YAMLNode]
  private let numbers: Numbers
  /// Whether a null key is the empty name, as kustomize writes it.
  private let allowsNullKeys: Bool
  /// The counts that alias expansion is judged by.
  private var decoded = 0
  private var decodedInAliases = 0
  private var bytesInAliases = 0
  private var aliasDepth = 0
  private var depth = 0
  private var aliasesInUse: Set<Int> = []
  /// The first key of what was decoded that JSON cannot have; not those of values that a later one
  /// of the same key replaces, which Go never converts.
  private var unusableKey: YAMLFailure?
  private var nonFinite: YAMLNode?
  /// Whether keys that Go tells apart (1 and "1") became one: which value survives there is chance.
  private(set) var hasAmbiguousKeys = false

  /// Keys that a map has more than once, with the line, from 0, of what wins; maps that aliases repeat
  /// count once, and what `<<` brings in may be overridden.
  private(set) var duplicates: [(name: String, line: Int)] = []

  /// More text than this is not copied out of aliases.
  private static let aliasBytesLimit = 64 << 20

  init(nodes: [YAMLNode], numbers: Numbers, allowsNullKeys: Bool = false) {
    self.nodes = nodes
    self.allowsNullKeys = allowsNullKeys
    self.numbers = numbers
  }

  mutating func decode(root: Int) throws(YAMLFailure) -> Value {
    let value = try value(of: root)
    if let unusableKey { throw unusableKey }
    if let node = nonFinite, let number = YAMLDecoder.firstNonFinite(in: value) {
      let name = number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf"
      throw YAMLFailure(
        line: node.line,
        column: node.column,
        message: "JSON has no number for an infinity, nor for NaN",
        goText: "json: unsupported value: \(name)"
      )
    }
    return value
  }

  // MARK: Nodes

  private mutating func value(of index: Int) throws(YAMLFailure) -> Value {
    try count(index)
    depth += 1
    defer { depth -= 1 }
    if depth > YAMLComposer.depthLimit + 1 {
      throw YAMLFailure(
        "nested deeper than \(YAMLComposer.depthLimit) levels",
        at: nodes[index]
      )
    }
    switch nodes[index].content {
    case .scalar:
      return try scalar(nodes[index])
    case .alias(let target):
      try enterAlias(index)
      defer { leaveAlias(index) }
      return try value(of: target)
    case .sequence:
      let children = nodes[index].children
      var elements: [Value] = []
      elements.reserveCapacity(children.count)
      for child in children { elements.append(try value(of: child)) }
      return .array(elements)
    case .mapping:
      var members = Members()
      try collect(index, into: &members)
      if members.haveAmbiguousKeys { hasAmbiguousKeys = true }
      unusableKey = unusableKey ?? members.failure
      let object = members.object
      if object.count < members.entries.count, aliasDepth == 0 { noteDuplicates(in: index) }
      return .object(object)
    }
  }

  private mutating func noteDuplicates(in index: Int) {
    let children = nodes[index].children
    var seen: Set<[UInt8]> = []
    for position in stride(from: 0, to: children.count - 1, by: 2) {
      let key = nodes[children[position]]
      guard case .scalar = key.content, !isMerge(key),
        !seen.insert(Array(key.value.utf8)).inserted
      else { continue }
      duplicates.append((key.value, key.line))
    }
  }

  private mutating func scalar(_ node: YAMLNode) throws(YAMLFailure) -> Value {
    let (scalar, text) = try Self.resolve(node)
    switch scalar {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .integer(let number):
      return numbers == .exact ? .integer(number) : .double(Double(number))
    case .unsigned(let number): return .double(Double(number))
    case .float(let number):
      if !number.isFinite, nonFinite == nil { nonFinite = node }
      return numbers == .exact ? YAMLDecoder.exact(number) : .double(number)
    case .string, .timestamp: return .string(text)
    }
  }

  /// What a scalar stands for, with its text.
  static func resolve(_ node: YAMLNode) throws(YAMLFailure) -> (YAMLScalar, text: String) {
    if node.tag.isEmpty {
      return (node.isImplicit ? YAMLScalar(plain: node.value) : .string, node.value)
    }
    if node.tag == YAMLScalar.tagPrefix + "binary" {
      guard let data = try? decodeBase64(node.value) else {
        throw YAMLFailure("!!binary value contains invalid base64 data", at: node)
      }
      return (.string, data.withUnsafeBufferPointer { repairedUTF8($0) })
    }
    do throws(YAMLTagMismatch) {
      return (try YAMLScalar.resolve(tag: node.tag, text: node.value), node.value)
    } catch {
      throw YAMLFailure(
        "cannot decode a !!\(error.found) as a !!\(error.wanted)",
        go: "cannot decode !!\(error.found) `\(node.value)` as a !!\(error.wanted)",
        at: node
      )
    }
  }

  /// The float as it comes back from JSON: a whole number without a point is an integer there.
  static func exact(_ number: Double) -> Value {
    // Of a large number JSON has the shortest digits and then zeros, not the number's own digits.
    Int64(NumberText(number).json).map { .integer($0) } ?? .double(number)
  }

  private static func firstNonFinite(in value: Value) -> Double? {
    switch value {
    case .double(let number): return number.isFinite ? nil : number
    case .array(let elements):
      for element in elements {
        if let found = firstNonFinite(in: element) { return found }
      }
      return nil
    case .object(let object):
      for (_, element) in object {
        if let found = firstNonFinite(in: element) { return found }
      }
      return nil
    default: return nil
    }
  }

  // MARK: Maps

  /// The members of a map in the order of the text, with the keys as Go's package tells them apart.
  private struct Members {
    /// What makes two keys of the same text different to Go.
    enum KeyType {
      case string
      case bool
      case integer
      case float
      /// An integer beyond Int64, or null: no name in JSON.
      case unusable
    }

    var entries: [Object.Entry] = []
    var types: [KeyType] = []
    /// What is wrong with members, by their position.
    private var failures: [Int: YAMLFailure] = [:]

    mutating func append(
      _ key: String, _ type: KeyType, _ value: Value, _ failure: YAMLFailure? = nil
    ) {
      if let failure { failures[entries.count] = failure }
      entries.append(Object.Entry(key: key, value: value))
      types.append(type)
    }

    /// What is wrong with the first member that no later one replaces.
    var failure: YAMLFailure? {
      guard !failures.isEmpty else { return nil }
      struct Name: Hashable {
        let type: KeyType
        // Strings are equal when they only look alike.
        let key: [UInt8]
      }
      func name(_ position: Int) -> Name {
        Name(type: types[position], key: Array(entries[position].key.utf8))
      }
      var last: [Name: Int] = [:]
      for position in entries.indices { last[name(position)] = position }
      return failures.keys.sorted().first { last[name($0)] == $0 }.flatMap { failures[$0] }
    }

    var object: Object { Object(entries: entries) }

    /// Whether keys of different types have the same text and not all the same value.
    var haveAmbiguousKeys: Bool {
      guard let first = types.first, types.contains(where: { $0 != first }) else { return false }
      let order = entries.indices.sorted {
        let order = compareUTF8(entries[$0].key, entries[$1].key)
        return order == 0 ? $0 < $1 : order < 0
      }
      // Within one type the last value counts, before Go's chance comes in.
      var group: [(type: KeyType, value: Value)] = []
      for (position, index) in order.enumerated() {
        if position > 0, !equalUTF8(entries[order[position - 1]].key, entries[index].key) {
          group = []
        }
        group.removeAll { $0.type == types[index] }
        group.append((types[index], entries[index].value))
        let next = position + 1 < order.count ? entries[order[position + 1]].key : nil
        if let next, equalUTF8(next, entries[index].key) { continue }
        if group.contains(where: { $0.value != group[0].value }) { return true }
      }
      return false
    }
  }

  private mutating func collect(
    _ index: Int,
    into members: inout Members
  ) throws(YAMLFailure) {
    let children = nodes[index].children
    members.entries.reserveCapacity(members.entries.count + children.count / 2)
    for position in stride(from: 0, to: children.count - 1, by: 2) {
      let (key, value) = (children[position], children[position + 1])
      if isMerge(nodes[key]) {
        try merge(value, into: &members)
        continue
      }
      let resolved = try resolveKey(key)
      let elsewhere = unusableKey
      unusableKey = nil
      let member = try self.value(of: value)
      let within = unusableKey
      unusableKey = elsewhere
      switch resolved {
      case .usable(let text, let type): members.append(text, type, member, within)
      case .unusable(let description, let type):
        let failure = YAMLFailure(
          line: nodes[key].line,
          column: nodes[key].column,
          message:
            "a key that is \(type == nil ? "null" : "beyond Int64") cannot be a name in JSON",
          goText: "unsupported map key of type: \(type ?? "%!s(<nil>)"), key: \(description), "
            + "value: \(goSyntax(of: value, isField: false))"
        )
        members.append(description, .unusable, member, failure)
      }
    }
  }

  private enum Key {
    case usable(String, Members.KeyType)
    /// The key in Go's syntax, and its Go type, which null lacks.
    case unusable(String, type: String?)
  }

  /// The name that a key becomes in JSON (sigs.k8s.io/yaml, convertToJSONableObject).
  private mutating func resolveKey(_ index: Int) throws(YAMLFailure) -> Key {
    // Decoded like any node first, for what that may find wrong.
    _ = try value(of: index)
    var node = nodes[index]
    if case .alias(let target) = node.content { node = nodes[target] }
    guard case .scalar = node.content else {
      throw YAMLFailure(
        "invalid map key: a map or a sequence is no key",
        go: "invalid map key: \(goSyntax(of: index, isField: false))",
        at: node
      )
    }
    let (scalar, text) = try Self.resolve(node)
    switch scalar {
    case .string, .timestamp: return .usable(text, .string)
    case .bool(let flag): return .usable(flag ? "true" : "false", .bool)
    case .integer(let number): return .usable(String(number), .integer)
    case .float(let number): return .usable(YAMLDecoder.keyText(number), .float)
    case .unsigned(let number):
      return .unusable("0x" + String(number, radix: 16), type: "uint64")
    case .null where allowsNullKeys: return .usable("", .string)
    case .null: return .unusable("<nil>", type: nil)
    }
  }

  /// Floats as keys are written in 32-bit precision.
  private static func keyText(_ number: Double) -> String {
    let single = Float(number)
    if single.isNaN { return ".nan" }
    if single.isInfinite { return single < 0 ? "-.inf" : ".inf" }
    return NumberText(single).general
  }

  private func isMerge(_ node: YAMLNode) -> Bool {
    guard case .scalar = node.content, node.value == "<<" else { return false }
    return node.isImplicit || node.tag == YAMLScalar.tagPrefix + "merge"
  }

  /// Adds what `<<` brings in.
  ///
  /// In this version of Go's package it overrides the keys before it.
  private mutating func merge(
    _ index: Int,
    into members: inout Members
  ) throws(YAMLFailure) {
    switch nodes[index].content {
    case .mapping, .alias:
      try mergeOne(index, into: &members)
    case .sequence:
      // From the back: of several maps the earlier ones take precedence.
      for child in nodes[index].children.reversed() { try mergeOne(child, into: &members) }
    case .scalar:
      throw mergeFailure(at: index)
    }
  }

  private mutating func mergeOne(
    _ index: Int,
    into members: inout Members
  ) throws(YAMLFailure) {
    switch nodes[index].content {
    case .mapping:
      try count(index)
      try collect(index, into: &members)
    case .alias(let target):
      guard case .mapping = nodes[target].content else { throw mergeFailure(at: index) }
      try count(index)
      try enterAlias(index)
      defer { leaveAlias(index) }
      depth += 1
      defer { depth -= 1 }
      try count(target)
      try collect(target, into: &members)
    case .scalar, .sequence:
      throw mergeFailure(at: index)
    }
  }

  private func mergeFailure(at index: Int) -> YAMLFailure {
    YAMLFailure(
      "map merge requires map or sequence of maps as the value",
      at: nodes[index]
    )
  }

  // MARK: Limits

  /// Counts a node and refuses a document that mostly consists of expanded aliases.
  ///
  /// The share of nodes that may come out of aliases falls from 99 % in documents up to 400,000
  /// nodes to 10 % from 4,000,000 on (go.yaml.in/yaml v2, decode.go, allowedAliasRatio). Beyond
  /// that, the text that aliases copy is bounded here.
  private mutating func count(_ index: Int) throws(YAMLFailure) {
    decoded += 1
    guard aliasDepth > 0 else { return }
    decodedInAliases += 1
    bytesInAliases += nodes[index].value.utf8.count
    let low = 400_000.0
    let high = 4_000_000.0
    let share = 0.99 - 0.89 * min(max((Double(decoded) - low) / (high - low), 0), 1)
    let tooMany =
      decodedInAliases > 100 && decoded > 1000
      && Double(decodedInAliases) / Double(decoded) > share
    if tooMany || bytesInAliases > YAMLDecoder.aliasBytesLimit {
      throw YAMLFailure(
        message: DocumentError.excessiveAliasing,
        goText: "yaml: " + DocumentError.excessiveAliasing
      )
    }
  }

  private mutating func enterAlias(_ index: Int) throws(YAMLFailure) {
    guard aliasesInUse.insert(index).inserted else {
      throw YAMLFailure(
        "the value of an anchor contains itself",
        go: "anchor '\(nodes[index].value)' value contains itself",
        at: nodes[index]
      )
    }
    aliasDepth += 1
  }

  private mutating func leaveAlias(_ index: Int) {
    aliasDepth -= 1
    aliasesInUse.remove(index)
  }

  // MARK: Go's syntax

  /// A node as Go's `%#v` prints it: parts of the errors about keys.
  ///
  /// `isField` is true inside a collection, where a null carries its type.
  private func goSyntax(of index: Int, isField: Bool, depth: Int = 0) -> String {
    guard depth < 20 else { return "…" }
    let node = nodes[index]
    switch node.content {
    case .alias(let target):
      return goSyntax(of: target, isField: isField, depth: depth + 1)
    case .sequence:
      let elements = node.children.map { goSyntax(of: $0, isField: true, depth: depth + 1) }
      return "[]interface {}{\(elements.joined(separator: ", "))}"
    case .mapping:
      return "map[interface {}]interface {}{\(goMembers(of: node, depth: depth + 1))}"
    case .scalar:
      guard let (scalar, text) = try? Self.resolve(node) else { return node.value }
      switch scalar {
      case .null: return isField ? "interface {}(nil)" : "<nil>"
      case .bool(let flag): return flag ? "true" : "false"
      case .integer(let number): return String(number)
      case .unsigned(let number): return "0x" + String(number, radix: 16)
      case .float(let number): return number.isFinite ? NumberText(number).general : "\(number)"
      case .string, .timestamp: return text.goQuoted
      }
    }
  }

  /// The members of a map, as Go's `fmt` sorts keys of several types: null, strings, integers,
  /// floats, booleans, each by its value (`internal/fmtsort`; the order of the types, which is that of
  /// their addresses, as observed).
  private func goMembers(of node: YAMLNode, depth: Int) -> String {
    var members: [(key: String, order: GoKeyOrder, value: String)] = []
    for position in stride(from: 0, to: node.children.count - 1, by: 2) {
      let key = goSyntax(of: node.children[position], isField: true, depth: depth)
      let value = goSyntax(of: node.children[position + 1], isField: true, depth: depth)
      members.removeAll { equalUTF8($0.key, key) }
      members.append((key, goOrder(ofKey: node.children[position]), value))
    }
    return members.sorted { $0.order < $1.order }.map { "\($0.key):\($0.value)" }
      .joined(separator: ", ")
  }

  private struct GoKeyOrder {
    var type: Int
    var number = 0.0
    var text = ""

    static func < (one: GoKeyOrder, other: GoKeyOrder) -> Bool {
      if one.type != other.type { return one.type < other.type }
      if one.number != other.number { return one.number < other.number }
      return compareUTF8(one.text, other.text) < 0
    }
  }

  private func goOrder(ofKey index: Int) -> GoKeyOrder {
    var node = nodes[index]
    if case .alias(let target) = node.content { node = nodes[target] }
    guard case .scalar = node.content, let (scalar, text) = try? Self.resolve(node) else {
      return GoKeyOrder(type: 6)
    }
    switch scalar {
    case .null: return GoKeyOrder(type: 0)
    case .string, .timestamp: return GoKeyOrder(type: 1, text: text)
    case .integer(let number): return GoKeyOrder(type: 2, number: Double(number))
    case .unsigned(let number): return GoKeyOrder(type: 3, number: Double(number))
    case .float(let number): return GoKeyOrder(type: 4, number: number.isNaN ? -.infinity : number)
    case .bool(let flag): return GoKeyOrder(type: 5, number: flag ? 1 : 0)
    }
  }
}
