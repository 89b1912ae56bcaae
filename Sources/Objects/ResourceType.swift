/// One kind of object that an API server serves: its names, group and scope.
///
/// The shape is that of an entry in the server's discovery (`APIResource` of `meta/v1`); kinds that
/// we know by heart are written down in the same shape, so that no command needs discovery for
/// them.
package struct ResourceType: Sendable, Hashable {
  /// The API group; empty for the core group.
  package var group: String
  /// The version, such as `v1beta1`.
  package var version: String
  /// The name of the type in manifests, such as `ArtifactGenerator`.
  package var kind: String
  /// The lower-case plural of request paths, such as `artifactgenerators`.
  package var plural: String
  /// The lower-case singular, such as `artifactgenerator`.
  package var singular: String
  /// Abbreviations that are accepted on the command line.
  package var shortNames: [String]
  package var isNamespaced: Bool

  package init(
    group: String,
    version: String,
    kind: String,
    plural: String,
    singular: String,
    shortNames: [String] = [],
    isNamespaced: Bool = true
  ) {
    self.group = group
    self.version = version
    self.kind = kind
    self.plural = plural
    self.singular = singular
    self.shortNames = shortNames
    self.isNamespaced = isNamespaced
  }

  /// What manifests say in `apiVersion`: `v1`, `source.toolkit.fluxcd.io/v1`.
  package var apiVersion: String {
    groupVersion.description
  }

  package var groupVersion: GroupVersion {
    GroupVersion(group: group, version: version)
  }

  /// The plural with its group, as messages of the API server name it: `configmaps`,
  /// `artifactgenerators.source.extensions.fluxcd.io`.
  package var groupResource: String {
    group.isEmpty ? plural : "\(plural).\(group)"
  }

  /// The singular with its group, as `-o name` prints it before `/NAME`.
  package var groupSingular: String {
    let name = singular.isEmpty ? kind.lowercased() : singular
    return group.isEmpty ? name : "\(name).\(group)"
  }
}
