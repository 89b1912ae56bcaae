import KubeAPI

/// A label or field selector, as the API server reads it (`pkg/labels` of apimachinery).
struct SnapshotSelector {
  private enum Requirement {
    case equals(String, String)
    case differs(String, String)
    case among(String, [String])
    case notAmong(String, [String])
    case exists(String)
    case absent(String)

    var key: String {
      switch self {
      case .equals(let key, _), .differs(let key, _), .among(let key, _), .notAmong(let key, _),
        .exists(let key), .absent(let key):
        key
      }
    }
  }

  private var requirements: [Requirement] = []

  /// - Throws: `APIError` for a text that is no selector.
  init(_ text: String) throws(APIError) {
    for part in Self.parts(of: text) {
      guard let requirement = Self.requirement(part) else {
        throw APIError(
          Status(
            code: 400, reason: "BadRequest", message: "unable to parse requirement: \"\(part)\""))
      }
      requirements.append(requirement)
    }
  }

  /// For a field selector: a server knows two fields of any kind, and more of some of its own, of which
  /// events alone are asked for here.
  ///
  /// - Throws: `APIError` in the server's words.
  func refuseOtherFields(of kind: String) throws(APIError) {
    let known = ["metadata.name", "metadata.namespace"]
    for requirement in requirements {
      let key = requirement.key
      guard !known.contains(key), kind != "Event" else { continue }
      throw APIError(
        Status(code: 400, reason: "BadRequest", message: "field label not supported: \(key)"))
    }
  }

  func matches(_ value: (String) -> String?) -> Bool {
    requirements.allSatisfy { requirement in
      switch requirement {
      case .equals(let key, let wanted): value(key) == wanted
      case .differs(let key, let unwanted): value(key) != unwanted
      case .among(let key, let wanted): value(key).map(wanted.contains) ?? false
      case .notAmong(let key, let unwanted): value(key).map { !unwanted.contains($0) } ?? true
      case .exists(let key): value(key) != nil
      case .absent(let key): value(key) == nil
      }
    }
  }

  /// Splits at commas outside parentheses.
  private static func parts(of text: String) -> [String] {
    var parts: [String] = []
    var current = ""
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 {
        parts.append(current)
        current = ""
      } else {
        current.append(character)
      }
    }
    parts.append(current)
    return parts.map(trimmed).filter { !$0.isEmpty }
  }

  private static func requirement(_ part: String) -> Requirement? {
    if part.hasSuffix(")"), let open = part.firstIndex(of: "(") {
      let words = part[..<open].split(separator: " ").map(String.init)
      let values = part[part.index(after: open)...].dropLast()
        .split(separator: ",").map { trimmed(String($0)) }
      guard words.count == 2 else { return nil }
      switch words[1] {
      case "in": return .among(words[0], values)
      case "notin": return .notAmong(words[0], values)
      default: return nil
      }
    }
    for (sign, negative) in [("!=", true), ("==", false), ("=", false)] {
      guard let range = part.firstRange(of: sign) else { continue }
      let key = trimmed(String(part[..<range.lowerBound]))
      let value = trimmed(String(part[range.upperBound...]))
      guard isKey(key), !value.contains(where: { "=!() ".contains($0) }) else { return nil }
      return negative ? .differs(key, value) : .equals(key, value)
    }
    if part.hasPrefix("!") {
      let key = trimmed(String(part.dropFirst()))
      return isKey(key) ? .absent(key) : nil
    }
    return isKey(part) ? .exists(part) : nil
  }

  private static func isKey(_ text: String) -> Bool {
    !text.isEmpty && !text.contains { "=!(), ".contains($0) }
  }

  private static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
