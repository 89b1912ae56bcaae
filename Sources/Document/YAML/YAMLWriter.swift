extension YAML {
  /// Writes a value as `kubectl -o yaml` does: one document without `---`, a line break at the end.
  ///
  /// The bytes are those of sigs.k8s.io/yaml. Where that fails (control characters beyond ASCII,
  /// DEL, keys of more than 1024 characters) the value is written all the same, with escapes.
  package static func write(_ value: Value) -> String {
    var writer = YAMLWriter()
    let passed = (try? YAMLPassage.throughJSON(value)) ?? value
    return String(decoding: writer.document(passed), as: UTF8.self)
  }
}

/// Walks a value and directs the emitter.
struct YAMLWriter {
  private var emitter = YAMLEmitter()
  /// Whether some map has keys that the reference writes in an order of chance.
  ///
  /// Only looked for when asked to.
  private(set) var hasUnstableKeys = false
  private let looksForUnstableKeys: Bool

  init(looksForUnstableKeys: Bool = false) {
    self.looksForUnstableKeys = looksForUnstableKeys
  }

  mutating func document(_ value: Value) -> [UInt8] {
    write(value, isValue: false)
    emitter.finish()
    return emitter.output
  }

  /// `isValue` says that it is the value of a key.
  private mutating func write(_ value: Value, isValue: Bool) {
    switch value {
    case .null: emitter.writePlain("null")
    case .bool(let flag): emitter.writePlain(flag ? "true" : "false")
    case .integer(let number): emitter.writePlain(String(number))
    case .double(let number): emitter.writePlain(YAMLWriter.text(of: number))
    case .string(let text): emitter.writeString(text)
    case .array(let elements): write(elements, isValue: isValue)
    case .object(let object): write(object)
    }
  }

  private mutating func write(_ elements: [Value], isValue: Bool) {
    guard !elements.isEmpty else { return emitter.writeEmptySequence() }
    let outer = emitter.beginSequence(isValue: isValue)
    for element in elements {
      emitter.beginItem()
      write(element, isValue: false)
    }
    emitter.endBlock(indent: outer)
  }

  private mutating func write(_ object: Object) {
    guard !object.isEmpty else { return emitter.writeEmptyMapping() }
    let names = object.keys
    let order = YAMLKeyOrder.sorted(names)
    if looksForUnstableKeys, !hasUnstableKeys {
      hasUnstableKeys = !YAMLKeyOrder.isStable(order.map { names[$0] })
    }
    let outer = emitter.beginMapping()
    for index in order {
      emitter.writeKey(names[index])
      write(object.entries[index].value, isValue: true)
    }
    emitter.endBlock(indent: outer)
  }

  /// A double after its way through JSON: without a point or an exponent there it is an integer.
  private static func text(of number: Double) -> String {
    guard number.isFinite else { return number.isNaN ? ".nan" : number < 0 ? "-.inf" : ".inf" }
    let json = NumberText(number).json
    switch YAMLScalar(plain: json) {
    case .integer(let whole): return String(whole)
    case .unsigned(let whole): return String(whole)
    default: return NumberText(number).general
    }
  }
}
