import Document
import Text

/// One step of a ``FieldPath``.
enum FieldStep: Sendable {
  case key(String)
  case index(Int)
  /// An element of a list by what tells it from the others.
  case item([ItemField])
}

/// A field of an element of a list, and its value as text.
struct ItemField: Sendable {
  let key: String
  let value: String
}

/// Where in a document a field is: `spec.template.spec.containers[name=app].image`.
///
/// Names that are not plain words are quoted, `metadata.annotations["a.b/c"]`, elements of lists are
/// named by their key, `ports[containerPort=80,protocol=TCP]`, or counted from 0, `args[1]`. A path
/// shares the steps that it has in common with others, so that many deep ones are small.
package struct FieldPath: Sendable, CustomStringConvertible {
  private final class Node: Sendable {
    let parent: Node?
    let step: FieldStep

    init(parent: Node?, step: FieldStep) {
      self.parent = parent
      self.step = step
    }
  }

  private let last: Node?

  private init(last: Node?) {
    self.last = last
  }

  /// The document itself.
  static let root = FieldPath(last: nil)

  func appending(_ step: FieldStep) -> FieldPath {
    FieldPath(last: Node(parent: last, step: step))
  }

  func appending(key: String) -> FieldPath {
    appending(.key(key))
  }

  var steps: [FieldStep] {
    var steps: [FieldStep] = []
    var node = last
    while let current = node {
      steps.append(current.step)
      node = current.parent
    }
    return steps.reversed()
  }

  /// Whether one of two fields is the other, or in it.
  func touches(_ other: FieldPath) -> Bool {
    zip(steps, other.steps).allSatisfy { Self.text(of: [$0]) == Self.text(of: [$1]) }
  }

  /// The path, `.` for the document itself.
  ///
  /// Names that are credentials by their form are masked, and
  /// control characters spelled out.
  package var description: String {
    let steps = steps
    return steps.isEmpty ? "." : Self.text(of: steps) { SecretRule.shown(name: $0) }
  }

  static func text(of steps: [FieldStep], name: (String) -> String = { $0 }) -> String {
    var text = ""
    for step in steps {
      switch step {
      case .key(let key):
        let key = name(key)
        if isPlain(key) {
          if !text.isEmpty { text += "." }
          text += key
        } else {
          text += "[\(quoted(key))]"
        }
      case .index(let index): text += "[\(index)]"
      case .item(let fields):
        let parts = fields.map { field in
          let value = name(field.value)
          return "\(field.key)=\(isPlainValue(value) ? value : quoted(value))"
        }
        text += "[\(parts.joined(separator: ","))]"
      }
    }
    return text
  }

  /// Whether a name needs no quotes.
  private static func isPlain(_ key: String) -> Bool {
    guard let first = key.utf8.first, !(0x30...0x39).contains(first), first != UInt8(ascii: "-")
    else { return false }
    return key.utf8.allSatisfy { isWordByte($0) }
  }

  private static func isPlainValue(_ value: String) -> Bool {
    !value.isEmpty && value.utf8.allSatisfy { isWordByte($0) || "./:@+".utf8.contains($0) }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return Printable.spelled(result + "\"")
  }
}

/// A set of fields, for `--strip-attr`: the text of a ``FieldPath``, with `*` for any one step.
package struct FieldPattern: Sendable {
  enum Step: Sendable {
    case any
    case exactly(FieldStep)
  }

  let steps: [Step]
  /// Whether only a null is meant.
  let isForNull: Bool

  /// Why a text is no pattern.
  package struct Malformed: Error, Sendable, CustomStringConvertible {
    package let description: String
  }

  /// In bytes: patterns are written by hand, and a longer one is a mistake.
  private static let longest = 4096

  /// Reads `spec.template`, `.metadata.labels["a.b/c"]`, `spec.containers[name=app].image`, `args[0]`,
  /// `spec.*.image`, `items[*]`; a leading point, or `$.`, does not count.
  ///
  /// - Throws: ``Malformed`` with the text in its description.
  package init(_ text: String) throws(Malformed) {
    var reader = Reader(text)
    steps = try reader.read()
    isForNull = false
  }

  /// For patterns of our own.
  init(keys: [String], isForNull: Bool = false) {
    steps = keys.map { $0 == "*" ? .any : .exactly(.key($0)) }
    self.isForNull = isForNull
  }

  private struct Reader {
    let text: String
    var rest: ArraySlice<UInt8>

    init(_ text: String) {
      self.text = text
      rest = Array(text.utf8)[...]
    }

    func failure(_ reason: String) -> Malformed {
      Malformed(description: "\(text.goQuoted) is not a field path: \(reason)")
    }

    mutating func read() throws(Malformed) -> [Step] {
      guard rest.count <= FieldPattern.longest else { throw failure("it is too long") }
      if rest.starts(with: "$".utf8) { rest = rest.dropFirst() }
      if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst() }
      guard !rest.isEmpty else { throw failure("it has no field") }
      var steps = [try readStep()]
      while let next = rest.first {
        if next == UInt8(ascii: ".") {
          rest = rest.dropFirst()
        } else if next != UInt8(ascii: "[") {
          throw failure("expected '.' or '['")
        }
        steps.append(try readStep())
      }
      return steps
    }

    mutating func readStep() throws(Malformed) -> Step {
      guard rest.first == UInt8(ascii: "[") else {
        let name = Array(rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") })
        rest = rest.dropFirst(name.count)
        guard !name.isEmpty else { throw failure("a name is empty") }
        if name == [UInt8(ascii: "*")] { return .any }
        return .exactly(.key(String(decoding: name, as: UTF8.self)))
      }
      rest = rest.dropFirst()
      let step = try readSelector()
      guard rest.popFirst() == UInt8(ascii: "]") else { throw failure("a ']' is missing") }
      return step
    }

    mutating func readSelector() throws(Malformed) -> Step {
      if rest.starts(with: "*]".utf8) {
        rest = rest.dropFirst()
        return .any
      }
      if let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
        return .exactly(.key(try readQuoted()))
      }
      let word = readWord()
      if rest.first == UInt8(ascii: "]") {
        guard let index = Int(word), index >= 0 else {
          throw failure("expected a position, '*', NAME=VALUE or a name in quotes between brackets")
        }
        return .exactly(.index(index))
      }
      var fields: [ItemField] = []
      var key = word
      while true {
        guard rest.popFirst() == UInt8(ascii: "="), !key.isEmpty else {
          throw failure("expected NAME=VALUE between brackets")
        }
        let isQuoted = rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "'")
        fields.append(ItemField(key: key, value: isQuoted ? try readQuoted() : readWord()))
        guard rest.first == UInt8(ascii: ",") else { return .exactly(.item(fields)) }
        rest = rest.dropFirst()
        key = readWord()
      }
    }

    mutating func readWord() -> String {
      let word = rest.prefix { !",=]\"'".utf8.contains($0) }
      rest = rest.dropFirst(word.count)
      return String(decoding: word, as: UTF8.self)
    }

    mutating func readQuoted() throws(Malformed) -> String {
      let quote = rest.popFirst()
      var bytes: [UInt8] = []
      while let byte = rest.popFirst() {
        if byte == quote { return String(decoding: bytes, as: UTF8.self) }
        if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
          bytes.append(escaped)
        } else {
          bytes.append(byte)
        }
      }
      throw failure("a quote is not closed")
    }
  }
}
