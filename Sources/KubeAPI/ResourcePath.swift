package import Objects
import Text

/// Paths and queries of the API, as pure text.
package enum ResourcePath {
  /// The path of a collection, or of one object:
  /// `/apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME[/SUBRESOURCE]]`.
  ///
  /// - Throws: when a name could not be one segment of a path; the server would never have accepted
  ///   it either.
  package static func path(
    _ type: ResourceType,
    namespace: String? = nil,
    name: String? = nil,
    subresource: String? = nil
  ) throws(APIError) -> String {
    var path = root(type.groupVersion)
    if type.isNamespaced, let namespace, !namespace.isEmpty {
      path += "/namespaces/\(try segment(namespace, "namespace"))"
    }
    path += "/\(type.plural)"
    if let name { path += "/\(try segment(name, "resource name"))" }
    if let subresource { path += "/\(subresource)" }
    return path
  }

  /// `/api/v1` for the core group, `/apis/GROUP/VERSION` for others.
  package static func root(_ groupVersion: GroupVersion) -> String {
    groupVersion.group.isEmpty
      ? "/api/\(groupVersion.version)" : "/apis/\(groupVersion.group)/\(groupVersion.version)"
  }

  /// The rules of apimachinery's pkg/api/validation/path.
  private static func segment(_ name: String, _ what: String) throws(APIError) -> String {
    let reason: String? =
      switch name {
      case "": "must not be empty"
      case ".", "..": "may not be '\(name)'"
      case _ where name.utf8.contains(UInt8(ascii: "/")): "may not contain '/'"
      case _ where name.utf8.contains(UInt8(ascii: "%")): "may not contain '%'"
      case _ where name.unicodeScalars.contains(where: Printable.isControl):
        "may not contain control characters"
      default: nil
      }
    if let reason {
      throw APIError(.invalidRequest, subject: name, "invalid \(what) \"\(name)\": [\(reason)]")
    }
    return percentEncoded(name, keeping: "-._~!$&'()*+,;=:@")
  }
}

/// A query string, encoded as Go's net/url does: sorted by name, space as `+`.
package struct Query: Sendable, Hashable {
  private var items: [(name: String, value: String)] = []

  package init() {}

  /// Adds a parameter; nil adds none.
  package mutating func add(_ name: String, _ value: String?) {
    if let value { items.append((name, value)) }
  }

  /// `?a=b&c=d`, or nothing.
  package var text: String {
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

  package static func == (one: Query, other: Query) -> Bool { one.text == other.text }

  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
