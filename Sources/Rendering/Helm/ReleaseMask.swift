import Document
import Objects
import Text

/// Hides what comes from Secrets in what a chart made of its values, and finds what differs from run to
/// run.
///
/// A chart may do anything with a value: quote it, encode it, hash it. So the same chart is rendered with
/// other secrets of the same shape, and what differs is hidden.
struct ReleaseMask {
  /// The texts that are secret, for what helm refuses to render with others.
  private let secrets: [(text: [UInt8], base64: [UInt8])]

  /// Shorter ones are hidden only where they stand alone: a 1 is in nearly everything.
  private static let shortest = 4

  init(_ secrets: [String]) {
    self.secrets = secrets.map { (Array($0.utf8), Array(encodeBase64($0.utf8).utf8)) }
  }

  // MARK: - Pairs

  /// For each object, the one of another run.
  static func pairs(_ objects: [Value], with others: [Value]) -> [Value?] {
    var places: [[String]: [Int]] = [:]
    for (index, object) in others.enumerated().reversed() {
      places[key(of: object), default: []].append(index)
    }
    return objects.map { object in
      places[key(of: object), default: []].popLast().map { others[$0] }
    }
  }

  private static func key(of object: Value) -> [String] {
    [object.apiVersion ?? "", object.kind ?? "", object.namespace ?? "", object.name ?? ""]
  }

  // MARK: - Masking

  /// - Parameter other: the same with other secrets, null where the other run does not have it; nil where
  ///   there is nothing to compare with, so that only what holds a secret as it is can be found.
  /// - Returns: the object, and how many of its values are hidden.
  func masked(_ object: Value, comparedWith other: Value?) -> (Value, Int) {
    if let other, other.object == nil {
      return (SubstitutionMask.withoutContent(object), 1)
    }
    var count = 0
    guard object.kind == "Secret", object.apiVersion == "v1", let fields = object.object else {
      return (masked(object, other, &count), count)
    }
    // The data of Secrets is hidden anyway, as base64.
    var open = fields
    for field in ["data", "stringData"] { open[field] = nil }
    var shown = masked(.object(open), other, &count).object ?? Object()
    for field in ["data", "stringData"] { shown[field] = fields[field] }
    return (.object(shown), count)
  }

  /// A message; what differs in another one is hidden.
  func masked(_ message: String, comparedWith other: String) -> String {
    var count = 0
    return masked(message, other, &count)
  }

  private func masked(_ value: Value, _ other: Value?, _ count: inout Int) -> Value {
    switch (value, other) {
    case (.object(let object), .object(let otherObject)?):
      return .object(
        Object(
          object.map { key, value in
            // A name that only this run has came from a secret, and so did what is below.
            guard let other = otherObject[key], !holdsSecret(key) else {
              count += 1
              return (SubstitutionMask.mask, .string(SubstitutionMask.mask))
            }
            return (key, masked(value, other, &count))
          }))
    case (.array(let elements), .array(let others)?) where elements.count == others.count:
      return .array(zip(elements, others).map { masked($0, $1, &count) })
    case (.object(let object), nil):
      return .object(
        Object(
          object.map { key, value in
            let isOpen = !holdsSecret(key)
            if !isOpen { count += 1 }
            return (isOpen ? key : SubstitutionMask.mask, masked(value, nil, &count))
          }))
    case (.array(let elements), nil):
      return .array(elements.map { masked($0, nil, &count) })
    case (.object, _), (.array, _):
      // What is in it, and how much, may have come from a secret, too.
      count += 1
      return .string(SubstitutionMask.mask)
    case (.string(let text), .string(let otherText)?):
      return .string(masked(text, otherText, &count))
    case (.null, _): return value
    case (.string(let text), nil): return .string(masked(text, text, &count))
    default:
      let isOpen = other.map { $0 == value } ?? true
      guard !isOpen || Alteration.text(of: value).map(isSecret) == true else { return value }
      count += 1
      return .string(SubstitutionMask.mask)
    }
  }

