import Text

/// A query string, encoded as Go's net/url does: sorted by name, space as `+`.
struct Query: Sendable, Hashable {
  private var items: [(name: String, value: String)] = []

  /// Adds a parameter; nil adds none.
  mutating func add(_ name: String, _ value: String?) {
    if let value { items.append((name, value)) }
  }

  /// `?a=b&c=d`, or nothing.
  var text: String {
    guard !items.isEmpty else { return "" }
    // Stable: parameters of one name keep their order.
    let sorted = items.enumerated().sorted {
      ($0.element.name, $0.offset) < ($1.element.name, $1.offset)
    }
    return "?"
      + sorted.map { "\(encoded($0.element.name))=\(encoded($0.element.value))" }.joined(
        separator: "&")
  }

  func has(_ name: String) -> Bool {
    items.contains { $0.name == name }
  }

  /// The same, to stand behind a path that may have a query already.
  func text(after path: String) -> String {
    guard path.utf8.contains(UInt8(ascii: "?")), !items.isEmpty else { return text }
    return "&" + text.dropFirst()
  }

  private func encoded(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false)
      .map { percentEncoded($0, keeping: "-._~") }
      .joined(separator: "+")
  }

  static func == (one: Query, other: Query) -> Bool { one.text == other.text }

  func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
