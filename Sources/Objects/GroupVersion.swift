/// An API group and one of its versions, written `group/version`, or only `version` for the core
/// group.
package struct GroupVersion: Sendable, Hashable, CustomStringConvertible {
  package var group: String
  package var version: String

  package init(group: String, version: String) {
    self.group = group
    self.version = version
  }

  /// Reads the form of `apiVersion`.
  ///
  /// More than one slash gives nil.
  package init?(parsing text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: self.init(group: "", version: text)
    case 2: self.init(group: String(parts[0]), version: String(parts[1]))
    default: return nil
    }
  }

  package var description: String {
    group.isEmpty ? version : "\(group)/\(version)"
  }
}
