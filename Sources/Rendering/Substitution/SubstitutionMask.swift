import Document
import Objects
import Text

/// An object without the values that came from Secrets.
///
/// A word takes their place in the text before it is read as YAML, so that whatever a value is or would
/// be made into (a number, a map, a part of a key) is hidden. Each value has its own, so that two keys
/// stay two.
struct SubstitutionMask {
  private let text: [UInt8]
  private let word: String

  static let mask = "***"

  /// What ends the number of a word.
  private static let end = "q"

  init(_ filled: VariableFilling.Filled) {
    let word = Self.word(missingIn: filled.text)
    var text: [UInt8] = []
    var position = 0
    var numbers: [ArraySlice<UInt8>: Int] = [:]
    for range in filled.secrets where range.upperBound > position {
      text += filled.text[position..<max(position, range.lowerBound)]
      let secret = filled.text[range]
      let number = numbers[secret] ?? numbers.count
      numbers[secret] = number
      text += Array("\(word)\(number)\(Self.end)".utf8)
      position = range.upperBound
    }
    self.text = text + filled.text[position...]
    self.word = word
  }

  /// A word that the text does not have, and that YAML takes for a text wherever it stands.
  private static func word(missingIn text: [UInt8]) -> String {
    let stem = Array("masked".utf8)
    var longest = 0
    var index = 0
    while index < text.count {
      guard text[index] == stem[0], text[index...].starts(with: stem) else {
        index += 1
        continue
      }
      index += stem.count
      let start = index
      while index < text.count, text[index] == UInt8(ascii: "x") { index += 1 }
      longest = max(longest, index - start)
    }
    return "masked" + String(repeating: "x", count: longest + 1)
  }

  /// - Returns: the object, and how many of its values are masked.
  func object(insteadOf real: Value) -> (Value, Int) {
    var count = 0
    guard let value = try? YAML.converted(text), value.object != nil else {
      // A secret is part of the structure: nothing of it can be shown.
      return (Self.withoutContent(real), 1)
    }
    return (hidden(value, &count), max(1, count))
  }

  /// What stands for an object of which nothing may be shown.
  static func withoutContent(_ object: Value) -> Value {
    [
      "apiVersion": .string(object.apiVersion == nil ? "" : mask), "kind": .string(mask),
      "metadata": ["name": .string(mask)],
    ]
  }

  private func hidden(_ value: Value, _ count: inout Int) -> Value {
    switch value {
    case .string(let text):
      guard contains(word, text) else { return value }
      count += 1
      return .string(shown(text))
    case .array(let elements):
      var result: [Value] = []
      for element in elements { result.append(hidden(element, &count)) }
      return .array(result)
    case .object(let object):
      var names = MaskedNames(object.keys.filter { !contains(word, $0) })
      var pairs: [(String, Value)] = []
      for (key, value) in object {
        var name = key
        if contains(word, key) {
          count += 1
          name = names.distinct(shown(key))
        }
        pairs.append((name, hidden(value, &count)))
      }
      return .object(Object(pairs))
    case .null, .bool, .integer, .double: return value
    }
  }

  private func shown(_ text: String) -> String {
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    let word = Array(self.word.utf8)
    while let first = rest.first {
      if first == word.first, rest.starts(with: word) {
        result += Array(Self.mask.utf8)
        rest = rest.dropFirst(word.count)
          .drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.dropFirst()
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// Whether a text has a word, by bytes.
private func contains(_ word: String, _ text: String) -> Bool {
  let word = Array(word.utf8)
  let text = Array(text.utf8)
  guard let first = word.first, text.count >= word.count else { return false }
  return text.indices.dropLast(word.count - 1).contains { index in
    text[index] == first && text[index...].starts(with: word)
  }
}
