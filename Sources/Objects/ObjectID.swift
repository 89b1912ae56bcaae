package import Document

/// Which object is meant: the one identity of objects in the whole suite.
///
/// The version of the API is left out: one object can be read in several.
package struct ObjectID: Sendable, Hashable, CustomStringConvertible {
  /// Which cluster it lives in; empty where there is only one.
  package let cluster: String
  package let group: String
  package let kind: String
  /// Empty for objects without a namespace.
  package let namespace: String
  package let name: String

  package init(
    cluster: String = "", group: String, kind: String, namespace: String, name: String
  ) {
    self.cluster = cluster
    self.group = group
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  package init(_ type: ResourceType, namespace: String, name: String) {
    self.init(group: type.group, kind: type.kind, namespace: namespace, name: name)
  }

  package init(_ reference: ObjectReference) {
    self.init(
      group: reference.group, kind: reference.kind, namespace: reference.namespace ?? "",
      name: reference.name)
  }

  /// Nil for an object that does not say what it is.
  package init?(of object: Value) {
    guard let apiVersion = object.apiVersion, let kind = object.kind,
      let metadata = object.metadata, let name = metadata["name"]?.string
    else { return nil }
    self.init(
      group: GroupVersion(parsing: apiVersion)?.group ?? "", kind: kind,
      namespace: metadata["namespace"]?.string ?? "", name: name)
  }

  /// Group and cluster hardly ever tell two objects apart that have all else in common.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(namespace)
    hasher.combine(kind)
  }

  /// `Kind/namespace/name`, or `Kind/name`, as Flux writes it.
  package var description: String {
    namespace.isEmpty ? "\(kind)/\(name)" : "\(kind)/\(namespace)/\(name)"
  }

  /// The object as a sentence names it: `Kind namespace/name`.
  package var phrase: String {
    namespace.isEmpty ? "\(kind) \(name)" : "\(kind) \(namespace)/\(name)"
  }
}