  /// Of texts with as many lines, only the lines that differ are hidden.
  private func masked(_ text: String, _ other: String, _ count: inout Int) -> String {
    let newline = UInt8(ascii: "\n")
    let lines = text.utf8.split(separator: newline, omittingEmptySubsequences: false)
    let others = other.utf8.split(separator: newline, omittingEmptySubsequences: false)
    guard lines.count == others.count, !isSecret(text) else {
      count += 1
      return SubstitutionMask.mask
    }
    let before = count
    let shown = zip(lines, others).map { line, other -> String in
      let text = String(line) ?? ""
      guard line.elementsEqual(other), !holdsSecret(text) else {
        count = before + 1
        return SubstitutionMask.mask
      }
      return text
    }
    return shown.joined(separator: "\n")
  }

  /// Whether a text is a secret and nothing else.
  private func isSecret(_ text: String) -> Bool {
    secrets.contains { $0.text.elementsEqual(text.utf8) }
  }

  private func holdsSecret(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return secrets.contains { secret in
      secret.text == bytes
        || secret.text.count >= Self.shortest
          && (Self.has(secret.text, bytes) || Self.has(secret.base64, bytes))
    }
  }

  private static func has(_ word: [UInt8], _ text: [UInt8]) -> Bool {
    guard let first = word.first, text.count >= word.count else { return false }
    return text.indices.dropLast(word.count - 1).contains {
      text[$0] == first && text[$0...].starts(with: word)
    }
  }

  // MARK: - Unstable output

  private static let mostPaths = 10

  /// What stands for a value that differs from run to run.
  private static let unstable = Value.string("(differs at every run)")

  /// A value of one run, with one word for whatever differs from another run: two of these can be compared.
  ///
  /// - Parameter shown: `value`, or what of it may be shown.
  static func stable(_ shown: Value, _ value: Value, _ other: Value) -> Value {
    guard value != other else { return shown }
    switch (shown, value, other) {
    case (.object(let shown), .object(let object), .object(let other)):
      return .object(
        Object(
          shown.map { key, left in
            // What is hidden by its name stays so.
            guard let value = object[key] else { return (key, left) }
            return (key, other[key].map { stable(left, value, $0) } ?? unstable)
          }))
    case (.array(let shown), .array(let elements), .array(let others))
    where shown.count == elements.count && elements.count == others.count:
      return .array(shown.indices.map { stable(shown[$0], elements[$0], others[$0]) })
    default: return unstable
    }
  }

  /// Where two runs with the same input differ: `Secret/login data.password`, a few of them.
  ///
  /// - Parameter shown: the objects as they may be shown: what is hidden there is not named.
  static func differences(_ objects: [Value], _ others: [Value], shown: [Value]) -> [String] {
    var paths: [String] = []
    for (index, other) in pairs(objects, with: others).enumerated() {
      let known = shown.indices.contains(index) ? shown[index] : .null
      let name = "\(known.kind ?? "")/\(known.name ?? SubstitutionMask.mask)"
      guard let other else {
        add(name, to: &paths)
        continue
      }
      compare(objects[index], other, known, at: "", of: name, &paths)
    }
    if objects.count != others.count, paths.isEmpty { paths.append("the number of objects") }
    return paths
  }

  private static func compare(
    _ value: Value, _ other: Value, _ shown: Value, at path: String, of name: String,
    _ paths: inout [String]
  ) {
    guard value != other, paths.count <= mostPaths else { return }
    switch (value, other) {
    case (.object(let object), .object(let other)) where object.keys == other.keys:
      for (key, value) in object {
        let word = shown[key] == nil ? SubstitutionMask.mask : key
        compare(
          value, other[key] ?? .null, shown[key] ?? .null,
          at: path.isEmpty ? word : "\(path).\(word)", of: name, &paths)
      }
    case (.array(let elements), .array(let others)) where elements.count == others.count:
      for (index, element) in elements.enumerated() {
        let known = shown.array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        compare(
          element, others[index], known ?? .null, at: "\(path)[\(index)]", of: name, &paths)
      }
    default: add(path.isEmpty ? name : "\(name) \(path)", to: &paths)
    }
  }

  private static func add(_ path: String, to paths: inout [String]) {
    guard paths.count <= mostPaths, !paths.contains(path) else { return }
    paths.append(paths.count == mostPaths ? "more" : path)
  }
}
