package import Objects
import Text

/// Paths of the API, as pure text.
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

  /// Whether a name out of a server's description of itself can stand in a path: letters, digits,
  /// dots and dashes, as in names of DNS.
  static func isSegment(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".."
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
          UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  static func isUsable(_ groupVersion: GroupVersion) -> Bool {
    (groupVersion.group.isEmpty || isSegment(groupVersion.group))
      && isSegment(groupVersion.version)
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
