package import Document

/// Which object is meant: type and name, without its content.
package struct ObjectReference: Sendable, Hashable, CustomStringConvertible {
  package var apiVersion: String
  package var kind: String
  /// Nil for objects without a namespace.
  package var namespace: String?
  package var name: String

  package init(apiVersion: String, kind: String, namespace: String?, name: String) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// The reference to an object that carries its own `apiVersion`, `kind` and `metadata`; nil when
  /// one of the three names is missing.
  package init?(to object: Value) {
    guard let apiVersion = object.apiVersion, let kind = object.kind, let name = object.name else {
      return nil
    }
    self.init(apiVersion: apiVersion, kind: kind, namespace: object.namespace, name: name)
  }

  /// The group part of `apiVersion`; empty for the core group.
  package var group: String {
    GroupVersion(parsing: apiVersion)?.group ?? ""
  }

  /// `Kind/namespace/name`, or `Kind/name`.
  package var description: String {
    if let namespace { "\(kind)/\(namespace)/\(name)" } else { "\(kind)/\(name)" }
  }
}
