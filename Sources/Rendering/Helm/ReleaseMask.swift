import Document
import Objects
import Text

/// Hides what comes from Secrets in what a chart made of its values, and finds what differs from run to
/// run.
///
/// A chart may do anything with a value: quote it, encode it, hash it. So the same chart is rendered with
/// other secrets of the same shape, and what differs is hidden.
struct ReleaseMask {
  /// What is found by its text.
  ///
  /// A secret with which the chart was rendered otherwise is found wherever it
  /// lands; what only equals it by chance is none of it.
  private let words: [Word]

  /// A secret, or a line of one.
  private struct Word {
    let text: [UInt8]
    /// In lower case, and as it is in base64 at each of the three places in which it can begin there.
    let forms: [[UInt8]]
    /// Whether it is sought in the names of objects, too.
    let isInNames: Bool
  }

  /// Shorter ones are hidden only where they stand alone: a 1 is in nearly everything.
  private static let shortest = 4
  /// Nobody has one of these by chance.
  private static let long = 8

  /// - Parameter unaltered: the positions of those for which the chart takes no others.
  init(_ secrets: [String], unaltered: Set<Int>) {
    words = secrets.enumerated().flatMap { index, secret -> [Word] in
      let lines = secret.utf8.split(separator: UInt8(ascii: "\n")).map(Self.trimmed)
      var texts = [Array(secret.utf8), Self.trimmed(secret.utf8[...])]
      texts += lines.filter { $0.count >= Self.shortest }
      return Set(texts).filter { text in
        !text.isEmpty && (unaltered.contains(index) || text.count >= Self.long)
      }.map { text in
        Word(
          text: text, forms: [Self.lowercased(text)] + Self.base64(text),
          isInNames: unaltered.contains(index) && text.count >= Self.long)
      }
    }
  }

  private static func trimmed(_ text: Substring.UTF8View) -> [UInt8] {
    let isSpace = { (byte: UInt8) in byte <= UInt8(ascii: " ") }
    return Array(Array(text.drop(while: isSpace)).reversed().drop(while: isSpace).reversed())
  }

  private static func lowercased(_ text: [UInt8]) -> [UInt8] {
    text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  }

  /// The parts of its base64 that do not depend on what stands before and after it.
  private static func base64(_ text: [UInt8]) -> [[UInt8]] {
    guard text.count >= shortest else { return [] }
    return (0..<3).compactMap { offset in
      let encoded = Array(encodeBase64([UInt8](repeating: 0, count: offset) + text).utf8)
      let start = offset == 0 ? 0 : offset + 1
      let bits = (offset + text.count) * 8
      let part = encoded[start..<max(start, bits / 6)]
      return part.count >= shortest ? Array(part) : nil
    }
  }

  // MARK: - Pairs

  /// For each object, the one of another run.
  static func pairs(_ objects: [Value], with others: [Value]) -> [Value?] {
    positions(of: objects, in: others).map { $0.map { others[$0] } }
  }

  /// The same, and for objects that the other run does not have by this name, one of the same kind:
  /// names may be random, or made of a secret.
  static func counterparts(_ objects: [Value], in others: [Value]) -> [Value?] {
    var positions = positions(of: objects, in: others)
    let taken = Set(positions.compactMap(\.self))
    var waiting: [[String]: [Int]] = [:]
    for (index, other) in others.enumerated().reversed() where !taken.contains(index) {
      waiting[Array(key(of: other).dropLast()), default: []].append(index)
    }
    for (index, object) in objects.enumerated() where positions[index] == nil {
      positions[index] = waiting[Array(key(of: object).dropLast()), default: []].popLast()
    }
    return positions.map { $0.map { others[$0] } }
  }

  private static func positions(of objects: [Value], in others: [Value]) -> [Int?] {
    var places: [[String]: [Int]] = [:]
    for (index, object) in others.enumerated().reversed() {
      places[key(of: object), default: []].append(index)
    }
    return objects.map { places[key(of: $0), default: []].popLast() }
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
    guard var open = object.object else { return (masked(object, other, &count), count) }
    // The data of Secrets is hidden anyway, as base64.
    let hidden = object.kind == "Secret" && object.apiVersion == "v1" ? ["data", "stringData"] : []
    for field in hidden { open[field] = nil }
    // What an object is called is no secret because a short one is called the same.
    let names = ReleaseMask(words: words.filter(\.isInNames))
    var shown = masked(.object(open), other, &count).object ?? Object()
    for field in ["apiVersion", "kind"] where shown[field] != open[field] {
      Self.restore(names, field, open, other?.object, in: &shown, &count)
    }
    if let metadata = open["metadata"]?.object, var shownMetadata = shown["metadata"]?.object {
      let others = other?["metadata"]?.object
      for field in ["name", "namespace"] where shownMetadata[field] != metadata[field] {
        Self.restore(names, field, metadata, others, in: &shownMetadata, &count)
      }
      if let labels = metadata["labels"]?.object, var shownLabels = shownMetadata["labels"]?.object
      {
        for (key, value) in labels where Self.isOrigin(key) && shownLabels[key] != value {
          shownLabels[key] = value
          count -= 1
        }
        shownMetadata["labels"] = .object(shownLabels)
      }
      shown["metadata"] = .object(shownMetadata)
    }
    for field in hidden { shown[field] = object[field] }
    return (.object(shown), count)
  }

