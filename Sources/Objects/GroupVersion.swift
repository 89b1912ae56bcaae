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
    // Of bytes: this is read for every object and every reference of a list.
    let slash = UInt8(ascii: "/")
    guard let end = text.utf8.firstIndex(of: slash) else {
      self.init(group: "", version: text)
      return
    }
    let version = text[text.utf8.index(after: end)...]
    guard !version.utf8.contains(slash) else { return nil }
    self.init(group: String(text[..<end]), version: String(version))
  }

  package var description: String {
    group.isEmpty ? version : "\(group)/\(version)"
  }
}
