package import Document
import Objects

/// What a list of ArtifactGenerators shows of each, read leniently from an object of the cluster.
package struct GeneratorSummary: Sendable, Hashable {
  /// How many artifacts the generator has published (`status.inventory`).
  package let artifactCount: Int
  /// `spec.sources` in their order, as `alias=Kind/name`; with the namespace when it is another one.
  package let sources: [String]

  package init(_ object: Value) {
    artifactCount = object["status", "inventory"]?.array?.count ?? 0
    sources = (object["spec", "sources"]?.array ?? []).map { source in
      let alias = source["alias"]?.string ?? ""
      let kind = source["kind"]?.string ?? ""
      let name = source["name"]?.string ?? ""
      guard let namespace = source["namespace"]?.string, !namespace.isEmpty,
        namespace != object.namespace
      else { return "\(alias)=\(kind)/\(name)" }
      return "\(alias)=\(kind)/\(namespace)/\(name)"
    }
  }
}
