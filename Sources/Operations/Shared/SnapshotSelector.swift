import KubeAPI
import Text

/// A label or field selector, as the API server reads it (`pkg/labels` of apimachinery).
struct SnapshotSelector {
  private struct Requirement {
    let key: String
    /// Nil is a label or field that is not there.
    let accepts: (String?) -> Bool
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
    for key in requirements.map(\.key) where !known.contains(key) && kind != "Event" {
      throw APIError(
        Status(code: 400, reason: "BadRequest", message: "field label not supported: \(key)"))
    }
  }

  func matches(_ value: (String) -> String?) -> Bool {
    requirements.allSatisfy { $0.accepts(value($0.key)) }
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
    return parts.map { String($0.trimmingWhiteSpace()) }.filter { !$0.isEmpty }
  }

  private static func requirement(_ part: String) -> Requirement? {
    if part.hasSuffix(")"), let open = part.firstIndex(of: "(") {
      let words = part[..<open].split(separator: " ").map(String.init)
      let values = part[part.index(after: open)...].dropLast()
        .split(separator: ",").map { String($0.trimmingWhiteSpace()) }
      guard words.count == 2 else { return nil }
      switch words[1] {
      case "in": return Requirement(key: words[0]) { $0.map(values.contains) ?? false }
      case "notin": return Requirement(key: words[0]) { $0.map { !values.contains($0) } ?? true }
      default: return nil
      }
    }
    for (sign, negative) in [("!=", true), ("==", false), ("=", false)] {
      guard let range = part.firstRange(of: sign) else { continue }
      let key = String(part[..<range.lowerBound].trimmingWhiteSpace())
      let value = String(part[range.upperBound...].trimmingWhiteSpace())
      guard isKey(key), !value.contains(where: { "=!() ".contains($0) }) else { return nil }
      return Requirement(key: key) { ($0 == value) != negative }
    }
    if part.hasPrefix("!") {
      let key = String(part.dropFirst().trimmingWhiteSpace())
      return isKey(key) ? Requirement(key: key) { $0 == nil } : nil
    }
    return isKey(part) ? Requirement(key: part) { $0 != nil } : nil
  }

  private static func isKey(_ text: String) -> Bool {
    !text.isEmpty && !text.contains { "=!(), ".contains($0) }
  }
}
