import Document
import Objects
import Text

/// Texts that are secret somewhere, and so wherever else they stand: in another field, document or file.
///
/// A text is known again as a whole value, and where it has at least two of small letters, capitals, digits
/// and other characters, as a word in a text, too: `hunter2`, but not `postgres`, which is part of the name of
/// an image as well. What is base64 is known as what it stands for and the other way around.
package struct SecretTexts: Sendable {
  package static let none = SecretTexts()

  /// Shorter texts, such as `true` and `admin`, stand for other things elsewhere; in bytes.
  static let leastBytes = 6

  private var texts: Set<String> = []
  /// Those that are looked for in texts, by their first bytes.
  private var words: [UInt64: [[UInt8]]] = [:]
  /// Whether one of the words begins with a byte; nothing while there are none.
  private var starts: [Bool] = []
  /// What others know.
  private var others: [SecretTexts] = []

  package init() {}

  /// - Parameter documents: Both sides of a document: an alias (`*anchor`) of YAML is read as the value that
  ///   it stands for, wherever it is.
  init(_ documents: [Value?]) {
    for text in ValueMask.secrets(in: documents) { add(text) }
  }

  /// What is secret in the documents of several sides, without what their objects are called.
  ///
  /// - Parameter others: texts that are secret besides.
  package init(of sets: [ManifestSet], besides others: [String] = []) {
    self.init(sets.flatMap(\.manifests).map(\.value))
    for text in others { add(text) }
    for set in sets { remove(namesOf: set) }
  }

  package var isEmpty: Bool { texts.isEmpty && others.allSatisfy(\.isEmpty) }

  /// What either knows.
  package func or(_ other: SecretTexts) -> SecretTexts {
    guard !other.isEmpty else { return self }
    guard !isEmpty else { return other }
    var result = self
    result.others.append(other)
    return result
  }

  /// Adds what is masked in a file.
  package mutating func add(_ content: ShownContent) {
    for mask in content.masks {
      var secret = mask.secret
      while let last = secret.last, isWhiteSpace(last) { secret.removeLast() }
      while let first = secret.first, isWhiteSpace(first) { secret.removeFirst() }
      if secret.count >= 2, let quote = secret.first, quote == secret.last,
        quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
      {
        secret = secret.dropFirst().dropLast()
      }
      guard secret.count >= Self.leastBytes, let text = String(validating: secret, as: UTF8.self)
      else { continue }
      add(text)
    }
  }

  /// Removes what the objects of a side are called, and how they are labelled: that is shown anyway.
  package mutating func remove(namesOf set: ManifestSet) {
    guard !isEmpty else { return }
    for manifest in set.manifests where manifest.shown == nil {
      let value = manifest.value
      for name in [value.kind, value.name, value.namespace].compactMap(\.self) { remove(name) }
      for (_, label) in value["metadata", "labels"]?.object ?? [:] {
        if let label = label.string { remove(label) }
      }
    }
  }

  /// Of a text that is a whole value.
  func contains(_ text: String) -> Bool {
    texts.contains(text) || others.contains { $0.contains(text) }
  }

  /// Where these texts are words of another.
  ///
  /// Takes time linear in the text, whatever is known.
  func edits(in text: [UInt8]) -> [MaskEdit] {
    var edits = others.flatMap { $0.edits(in: text) }
    guard !words.isEmpty, text.count >= Self.leastBytes else { return edits }
    var index = 0
    while index <= text.count - Self.leastBytes {
      guard starts[Int(text[index])], Self.isBoundary(text, index),
        let length = length(ofWordAt: index, in: text)
      else {
        index += 1
        continue
      }
      edits.append(MaskEdit(index..<index + length))
      index += length
    }
    return edits
  }

  /// The longest of the words that begin there.
  private func length(ofWordAt index: Int, in text: [UInt8]) -> Int? {
    guard let words = words[Self.head(text[index...])] else { return nil }
    var longest: Int?
    for word in words where word.count > longest ?? 0 {
      let end = index + word.count
      if end <= text.count, Self.isBoundary(text, end), text[index..<end].elementsEqual(word) {
        longest = word.count
      }
    }
    return longest
  }

  /// Whether no word goes on across an offset.
  private static func isBoundary(_ text: [UInt8], _ offset: Int) -> Bool {
    offset == 0 || offset == text.count || !isWord(text[offset - 1]) || !isWord(text[offset])
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isLower(byte) || isUpper(byte) || isDigit(byte)
  }

  private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
  private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func head(_ text: some Sequence<UInt8>) -> UInt64 {
    text.prefix(leastBytes).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func add(_ text: String) {
    insert(text)
    if let decoded = try? decodeBase64(text), let plain = String(validating: decoded, as: UTF8.self)
    {
      insert(plain)
    }
    // What stands in the data of a Secret elsewhere.
    if text.utf8.count <= 64 << 10 { insert(encodeBase64(text.utf8)) }
  }

  private mutating func insert(_ text: String) {
    guard text.utf8.count >= Self.leastBytes, texts.insert(text).inserted,
      Self.isDistinctive(text)
    else { return }
    let bytes = Array(text.utf8)
    words[Self.head(bytes), default: []].append(bytes)
    if starts.isEmpty { starts = [Bool](repeating: false, count: 256) }
    starts[Int(bytes[0])] = true
  }

  private mutating func remove(_ name: String) {
    for text in [name, encodeBase64(name.utf8)] where texts.remove(text) != nil {
      words[Self.head(text.utf8)]?.removeAll { $0.elementsEqual(text.utf8) }
    }
  }

  /// Whether a text is hardly found elsewhere by chance.
  private static func isDistinctive(_ text: String) -> Bool {
    var classes: Set<Int> = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\n"): return false
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"),
        UInt8(ascii: ":"), 0x20:
        break
      case _ where isLower(byte): classes.insert(0)
      case _ where isUpper(byte): classes.insert(1)
      case _ where isDigit(byte): classes.insert(2)
      default: classes.insert(3)
      }
    }
    return classes.count >= 2
  }
}
