import Document
import Objects
import Text

/// What messages of kustomize may quote of Secrets, of what generates them, and of patches of them.
struct QuotedSecrets: Sendable, Equatable {
  /// What nobody may read, word by word: kustomize quotes and escapes as it likes.
  private var words: Set<[UInt8]> = []

  /// Shorter ones are in nearly every message.
  private static let shortest = 4
  private static let separators = Array(" \t\r\n\"'`\\,;=:()[]{}<>|&\u{FFFD}".unicodeScalars)
  /// What each Secret has.
  private static let open: Set = [
    "apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "data",
    "stringData", "type", "Secret", "Opaque", "path", "value", "replace", "remove", "test", "null",
    "true", "false",
  ]

  /// Adds a text of which every word is secret.
  mutating func add(_ text: [UInt8]) {
    for word in String(decoding: text, as: UTF8.self).unicodeScalars
      .split(whereSeparator: Self.separators.contains)
    {
      let word = String(word)
      guard word.utf8.count >= Self.shortest, !Self.open.contains(word) else { continue }
      words.insert(Array(word.utf8))
    }
  }

  /// Adds what is secret in manifests: the data of Secrets, and everything where nobody can tell.
  mutating func add(manifests text: [UInt8]) {
    guard Self.position(of: Array("Secret".utf8), in: text) != nil else { return }
    let documents: [Value]
    do {
      documents = try YAML.parse(text, as: .kustomize)
    } catch {
      return add(text)
    }
    for object in documents.flatMap(ResourceCheck.objects) where object.kind == "Secret" {
      for field in ["data", "stringData"] { add(object[field] ?? .null) }
    }
  }

  private mutating func add(_ value: Value) {
    switch value {
    case .object(let object): for (_, value) in object { add(value) }
    case .array(let elements): for element in elements { add(element) }
    case .string(let text): add(Array(text.utf8))
    case .integer, .double: add(Array(JSON.string(value, style: .compact).utf8))
    case .null, .bool: break
    }
  }

  /// A message up to where it quotes something; Go also prints bytes as a list of numbers.
  func hidden(in message: String) -> String {
    guard !words.isEmpty else { return message }
    let bytes = Array(message.utf8)
    let quoted = words.compactMap { Self.position(of: $0, in: bytes) }
    guard let end = (quoted + [Self.positionOfNumbers(in: bytes)].compactMap(\.self)).min() else {
      return message
    }
    return String(decoding: bytes[..<end], as: UTF8.self)
      + "\(SubstitutionMask.mask) (the rest may quote secrets: set --show-secrets)"
  }

  private static func position(of word: [UInt8], in text: [UInt8]) -> Int? {
    guard let first = word.first, text.count >= word.count else { return nil }
    return text.indices.dropLast(word.count - 1).first {
      text[$0] == first && text[$0...].starts(with: word)
    }
  }

  /// Where a list of at least four bytes begins: `[100 66 95 80`.
  private static func positionOfNumbers(in text: [UInt8]) -> Int? {
    text.indices.first { start in
      guard text[start] == UInt8(ascii: "[") else { return false }
      let numbers = text[(start + 1)...].prefix {
        $0 == UInt8(ascii: " ") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
      return numbers.split(separator: UInt8(ascii: " ")).count >= 4
    }
  }
}