  private init(words: [Word]) { self.words = words }

  /// Masks a field once more, by other words.
  private static func restore(
    _ mask: ReleaseMask, _ field: String, _ object: Object, _ other: Object?,
    in shown: inout Object, _ count: inout Int
  ) {
    guard let value = object[field] else { return }
    count -= 1
    shown[field] = mask.masked(value, other.map { $0[field] ?? .null }, &count)
  }

  /// The labels by which helm-controller marks what it applies.
  private static func isOrigin(_ label: String) -> Bool {
    ["name", "namespace"].contains { label == "helm.toolkit.fluxcd.io/\($0)" }
  }

  /// A message; what differs in another one is hidden.
  func masked(_ message: String, comparedWith other: String) -> String {
    var count = 0
    return masked(message, other, &count)
  }

  private func masked(_ value: Value, _ other: Value?, _ count: inout Int) -> Value {
    switch (value, other) {
    case (.object(let object), .object(let otherObject)?):
      var names = MaskedNames(
        object.keys.filter { otherObject[$0] != nil && !holdsSecret($0) })
      return .object(
        Object(
          object.map { key, value in
            // A name that only this run has came from a secret, and so did what is below.
            guard let other = otherObject[key], !holdsSecret(key) else {
              count += 1
              return (names.distinct(SubstitutionMask.mask), .string(SubstitutionMask.mask))
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
    words.contains { $0.text.elementsEqual(text.utf8) }
  }

  private func holdsSecret(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let lower = Self.lowercased(bytes)
    return words.contains { word in
      word.text == bytes
        || word.text.count >= Self.shortest
          && (Self.has(word.forms[0], lower)
            || word.forms.dropFirst().contains { Self.has($0, bytes) })
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

  /// What stands for a value, or a line of one, that differs from run to run.
  private static let unstable = "(differs at every run)"

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
            return (key, other[key].map { stable(left, value, $0) } ?? .string(unstable))
          }))
    case (.array(let shown), .array(let elements), .array(let others))
    where shown.count == elements.count && elements.count == others.count:
      return .array(shown.indices.map { stable(shown[$0], elements[$0], others[$0]) })
    case (.string(let shown), .string(let text), .string(let other)):
      let (shown, lines, others) = (Self.lines(shown), Self.lines(text), Self.lines(other))
      guard shown.count == lines.count, lines.count == others.count else {
        return .string(unstable)
      }
      return .string(
        shown.indices.map { lines[$0] == others[$0] ? shown[$0] : unstable }
          .joined(separator: "\n"))
    default: return .string(unstable)
    }
  }

  /// A value with what is unstable in another one, which may have looked stable here by chance.
  static func stable(_ value: Value, like other: Value) -> Value {
    switch (value, other) {
    case (.object(let object), .object(let other)):
      return .object(
        Object(
          object.map { key, value in
            (key, other[key].map { stable(value, like: $0) } ?? value)
          }))
    case (.array(let elements), .array(let others)) where elements.count == others.count:
      return .array(zip(elements, others).map { stable($0, like: $1) })
    case (_, .string(unstable)): return other
    case (.string(let text), .string(let otherText)):
      let (lines, others) = (Self.lines(text), Self.lines(otherText))
      guard lines.count == others.count, others.contains(unstable) else { return value }
      return .string(
        zip(lines, others).map { $1 == unstable ? unstable : $0 }.joined(separator: "\n"))
    default: return value
    }
  }

  private static func lines(_ text: String) -> [String] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// What two runs have in common of a name, as a name.
  static func stableName(_ name: String, _ other: String) -> String {
    var common = Array(zip(name.utf8, other.utf8).prefix { $0 == $1 }.map(\.0))
    // A part that is random may begin with the same letters.
    while let last = common.last, last != UInt8(ascii: "-"), last != UInt8(ascii: ".") {
      common.removeLast()
    }
    return String(decoding: common, as: UTF8.self) + "random"
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
