package import Document
package import Objects

/// What a list of ArtifactGenerators shows of each, read leniently from an object of the cluster.
package struct GeneratorSummary: Sendable, Hashable {
  /// How many artifacts the generator has published (`status.inventory`).
  package let artifactCount: Int
  /// `spec.sources` in their order, as `alias=Kind/name`; with the namespace when it is another one.
  package let sources: [String]

  /// The artifacts that it has published (`status.inventory`).
  package let inventory: [Entry]
  /// Why a generator publishes nothing, though it is ready: a path pattern that matches nothing is a
  /// success to the controller, which then deletes every artifact.
  package let emptiness: String?

  /// An artifact as the generator has written it down.
  package struct Entry: Sendable, Hashable {
    package let id: ObjectID
    package let digest: String?
    package let filename: String?
  }

  package var published: [ObjectID] { inventory.map(\.id) }

  package init(_ object: Value) {
    let listed = object["status", "inventory"]?.array ?? []
    artifactCount = listed.count
    inventory = listed.compactMap { entry in
      entry["name"]?.string.map { name in
        Entry(
          id: ObjectID(
            .externalArtifact,
            namespace: entry["namespace"]?.string ?? object.namespace ?? "", name: name),
          digest: entry["digest"]?.string, filename: entry["filename"]?.string)
      }
    }
    let pattern = listed.isEmpty ? object["spec", "pathPattern"]?.filled : nil
    emptiness = pattern.map { "no directory matches the path pattern \($0): it publishes nothing" }
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
